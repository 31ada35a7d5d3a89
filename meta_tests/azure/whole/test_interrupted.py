"""Tests of interrupted runs of the suite: they leave no job, process or file."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from meta_tests.azure.rehearsal.jobs import wait_for_job
from meta_tests.azure.whole.azure_run import HANG, VERBOSE_OPTIONS, await_line, suite_runner
from meta_tests.end_to_end.background_run import GRACE_SECONDS, INTERRUPTED
from mlflow_conformance.rehearsal.start import Rehearsal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

MODES = ("--mode", "save-log", "--mode", "infer-array")
# Loaded with ``-p``: a worker process exits in its first test.
DYING_PLUGIN = """\
import os


def pytest_runtest_call(item):
    if "PYTEST_XDIST_WORKER" in os.environ:
        os._exit(7)
"""


def statuses(request: pytest.FixtureRequest, jobs: list[str]) -> set[str]:
    """Return the final statuses of jobs.

    The client is requested here, not as a fixture of the tests: it sets environment variables,
    which the suite's run must not inherit.
    """
    client = request.getfixturevalue("ml_client")
    return {str(wait_for_job(client, job).status.value) for job in jobs}


@pytest.mark.parametrize(
    ("number", "times", "options"),
    [
        # Twice: the terminal sends Ctrl-C to the process group, and ``uv run`` forwards it.
        pytest.param(signal.SIGINT, 2, VERBOSE_OPTIONS, id="ctrl-c"),
        pytest.param(signal.SIGINT, 1, ("-n", "2"), id="ctrl-c-workers"),
        pytest.param(signal.SIGTERM, 1, ("-n", "2"), id="terminated"),
    ],
)
def test_no_job_goes_on(
    number: int,
    times: int,
    options: tuple[str, ...],
    rehearsal_service: Rehearsal,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    """An interrupted run cancels and lists its jobs, and leaves no process or file."""
    with suite_runner(rehearsal_service, tmp_path, jobs=HANG) as runner:
        with runner.background(*MODES, *options) as running:
            await_line(running, "  save-log: submitted, ")
            for _ in range(times):
                os.killpg(running.process.pid, number)
                time.sleep(0.2)
            assert running.process.wait(GRACE_SECONDS) == INTERRUPTED, running.output
            assert not running.leftovers()
        jobs = runner.jobs()
        assert len(jobs) == 2
        assert statuses(request, jobs) == {"Canceled"}
    output = running.output
    assert "canceling 2 jobs that have not ended\n" in output
    assert "made in the workspace so far:\n  job " in output
    assert sorted(re.findall(r"^  job (\S+)  https:", output, re.MULTILINE)) == jobs
    assert "KeyboardInterrupt" in output
    assert {path.name for path in tmp_path.iterdir()} == {"t", "tools", "output.txt", "report.xml"}


def test_a_dead_worker_leaves_no_job(
    rehearsal_service: Rehearsal, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """With -x and a worker that dies, the run fails and has submitted each mode once."""
    (tmp_path / "dying.py").write_text(DYING_PLUGIN)
    jobs = {"*": {"complete_without_model": True}}
    with suite_runner(rehearsal_service, tmp_path, jobs=jobs) as runner:
        with runner.background(
            *MODES, "-n", "2", "-x", "-p", "dying", variables={"PYTHONPATH": str(tmp_path)}
        ) as running:
            assert running.process.wait(GRACE_SECONDS) in (1, INTERRUPTED), running.output
            assert not running.leftovers()
        made = runner.jobs()
        assert len(made) == 2
        assert statuses(request, made) == {"Completed"}
    assert "crashed while running" in running.output
    assert "LOST " in running.output
