"""Whether every documented command has its entry in the table, and every entry is true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from meta_tests.documented_commands.extract import LEFT_OUT, Shown
from meta_tests.documented_commands.table import ELSEWHERE, QUICK, Elsewhere, Quick
from meta_tests.end_to_end.suite_run import SuiteRun
from mlflow_conformance.support.paths import META_TESTS, ROOT

CI: Final = ROOT / ".ci" / "run"
TABLE: Final = "meta_tests/documented_commands/table.py"


def account_of(shown: Shown) -> Quick | Elsewhere | None:
    """Return the entry that counts for a command, ``None`` if there is none."""
    entries = (*QUICK, *ELSEWHERE)
    return next((each for each in entries if re.fullmatch(each.commands, shown.normal)), None)


def unaccounted(commands: Iterable[Shown]) -> list[str]:
    """Return a line for each command without an entry."""
    what = f"nothing runs it: add an entry to QUICK or ELSEWHERE in {TABLE}"
    return [f"{shown}: {what}" for shown in commands if account_of(shown) is None]


def left_over(commands: Iterable[Shown]) -> list[str]:
    """Return a line for each entry that counts for no command."""
    used = [account_of(shown) for shown in commands]
    unused = [entry for entry in (*QUICK, *ELSEWHERE) if entry not in used]
    return [f"{entry.commands}: no document has such a command: remove it" for entry in unused]


def lines_of_ci() -> list[str]:
    """Return the commands of ``.ci/run``."""
    return [line.strip() for line in CI.read_text(encoding="utf-8").splitlines()]


def untrue(entry: Elsewhere) -> list[str]:
    """Return a line for each thing that an entry names and that is not there."""
    found = []
    if entry.ci and entry.ci not in lines_of_ci():
        found.append(f".ci/run has no line {entry.ci}")
    for test in entry.tests:
        file, _, function = test.partition("::")
        path = META_TESTS / file
        source = path.read_text(encoding="utf-8") if path.is_file() else ""
        if not re.search(rf"^def {function}\(", source, re.MULTILINE):
            found.append(f"there is no test meta_tests/{test}")
    if not (entry.ci or entry.tests or entry.opt_in):
        found.append("says neither where the command is run nor why it is not")
    return [f"{entry.commands}: {problem}" for problem in found]


def unlike(entry: Quick, shown: Sequence[str], ended: SuiteRun, folder: Path) -> list[str]:
    """Return what a command did otherwise than its entry and its document say.

    ``shown`` are the lines of its output in the document: the end of a line that ends with ``…`` is
    left out, and so are the lines at a ``…`` alone.
    """
    found = []
    if ended.exit_code != entry.exit_code:
        found.append(f"the exit code is {ended.exit_code}, should be {entry.exit_code}")
    if entry.says not in ended.output:
        found.append(f"the output lacks {entry.says!r}")
    if entry.writes and not (folder / entry.writes).is_file():
        found.append(f"{entry.writes} was not written")
    printed = ended.output.splitlines()
    for line in shown if entry.as_shown else ():
        start = line.removesuffix(LEFT_OUT)
        if line not in printed and not (
            start != line and any(p.startswith(start) for p in printed)
        ):
            found.append(f"the output lacks the line {line!r}")
    return found
