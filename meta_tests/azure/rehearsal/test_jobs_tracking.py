"""Tests of the tracking API: a job's run has the job's name as its id."""

from __future__ import annotations

import time
from typing import Any

import pytest

from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.rehearsal.data_plane import DataPlane, data_plane_of
from meta_tests.azure.rehearsal.jobs import WITHOUT_RUNNING, submit, wait_for_job
from mlflow_conformance.rehearsal.start import Rehearsal

EXPERIMENT = "tracked"


@pytest.fixture
def data_plane(rehearsed: Rehearsal) -> DataPlane:
    """The rehearsal's data plane."""
    return data_plane_of(rehearsed)


@pytest.fixture
def job(ml_client: Any, control: Control, rehearsed: Rehearsal) -> str:
    """The name of a job that has completed without running its script."""
    control.set(jobs={"*": WITHOUT_RUNNING})
    found = submit(
        ml_client,
        rehearsed.compute,
        display_name="a display name",
        experiment_name=EXPERIMENT,
        tags={"conformance-run": "one"},
    )
    wait_for_job(ml_client, found.name)
    return str(found.name)


def tags(run: Any) -> dict[str, str]:
    """Return a run's tags by name."""
    return {tag["key"]: tag["value"] for tag in run["data"]["tags"]}


def test_a_run_is_its_job(job: str, data_plane: DataPlane) -> None:
    """A run has the job's name as its id, and the job's display name, tags, status and times."""
    run = data_plane.run(job)
    assert run["info"]["run_id"] == run["info"]["run_uuid"] == job
    assert run["info"]["run_name"] == "a display name"
    assert run["info"]["status"] == "FINISHED"
    assert run["info"]["end_time"] >= run["info"]["start_time"]
    assert tags(run)["conformance-run"] == "one"
    assert tags(run)["mlflow.rootRunId"] == job


def test_a_runs_artifacts_have_the_services_address(job: str, data_plane: DataPlane) -> None:
    """A run's artifact URI is an ``azureml://`` URI with the experiment and the run."""
    address = data_plane.run(job)["info"]["artifact_uri"]
    assert address.startswith("azureml://westeurope.api.azureml.ms/mlflow/v2.0/subscriptions/")
    assert address.endswith(f"/experiments/{EXPERIMENT}/runs/{job}/artifacts")


@pytest.mark.parametrize("version", ["v1.0", "v2.0"])
def test_what_is_logged_is_the_runs(job: str, version: str, data_plane: DataPlane) -> None:
    """Parameters, metrics and tags are logged and read with the job's name as the run id."""
    metrics = [{"key": "m", "value": n, "timestamp": n, "step": n} for n in (1, 2)]
    batch = {
        "run_id": job,
        "params": [{"key": "p", "value": "1"}],
        "metrics": metrics,
        "tags": [{"key": "t", "value": job}],
    }
    answer = data_plane.mlflow("POST", "runs/log-batch", version=version, json=batch)
    assert answer.status_code == 200, answer.text
    run = data_plane.run(job)
    assert run["data"]["params"] == [{"key": "p", "value": "1"}]
    assert [(m["key"], m["value"]) for m in run["data"]["metrics"]] == [("m", 2)]
    assert tags(run)["t"] == job
    query = {"run_id": job, "metric_key": "m"}
    history = data_plane.mlflow("GET", "metrics/get-history", version=version, params=query)
    assert [m["value"] for m in history.json()["metrics"]] == [1, 2]


def test_a_run_is_found_by_a_filter_that_names_it(job: str, data_plane: DataPlane) -> None:
    """A search with a filter on the run id finds the job's run."""
    experiment = data_plane.run(job)["info"]["experiment_id"]
    query = {"experiment_ids": [experiment], "filter": f"attributes.run_id = '{job}'"}
    found = data_plane.mlflow("POST", "runs/search", json=query).json()["runs"]
    assert [run["info"]["run_id"] for run in found] == [job]


def test_runs_of_one_experiment_are_together(job: str, data_plane: DataPlane) -> None:
    """A run belongs to the experiment that the job names."""
    query = {"experiment_name": EXPERIMENT}
    found = data_plane.mlflow("GET", "experiments/get-by-name", params=query).json()["experiment"]
    assert data_plane.run(job)["info"]["experiment_id"] == found["experiment_id"]


