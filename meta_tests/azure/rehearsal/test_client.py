"""Tests of the rehearsal with the unchanged client, from the login to the download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.rehearsal.jobs import (
    WITHOUT_RUNNING,
    environment,
    submit,
    unique,
    wait_for_job,
    write_script,
)
from mlflow_conformance.rehearsal.start import Rehearsal


def test_the_workspace_says_where_its_runs_are_tracked(
    ml_client: Any, rehearsed: Rehearsal
) -> None:
    """The workspace has a tracking URI on its region's data-plane host."""
    found = ml_client.workspaces.get(rehearsed.workspace)
    assert found.mlflow_tracking_uri.startswith("azureml://westeurope.api.azureml.ms/mlflow/v1.0/")
    assert found.mlflow_tracking_uri.endswith(f"/workspaces/{rehearsed.workspace}")


def test_the_compute_is_got_and_listed(ml_client: Any, rehearsed: Rehearsal) -> None:
    """The cluster is found by its name and in the list, with state "Succeeded"."""
    found = ml_client.compute.get(rehearsed.compute)
    assert (found.type, found.provisioning_state) == ("amlcompute", "Succeeded")
    assert [compute.name for compute in ml_client.compute.list()] == [rehearsed.compute]


def test_environments_get_versions_that_stay(ml_client: Any) -> None:
    """An equal environment keeps version 1; a different one gets version 2 and ``@latest``."""
    name = unique("environment")
    images = {"one": "1", "one again": "1", "another": "2"}
    for image, version in images.items():
        wanted = environment(name, version=None, image=f"example.org/{image.split()[0]}")
        assert ml_client.environments.create_or_update(wanted).version == version
    assert ml_client.environments.get(name, label="latest").version == "2"
    assert {found.version for found in ml_client.environments.list(name)} == {"1", "2"}


def test_environments_exist_from_the_start(ml_client: Any) -> None:
    """A team's environment has two versions; each pins its own MLflow."""
    found = ml_client.environments.get("team-lab", label="latest")
    first = ml_client.environments.get("team-lab", version="1")
    assert (first.version, found.version) == ("1", "2")
    pins = [environment.conda_file["dependencies"][-1]["pip"] for environment in (first, found)]
    assert [pinned[0] for pinned in pins] == ["mlflow==2.22.4", "mlflow==2.22.5"]


@pytest.mark.parametrize("which", ["labels/latest", "versions/7"])
def test_a_job_may_name_a_registrys_environment(
    which: str, ml_client: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """The unchanged client sends the reference as it is, and gets it back."""
    control.set(jobs={"*": WITHOUT_RUNNING})
    reference = f"azureml://registries/azureml/environments/sklearn-lab/{which}"
    submitted = submit(ml_client, rehearsed.compute, environment=reference)
    assert ml_client.jobs.get(submitted.name).environment == reference
    assert wait_for_job(ml_client, submitted.name).status == "Completed"


@pytest.fixture
def submitted(ml_client: Any, control: Control, rehearsed: Rehearsal, tmp_path: Path) -> Any:
    """A job that completes without running its script, as ``create_or_update`` returned it."""
    control.set(jobs={"*": WITHOUT_RUNNING})
    return submit(
        ml_client,
        rehearsed.compute,
        write_script(tmp_path / "code", f"# {tmp_path}\n"),
        display_name="a display name",
        experiment_name="an-experiment",
        tags={"conformance-run": "one"},
    )


def test_a_submitted_job_has_all_that_it_was_submitted_with(
    ml_client: Any, submitted: Any, rehearsed: Rehearsal
) -> None:
    """``jobs.get`` returns the submitted names, command, compute and tags, and the output."""
    assert submitted.status == "Starting"
    found = ml_client.jobs.get(submitted.name)
    assert found.display_name == "a display name"
    assert found.experiment_name == "an-experiment"
    assert found.command == "python script.py"
    assert found.compute.endswith(rehearsed.compute)
    assert found.tags["conformance-run"] == "one"
    assert found.studio_url.startswith(f"https://ml.azure.com/runs/{submitted.name}?wsid=")
    assert found.outputs["default"].path == (
        f"azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.{submitted.name}"
    )


def test_code_goes_to_the_blob_store_and_is_used_again(
    ml_client: Any, submitted: Any, control: Control, rehearsed: Rehearsal, tmp_path: Path
) -> None:
    """The script is uploaded once; a second job with the same folder reuses the upload."""
    assert control.requests("PUT", "code/script.py")
    control.clear()
    control.set(jobs={"*": WITHOUT_RUNNING})
    second = submit(ml_client, rehearsed.compute, tmp_path / "code")
    assert ml_client.jobs.get(second.name).code == ml_client.jobs.get(submitted.name).code
    assert not control.requests("PUT", "code/script.py")


def test_jobs_are_listed_newest_first(ml_client: Any, submitted: Any) -> None:
    """The job that was submitted last is first in the list."""
    assert next(iter(ml_client.jobs.list())).name == submitted.name


def test_a_job_that_waits_is_cancelled(
    ml_client: Any, control: Control, rehearsed: Rehearsal
) -> None:
    """A queued job that is cancelled ends with status "Canceled"."""
    control.set(jobs={"*": {"hold": "Queued"}})
    waiting = submit(ml_client, rehearsed.compute)
    ml_client.jobs.begin_cancel(waiting.name).wait(60)
    assert wait_for_job(ml_client, waiting.name).status == "Canceled"


def test_what_a_job_leaves_is_downloaded(ml_client: Any, finished_job: str, tmp_path: Path) -> None:
    """``jobs.download`` writes a job's outputs and log below ``artifacts``."""
    ml_client.jobs.download(finished_job, download_path=tmp_path, all=True)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert "artifacts/user_logs/std_log.txt" in found
    model = tmp_path / "artifacts" / "outputs" / "model"
    assert (model / "data.bin").read_bytes() == bytes(range(256))
    assert (model / "MLmodel").is_file()


def test_a_job_is_streamed_to_its_end(
    ml_client: Any, rehearsed: Rehearsal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``jobs.stream`` prints the log of a running job and returns when the job has ended."""
    text = "import time; print('a line of the log', flush=True); time.sleep(4)"
    job = submit(ml_client, rehearsed.compute, write_script(tmp_path / "code", text))
    ml_client.jobs.stream(job.name)
    printed = capsys.readouterr().out
    assert "a line of the log" in printed
    assert "Execution Summary" in printed
