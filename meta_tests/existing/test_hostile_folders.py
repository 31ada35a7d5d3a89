"""More than a thousand hostile folders: each gets a verdict in time, and nothing is executed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from meta_tests.existing.hostile_folders import GROUPS, HostileFolder
from mlflow_conformance.existing.check_models import checked
from mlflow_conformance.existing.findings import LEVELS, SOUND
from mlflow_conformance.existing.registry import ExistingModel
from mlflow_conformance.existing.results import ModelResult
from mlflow_conformance.existing.summary import Summary
from mlflow_conformance.support.paths import ROOT

MOST_SECONDS = 5.0
# Besides what the interpreter and the imported packages have: far below what bombs unpack to.
MOST_MEMORY = 600 * 2**20
IN_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from meta_tests.existing.hostile_folders import GROUPS
from meta_tests.existing.test_hostile_folders import wrong
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[1]), resource.RLIM_INFINITY))
for number, made in enumerate(GROUPS[sys.argv[2]]()):
    for problem in wrong(made, Path(f"folder{number}").absolute()):
        print(made.label, problem)
"""


def wrong(made: HostileFolder, folder: Path) -> list[str]:
    """Return what is wrong with the way in which a folder is examined."""
    place = made.write(folder)
    before = _listing(place)
    started = time.process_time()
    result = checked(ExistingModel(folder.name, str(folder)), place)
    seconds = time.process_time() - started
    problems = []
    if result.verdict not in (SOUND, *LEVELS):
        problems.append(f"no verdict: {result.trouble}")
    if seconds > MOST_SECONDS:
        problems.append(f"took {seconds:.1f} seconds")
    problems += [f"not printable: {line!r}" for line in _printed(result) if not line.isprintable()]
    problems += [f"left {name}" for name in _listing(place) ^ before]
    if len(result.line()) > 100_000:
        problems.append("a line of results is long")
    return problems


def _printed(result: ModelResult) -> list[str]:
    summary = Summary()
    summary.add(result)
    return [*summary.lines(shows_notes=True), result.line()]


def _listing(folder: Path) -> set[str]:
    """Return the names in a folder, and those beside it, without following links."""
    found = {name for _, folders, files in os.walk(folder) for name in (*folders, *files)}
    return found | {f"beside: {name}" for name in os.listdir(folder.parent)}  # noqa: PTH208


def test_there_are_more_than_a_thousand() -> None:
    """The groups have more than a thousand folders, none twice."""
    made = [(group, folder) for group, folders in GROUPS.items() for folder in folders()]
    assert len(made) > 1000
    assert {group for group, _ in made} == {*GROUPS}


@pytest.mark.parametrize("group", GROUPS)
def test_hostile_folders_get_a_verdict(
    group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each folder gets a verdict in bounded time; nothing is executed, changed or left behind."""
    monkeypatch.chdir(tmp_path)
    problems = []
    for number, made in enumerate(GROUPS[group]()):
        found = wrong(made, tmp_path / "folders" / f"{number}" / "model")
        problems += [f"{made.label}: {problem}" for problem in found]
    assert not problems, "\n".join(problems[:20])
    assert not list(tmp_path.rglob("canary"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("group", ["archives", "entries"])
def test_bombs_are_examined_in_little_memory(group: str, tmp_path: Path) -> None:
    """Archives that unpack to anything, and sparse files, are examined in little memory."""
    script = tmp_path / "script.py"
    script.write_text(IN_LITTLE_MEMORY, encoding="utf-8")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "fixtures")])
    done = subprocess.run(
        [sys.executable, str(script), str(MOST_MEMORY), group],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-2000:]
