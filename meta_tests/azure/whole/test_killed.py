"""A test of a killed run of the suite: the rehearsal and its processes end."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import pytest

from meta_tests.azure.whole.azure_run import JOB_MLFLOW
from meta_tests.end_to_end.background_run import STARTED, started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

GONE_SECONDS = 90.0


def below(folder: Path) -> dict[int, str]:
    """Return the command lines, by pid, of processes that use a folder."""
    found = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                line = (
                    (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                )
                if line and (
                    str(folder) in line or (entry / "cwd").resolve().is_relative_to(folder)
                ):
                    found[int(entry.name)] = line
    return found


def test_a_killed_run_takes_its_rehearsal_along(tmp_path: Path) -> None:
    """A killed run's rehearsal ends, with its blob store, MLflow server and running job."""
    options = ("-m", "azure", "--workspace", "rehearsal", "--job-mlflow", JOB_MLFLOW)
    pause = ("--poll-interval", "1")
    with started(tmp_path, "hangs.py", "outcome", *options, *pause) as running:
        running.wait_for(f"t/**/{STARTED}")
        found = " ".join([*below(tmp_path).values(), *running.processes().values()])
        for part in ("mlflow_conformance.rehearsal", "azurite", "mlflow", "hangs.py"):
            assert part in found
        running.process.kill()
        running.process.wait()
        deadline = time.monotonic() + GONE_SECONDS
        while (left := below(tmp_path) | running.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not left
