"""Tests of ``azure.preflight.checks``: the order and the report of its checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from meta_tests.azure.client.fake_clients import NAMED
from mlflow_conformance.azure.client.cloud import Cloud
from mlflow_conformance.azure.errors import AzureMisconfigured, AzureUnreachable
from mlflow_conformance.azure.preflight import checks as steps
from mlflow_conformance.azure.preflight.checks import Connected, JobsRequest, new_run_id, preflight
from mlflow_conformance.azure.preflight.connect import ConnectedWorkspace
from mlflow_conformance.azure.preflight.existing_environment import (
    ExistingEnvironment,
    ExpectedMlflow,
)
from mlflow_conformance.azure.preflight.job_mlflow import ChosenMlflow
from mlflow_conformance.azure.records import JobEnvironment
from mlflow_conformance.azure.setup.environment_reference import read_reference
from mlflow_conformance.azure.setup.options import AzureSettings
from mlflow_conformance.catalogue.modes import Catalogue
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.support.run_folder import RunFolder

pytest.importorskip("azure.ai.ml")

PINS = {"mlflow": "3.15.0", "azureml-mlflow": "1.62.0", "pandas": "2.3.3"}
STEPS = ("resolve", "sign_in", "storage_problem", "connect", "check_compute", "probe")
# The order if the user names no version of MLflow.
CHOOSING = (*STEPS[1:], "choose", "resolve")
# The order if the user names an environment that exists.
EXISTING = (*STEPS[1:], "find_environment")
WITH_VERSION = replace(NAMED, job_mlflow="3.15.0")


class FakeSteps:
    """Fakes of the preflight's expensive steps, and the order of their calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Replace the real steps."""
        self.called: list[str] = []
        self.refusals: dict[str, Exception] = {}
        self.mlflow: str | None = None
        answers: dict[str, Any] = {
            "resolve": JobEnvironment("name", "1", "image", "3.11", PINS),
            "sign_in": ("credential", "AzureCliCredential"),
            "storage_problem": None,
            "connect": ConnectedWorkspace("client", "azureml://host", "westeurope"),
            "check_compute": "amlcompute of D2",
            "probe": "missing",
            "choose": ChosenMlflow("2.22.5", "jobs run MLflow 2.22.5, because"),
            "find_environment": ExistingEnvironment(
                JobEnvironment("lab", "2", "", "", {}, "azureml:lab:2"), None, is_found=True
            ),
        }
        for name in (*CHOOSING, "find_environment"):
            monkeypatch.setattr(steps, name, self._step(name, answers[name]))
        here = {"mlflow": "3.17.2", "pandas": "3.1.1"}
        monkeypatch.setattr(steps, "installed_packages", lambda: here)

    def _step(self, name: str, answer: Any) -> Any:
        def step(*arguments: Any) -> Any:
            self.called.append(name)
            if name == "resolve":
                self.mlflow = arguments[0]
            if name in self.refusals:
                raise self.refusals[name]
            return answer

        return step


@pytest.fixture
def fake_steps(monkeypatch: pytest.MonkeyPatch) -> FakeSteps:
    """The fake steps of the preflight."""
    return FakeSteps(monkeypatch)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The suite's own catalogue."""
    return read_catalogue(DEFAULT_CATALOGUE)


def run(settings: AzureSettings, catalogue: Catalogue, root: Path) -> tuple[Connected, list[str]]:
    """Return the result of a preflight and the lines that it reports."""
    lines: list[str] = []
    request = JobsRequest(settings, catalogue, catalogue.modes, RunFolder(root), lines.append)
    return preflight(request), lines


