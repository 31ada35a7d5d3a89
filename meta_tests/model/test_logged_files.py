"""The files of a logged model, without those that loading it adds."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.model.model_under_test import logged_files


@pytest.mark.parametrize(
    "added", ["registered_model_meta", "__pycache__/own.pyc", "code/__pycache__/own.pyc"]
)
def test_what_loading_adds_is_not_counted(added: str, tmp_path: Path) -> None:
    """MLflow's note and Python's bytecode are not part of what was logged."""
    for name in ("code/own.py", "MLmodel", added):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert logged_files(tmp_path) == (Path("MLmodel"), Path("code/own.py"))