def test_a_child_run_has_artifacts_of_its_own(job: str, data_plane: DataPlane) -> None:
    """A run that a script creates gets a generated id, which is part of its artifact URI."""
    parent = {"key": "mlflow.parentRunId", "value": job}
    document = {"experiment_id": data_plane.run(job)["info"]["experiment_id"], "tags": [parent]}
    child = data_plane.mlflow("POST", "runs/create", json=document).json()["run"]["info"]
    assert child["run_id"] != job
    assert child["artifact_uri"].endswith(f"/{EXPERIMENT}/runs/{child['run_id']}/artifacts")


def test_a_batch_of_the_plugin_is_logged_at_once(job: str, data_plane: DataPlane) -> None:
    """azureml-mlflow's asynchronous batch is logged before the response."""
    batch = {"run_id": job, "metrics": [{"key": "later", "value": 1, "timestamp": 1, "step": 0}]}
    answer = data_plane.mlflow("POST", "runs/log-batch-async", json=batch)
    assert (answer.status_code, answer.json()) == (200, {})
    assert "later" in {metric["key"] for metric in data_plane.run(job)["data"]["metrics"]}
    status = data_plane.mlflow("GET", "runs/get-run-data-status", params={"run_id": job})
    assert status.json() == {"is_complete": True}


def test_the_servers_refusals_come_as_they_are(data_plane: DataPlane) -> None:
    """A missing run is answered with 404 and MLflow's error code."""
    answer = data_plane.mlflow("GET", "runs/get", params={"run_id": "no-such-run"})
    assert answer.status_code == 404
    assert answer.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"


@pytest.mark.parametrize(
    ("method", "path", "api"),
    [
        ("POST", "logged-models", "2.0"),
        ("GET", "logged-models/m-00000000000000000000000000000000", "2.0"),
        ("POST", "logged-models/search", "2.0"),
        ("POST", "traces", "3.0"),
    ],
)
def test_there_are_no_logged_models(
    method: str, path: str, api: str, data_plane: DataPlane
) -> None:
    """Logged models and API version 3.0 are answered with 404 and no body, as users report."""
    answer = data_plane.mlflow(method, path, api=api)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("path", ["registered-models/rename", "registered-models/delete", "no/no"])
def test_what_mlflow_cannot_do_here_is_not_rehearsed(path: str, data_plane: DataPlane) -> None:
    """Operations that the service does not support, or MLflow does not have, get 501."""
    answer = data_plane.mlflow("POST", path, json={"name": "x"})
    assert answer.status_code == 501
    assert path in answer.json()["error"]["message"]


@pytest.mark.parametrize("kind", ["fail", "fail_service", "fail_image_build"])
def test_a_run_fails_with_its_job(
    kind: str, ml_client: Any, control: Control, rehearsed: Rehearsal, data_plane: DataPlane
) -> None:
    """A run has status FAILED as soon as its job has failed."""
    control.set(jobs={"*": {kind: "wrong"}})
    name = submit(ml_client, rehearsed.compute).name
    assert wait_for_job(ml_client, name).status == "Failed"
    assert data_plane.run(name)["info"]["status"] == "FAILED"


def test_a_run_waits_runs_and_is_killed_with_its_job(
    ml_client: Any, control: Control, rehearsed: Rehearsal, data_plane: DataPlane
) -> None:
    """A run is SCHEDULED, RUNNING and KILLED while its job waits, runs and is cancelled."""
    control.set(jobs={"*": {"hang": True, "hold": "Queued"}})
    name = submit(ml_client, rehearsed.compute).name
    assert seen(data_plane, name, "SCHEDULED")
    control.set(jobs={"*": {"hang": True}})
    assert seen(data_plane, name, "RUNNING")
    ml_client.jobs.begin_cancel(name).wait(60)
    assert wait_for_job(ml_client, name).status == "Canceled"
    assert data_plane.run(name)["info"]["status"] == "KILLED"


def seen(data_plane: DataPlane, name: str, status: str) -> bool:
    """Wait for a run's status and return whether it was reached in time."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = data_plane.mlflow("GET", "runs/get", params={"run_id": name})
        if answer.status_code == 200 and answer.json()["run"]["info"]["status"] == status:
            return True
        time.sleep(0.1)
    return False
