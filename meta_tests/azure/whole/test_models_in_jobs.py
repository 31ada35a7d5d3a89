"""Whole runs of ``model … --workspace``: models are checked in jobs of a rehearsal."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from meta_tests.azure.rehearsal.jobs import (
    client_of,
    submit,
    unique,
    wait_for_job,
    write_script,
)
from meta_tests.azure.whole.azure_run import HANG, JOB_MLFLOW, SuiteRunner, await_line, suite_runner
from meta_tests.end_to_end.background_run import GRACE_SECONDS, INTERRUPTED, Running, going
from mlflow_conformance.rehearsal.start import Rehearsal
from mlflow_conformance.support.paths import PACKAGE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

RUN_SECONDS = 400.0


def command(*options: str) -> list[str]:
    """Return a command line of the suite."""
    return [sys.executable, "-m", "mlflow_conformance", "model", *options, "--poll-interval", "1"]


@pytest.fixture(scope="module")
def registered(rehearsal_service: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a registered model of two versions."""
    from azure.ai.ml.entities import Model

    name, folder = unique("churn"), tmp_path_factory.mktemp("registered") / "code"
    # Only here: the runs must not inherit these variables.
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in rehearsal_service.variables.items():
            patch.setenv(variable, value)
        client = client_of(rehearsal_service)
        job = submit(client, rehearsal_service.compute, write_script(folder)).name
        assert wait_for_job(client, job).status == "Completed"
        path = f"azureml://jobs/{job}/outputs/artifacts/paths/outputs/model/"
        for _ in range(2):
            client.models.create_or_update(Model(name=name, path=path, type="mlflow_model"))
    return name


@contextmanager
def checking(runner: SuiteRunner, name: str, *options: str) -> Iterator[Running]:
    """Start a check of a model's versions in two jobs; it leaves no secret and no process."""
    # Its name is "rehearsal", which would start another one.
    config = runner.folder / "config.json"
    config.write_text(
        json.dumps(
            {
                "subscription_id": runner.service.subscription,
                "resource_group": runner.service.resource_group,
                "workspace_name": runner.service.workspace,
            }
        )
    )
    words = (f"models:/{name}", "--workspace", str(config), "--shards", "2")
    jobs = ("--compute", runner.service.compute, "--job-mlflow", JOB_MLFLOW)
    variables = {**runner.variables(), "PYTHONPATH": str(PACKAGE.parent)}
    with going(runner.folder, command(*words, *jobs, *options), **variables) as running:
        yield running
        assert not running.leftovers()
    assert not runner.leaked_secrets()


def test_a_rehearsal_checks_its_sample_models(tmp_path: Path) -> None:
    """One command checks three models in two jobs, which load them, and gathers the results."""
    found = tmp_path / "found"
    words = ("models:/*", "--workspace", "rehearsal", "--shards", "2", "--load")
    variables = {"PYTHONPATH": str(PACKAGE.parent)}
    arguments = command(*words, "--job-mlflow", JOB_MLFLOW, "--results", str(found))
    with going(tmp_path, arguments, **variables) as running:
        exit_code = running.process.wait(RUN_SECONDS)
        assert not running.leftovers()
    assert exit_code == 0, running.output
    assert "nothing speaks against 3 models: 1 doubtful, 2 sound" in running.output or (
        "nothing speaks against 3 models: 2 sound, 1 doubtful" in running.output
    ), running.output
    assert "models-1-of-2: has checked its part" in running.output
    assert "models-2-of-2: has checked its part" in running.output
    header, *lines = map(json.loads, (found / "models.jsonl").read_text().splitlines())
    assert f"mlflow {JOB_MLFLOW}" in header["checked_with"]["versions"]
    results = {line["name"]: line for line in lines}
    assert len(results) == len(lines)
    assert {name: line["verdict"] for name, line in results.items()} == {
        "models:/churn/1": "sound",
        "models:/churn/2": "sound",
        "models:/risk/1": "doubtful",
    }
    (lacking,) = results["models:/risk/1"]["findings"]
    assert lacking["what"] == "needs 'package-of-the-sample-model', which is not installed"
    assert results["models:/churn/1"]["facts"]["load"]["score"]["predicted"] == 2


def test_a_lost_job_is_not_green(
    rehearsal_service: Rehearsal, registered: str, tmp_path: Path
) -> None:
    """The models of a job whose node is gone are not checked; the other job's results count."""
    fault = {"models-2-of-2": {"preempt": True}}
    with suite_runner(rehearsal_service, tmp_path, jobs=fault) as runner:
        with checking(runner, registered, "--results", str(tmp_path / "found")) as running:
            exit_code = running.process.wait(RUN_SECONDS)
        assert len(runner.jobs()) == 2
    assert exit_code == 2, running.output
    lines = (tmp_path / "found" / "models.jsonl").read_text().splitlines()[1:]
    verdicts = sorted(
        (one["name"], one["verdict"], one["trouble"]) for one in map(json.loads, lines)
    )
    assert [name for name, _, _ in verdicts] == [f"models:/{registered}/{n}" for n in (1, 2)]
    (lost,) = [trouble for _, verdict, trouble in verdicts if verdict == "not checked"]
    assert "its node was pre-empted: run again" in lost
    (other,) = [verdict for _, verdict, _ in verdicts if verdict != "not checked"]
    assert other == "damaged", lines  # what the job registered has no model.pkl
    assert "models-2-of-2-azure could not be run" in running.output


def test_no_job_goes_on_after_ctrl_c(
    rehearsal_service: Rehearsal,
    registered: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    """Ctrl-C cancels both jobs and lists them; the exit code is that of an interrupted run."""
    with suite_runner(rehearsal_service, tmp_path, jobs=HANG) as runner:
        with checking(runner, registered) as running:
            await_line(running, "  models-2-of-2: submitted, ")
            for _ in range(2):  # from the terminal, and forwarded by ``uv run``
                os.killpg(running.process.pid, signal.SIGINT)
                time.sleep(0.2)
            assert running.process.wait(GRACE_SECONDS) == INTERRUPTED, running.output
        jobs = runner.jobs()
    client = request.getfixturevalue("ml_client")
    assert {str(wait_for_job(client, job).status.value) for job in jobs} == {"Canceled"}
    assert "canceling 2 jobs that have not ended\n" in running.output
    assert sorted(re.findall(r"^  job (\S+)  https:", running.output, re.MULTILINE)) == jobs
    assert running.output.splitlines()[-1] == "interrupted"
    assert "Traceback" not in running.output


def test_what_is_not_there_starts_no_job(rehearsal_service: Rehearsal, tmp_path: Path) -> None:
    """A name that the registry does not have is told before a job is submitted."""
    with suite_runner(rehearsal_service, tmp_path) as runner:
        with checking(runner, "nothing-has-this-name") as running:
            assert running.process.wait(RUN_SECONDS) == 2, running.output
        assert runner.jobs() == []
    last = running.output.splitlines()[-1]
    assert last.startswith(
        "could not be looked at: 'models:/nothing-has-this-name': there is no version; the registry"
    )