def test_every_step_is_told_in_a_line(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path
) -> None:
    """A successful preflight reports each step in a line and returns all that jobs need."""
    connected, reported = run(WITH_VERSION, catalogue, tmp_path)
    assert fake_steps.called == list(STEPS)
    assert fake_steps.mlflow == "3.15.0"
    assert all(line.startswith("preflight: ") and "\n" not in line for line in reported)
    text = "\n".join(reported)
    assert "workspace lab-workspace (from --workspace), resource group lab" in text
    assert "MLflow 3.15.0, azureml-mlflow 1.62.0 (environment name:1, image)" in text
    assert "preflight: beside that MLflow, jobs get pandas 2.3.3 (here: 3.1.1)" in reported
    assert "preflight: signed in by AzureCliCredential" in reported
    assert "preflight: workspace lab-workspace in westeurope answers" in reported
    assert "preflight: compute aml-cluster: amlcompute of D2" in reported
    assert reported[-1] == (
        "preflight: this workspace does not support MLflow 3's logged models: with MLflow 3.15.0,"
        " log_model and autologging may leave no model (--job-mlflow auto for a version with which"
        " they do)"
    )
    assert connected.facts.logged_models == "missing"
    assert connected.facts.environment.packages == PINS
    assert connected.client == "client"
    assert (connected.code / "diabetes.csv").is_file()
    assert set(connected.commands) == {mode.name for mode in catalogue.modes}


def test_an_environment_that_exists_is_not_resolved(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path
) -> None:
    """It is looked for last, and each job first prints what is installed there."""
    settings = replace(NAMED, job_environment=read_reference("azureml:lab@latest"))
    connected, reported = run(settings, catalogue, tmp_path)
    assert fake_steps.called == list(EXISTING)
    assert reported[-2:] == [
        (
            "preflight: jobs run in azureml:lab:2, which exists; what is installed there is read"
            " from their logs"
        ),
        "preflight: this workspace does not support MLflow 3's logged models",
    ]
    assert connected.mlflow is None
    assert connected.facts.environment.reference == "azureml:lab:2"
    assert (connected.code / "conformance-environment.py").is_file()
    assert connected.commands["autolog-array"] == (
        "python conformance-environment.py; python train-model-autolog.py --training_data"
        " diabetes.csv"
    )


