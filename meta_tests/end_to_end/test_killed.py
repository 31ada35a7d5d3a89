"""A killed or interrupted run ends everything that it started."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from meta_tests.end_to_end.background_run import GRACE_SECONDS, INTERRUPTED, STARTED, started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

# Loaded with ``-p``: the first teardown never ends.
LINGERING_PLUGIN = f"""\
import pathlib
import time


def pytest_runtest_teardown():
    pathlib.Path(__file__).with_name("{STARTED}").touch()
    time.sleep(600)
"""


def test_a_killed_run_leaves_no_training_behind(tmp_path: Path) -> None:
    """A killed run leaves no workers, scripts or subprocesses of scripts behind."""
    with started(tmp_path, "hangs.py", "outcome", "-n", "2") as running:
        running.wait_for(STARTED)
        assert len(running.processes()) >= 6, running.processes()
        running.process.kill()
        running.process.wait()
        assert not running.leftovers()


def test_a_run_killed_at_once_leaves_nothing_behind(tmp_path: Path) -> None:
    """A run that is killed during the preparation leaves nothing behind."""
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
    """A signal to all processes, as from a CI or a closing terminal, leaves nothing behind."""
    (tmp_path / "lingering.py").write_text(LINGERING_PLUGIN)
    options = ("-p", "lingering", "-k", "test_ping_answers or exactly_one")
    with started(tmp_path, script, promises, *options, PYTHONPATH=str(tmp_path)) as running:
        running.wait_for(STARTED)
        os.killpg(running.process.pid, number)
        running.process.wait(GRACE_SECONDS)
        assert not running.leftovers()


def test_an_interrupted_run_leaves_no_training_behind(tmp_path: Path) -> None:
    """Ctrl-C, which all processes get, ends the run and everything that it started."""
    with started(tmp_path, "hangs.py", "outcome") as running:
        running.wait_for(STARTED)
        os.killpg(running.process.pid, signal.SIGINT)
        assert running.process.wait(GRACE_SECONDS) == INTERRUPTED, running.output
        assert not running.leftovers()
        assert "KeyboardInterrupt" in running.output


def test_a_killed_run_leaves_no_server_behind(tmp_path: Path) -> None:
    """A run that is killed while a test uses a server leaves no server behind."""
    (tmp_path / "lingering.py").write_text(LINGERING_PLUGIN)
    options = ("-p", "lingering", "-k", "test_ping_answers")
    with started(tmp_path, "model.py", "serving", *options, PYTHONPATH=str(tmp_path)) as running:
        running.wait_for(STARTED)
        assert len(running.processes()) >= 3, running.processes()
        running.process.kill()
        running.process.wait()
        assert not running.leftovers()
