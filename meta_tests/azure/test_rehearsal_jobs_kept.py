"""Does a kept command leave nothing behind, whatever it starts and however it ends?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from fixtures.launcher import ROOT
from fixtures.rehearsal.kept import Kept, start_kept
from meta_tests.going_runs import MARKER, Running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
SECONDS = 20.0
# A session of its own keeps the child out of the reach of a kill of the command's group.
DETACHING = "setsid sleep 600 & touch started; sleep 600"
OWNER = """\
import os, sys, time
from pathlib import Path
from fixtures.rehearsal.kept import start_kept

folder = Path(sys.argv[1])
command = ["bash", "-c", sys.argv[2]]
start_kept(command, directory=folder, output=folder / "o", environment=os.environ)
time.sleep(600)
"""


def kept(folder: Path, command: str, marker: str = "") -> Kept:
    """Start a command line."""
    environment = {"PATH": os.environ["PATH"], MARKER: marker, "LC_ALL": "C"}
    return start_kept(
        ["bash", "-c", command],
        directory=folder,
        output=folder / "output.txt",
        environment=environment,
    )


def wait_for(file: Path) -> None:
    """Return when a file is there."""
    deadline = time.monotonic() + SECONDS
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_command_prints_and_ends_as_it_likes(tmp_path: Path) -> None:
    """Its output, both streams of it, goes to the file; its exit code is returned."""
    running = kept(tmp_path, "pwd; echo wrong >&2; exit 3")
    assert running.wait(SECONDS) == 3
    assert running.output.read_text() == f"{tmp_path}\nwrong\n"


def test_a_signal_is_told_from_an_exit_code(tmp_path: Path) -> None:
    """A command that was killed has the signal's number, negative."""
    assert kept(tmp_path, "kill -SEGV $$").wait(SECONDS) == -signal.SIGSEGV


def test_a_command_sees_its_own_variables_alone(tmp_path: Path) -> None:
    """Nothing of the owner's environment reaches it."""
    running = kept(tmp_path, "env -0 | cut -z -d= -f1 | tr '\\0' '\\n' | sort")
    running.wait(SECONDS)
    bash_sets = {"_", "PWD", "SHLVL", "OLDPWD"}
    assert set(running.output.read_text().split()) - bash_sets == {"PATH", "LC_ALL", MARKER}


def test_a_command_that_is_not_there_is_127(tmp_path: Path) -> None:
    """It ends as in a shell, with one line that names it."""
    output = tmp_path / "output.txt"
    running = start_kept(["no-such"], directory=tmp_path, output=output, environment={})
    assert running.wait(SECONDS) == 127
    assert output.read_text() == "no-such: No such file or directory\n"


@pytest.mark.parametrize("command", [DETACHING, DETACHING.replace("sleep 600", "true", 1) + " &"])
def test_ending_it_ends_all_that_it_started(command: str, tmp_path: Path) -> None:
    """What it left behind in the background, or in a session of its own, goes with it."""
    marker = uuid.uuid4().hex
    running = kept(tmp_path, command, marker)
    wait_for(tmp_path / "started")
    running.end()
    assert Running(running.keeper, tmp_path, marker).processes() == {}


def test_a_command_that_ends_leaves_nothing_either(tmp_path: Path) -> None:
    """What it put into the background ends with it."""
    marker = uuid.uuid4().hex
    running = kept(tmp_path, "setsid sleep 600 & disown; exit 0", marker)
    assert running.wait(SECONDS) == 0
    assert Running(running.keeper, tmp_path, marker).processes() == {}


def test_it_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    """A kill of the owner, which runs no code of it any more, ends the command too."""
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
