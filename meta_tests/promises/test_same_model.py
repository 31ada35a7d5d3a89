"""What two ``MLmodel`` files of the same model may differ in."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from mlflow_conformance.promises.same_model import require_same_mlmodel

PLAIN = {"flavors": {"python_function": {"loader_module": "m"}}, "run_id": "a"}


def model(**edits: Any) -> Any:
    """Return a model whose ``MLmodel`` has these keys, too."""
    flavors = {"python_function": {"loader_module": "m", **edits.pop("options", {})}}
    document = {**PLAIN, "flavors": flavors, **edits}
    return Mock(mlmodel=Mock(document=document, path=Path("MLmodel")))


@pytest.mark.parametrize(
    ("mine", "others"),
    [
        ({}, {}),
        ({"run_id": "b"}, {"model_id": "c", "utc_time_created": "today"}),
        (
            {"options": {"model_code_path": "/a/x.py"}},
            {"options": {"model_code_path": "C:\\b\\x.py"}},
        ),
        ({"size": 1}, {"size": 2}),
    ],
)
def test_identity_and_places_may_differ(mine: dict[str, Any], others: dict[str, Any]) -> None:
    """Ids, times, folders of scripts, and keys that are left out may differ."""
    require_same_mlmodel(model(**mine), model(**others), leaving_out=["size"])


@pytest.mark.parametrize(
    "edits",
    [
        {"options": {"model_code_path": "/a/x.py"}},
        {"options": {"loader_module": "n"}},
        {"flavors": {}},
        {"signature": None, "metadata": {}},
    ],
)
def test_anything_else_may_not_differ(edits: dict[str, Any]) -> None:
    """Any other key that differs is named with both values."""
    with pytest.raises(
        AssertionError, match=r"differ in more than identity:\n  (flavors|metadata): "
    ):
        require_same_mlmodel(model(**edits), model())


def test_another_source_file_may_not_differ() -> None:
    """A model that was made of another file is another model."""
    mine, other = ({"model_code_path": f"/a/{name}.py"} for name in ("x", "y"))
    with pytest.raises(AssertionError, match=r"flavors: .*'x\.py'.* and .*'y\.py'"):
        require_same_mlmodel(model(options=mine), model(options=other))
