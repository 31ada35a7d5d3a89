"""Environments that are built from the requirements of existing models."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from meta_tests.existing.sample_loaders import write_model
from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.existing import rebuild
from mlflow_conformance.existing.check_models import checked
from mlflow_conformance.existing.findings import NOT_CHECKED
from mlflow_conformance.existing.judge import Limits
from mlflow_conformance.existing.load import Loader
from mlflow_conformance.existing.rebuild import Rebuilder
from mlflow_conformance.existing.registry import ExistingModel
from mlflow_conformance.existing.results import ModelResult
from mlflow_conformance.processes.job import BrokenEnvironment

PYTHON_ENV = "python: 3.11.7\nbuild_dependencies: []\ndependencies: []\n"


class Builds:
    """Stands in for building: the environment of a model is this one, or cannot be built."""

    def __init__(self) -> None:
        """Begin with nothing built."""
        self.asked: list[tuple[str, Sequence[str]]] = []
        self.error = ""

    def __call__(self, directory: Path, *, python: str, arguments: Sequence[str]) -> Path:
        """Return this Python, or raise the error."""
        self.asked.append((python, arguments))
        if self.error:
            raise EnvironmentNotBuilt(self.error)
        return Path(sys.executable)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Builds:
    """What is built instead of real environments."""
    stand_in = Builds()
    monkeypatch.setattr(rebuild, "build", stand_in)
    return stand_in


def of_rebuild(result: ModelResult) -> list[Any]:
    """Return the findings of rebuilding."""
    return [finding for finding in result.findings if finding.check == "rebuild"]


def model_with_environment(folder: Path, **lines: str) -> tuple[ModelResult, Path]:
    """Return a model with a ``python_env.yaml``, examined."""
    model = write_model(folder, **lines)
    (model / "python_env.yaml").write_text(PYTHON_ENV, encoding="utf-8")
    return checked(ExistingModel("it", str(model)), model), model


def test_models_with_the_same_requirements_share_an_environment(
    builds: Builds, tmp_path: Path
) -> None:
    """It is built once, with the Python and the requirements of the model."""
    one, two = (model_with_environment(tmp_path / name) for name in ("one", "two"))
    with Rebuilder(tmp_path / "run", Limits(60), None) as rebuilder:
        found = [rebuilder.load(*model) for model in (one, two)]
    assert [of_rebuild(result) for result in found] == [[], []]
    assert [result.facts["rebuilt"]["score"]["predicted"] for result in found] == [3, 3]
    (asked,) = builds.asked
    assert asked[0] == "3.11.7"


def test_what_fails_there_is_told_with_the_place(builds: Builds, tmp_path: Path) -> None:
    """The finding says that it is about the model's own environment."""
    model = model_with_environment(tmp_path / "fails", load="raise ValueError('no')")
    with Rebuilder(tmp_path / "run", Limits(60), None) as rebuilder:
        (finding,) = of_rebuild(rebuilder.load(*model))
    assert finding.what == "in its own environment: cannot be loaded: ValueError: no"
    assert builds.asked


def test_an_environment_that_cannot_be_built_is_told(builds: Builds, tmp_path: Path) -> None:
    """The reason is uv's last line; the next model with the same requirements is not tried."""
    builds.error = "uv pip failed:\nno solution for scikit-learn==99"
    models = [model_with_environment(tmp_path / name) for name in ("one", "two")]
    with Rebuilder(tmp_path / "run", Limits(60), None) as rebuilder:
        found = [of_rebuild(rebuilder.load(*model)) for model in models]
    assert [finding.what for (finding,) in found] == 2 * [
        "its environment cannot be built: no solution for scikit-learn==99"
    ]
    assert len(builds.asked) == 1


def test_a_model_without_an_environment_file_is_told(builds: Builds, tmp_path: Path) -> None:
    """The line names the file."""
    model = write_model(tmp_path / "bare")
    result = checked(ExistingModel("it", str(model)), model)
    with Rebuilder(tmp_path / "run", Limits(60), None) as rebuilder:
        (finding,) = of_rebuild(rebuilder.load(result, model))
    assert finding.what.startswith("has no environment to be built: ")
    assert "python_env.yaml" in finding.what
    assert not builds.asked


def test_an_index_that_does_not_answer_is_no_fault_of_the_model(
    builds: Builds, tmp_path: Path
) -> None:
    """The model is not checked, with the reason."""
    builds.error = "uv pip failed:\nerror sending request for url"
    with Rebuilder(tmp_path / "run", Limits(60), None) as rebuilder:
        result = rebuilder.load(*model_with_environment(tmp_path / "one"))
    assert result.verdict == NOT_CHECKED
    assert result.trouble == "its environment could not be built: error sending request for url"


def test_an_environment_without_mlflow_is_told(
    builds: Builds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requirements that lack MLflow give an environment in which nothing can be loaded."""

    def broken(*_: object) -> ModelResult:
        raise BrokenEnvironment("ModuleNotFoundError: No module named 'mlflow'")

    monkeypatch.setattr(Loader, "load", broken)
    with Rebuilder(tmp_path / "run", Limits(60), None) as rebuilder:
        (finding,) = of_rebuild(rebuilder.load(*model_with_environment(tmp_path / "one")))
    assert finding.what.endswith("No module named 'mlflow'")
