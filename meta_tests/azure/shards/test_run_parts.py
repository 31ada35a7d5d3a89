"""Tests of ``azure.shards.run_parts``: a run in a fake workspace, from the list to the parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.azure.client.fake_clients import NAMED, PUBLIC
from meta_tests.azure.run.fake_workspace import FACTS
from meta_tests.azure.shards.sample_parts import MODELS, sound, write_results
from mlflow_conformance.azure.client.redaction import UnexpectedError
from mlflow_conformance.azure.errors import AzureUnreachable
from mlflow_conformance.azure.preflight.checks import JobsRequest
from mlflow_conformance.azure.shards import run_parts as module
from mlflow_conformance.azure.shards.part_results import Part
from mlflow_conformance.azure.shards.run_parts import PartsRequest, checked_with, run_parts
from mlflow_conformance.existing.check_options import CheckOptions
from mlflow_conformance.existing.references import read_reference
from mlflow_conformance.existing.registry import ExistingModel, RegistryTrouble
from mlflow_conformance.existing.shard_job import read_request
from mlflow_conformance.runner.outcome import UNDECIDED, WITHOUT_MODEL
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.support.yaml_entry import ConfigurationError

FILES_ALONE = CheckOptions()
PINNED = {"mlflow": "2.22.5", "numpy": "2.4.0", "pandas": "2.3.3"}


class Workspace:
    """Fakes of the Azure half: jobs leave results, except those of ``lost``."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.folder = RunFolder(root)
        self.models = list(MODELS)
        self.lost: dict[str, str] = {}
        self.lines: list[str] = []
        self.seen: list[list[str]] = []
        self.jobs: list[str] = []
        self.requests: list[JobsRequest] = []
        self.closed = 0
        monkeypatch.setattr(module, "preflight", self._preflight)
        monkeypatch.setattr(module, "run_in_workspace", self._run)
        monkeypatch.setattr(module, "DataPlane", lambda *_: self)
        monkeypatch.setattr(module, "models_of", lambda plane, references: self.find(references))

    def find(self, references: Any) -> list[ExistingModel]:
        """Return the models; each reference was read before."""
        assert [reference.text for reference in references] == ["models:/*"]
        return self.models

    def close(self) -> None:
        """Count that the connection was closed."""
        self.closed += 1

    def _preflight(self, request: JobsRequest, index_environment: Any) -> Any:
        self.requests.append(request)
        request.report("preflight: everything is there, sig=aBcDeF")
        code = self.folder.azure.code
        code.mkdir(parents=True)
        workspace = SimpleNamespace(mlflow_tracking_uri="azureml://host")
        client = SimpleNamespace(workspaces=SimpleNamespace(get=lambda name: workspace))
        return SimpleNamespace(client=client, credential=None, cloud=PUBLIC, facts=FACTS, code=code)

    def _run(self, connected: Any, request: JobsRequest) -> tuple[Any, ...]:
        outcomes = []
        for mode in request.modes:
            self.jobs.append(mode.name)
            if mode.name in self.lost:
                verdict, message = UNDECIDED, self.lost[mode.name]
            else:
                verdict, message = WITHOUT_MODEL, ""
                part = read_request(connected.code / mode.arguments[0]).models
                results = [sound(int(model.name[-1])) for model in part]
                outputs = request.folder.azure.outputs(mode.name)
                write_results(outputs / "outputs" / "models.jsonl", *results)
            request.report(f"  {mode.name}-azure {verdict} (ran for 3 s; 1 of 1)")
            outcomes.append(SimpleNamespace(mode=mode.name, verdict=verdict, message=message))
        return tuple(outcomes)

    def go(
        self, number: int = 2, options: CheckOptions = FILES_ALONE, skips: int = 0
    ) -> list[Part]:
        """Run; the first ``skips`` models have a result already."""

        def remaining(versions: list[str], models: list[ExistingModel]) -> list[ExistingModel]:
            self.seen.append(versions)
            return models[skips:]

        references = [read_reference("models:/*", self.root)]
        request = PartsRequest(
            NAMED, references, options, number, self.folder, {}, self.lines.append
        )
        return run_parts(request, remaining)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with five models."""
    return Workspace(tmp_path, monkeypatch)


def verdicts(parts: list[Part]) -> dict[str, tuple[str, str]]:
    """Return verdict and trouble of each model; none may be there twice."""
    results = [result for part in parts for result in part.results()]
    found = {result.name: (result.verdict, result.trouble) for result in results}
    assert len(found) == len(results)
    return found


def test_every_model_is_checked_by_one_job(workspace: Workspace) -> None:
    """Two jobs share five models; lines have no secret and speak of parts, not of modes."""
    found = verdicts(workspace.go())
    assert workspace.jobs == ["models-1-of-2", "models-2-of-2"]
    assert found == {model.name: ("sound", "") for model in MODELS}
    assert workspace.closed == 1
    assert workspace.lines == [
        "preflight: everything is there, sig=***",
        "models: 5 in the workspace",
        "  models-1-of-2: has checked its part (ran for 3 s; 1 of 1)",
        "  models-2-of-2: has checked its part (ran for 3 s; 1 of 1)",
    ]


def test_a_lost_job_is_never_green(workspace: Workspace) -> None:
    """The models of a job that could not be submitted or was lost are not checked, and why."""
    workspace.lost["models-2-of-2"] = "models-2-of-2: HTTP 403: no quota"
    found = verdicts(workspace.go())
    lost = ("not checked", "models-2-of-2: HTTP 403: no quota")
    assert found == {
        model.name: ("sound", "") if number % 2 == 0 else lost
        for number, model in enumerate(MODELS)
    }


def test_parts_without_models_get_no_job(workspace: Workspace) -> None:
    """Four models have a result already: one job checks the fifth, of any number of jobs."""
    found = verdicts(workspace.go(number=8, skips=4))
    assert workspace.jobs == ["models-1-of-8"]
    assert found == {MODELS[4].name: ("sound", "")}


def test_nothing_is_submitted_if_all_is_known(workspace: Workspace) -> None:
    """If every model has a result, no job runs."""
    assert workspace.go(skips=5) == []
    assert workspace.jobs == []


@pytest.mark.parametrize(
    ("options", "needed"),
    [
        (FILES_ALONE, ()),
        (CheckOptions(load=True), ()),
        (CheckOptions(serve=True), ("starlette<1",)),
    ],
)
def test_the_jobs_get_what_models_need(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    options: CheckOptions,
    needed: tuple[str, ...],
) -> None:
    """Libraries of flavors that are installed here are in the jobs, and what the options need."""
    here = {"xgboost": "3.0", "pytest": "9"}
    monkeypatch.setattr(module, "installed", here.get)
    workspace.go(options=options)
    assert workspace.requests[0].packages == {"xgboost", *needed}


def test_results_say_what_they_are_found_with() -> None:
    """The packages of the jobs' environment are named, or the environment that exists."""
    facts = replace(FACTS, environment=replace(FACTS.environment, packages=PINNED))
    assert checked_with(facts) == [
        *("Python 3.11", "mlflow 2.22.5", "scikit-learn MISSING", "pandas 2.3.3", "numpy 2.4.0")
    ]
    existing = replace(facts.environment, existing="azureml:lab:2")
    assert checked_with(replace(facts, environment=existing)) == ["azureml:lab:2"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RegistryTrouble("models:/*: the registry has no model"), RegistryTrouble),
        (ConfigurationError("results: has results of other packages"), ConfigurationError),
        (AzureUnreachable("the workspace is away"), AzureUnreachable),
        (KeyError("AccountKey=c2VjcmV0; sig=aBcDeF"), UnexpectedError),
    ],
)
def test_an_error_ends_the_run_before_any_job(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[Exception]
) -> None:
    """Errors keep their type and message; what is unexpected is told without secrets."""

    def fail(references: Any) -> Any:
        raise error

    monkeypatch.setattr(workspace, "find", fail)
    with pytest.raises(kind) as raised:
        workspace.go()
    assert "aBcDeF" not in str(raised.value)
    assert kind is UnexpectedError or str(raised.value) == str(error)
    assert workspace.jobs == []
    assert workspace.closed == 1
