"""Tests of supervised commands: their whole process tree ends with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from meta_tests.end_to_end.background_run import MARKER, Running
from mlflow_conformance.processes.supervised_process import SupervisedProcess, start_supervised
from mlflow_conformance.support.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
SECONDS = 20.0
# A kill of the command's process group does not reach the child, which has its own session.
DETACHING = "setsid sleep 600 & touch started; sleep 600"
OWNER = """\
import os, sys, time
from pathlib import Path
from mlflow_conformance.processes.supervised_process import start_supervised

folder = Path(sys.argv[1])
command = ["bash", "-c", sys.argv[2]]
start_supervised(command, directory=folder, output=folder / "o", environment=os.environ)
time.sleep(600)
"""


def start(folder: Path, command: str, marker: str = "") -> SupervisedProcess:
    """Start a supervised command line."""
    environment = {"PATH": os.environ["PATH"], MARKER: marker, "LC_ALL": "C"}
    return start_supervised(
        ["bash", "-c", command],
        directory=folder,
        output=folder / "output.txt",
        environment=environment,
    )


def wait_for(file: Path) -> None:
    """Wait until a file exists."""
    deadline = time.monotonic() + SECONDS
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_command_prints_and_ends_as_it_likes(tmp_path: Path) -> None:
    """A command's output and errors go to the file; its exit code is returned."""
    running = start(tmp_path, "pwd; echo wrong >&2; exit 3")
    assert running.wait(SECONDS) == 3
    assert running.output.read_text() == f"{tmp_path}\nwrong\n"


def test_a_signal_is_told_from_an_exit_code(tmp_path: Path) -> None:
    """A command that a signal killed has the negative signal number as its exit code."""
    assert start(tmp_path, "kill -SEGV $$").wait(SECONDS) == -signal.SIGSEGV


def test_a_command_sees_its_own_variables_alone(tmp_path: Path) -> None:
    """A command gets only the given environment variables."""
    running = start(tmp_path, "env -0 | cut -z -d= -f1 | tr '\\0' '\\n' | sort")
    running.wait(SECONDS)
    bash_sets = {"_", "PWD", "SHLVL", "OLDPWD"}
    assert set(running.output.read_text().split()) - bash_sets == {"PATH", "LC_ALL", MARKER}


def test_a_command_that_is_not_there_is_127(tmp_path: Path) -> None:
    """A missing command ends with exit code 127 and one line that names it."""
    output = tmp_path / "output.txt"
    running = start_supervised(["no-such"], directory=tmp_path, output=output, environment={})
    assert running.wait(SECONDS) == 127
    assert output.read_text() == "no-such: No such file or directory\n"


@pytest.mark.parametrize("command", [DETACHING, DETACHING.replace("sleep 600", "true", 1) + " &"])
def test_ending_it_ends_all_that_it_started(command: str, tmp_path: Path) -> None:
    """``end`` also kills background processes and processes in other sessions."""
    marker = uuid.uuid4().hex
    running = start(tmp_path, command, marker)
    wait_for(tmp_path / "started")
    running.end()
    assert Running(running.supervisor, tmp_path, marker).processes() == {}


def test_a_command_that_ends_leaves_nothing_either(tmp_path: Path) -> None:
    """A command's background processes end with the command."""
    marker = uuid.uuid4().hex
    running = start(tmp_path, "setsid sleep 600 & disown; exit 0", marker)
    assert running.wait(SECONDS) == 0
    assert Running(running.supervisor, tmp_path, marker).processes() == {}


def test_it_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    """A command ends when the process that started it is killed."""
    marker = uuid.uuid4().hex
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path), DETACHING],
        env={**os.environ, MARKER: marker},
        cwd=ROOT,
    )
    wait_for(tmp_path / "started")
    owner.kill()
    owner.wait()
    assert Running(owner, tmp_path, marker).leftovers() == {}
