"""Tests of ``azure.client.data_plane`` and ``job_store``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from meta_tests.azure.client.fake_clients import PUBLIC
from meta_tests.azure.run.fake_workspace import ManualClock, retries
from mlflow_conformance.azure.client.data_plane import DataPlane
from mlflow_conformance.azure.results.job_store import JobStore
from mlflow_conformance.stores.records import Run
from mlflow_conformance.stores.run_record import Record, write_record

URI = "azureml://region.api.azureml.ms/mlflow/v1.0/subscriptions/s/workspaces/w?"
RUNNING: dict[str, Any] = {"info": {"status": "RUNNING"}}
FINISHED: dict[str, Any] = {"info": {"status": "FINISHED", "end_time": 2}}
A_METRIC, ANOTHER = {"key": "a", "value": 1}, {"key": "b", "value": 2}
PARTLY: dict[str, Any] = {**FINISHED, "data": {"metrics": [A_METRIC]}}
MEASURED: dict[str, Any] = {**FINISHED, "data": {"metrics": [A_METRIC, ANOTHER]}}


class Credential:
    """A fake credential."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token."""
        return AccessToken("token", 2**40)


@pytest.mark.parametrize(
    ("first", "times", "has_metrics", "found"),
    [
        (RUNNING, 0, False, FINISHED),
        (RUNNING, 2, False, FINISHED),
        (RUNNING, 99, False, RUNNING),
        (FINISHED, 2, True, MEASURED),
        (PARTLY, 1, True, MEASURED),
        (RUNNING, 20, True, MEASURED),
        (FINISHED, 99, True, FINISHED),
    ],
)
def test_the_end_of_a_run_and_its_metrics_are_waited_for(
    first: Mapping[str, Any],
    times: int,
    has_metrics: bool,
    found: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """``run`` waits until the run has ended and its metrics are complete, or a timeout."""
    clock = ManualClock()
    plane = DataPlane(URI, Credential(), PUBLIC.scope, retries(clock))
    responses = iter(times * [first])
    last = MEASURED if has_metrics else FINISHED
    monkeypatch.setattr(plane, "_document", lambda *_: next(responses, last))
    assert plane.run("job-1", has_metrics=has_metrics) == found
    assert sum(clock.waits) <= (60 if has_metrics else 10)


def test_a_model_without_a_run_is_found_by_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions are searched by run and, if the model is a logged one, by its id; each is one."""
    plane = DataPlane(URI, Credential(), PUBLIC.scope, retries(ManualClock()))
    one, other = ({"name": "churn", "version": number} for number in "12")
    answers = {"run_id%20%3D%20%27job-1%27": [one], "source_path": [one, other]}
    asked: list[str] = []

    def document(what: str, address: str) -> dict[str, Any]:
        asked.append(address)
        return {"model_versions": next(v for key, v in answers.items() if key in address)}

    monkeypatch.setattr(plane, "_document", document)
    assert plane.registered_by("job-1") == [one]
    assert len(asked) == 1
    assert plane.registered_by("job-1", "m-1") == [one, other]
    assert "models%3A/m-1" in asked[-1]


def test_runs_below_a_run_are_found_at_any_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs below a run are searched by their parents' ids, and all pages are read."""
    clock = ManualClock()
    plane = DataPlane(URI, Credential(), PUBLIC.scope, retries(clock))
    runs = {name: {"info": {"run_id": name}} for name in ("weak", "strong", "inner")}
    pages: dict[tuple[str, Any], dict[str, Any]] = {
        ("job-1", None): {"runs": [runs["weak"]], "next_page_token": "more"},
        ("job-1", "more"): {"runs": [runs["strong"]]},
        ("strong", None): {"runs": [runs["inner"]]},
    }
    asked: list[Mapping[str, Any]] = []

    def document(what: str, address: str, *, body: Mapping[str, Any]) -> dict[str, Any]:
        assert address.endswith("/api/2.0/mlflow/runs/search")
        assert body["experiment_ids"] == ["7"]
        asked.append(body)
        field, equal, value = body["filter"].split()
        assert (field, equal) == ("tags.mlflow.parentRunId", "=")
        return pages.get((value.strip("'"), body.get("page_token")), {})

    monkeypatch.setattr(plane, "_document", document)
    found = plane.children("job-1", "7", 3)
    assert [run["info"]["run_id"] for run in found] == ["weak", "strong", "inner"]
    assert len(asked) == 5
    assert not clock.waits


def test_runs_below_a_run_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that are promised and not there yet are searched again, for some seconds."""
    clock = ManualClock()
    plane = DataPlane(URI, Credential(), PUBLIC.scope, retries(clock))
    answers = iter([{}, {}, {"runs": [{"info": {"run_uuid": "late"}}]}])
    monkeypatch.setattr(plane, "_document", lambda *_, **__: next(answers, {}))
    assert [run["info"]["run_uuid"] for run in plane.children("job-1", "7", 1)] == ["late"]
    assert clock.waits
    assert plane.children("job-1", "7", 1) == []
    assert sum(clock.waits) <= 20


def test_what_the_platform_writes_is_not_the_script_s(tmp_path: Path) -> None:
    """Tags and files of the platform and the suite are left out."""
    tags = {
        "_aml_system_ComputeTargetStatus": '{"AllocationState":"steady"}',
        "azureml.nodeid": "1",
        "conformance-run": "1",
        "conformance-mode": "a",
        "mlflow.user": "me",
        "lab": "8",
    }
    files = ("logs/azureml/a.log", "logs/own.log", "system_logs/b.log", "user_logs/std_log.txt")
    run = Run("job-1", "lab", "FINISHED", 1, 2, {}, {}, tags, tmp_path, files)
    recorded = Record(runs=(run,), model_tags=(("azureml.x", "1"), ("lab", "8")))
    write_record(tmp_path / "run.json", recorded)
    store = JobStore(tmp_path / "run.json")
    (found,) = store.runs()
    assert store.other_content().model_tags == (("lab", "8"),)
    assert set(found.tags) == {"mlflow.user", "lab"}
    assert found.artifacts == ("logs/own.log",)
