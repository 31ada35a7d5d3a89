"""Reading the reports of the witness, and finding the model of a search."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlflow_conformance.runner.chosen_model import main_models
from mlflow_conformance.witness.report import read_observed
from mlflow_conformance.witness.report_files import SNAPSHOT_SUFFIX, SUFFIX, autologged_best
from mlflow_conformance.witness.saved import AUTOLOGGING
from mlflow_conformance.witness.typed_rows import to_document

FRAME = pd.DataFrame({"a": [1, 2]}, index=[7, 8])
REPORT: dict[str, Any] = {
    "flavor": "sklearn",
    "class": "own.Model",
    "passed": ["sk_model"],
    "signature": None,
    "asked_fn": "predict",
    "predict_fn": "predict",
    "metadata": None,
    "arguments": {"artifacts": [], "code_paths": [], "loader_module": None},
    "parameters": {"C": "1.0"},
    "by": "log_model",
    "name": "model",
    "kind": "classifier",
}


def write(folder: Path, uuid: str, **changes: Any) -> Path:
    """Write a report and return its file."""
    file = folder / f"{uuid}{SUFFIX}"
    file.write_text(json.dumps({**REPORT, **changes}), encoding="utf-8")
    return file


def test_a_report_is_read_with_its_rows(tmp_path: Path) -> None:
    """Rows and predictions come back with their types and index."""
    scored = to_document(FRAME)
    write(
        tmp_path,
        "m-1",
        fitted=scored,
        fitted_from="the fit",
        scored=scored,
        predictions=to_document(FRAME["a"]),
        changed=True,
    )
    found = read_observed(tmp_path, "m-1")
    assert found is not None
    pd.testing.assert_frame_equal(found.scored, FRAME)
    pd.testing.assert_frame_equal(found.fitted, FRAME)
    pd.testing.assert_series_equal(found.predictions, FRAME["a"])
    assert (found.changed, found.missing, found.probabilities) == (True, "", None)
    assert found.snapshot == tmp_path / f"m-1{SNAPSHOT_SUFFIX}"


def test_a_report_without_predictions_says_why(tmp_path: Path) -> None:
    """What is missing has no value, and ``missing`` the reason."""
    write(tmp_path, "m-1", missing="it has no example")
    found = read_observed(tmp_path, "m-1")
    assert found is not None
    assert found.missing
    assert (found.fitted, found.scored, found.predictions) == (None, None, None)
    assert (found.missing, found.fitted_from, found.changed) == ("it has no example", "", False)


@pytest.mark.parametrize(
    ("changes", "flavors"),
    [
        ({}, ("sklearn", "python_function")),
        ({"flavor": "python_function"}, ("python_function",)),
        ({"predict_fn": "transform"}, ("sklearn",)),
        (
            {"predict_fn": "transform", "asked_fn": "transform"},
            ("sklearn", "python_function"),
        ),
        ({"missing": "the object itself cannot predict: it has no function"}, ("sklearn",)),
    ],
    ids=["predicts", "a function", "transforms", "asked to transform", "does neither"],
)
def test_only_an_object_that_predicts_has_python_function(
    changes: dict[str, Any], flavors: tuple[str, ...], tmp_path: Path
) -> None:
    """Besides its own flavor, a model has python_function if MLflow can call its object."""
    write(tmp_path, "m-1", **changes)
    found = read_observed(tmp_path, "m-1")
    assert found is not None
    assert found.flavors == flavors


def test_a_model_that_was_not_observed_has_no_report(tmp_path: Path) -> None:
    """Neither a missing report nor a missing folder is an error."""
    assert read_observed(tmp_path, "m-1") is None
    assert read_observed(tmp_path / "none", "m-1") is None
    assert autologged_best(tmp_path / "none") == set()


def test_the_best_estimator_of_a_search_is_beside_its_model(tmp_path: Path) -> None:
    """Of the two models that autologging logs, the search is the mode's, in every MLflow."""
    new = [tmp_path / "models" / uuid / "artifacts" for uuid in ("m-1", "m-2")]
    old = [tmp_path / "run" / "artifacts" / name for name in ("best_estimator", "model")]
    assert list(main_models(new, tmp_path)) == new
    write(tmp_path, "m-1", by=AUTOLOGGING, name="best_estimator")
    write(tmp_path, "m-2", by=AUTOLOGGING, name="model")
    assert autologged_best(tmp_path) == {"m-1"}
    assert list(main_models(new, tmp_path)) == new[1:]
    assert list(main_models(old, tmp_path)) == old[1:]


def test_models_that_the_script_names_so_are_several(tmp_path: Path) -> None:
    """Only autologging logs a model beside another; a third one leaves the choice open."""
    models = [tmp_path / uuid / "artifacts" for uuid in ("m-1", "m-2", "m-3")]
    write(tmp_path, "m-1", name="best_estimator")
    assert list(main_models(models[:2], tmp_path)) == models[:2]
    write(tmp_path, "m-1", by=AUTOLOGGING, name="best_estimator")
    assert list(main_models(models, tmp_path)) == models
    assert list(main_models(models[:1], tmp_path)) == models[:1]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"flavor": 1, "passed": 2}', "\xff"])
def test_a_report_that_the_script_spoiled_is_none(text: str, tmp_path: Path) -> None:
    """A script can write into the folder of reports: what cannot be read is not observed."""
    (tmp_path / f"m-1{SUFFIX}").write_text(text, encoding="latin-1")
    assert read_observed(tmp_path, "m-1") is None
    assert autologged_best(tmp_path) == set()


@pytest.mark.parametrize(
    "forged",
    [
        {"signature": "x"},
        {"arguments": 5},
        {"predict_fn": ["a"]},
        {"passed": 3},
        {"missing": 7},
        {"parameters": []},
        {"predictions": {"kind": "array"}},
    ],
)
def test_a_forged_report_is_none(forged: dict[str, Any], tmp_path: Path) -> None:
    """A report with values that the witness never writes is not one of the witness."""
    write(tmp_path, "m-1", **forged)
    assert read_observed(tmp_path, "m-1") is None


def test_a_reason_is_one_line(tmp_path: Path) -> None:
    """Why an object cannot predict is shown in the last lines of a run."""
    write(tmp_path, "m-1", missing="a\n\x1b[2Jb" + "c" * 100_000)
    found = read_observed(tmp_path, "m-1")
    assert found is not None
    assert found.missing.isprintable()
    assert len(found.missing) < 1000


def test_a_uuid_that_leads_elsewhere_has_no_report(tmp_path: Path) -> None:
    """A ``model_uuid`` is what a file says: it cannot name a file of another folder."""
    write(tmp_path, "m-1")
    (tmp_path / "inside").mkdir()
    assert read_observed(tmp_path / "inside", "../m-1") is None
