"""Does a run that is killed or interrupted take with it everything that it started?"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.options import ROOT
from meta_tests.whole_runs import caller, command, mode, write_catalogue

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

MARKER = "CONFORMANCE_META_TEST"
STARTED = "started"
START_SECONDS = 120.0
GRACE_SECONDS = 15.0
INTERRUPTED = 2
# Starts a process of its own and waits for ever.
HANGING_SCRIPT = f"""\
import pathlib
import subprocess
import sys
import time

subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(__file__).with_name("{STARTED}").touch()
time.sleep(600)
"""
# Loaded with ``-p``: the first test to end its call never ends.
LINGERING_PLUGIN = f"""\
import pathlib
import time


def pytest_runtest_teardown():
    pathlib.Path(__file__).with_name("{STARTED}").touch()
    time.sleep(600)
"""


@dataclass(frozen=True)
class Running:
    """A run that goes on: its process, its folder, and the value that marks its processes."""

    process: subprocess.Popen[bytes]
    folder: Path
    marker: str

    def processes(self) -> dict[int, str]:
        """Return the command lines of all living processes of the run, by process id."""
        found = {}
        wanted = f"{MARKER}={self.marker}".encode()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                # A process that has ended and was not waited for has an empty environment.
                if entry.name.isdigit() and wanted in (entry / "environ").read_bytes():
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(entry.name)] = line.decode(errors="replace")
        return found

    def wait_for(self, pattern: str) -> None:
        """Return when a file that matches the pattern is there, in the run's folder."""
        deadline = time.monotonic() + START_SECONDS
        while not list(self.folder.glob(pattern)):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def leftovers(self) -> dict[int, str]:
        """Return the processes that are still there when the grace is over."""
        deadline = time.monotonic() + GRACE_SECONDS
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    @property
    def output(self) -> str:
        """Return what the run has printed so far."""
        return (self.folder / "output.txt").read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def started(
    folder: Path, script: str, module: str, *options: str, **variables: str
) -> Iterator[Running]:
    """Start a run of one mode and one module of promises; nothing is left of it in the end."""
    catalogue = write_catalogue(folder, [mode("only", script)], {"hangs.py": HANGING_SCRIPT})
    marker = uuid.uuid4().hex
    with (folder / "output.txt").open("wb") as sink:
        process = subprocess.Popen(
            command(folder, "--catalogue", str(catalogue), *options, modules=[module]),
            env=caller(**{MARKER: marker}, **variables),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = Running(process, folder, marker)
    try:
        yield running
    finally:
        for pid in [process.pid, *running.processes()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def test_a_killed_run_leaves_no_training_behind(tmp_path: Path) -> None:
    """A run that is killed outright takes its workers, its scripts and what those started along."""
    with started(tmp_path, "hangs.py", "outcome", "-n", "2") as running:
        running.wait_for(STARTED)
        assert len(running.processes()) >= 6, running.processes()
        running.process.kill()
        running.process.wait()
        assert not running.leftovers()


def test_a_run_killed_at_once_leaves_nothing_behind(tmp_path: Path) -> None:
    """A run that is killed while it prepares takes what it has begun with it."""
    with started(tmp_path, "hangs.py", "outcome") as running:
        running.wait_for("t/conformance*")
        time.sleep(0.3)
        running.process.kill()
        running.process.wait()
        assert not (tmp_path / STARTED).exists()
        assert not running.leftovers()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("script", "promises"),
    [("hangs.py", "outcome"), ("model.py", "serving")],
    ids=["train", "serve"],
)
def test_a_run_ended_from_outside_leaves_nothing_behind(
    script: str, promises: str, number: int, tmp_path: Path
) -> None:
    """What a CI or a closing terminal sends to all processes leaves neither script nor server."""
    (tmp_path / "lingering.py").write_text(LINGERING_PLUGIN)
    options = ("-p", "lingering", "-k", "test_ping_answers or exactly_one")
    with started(tmp_path, script, promises, *options, PYTHONPATH=str(tmp_path)) as running:
        running.wait_for(STARTED)
        os.killpg(running.process.pid, number)
        running.process.wait(GRACE_SECONDS)
        assert not running.leftovers()


def test_an_interrupted_run_leaves_no_training_behind(tmp_path: Path) -> None:
    """An interrupt at the terminal, which all processes get, ends the run and all it started."""
    with started(tmp_path, "hangs.py", "outcome") as running:
        running.wait_for(STARTED)
        os.killpg(running.process.pid, signal.SIGINT)
        assert running.process.wait(GRACE_SECONDS) == INTERRUPTED, running.output
        assert not running.leftovers()
        assert "KeyboardInterrupt" in running.output


def test_a_killed_run_leaves_no_server_behind(tmp_path: Path) -> None:
    """A run that is killed outright while a test talks to a server takes the server along."""
    (tmp_path / "lingering.py").write_text(LINGERING_PLUGIN)
    options = ("-p", "lingering", "-k", "test_ping_answers")
    with started(tmp_path, "model.py", "serving", *options, PYTHONPATH=str(tmp_path)) as running:
        running.wait_for(STARTED)
        assert len(running.processes()) >= 3, running.processes()
        running.process.kill()
        running.process.wait()
        assert not running.leftovers()
