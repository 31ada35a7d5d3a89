"""Starts of pytest with ``--collect-only`` and hostile values of options."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from meta_tests.fuzzing.session import MAX_SECONDS, STARTING_SECONDS, Tally
from mlflow_conformance.support.paths import ROOT

NAME = "pytest --collect-only"
# The exit codes of pytest, except INTERNAL_ERROR.
USUAL = (0, 1, 2, 4, 5)
PATHS = ("--catalogue", "--training-data", "--baseline", "--record", "--accepted", "--verdict")
NUMBERS = ("--training-timeout", "--job-timeout", "--poll-interval")
WORDS = (
    *("--mode", "--workspace", "--subscription", "--resource-group", "--compute", "--experiment"),
    *(
        "--model-name",
        "--job-mlflow",
        "--job-image",
        "--job-environment",
        "--cloud",
        "--fail-on",
        "--baseline",
    ),
)
TEXTS = (
    *("", " ", "\x1b[2J", "\u202e", "\u200b", "\n", "é", "x" * 300, "x" * 5000, "9" * 5000, "."),
    *("..", "none", "rehearsal", "2.22.5", "2.22", "1." + "9" * 4999, "\udcff", "a=b", "*", "%s"),
)
TIMES = ("0", "-1", "nan", "inf", "1e400", "1e-400", "1e300", "9" * 400, "x", "", "0x1", "1_0", "5")
THINGS = ("fifo", "loop", "dangling", "folder", "sparse", "binary", "nowhere", "x" * 300, "a/b/c")


def hostile_things(folder: Path) -> None:
    """Create one file of each kind that a path can lead to."""
    folder.mkdir(parents=True)
    os.mkfifo(folder / "fifo")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "dangling").symlink_to(folder / "gone")
    (folder / "folder").mkdir()
    (folder / "binary").write_bytes(bytes(range(256)) * 9)
    with (folder / "sparse").open("wb") as file:
        file.truncate(10 * 1024**3)


def fuzz_start(tally: Tally, seed: int, folder: Path, files: list[Path]) -> None:
    """Start pytest once with up to four random options; ``files`` are inputs of readers."""
    choose = random.Random(seed)  # noqa: S311
    options = [_option(choose, folder, files) for _ in range(choose.randint(1, 4))]
    started = time.perf_counter()
    where = f"{NAME}, seed {seed}: {options!r:.1000}"
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "conformance/test_outcome.py", "--collect-only"),
                *("-q", "-p", "no:cacheprovider", "--basetemp", str(folder / "t"), *options),
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=STARTING_SECONDS + MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        tally.findings.append(f"{where}: no end")
        return
    tally.inputs += 1
    tally.refused += done.returncode != 0
    tally.slowest = max(tally.slowest, time.perf_counter() - started)
    output = done.stdout.decode("utf-8", errors="replace")
    if done.returncode not in USUAL or "Traceback" in output or "INTERNALERROR" in output:
        tally.findings.append(f"{where}: exit code {done.returncode}\n{output[-1500:]}")


def _option(choose: random.Random, folder: Path, files: list[Path]) -> str:
    kind = choose.random()
    if kind < 0.5:
        things = [folder / "things" / name for name in THINGS]
        value = str(choose.choice(files if files and kind < 0.25 else things))
        return f"{choose.choice((*PATHS, '--workspace'))}={value}"
    if kind < 0.7:
        return f"{choose.choice(NUMBERS)}={choose.choice(TIMES)}"
    return f"{choose.choice(WORDS)}={choose.choice(TEXTS)}"
