"""Tests of the executor: how jobs run, fail, wait and are cancelled."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.rehearsal.data_plane import DataPlane, data_plane_of
from meta_tests.azure.rehearsal.jobs import (
    environment,
    submit,
    unique,
    wait_for_job,
    write_script,
)
from mlflow_conformance.processes.launcher import usable_cores
from mlflow_conformance.rehearsal.jobs.limits import seconds_of
from mlflow_conformance.rehearsal.start import Rehearsal

STARTED_SECONDS = 60.0
# Writes what a job sees to a folder that is uploaded.
REPORTING = """\
import json, os, sys
from pathlib import Path

Path("logs").mkdir()
Path("logs/seen.json").write_text(
    json.dumps({
        "variables": dict(os.environ),
        "python": sys.executable,
        "files": sorted(os.listdir()),
    })
)
"""


@pytest.fixture
def data_plane(rehearsed: Rehearsal) -> DataPlane:
    """The rehearsal's data plane."""
    return data_plane_of(rehearsed)


def downloaded(ml_client: Any, name: str, folder: Path) -> Path:
    """Download all files of a job and return their folder."""
    ml_client.jobs.download(name, download_path=folder, all=True)
    return folder / "artifacts"


def await_status(ml_client: Any, name: str, status: str) -> bool:
    """Wait for a job's status and return whether it was reached in time."""
    deadline = time.monotonic() + STARTED_SECONDS
    while time.monotonic() < deadline:
        if ml_client.jobs.get(name).status == status:
            return True
        time.sleep(0.1)
    return False


def test_a_job_sees_azures_variables_and_none_of_the_submitters(
    ml_client: Any, rehearsed: Rehearsal, control: Control, tmp_path: Path
) -> None:
    """A job has its code, Python, token and variables, but not the submitter's credentials."""
    code = write_script(tmp_path / "code", REPORTING)
    own = {"environment_variables": {"OWN": "1"}, "experiment_name": "seen"}
    name = submit(ml_client, rehearsed.compute, code, **own).name
    assert wait_for_job(ml_client, name).status == "Completed"
    seen = json.loads(
        (downloaded(ml_client, name, tmp_path / "out") / "logs/seen.json").read_text()
    )
    variables = seen["variables"]
    assert seen["files"] == ["logs", "script.py"]
    assert Path(seen["python"]).parts[-3].startswith("job-")
    assert variables["OWN"] == "1"
    assert variables["MLFLOW_RUN_ID"] == variables["AZUREML_RUN_ID"] == name
    assert variables["MLFLOW_EXPERIMENT_NAME"] == "seen"
    assert variables["HTTPS_PROXY"] == rehearsed.variables["HTTPS_PROXY"]
    token = variables["MLFLOW_TRACKING_TOKEN"]
    assert jwt.decode(token, options={"verify_signature": False})["exp"] > time.time()
    assert token in control.secrets()
    assert rehearsed.variables["AZURE_CLIENT_SECRET"] not in variables.values()
    assert not [key for key in variables if key.startswith(("AZURE_", "PYTEST", "VIRTUAL_ENV"))]


def test_a_job_that_fails_says_how(
    ml_client: Any, rehearsed: Rehearsal, data_plane: DataPlane, tmp_path: Path
) -> None:
    """A failed job's error has the exit code and the end of the log; the log is uploaded."""
    code = write_script(tmp_path / "code", "print('first')\nraise SystemExit('the reason')\n")
    name = submit(ml_client, rehearsed.compute, code).name
    assert wait_for_job(ml_client, name).status == "Failed"
    error = data_plane.error(name)
    assert error["code"] == "UserError"
    assert "exited with status code 1" in error["message"]
    assert "the reason" in error["message"]
    log = downloaded(ml_client, name, tmp_path / "out") / "user_logs" / "std_log.txt"
    assert sorted(log.read_text().splitlines()) == ["first", "the reason"]


@pytest.mark.parametrize(
    ("job_fault", "code", "message"),
    [
        ({"fail": "the script's message"}, "UserError", "the script's message"),
        ({"fail_service": "a broken disk"}, "ServiceError", "a broken disk"),
        ({"fail_image_build": "no such package"}, "UserError", "Image build failed"),
        ({"preempt": True}, "UserError", "PreemptionError"),
    ],
)
def test_a_job_fails_as_directed(
    job_fault: dict[str, Any],
    code: str,
    message: str,
    ml_client: Any,
    rehearsed: Rehearsal,
    control: Control,
    data_plane: DataPlane,
) -> None:
    """A job with a fault fails with the service's error code and message."""
    control.set(jobs={"*": job_fault})
    name = submit(ml_client, rehearsed.compute).name
    assert wait_for_job(ml_client, name).status == "Failed"
    error = data_plane.error(name)
    assert error["code"] == code
    assert message in error["message"]


