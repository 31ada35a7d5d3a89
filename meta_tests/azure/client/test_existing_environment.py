"""Tests of ``azure.preflight.existing_environment``: what the workspace says of an environment."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.azure.run.fake_workspace import ManualClock, http_error, retries
from mlflow_conformance.azure.errors import AzureMisconfigured, AzureUnreachable
from mlflow_conformance.azure.preflight.existing_environment import (
    ExpectedMlflow,
    find_environment,
    pinned_mlflow,
)
from mlflow_conformance.azure.setup.environment_reference import read_reference

REGISTRY = "azureml://registries/azureml/environments/sklearn-1.5/labels/latest"
CONDA = {"dependencies": ["python=3.10", "pip", {"pip": ["MLflow==2.22.5", "pandas"]}]}


class FakeEnvironments:
    """The environments of a client; ``error`` is raised, ``asked`` has the arguments."""

    def __init__(self, error: Exception | None = None, conda_file: Any = None) -> None:
        """Keep the answer."""
        self.error = error
        self.conda_file = conda_file
        self.asked: list[dict[str, str]] = []

    def get(self, **wanted: str) -> Any:
        """Return version 2, unless another is asked for."""
        self.asked.append(wanted)
        if self.error is not None:
            raise self.error
        return SimpleNamespace(version=wanted.get("version", "2"), conda_file=self.conda_file)


def found(environments: FakeEnvironments, text: str, named: str | None = None) -> Any:
    """Return the environment that a client with these environments finds."""
    client = SimpleNamespace(environments=environments)
    return find_environment(client, read_reference(text), named, retries(ManualClock()))


def test_a_label_of_the_workspace_is_resolved_once() -> None:
    """All jobs get the version that the label has now."""
    environments = FakeEnvironments(conda_file=CONDA)
    existing = found(environments, "azureml:lab@latest")
    assert environments.asked == [{"name": "lab", "label": "latest"}]
    environment = existing.environment
    assert (environment.name, environment.version) == ("lab", "2")
    assert environment.reference == environment.existing == "azureml:lab:2"
    assert (environment.python, environment.packages) == ("", {})
    assert existing.mlflow == ExpectedMlflow("2.22.5", "the conda file of azureml:lab:2")
    assert existing.is_found


def test_what_the_user_says_counts_more_than_the_conda_file() -> None:
    """The version of ``--job-mlflow`` is compared with what is there later."""
    existing = found(FakeEnvironments(conda_file=CONDA), "azureml:lab:1", "2.20.0")
    assert existing.environment.reference == "azureml:lab:1"
    assert existing.mlflow == ExpectedMlflow("2.20.0", "--job-mlflow")


def test_a_registry_is_not_asked() -> None:
    """The service resolves the label when a job is submitted."""
    environments = FakeEnvironments()
    existing = found(environments, REGISTRY)
    assert environments.asked == []
    assert existing.environment.reference == REGISTRY
    assert (existing.mlflow, existing.is_found) == (None, False)


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("azureml:lab:3", "`az ml environment list` lists those that exist"),
        (
            "azureml:AzureML-sklearn-1.5@latest",
            f"name it as {REGISTRY}",
        ),
    ],
)
def test_an_unknown_environment_is_one_line(text: str, way_out: str) -> None:
    """The line names the environment and the way out."""
    environments = FakeEnvironments(http_error(404, "UserError", "Not found environments asset."))
    with pytest.raises(AzureMisconfigured) as caught:
        found(environments, text)
    assert str(caught.value) == (
        f"--job-environment: the workspace has no environment {text} (HTTP 404 UserError (Not"
        f" found environments asset.)); {way_out}"
    )


def test_an_unknown_label_is_the_same_line() -> None:
    """azure-ai-ml raises an error of its own if no version exists."""
    exceptions = pytest.importorskip("azure.ai.ml.exceptions")
    error = exceptions.ValidationException("no", no_personal_data_message="no")
    with pytest.raises(AzureMisconfigured, match=r"no environment azureml:lab@latest \(it has no"):
        found(FakeEnvironments(error), "azureml:lab@latest")


def test_what_may_not_be_read_does_not_count_as_missing() -> None:
    """Without the role, the line says so; a workspace in trouble is unreachable."""
    with pytest.raises(AzureMisconfigured, match=r"azureml:lab:1 cannot be read: .*no role"):
        found(FakeEnvironments(http_error(403, "Forbidden", "no role")), "azureml:lab:1")
    with pytest.raises(AzureUnreachable):
        found(FakeEnvironments(http_error(503, "Busy", "busy")), "azureml:lab:1")


@pytest.mark.parametrize(
    ("dependencies", "version"),
    [
        ([{"pip": ["mlflow==2.22.5"]}], "2.22.5"),
        ([{"pip": ["MLflow[extras] == 2.22.5"]}], "2.22.5"),
        (["mlflow=2.22.5"], "2.22.5"),
        (["mlflow=2.22.5=pyhd8ed1ab_0"], "2.22.5"),
        (["mlflow==2.22.5"], "2.22.5"),
        ([{"pip": ["mlflow>=2.22.5"]}], None),
        ([{"pip": ["mlflow==2.*"]}], None),
        ([{"pip": ["mlflow", "mlflow-skinny==2.22.5", "-r more.txt", 7]}], None),
        ([{"pip": None}, {"other": []}, 7, "mlflow>=2,<3"], None),
        ("mlflow==2.22.5", None),
    ],
)
def test_pins_are_read(dependencies: Any, version: str | None) -> None:
    """Only one exact version of mlflow itself is a pin."""
    assert pinned_mlflow({"dependencies": dependencies}) == version


@pytest.mark.parametrize("conda_file", [None, "text", [], {}, {"dependencies": None}])
def test_no_conda_file_pins_nothing(conda_file: Any) -> None:
    """An environment that is an image has none."""
    assert pinned_mlflow(conda_file) is None
