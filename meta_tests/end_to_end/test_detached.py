"""Processes in a session of their own are ended with the script that started them."""

from __future__ import annotations

import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from meta_tests.end_to_end.background_run import (
    GRACE_SECONDS,
    INTERRUPTED,
    START_SECONDS,
    STARTED,
    Running,
    started,
)
from meta_tests.end_to_end.suite_run import MODEL_SCRIPT
from mlflow_conformance.environments.hermetic import hermetic_environment
from mlflow_conformance.processes.job import Job
from mlflow_conformance.processes.warm_launcher import WarmLauncher
from mlflow_conformance.support.run_folder import RunFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no subreapers elsewhere")

# Starts two processes outside of the script's session; the second has also lost its parent.
DETACHING = f"""\
import os
import pathlib
import subprocess
import time

for command in (["sleep", SECONDS], ["sh", "-c", f"sleep {{SECONDS}} & exit"]):
    subprocess.Popen(command, start_new_session=True)
pathlib.Path(__file__).with_name("{STARTED}").write_text(str(os.getppid()))
"""
HANGING = "time.sleep(600)\n"


@pytest.fixture
def seconds() -> Iterator[str]:
    """A number of seconds that no other process has as an argument, as a prefix."""
    unique = f"300.{uuid.uuid4().int}"
    yield unique
    for pid in sleeping(unique):
        os.kill(pid, signal.SIGKILL)


def sleeping(seconds: str) -> list[int]:
    """Return the ids of the living processes with an argument that has this prefix."""
    found = []
    wanted = f"\0{seconds}".encode()
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            # A zombie process has an empty command line.
            if entry.name.isdigit() and wanted in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def detaching(seconds: str, then: str = "") -> str:
    """Return a script that starts two detached processes and then continues with ``then``."""
    return f"SECONDS = {seconds!r}\n{DETACHING}{then}"


def interrupt(running: Running) -> None:
    """Interrupt the run, as Ctrl-C in a terminal does."""
    os.killpg(running.process.pid, signal.SIGINT)


@pytest.mark.parametrize(
    ("then", "options", "end", "exit_code"),
    [
        (HANGING, (), interrupt, INTERRUPTED),
        (HANGING, ("--training-timeout", "3"), lambda running: None, 1),
        (MODEL_SCRIPT, (), lambda running: None, 0),
    ],
    ids=["interrupted", "timed out", "ended"],
)
def test_a_run_leaves_no_detached_process_behind(
    then: str,
    options: tuple[str, ...],
    end: Callable[[Running], None],
    exit_code: int,
    seconds: str,
    tmp_path: Path,
) -> None:
    """The run ends the detached processes of a script, however the script ends."""
    scripts = {"detaches.py": detaching(seconds, then)}
    with started(tmp_path, "detaches.py", "outcome", *options, scripts=scripts) as running:
        running.wait_for(STARTED)
        end(running)
        assert running.process.wait(START_SECONDS) == exit_code, running.output
        assert not sleeping(seconds)


def wait_for_both(seconds: str) -> None:
    """Wait until both processes run."""
    deadline = time.monotonic() + GRACE_SECONDS
    while len(sleeping(seconds)) < 2:
        assert time.monotonic() < deadline, "the script's processes are not there"
        time.sleep(0.02)


def close(launcher: WarmLauncher, keeper: int) -> None:
    """Close the launcher, as at the end of a run."""
    launcher.close()


def kill_keeper(launcher: WarmLauncher, keeper: int) -> None:
    """Kill the process between a job and the interpreter, then close the launcher."""
    os.kill(keeper, signal.SIGKILL)
    assert launcher.next_result().exit_code == -signal.SIGKILL
    launcher.close()


def kill_interpreter(launcher: WarmLauncher, keeper: int) -> None:
    """Kill the interpreter of all jobs, and wait until the keepers have ended."""
    launcher._interpreter.process.kill()
    launcher._interpreter.process.wait()
    with suppress(ProcessLookupError):
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline:
            os.kill(keeper, 0)
            time.sleep(0.02)


@pytest.mark.parametrize("end", [close, kill_keeper, kill_interpreter])
def test_a_job_s_end_is_that_of_its_own_processes(
    end: Callable[[WarmLauncher, int], None], seconds: str, tmp_path: Path
) -> None:
    """The end of a job ends all of its processes, and none of other jobs."""
    environment = hermetic_environment(os.environ, RunFolder(tmp_path))
    sleeps = {"goes_on": f"{seconds}1", "ends": f"{seconds}2", "times_out": f"{seconds}3"}

    def job(name: str, then: str, timeout: float = 300.0) -> Job:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "script.py").write_text(detaching(sleeps[name], then), encoding="utf-8")
        output = str(folder / "output.txt")
        script = str(folder / "script.py")
        return Job(name, script, (), str(folder), output, environment, timeout)

    with WarmLauncher(environment, tmp_path) as launcher:
        launcher.submit(job("goes_on", HANGING))
        wait_for_both(sleeps["goes_on"])
        launcher.submit(job("times_out", HANGING, timeout=1.0))
        launcher.submit(job("ends", "time.sleep(0.2)"))
        for name in ("ends", "times_out"):
            assert launcher.next_result().id == name
            assert not sleeping(sleeps[name])
        assert len(sleeping(sleeps["goes_on"])) == 2
        end(launcher, int((tmp_path / "goes_on" / STARTED).read_text()))
    assert not sleeping(seconds)
