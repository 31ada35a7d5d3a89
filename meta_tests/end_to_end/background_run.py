"""Runs of the suite in the background, whose processes a test can inspect."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from meta_tests.end_to_end.suite_run import caller, command, mode, write_catalogue
from mlflow_conformance.support.paths import ROOT

MARKER = "CONFORMANCE_META_TEST"
STARTED = "started"
START_SECONDS = 240.0
# A process that imports MLflow notices the end of the run late on a busy machine.
GRACE_SECONDS = 180.0
INTERRUPTED = 2
# Starts a subprocess and never ends.
HANGING_SCRIPT = f"""\
import pathlib
import subprocess
import sys
import time

subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(__file__).with_name("{STARTED}").touch()
time.sleep(600)
"""


@dataclass(frozen=True)
class Running:
    """A run in the background: its process, its folder, and the value that marks its processes."""

    process: subprocess.Popen[bytes]
    folder: Path
    marker: str

    def processes(self) -> dict[int, str]:
        """Return the command lines of the run's living processes, by process id."""
        found = {}
        wanted = f"{MARKER}={self.marker}".encode()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                # A zombie process has an empty environment.
                if entry.name.isdigit() and wanted in (entry / "environ").read_bytes():
                    line = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(entry.name)] = line.decode(errors="replace")
        return found

    def wait_for(self, pattern: str) -> None:
        """Wait until a file in the run's folder matches the pattern."""
        deadline = time.monotonic() + START_SECONDS
        while not list(self.folder.glob(pattern)):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def leftovers(self) -> dict[int, str]:
        """Return the processes that still run after the grace period."""
        deadline = time.monotonic() + GRACE_SECONDS
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    @property
    def output(self) -> str:
        """Return the output of the run so far."""
        return (self.folder / "output.txt").read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def going(folder: Path, arguments: Sequence[str], **variables: str) -> Iterator[Running]:
    """Start a command with marked processes, and kill all of them at the end."""
    marker = uuid.uuid4().hex
    with (folder / "output.txt").open("wb") as sink:
        process = subprocess.Popen(
            arguments,
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


@contextlib.contextmanager
def started(
    folder: Path,
    script: str,
    module: str,
    *options: str,
    scripts: Mapping[str, str] = MappingProxyType({"hangs.py": HANGING_SCRIPT}),
    **variables: str,
) -> Iterator[Running]:
    """Start a run of one mode and one module of promises, and kill it at the end."""
    catalogue = write_catalogue(folder, [mode("only", script)], scripts)
    arguments = command(folder, "--catalogue", str(catalogue), *options, modules=[module])
    with going(folder, arguments, **variables) as running:
        yield running
