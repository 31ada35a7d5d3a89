"""Models, references and results of a workspace that is none."""

from __future__ import annotations

from pathlib import Path

from mlflow_conformance.existing.registry import ExistingModel, Owner
from mlflow_conformance.existing.results import ModelResult, ResultFile

OWNER = Owner(tags={"team": "risk"}, aliases=("champion",), stage="Production", user="ada")


def model(number: int, name: str = "churn") -> ExistingModel:
    """Return a version of a registered model."""
    text = f"models:/{name}/{number}"
    return ExistingModel(text, text, OWNER)


MODELS = tuple(model(number) for number in range(1, 6))


def write_results(file: Path, *results: ModelResult) -> Path:
    """Write the results that a job leaves."""
    file.parent.mkdir(parents=True, exist_ok=True)
    written = ResultFile(file, {"versions": ["Python 3.11"]})
    for result in results:
        written.append(result)
    return file


def sound(number: int) -> ModelResult:
    """Return the result of a model that nothing speaks against."""
    return ModelResult(model(number).name, "sound", owner=OWNER)
