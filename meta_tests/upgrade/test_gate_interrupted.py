"""Tests of a gate that is interrupted: everything that it started ends with it."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from meta_tests.end_to_end.background_run import (
    GRACE_SECONDS,
    HANGING_SCRIPT,
    INTERRUPTED,
    STARTED,
    going,
)
from meta_tests.end_to_end.suite_run import mode, write_catalogue

# Two releases in environments that are ready: twice the installed one.
READY = """\
import sys
from pathlib import Path

from mlflow_conformance.upgrade import gate
from mlflow_conformance.upgrade.runs.side_by_side import Side

assert callable(gate.built_sides)  # another name would build real environments
gate.built_sides = lambda asked, report: tuple(
    Side(str(version), Path(sys.executable)) for version in (asked.old, asked.new)
)
sys.exit(gate.main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_gate_that_is_ended_leaves_nothing_behind(number: int, tmp_path: Path) -> None:
    """An interrupt, or the end that a CI sends, leaves neither process nor temporary folder."""
    scripts = {"hangs.py": HANGING_SCRIPT}
    catalogue = write_catalogue(tmp_path, [mode("only", "hangs.py")], scripts)
    (tmp_path / "temporary").mkdir()
    command = [sys.executable, "-c", READY, "3.1.4", "3.17.2", "--catalogue", str(catalogue)]
    with going(tmp_path, command, TMPDIR=str(tmp_path / "temporary")) as running:
        running.wait_for(STARTED)
        assert list((tmp_path / "temporary").glob("gate-*"))
        running.process.send_signal(number)
        assert running.process.wait(GRACE_SECONDS) == INTERRUPTED, running.output
        assert running.output.splitlines()[-1].startswith("interrupted; everything that")
        assert not running.leftovers()
        assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_the_next_gate_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    """A gate that was killed can remove nothing; the next one does, beside its own folder."""
    scripts = {"hangs.py": HANGING_SCRIPT}
    catalogue = write_catalogue(tmp_path, [mode("only", "hangs.py")], scripts)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-c", READY, "3.1.4", "3.17.2", "--catalogue", str(catalogue)]
    with going(tmp_path, command, TMPDIR=str(temporary)) as killed:
        killed.wait_for(STARTED)
        (left,) = temporary.iterdir()
        killed.process.kill()
        killed.process.wait()
        assert not killed.leftovers()
    assert left.is_dir()
    (tmp_path / STARTED).unlink()
    with going(tmp_path, command, TMPDIR=str(temporary)) as second:
        second.wait_for(STARTED)
        (own,) = temporary.iterdir()
        assert own != left