def test_an_environment_that_cannot_be_built_has_a_log(
    ml_client: Any, rehearsed: Rehearsal, data_plane: DataPlane, tmp_path: Path
) -> None:
    """A job whose environment cannot be built fails without running; the build's log says why."""
    missing = (tmp_path / "no-such").as_uri()
    conda = {"dependencies": [f"python={sys.version_info.major}.{sys.version_info.minor}"]}
    conda["dependencies"].append({"pip": [f"x @ {missing}"]})  # type: ignore[arg-type]
    wanted = ml_client.environments.create_or_update(
        environment(unique("broken"), conda_file=conda)
    )
    name = submit(ml_client, rehearsed.compute, environment=wanted).name
    assert wait_for_job(ml_client, name).status == "Failed"
    error = data_plane.error(name)
    assert error["messageParameters"] == {"ArtifactPath": "azureml-logs/20_image_build_log.txt"}
    files = downloaded(ml_client, name, tmp_path / "out")
    assert missing in (files / "azureml-logs" / "20_image_build_log.txt").read_text()
    assert not (files / "user_logs").exists()


@pytest.mark.parametrize("status", ["Queued", "Preparing"])
def test_a_job_is_held_as_long_as_directed(
    status: str, ml_client: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """A job stays in the status of ``hold`` until the fault is removed."""
    fault = {"complete_without_model": True}
    control.set(jobs={"*": {**fault, "hold": status}})
    name = submit(ml_client, rehearsed.compute).name
    assert await_status(ml_client, name, status)
    control.set(jobs={"*": fault})
    assert wait_for_job(ml_client, name).status == "Completed"


def processes_with(word: str) -> list[int]:
    """Return the ids of all processes whose command lines contain a word."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if word.encode() in line:
                found.append(int(entry.name))
    return found


def cancelled_by_hand(ml_client: Any, name: str) -> None:
    """Cancel a job."""
    ml_client.jobs.begin_cancel(name).wait(60)


def cancelled_by_its_limit(ml_client: Any, name: str) -> None:
    """Do nothing: the job's time limit cancels it."""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("cancel", "limit"), [(cancelled_by_hand, 600), (cancelled_by_its_limit, 2)]
)
def test_a_cancelled_job_leaves_no_process(
    cancel: Callable[[Any, str], None],
    limit: int,
    ml_client: Any,
    rehearsed: Rehearsal,
    tmp_path: Path,
) -> None:
    """All processes of a cancelled job end, also detached ones; its log is uploaded."""
    from azure.ai.ml.entities import CommandJobLimits

    word = uuid.uuid4().hex
    sleeping = f"bash -c 'sleep 600; : {word}'"
    line = f"setsid {sleeping} & echo started; {sleeping}"
    limits = CommandJobLimits(timeout=limit)
    name = submit(ml_client, rehearsed.compute, command=line, limits=limits).name
    assert await_status(ml_client, name, "Running")
    time.sleep(1)
    assert processes_with(word)
    cancel(ml_client, name)
    assert wait_for_job(ml_client, name).status == "Canceled"
    assert not processes_with(word)
    log = downloaded(ml_client, name, tmp_path) / "user_logs" / "std_log.txt"
    assert log.read_text() == "started\n"


def test_no_more_jobs_run_than_there_are_cores(
    ml_client: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """As many jobs run as there are cores; the others are queued and can be cancelled."""
    control.set(jobs={"*": {"hang": True}})
    cores = usable_cores()
    names = [submit(ml_client, rehearsed.compute).name for _ in range(cores + 1)]
    statuses: list[str] = []
    deadline = time.monotonic() + STARTED_SECONDS
    while statuses.count("Running") < cores and time.monotonic() < deadline:
        statuses = [ml_client.jobs.get(name).status for name in names]
    time.sleep(0.5)
    statuses = sorted(ml_client.jobs.get(name).status for name in names)
    assert statuses == ["Queued", *["Running"] * cores]
    for name in names:
        ml_client.jobs.begin_cancel(name)
    assert {wait_for_job(ml_client, name).status for name in names} == {"Canceled"}


def test_inputs_are_not_bound(ml_client: Any, rehearsed: Rehearsal, data_plane: DataPlane) -> None:
    """A command with an input placeholder fails with an error that names the placeholder."""
    from azure.ai.ml import Input

    inputs = {"file": Input(type="uri_file", path="https://example.org/file")}
    line = "cat ${{inputs.file}}"
    name = submit(ml_client, rehearsed.compute, command=line, inputs=inputs).name
    assert wait_for_job(ml_client, name).status == "Failed"
    assert "${{inputs.file}}" in data_plane.error(name)["message"]


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("PT90S", 90), ("PT1H30M", 5400), ("P1DT0.5S", 86400.5), (None, None)],
)
def test_durations_are_read(duration: str | None, seconds: float | None) -> None:
    """A duration of days, hours, minutes and seconds is converted to seconds."""
    assert seconds_of(duration) == seconds


@pytest.mark.parametrize("duration", ["", "P", "90", "P1M", "PT"])
def test_other_durations_are_refused(duration: str) -> None:
    """An invalid duration raises an error."""
    with pytest.raises(ValueError, match="not a duration"):
        seconds_of(duration)
