"""Tests of ``azure.preflight.checks``: the order and the report of its checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from meta_tests.azure.client.fake_clients import NAMED
from mlflow_conformance.azure.errors import AzureMisconfigured, AzureUnreachable
from mlflow_conformance.azure.preflight import checks as steps
from mlflow_conformance.azure.preflight.checks import Connected, JobsRequest, new_run_id, preflight
from mlflow_conformance.azure.preflight.connect import ConnectedWorkspace
from mlflow_conformance.azure.records import JobEnvironment
from mlflow_conformance.azure.setup.options import AzureSettings
from mlflow_conformance.catalogue.modes import Catalogue
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.support.run_folder import RunFolder

pytest.importorskip("azure.ai.ml")

PINS = {"mlflow": "3.15.0", "azureml-mlflow": "1.62.0", "pandas": "2.3.3"}
STEPS = ("resolve", "sign_in", "connect", "check_compute", "probe")


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
            "connect": ConnectedWorkspace("client", "azureml://host", "westeurope"),
            "check_compute": "amlcompute of D2",
            "probe": "missing",
        }
        for name in STEPS:
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
    connected, reported = run(NAMED, catalogue, tmp_path)
    assert fake_steps.called == list(STEPS)
    assert fake_steps.mlflow == "3.17.2"
    assert all(line.startswith("preflight: ") and "\n" not in line for line in reported)
    text = "\n".join(reported)
    assert "workspace lab-workspace (from --workspace), resource group lab" in text
    assert "MLflow 3.15.0, azureml-mlflow 1.62.0 (environment name:1, image)" in text
    assert "preflight: beside that MLflow, jobs get pandas 2.3.3 (here: 3.1.1)" in reported
    assert "preflight: signed in by AzureCliCredential" in reported
    assert "preflight: workspace lab-workspace in westeurope answers" in reported
    assert "preflight: compute aml-cluster: amlcompute of D2" in reported
    assert reported[-1] == "preflight: this workspace does not support MLflow 3's logged models"
    assert connected.facts.logged_models == "missing"
    assert connected.facts.environment.packages == PINS
    assert connected.client == "client"
    assert (connected.code / "diabetes.csv").is_file()
    assert set(connected.commands) == {mode.name for mode in catalogue.modes}


@pytest.mark.parametrize("step", STEPS[:-1])
def test_nothing_is_asked_after_a_refusal(
    step: str, fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path
) -> None:
    """A step that fails ends the preflight before the later steps."""
    fake_steps.refusals[step] = AzureUnreachable("no answer")
    with pytest.raises(AzureUnreachable, match="no answer"):
        run(NAMED, catalogue, tmp_path)
    assert fake_steps.called == list(STEPS[: STEPS.index(step) + 1])


def test_an_incomplete_configuration_costs_nothing(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Without a workspace's name, no step is called and no file is written."""
    with pytest.raises(AzureMisconfigured, match="no workspace to submit jobs to"):
        run(replace(NAMED, workspace=None), catalogue, tmp_path)
    assert fake_steps.called == []
    assert list(tmp_path.iterdir()) == []


def test_the_jobs_mlflow_can_be_another(
    fake_steps: FakeSteps, catalogue: Catalogue, tmp_path: Path
) -> None:
    """``--job-mlflow`` takes precedence over the installed version."""
    run(replace(NAMED, job_mlflow="2.22.5"), catalogue, tmp_path)
    assert fake_steps.mlflow == "2.22.5"


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
