"""Honest models are not accused: no finding above a note in what MLflow and Python really write."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
import pytest

from meta_tests.existing import honest_models
from meta_tests.existing.honest_models import FRAME, X
from mlflow_conformance.existing.environment_checks import Environment
from mlflow_conformance.existing.examine import examine
from mlflow_conformance.existing.findings import Finding
from mlflow_conformance.existing.folder import list_folder
from mlflow_conformance.existing.installed_mlflow import serialization_formats
from mlflow_conformance.existing.model_files import model_files

# The tests' own modules are no part of a model, and pip is not in every environment.
NOT_MEANT = ("meta_tests", "'pip'")
MODEL_FROM_CODE = """
import mlflow.pyfunc
from mlflow.models import set_model


class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input


set_model(Model())
"""


def above_notes(findings: tuple[Finding, ...]) -> list[Finding]:
    """Return the findings that would make a model worse than sound."""
    return [
        finding
        for finding in findings
        if finding.level != "note" and not any(word in finding.what for word in NOT_MEANT)
    ]


def test_honest_pickles_are_not_accused(tmp_path: Path) -> None:
    """Estimators, frames, arrays and functions, in each protocol and of joblib, give notes only."""
    pickles = honest_models.pickles()
    assert len(pickles) > 500
    for name, content in pickles.items():
        (tmp_path / name).write_bytes(content)
    environment = Environment(None, None, ())
    found = tuple(model_files(None, list_folder(tmp_path), environment))
    assert not above_notes(found)
    assert not [finding for finding in found if finding.what.startswith("is no pickle")]


def trusting(estimator: object, kind: str) -> dict[str, Any]:
    """Return the option that names what a skops file contains."""
    if kind != "skops":
        return {}
    skops = pytest.importorskip("skops.io")
    types = skops.get_untrusted_types(data=skops.dumps(estimator))
    return {"skops_trusted_types": types}


@pytest.mark.parametrize("kind", sorted({"cloudpickle", "skops"} & serialization_formats()))
def test_estimators_that_mlflow_saves_are_sound(kind: str, tmp_path: Path) -> None:
    """Models of many kinds that the installed MLflow saves are sound."""
    names = ("linear", "forest", "histogram", "search", "columns", "svc", "means", "words")
    estimators = honest_models.estimators()
    for name in names:
        folder = tmp_path / name
        mlflow.sklearn.save_model(
            estimators[name],
            folder,
            serialization_format=kind,
            pip_requirements=["scikit-learn"],
            **trusting(estimators[name], kind),
        )
        found = examine(folder)
        assert found.verdict == "sound", (name, found.findings)


class Scaled(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """A model of a module, with artifacts."""

    def load_context(self, context: Any) -> None:
        """Load the artifacts."""
        self.frame = pd.read_pickle(context.artifacts["frame"])  # noqa: S301

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        """Return the input."""
        return model_input


@pytest.fixture
def by_value() -> Iterator[type[Scaled]]:
    """Yield a class as a notebook defines it: of no module that can be imported."""
    module, Scaled.__module__ = Scaled.__module__, "__main__"
    yield Scaled
    Scaled.__module__ = module


def test_python_models_are_sound(by_value: type[Scaled], tmp_path: Path) -> None:
    """A class of a notebook with artifacts and its own modules is sound."""
    FRAME.to_pickle(tmp_path / "frame.pkl")
    joblib.dump({"x": X, "o": np.array([1, None], dtype=object)}, tmp_path / "x.joblib")
    own = tmp_path / "own_module_of_a_team"
    own.mkdir()
    (own / "__init__.py").write_text("VALUE = 1\n", encoding="utf-8")
    mlflow.pyfunc.save_model(
        tmp_path / "model",
        python_model=by_value(),
        artifacts={"frame": str(tmp_path / "frame.pkl"), "x": str(tmp_path / "x.joblib")},
        code_paths=[str(own)],
        pip_requirements=["mlflow", "pandas", "joblib", "cloudpickle"],
    )
    sys.path[:] = [path for path in sys.path if path != str(own)]
    found = examine(tmp_path / "model")
    assert not above_notes(found.findings), found.findings


def test_models_from_code_are_sound(tmp_path: Path) -> None:
    """A model whose code MLflow stores as a script is sound."""
    script = tmp_path / "script.py"
    script.write_text(MODEL_FROM_CODE, encoding="utf-8")
    mlflow.pyfunc.save_model(
        tmp_path / "model", python_model=str(script), pip_requirements=["mlflow"]
    )
    found = examine(tmp_path / "model")
    assert not above_notes(found.findings), found.findings


def test_functions_are_sound(tmp_path: Path) -> None:
    """A function as a model is sound, although it opens files when it is called."""
    mlflow.pyfunc.save_model(
        tmp_path / "model",
        python_model=honest_models.by_value()["files"],
        pip_requirements=["mlflow", "cloudpickle"],
    )
    found = examine(tmp_path / "model")
    assert not above_notes(found.findings), found.findings