def test_an_mlflow_said_to_be_in_an_environment_is_told(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a version from the user, the preflight says what it means for logged models."""
    reference = "azureml://registries/r/environments/lab/labels/latest"
    expected = ExpectedMlflow("3.15.0", "--job-mlflow")
    environment = JobEnvironment("lab", "latest", "", "", {}, reference)
    found = ExistingEnvironment(environment, expected, is_found=False)
    monkeypatch.setattr(steps, "find_environment", lambda *arguments: found)
    settings = replace(WITH_VERSION, job_environment=read_reference(reference))
    connected, reported = run(settings, catalogue, tmp_path)
    assert connected.mlflow == "3.15.0"
    assert (
        f"preflight: jobs run in {reference}, which is looked up when a job starts; what"
        in (reported[-3])
    )
    assert reported[-2] == "preflight: it should have MLflow 3.15.0, says --job-mlflow"
    assert "with MLflow 3.15.0, log_model and autologging may leave no model" in reported[-1]


def test_no_token_for_storage_is_told_and_refuses_nothing(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign-in without a token for storage accounts is a line: keys may do."""
    monkeypatch.setattr(steps, "storage_problem", lambda credential: "AADSTS700024: too old")
    _, reported = run(NAMED, catalogue, tmp_path)
    assert (
        "preflight: no token for storage accounts (AADSTS700024: too old): artifacts can be read"
        " only with the account's keys"
    ) in reported


@pytest.mark.parametrize(
    ("settings", "order", "step"),
    [
        pytest.param(settings, order, step, id=f"{name}-{step}")
        for name, settings, order in (("named", WITH_VERSION, STEPS), ("chosen", NAMED, CHOOSING))
        for step in order[:-1]
        if step != "storage_problem"
    ],
)
def test_nothing_is_asked_after_a_refusal(
    settings: AzureSettings,
    order: tuple[str, ...],
    step: str,
    fake_steps: FakeSteps,
    catalogue: Catalogue,
    tmp_path: Path,
) -> None:
    """A step that fails ends the preflight before the later ones; a version is chosen last."""
    fake_steps.refusals[step] = AzureUnreachable("no answer")
    with pytest.raises(AzureUnreachable, match="no answer"):
        run(settings, catalogue, tmp_path)
    assert fake_steps.called == list(order[: order.index(step) + 1])


def test_without_a_version_one_is_chosen_after_the_probe(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The chosen version is told with its reason, and resolved."""
    connected, reported = run(NAMED, catalogue, tmp_path)
    assert fake_steps.called == list(CHOOSING)
    assert fake_steps.mlflow == "2.22.5"
    assert "preflight: jobs run MLflow 2.22.5, because" in reported
    assert not [line for line in reported if "logged models" in line]
    assert connected.facts.environment.packages == PINS


def test_an_unknown_cloud_costs_nothing(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path
) -> None:
    """A cloud that the SDK does not know is refused before any step."""
    settings = replace(NAMED, cloud="AzureMoon", cloud_origin="--cloud")
    with pytest.raises(
        AzureMisconfigured, match=r"--cloud: azure-ai-ml .* know the cloud 'AzureMo"
    ):
        run(settings, catalogue, tmp_path)
    assert fake_steps.called == []
    assert list(tmp_path.iterdir()) == []


def test_another_cloud_is_told_and_signed_in_to(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sign-in and probe get the cloud's authority and scope; the first line names the cloud."""
    given: dict[str, Any] = {}

    def sign_in(cloud: Cloud) -> tuple[str, str]:
        given["authority"] = cloud.authority
        return "credential", "AzureCliCredential"

    def probe(uri: str, credential: str, scope: str, retries: Any) -> str:
        given["scope"] = scope
        return "missing"

    monkeypatch.setattr(steps, "sign_in", sign_in)
    monkeypatch.setattr(steps, "probe", probe)
    settings = replace(NAMED, cloud="AzureUSGovernment", cloud_origin="AZURE_CLOUD")
    connected, reported = run(settings, catalogue, tmp_path)
    assert reported[0].endswith(", cloud AzureUSGovernment (from AZURE_CLOUD)")
    assert given == {"authority": connected.cloud.authority, "scope": connected.cloud.scope}
    assert connected.cloud.name == "AzureUSGovernment"


def test_an_incomplete_configuration_costs_nothing(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Without a workspace's name, no step is called and no file is written."""
    with pytest.raises(AzureMisconfigured, match="no workspace to submit jobs to"):
        run(replace(NAMED, workspace=None), catalogue, tmp_path)
    assert fake_steps.called == []
    assert list(tmp_path.iterdir()) == []


def test_an_sdk_that_breaks_on_import_is_named(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An SDK that fails on import raises ``AzureMisconfigured`` with the error in one line."""
    import builtins

    real = builtins.__import__

    def broken(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name == "azure.ai.ml":
            raise TypeError("Field.__init__() got\nan unexpected keyword")
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(AzureMisconfigured) as refused:
        run(NAMED, catalogue, tmp_path)
    assert "cannot be imported (TypeError: Field.__init__() got an unexpected" in str(refused.value)
    assert str(refused.value).endswith("run uv run --extra azure pytest -m azure")
    assert fake_steps.called == []


def test_ids_of_runs_differ() -> None:
    """Runs that start in the same second have different ids."""
    assert len({new_run_id() for _ in range(20)}) == 20


def test_facts_can_be_written(fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path) -> None:
    """The facts of a preflight are read back from the file."""
    from mlflow_conformance.azure.records import read_workspace, write_facts

    connected, _ = run(NAMED, catalogue, tmp_path)
    folder = RunFolder(tmp_path)
    write_facts(connected.facts, folder.azure.workspace)
    assert read_workspace(folder) == connected.facts
