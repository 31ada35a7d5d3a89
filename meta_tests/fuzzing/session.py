"""Rounds of all readers until the time is over, with a watchdog and a tally."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from meta_tests.fuzzing.worker import RESULTS
from mlflow_conformance.support.paths import ROOT

# The limit for one input; a reader that takes longer is killed.
MAX_SECONDS = 15.0
MAX_KIB = 1024**2
# Importing the readers can take this long on a busy machine.
STARTING_SECONDS = 60.0
INPUTS_A_ROUND = 150
WATCHING_SECONDS = 0.1


@dataclass
class Tally:
    """The results for all inputs of one reader."""

    name: str
    inputs: int = 0
    refused: int = 0
    slowest: float = 0.0
    peak_kib: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """Return a row of the report's table."""
        return (
            f"| {self.name} | {self.inputs} | {self.refused} | {len(self.findings)}"
            f" | {self.slowest:.2f} | {self.peak_kib / 1024:.0f} |"
        )


def fuzz_round(
    tally: Tally, module: str, file: str, seed: int, folder: Path, *, inputs: int = INPUTS_A_ROUND
) -> None:
    """Let one reader read inputs in a subprocess, and add the results to the tally."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    arguments = [module, tally.name, str(seed), str(inputs), str(folder)]
    with (folder / "printed.txt").open("wb") as printed:
        worker = subprocess.Popen(
            [sys.executable, "-m", "meta_tests.fuzzing.worker", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        is_stuck = _watch(worker, folder)
    results = list(_results(folder / RESULTS))
    tally.inputs += len(results)
    for result in results:
        tally.refused += bool(result["refused"])
        tally.slowest = max(tally.slowest, float(str(result["seconds"])))
        tally.peak_kib = max(tally.peak_kib, int(str(result["peak_kib"])))
        if result["problem"]:
            tally.findings.append(f"{tally.name}, seed {seed}: {result['problem']}")
    if is_stuck or worker.returncode:
        what = f"more than {MAX_SECONDS:g} s" if is_stuck else f"exit code {worker.returncode}"
        printed_text = (folder / "printed.txt").read_text(encoding="utf-8", errors="replace")
        kept = folder.with_name(f"{folder.name}-{seed}-{file}")
        if (folder / file).exists():
            shutil.copyfile(folder / file, kept)
        tally.findings.append(
            f"{tally.name}, seed {seed}: {what}; the input: {kept}\n{printed_text[-1000:]}"
        )
    if tally.peak_kib > MAX_KIB:
        tally.findings.append(f"{tally.name}, seed {seed}: {tally.peak_kib} KiB of memory")


def _watch(worker: subprocess.Popen[bytes], folder: Path) -> bool:
    """Wait for the end of a worker; return whether it was killed because of one input."""
    size, since = 0, time.monotonic() + STARTING_SECONDS - MAX_SECONDS
    while worker.poll() is None:
        found = _size(folder / RESULTS)
        if found != size:
            size, since = found, time.monotonic()
        if time.monotonic() - since > MAX_SECONDS:
            worker.kill()
            worker.wait()
            return True
        time.sleep(WATCHING_SECONDS)
    return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _results(path: Path) -> Iterator[dict[str, object]]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def report(tallies: list[Tally], write: Callable[[str], None]) -> int:
    """Print the findings; return 0 only if every reader read something and there are none."""
    write("| reader | inputs | refused | findings | slowest (s) | peak (MiB) |")
    write("|---|---|---|---|---|---|")
    for tally in tallies:
        write(tally.line)
    for tally in tallies:
        for finding in dict.fromkeys(tally.findings):
            write(f"\nFOUND {finding}")
    nothing = [tally.name for tally in tallies if not tally.inputs]
    if nothing:
        write(f"nothing was read by: {', '.join(nothing)}")
    return int(bool(nothing) or any(tally.findings for tally in tallies))
