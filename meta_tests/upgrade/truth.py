"""Measures what the gate tells of the published changes: ``nox -s truth [-- --missed]``.

Recall: of the published changes between neighbouring releases, those that the comparison of their
baselines tells. Precision: of the breaking blocks between neighbours, those that are published.
Quiet pairs: neighbours between which nothing breaks, and nothing is told to break.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from packaging.version import Version

from meta_tests.upgrade.test_published_changes import ENTRIES, says_of
from mlflow_conformance.support.paths import BASELINES
from mlflow_conformance.upgrade.changes.classify import Change
from mlflow_conformance.upgrade.changes.verdict import Block, Verdict
from mlflow_conformance.upgrade.compare import compared
from mlflow_conformance.upgrade.profile.baselines import shipped

Entry = Mapping[str, Any]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Measured:
    """The entries that were told, and those that were not; the blocks that no entry explains."""

    told: tuple[Entry, ...]
    missed: tuple[Entry, ...]
    explained: tuple[tuple[Pair, Block], ...]
    unexplained: tuple[tuple[Pair, Block], ...]
    quiet: tuple[Pair, ...]
    noisy: tuple[Pair, ...]


def neighbours() -> tuple[Pair, ...]:
    """Return the pairs of neighbouring releases that have baselines, oldest first."""
    versions = sorted(map(str, shipped(BASELINES)), key=Version)
    return tuple(itertools.pairwise(versions))


@cache
def verdict_on(pair: Pair) -> Verdict:
    """Return the verdict of the comparison of two baselines."""
    return compared(*pair)


def texts_of(changes: Iterable[Change]) -> list[str]:
    """Return all that is told of changes, one text for each item of a list."""
    texts = []
    for change in changes:
        sides = [s if isinstance(s, list) else [s] for s in (change.before, change.after)]
        texts += [f"{change.rule.id} {change.place}: {one}" for some in sides for one in some]
        texts.append(f"{change.rule.id} {change.place}: {change.before} -> {change.after}")
    return texts


def is_told(entry: Entry) -> bool:
    """Return whether the comparison tells all that the entry says must be told."""
    wanted = says_of(entry)
    old, new = map(str, entry["pair"])
    found = [finding.change for finding in verdict_on((old, new)).findings]
    texts = texts_of(found)
    return bool(wanted) and all(any(said in text for text in texts) for said in wanted)


def explains(entry: Entry, block: Block) -> bool:
    """Return whether an entry is about something in a block."""
    texts = texts_of(block.open)
    return any(said in text for said in says_of(entry) for text in texts)


def measure() -> Measured:
    """Compare all pairs of neighbours, and the pairs of all entries."""
    told = tuple(entry for entry in ENTRIES if is_told(entry))
    missed = tuple(entry for entry in ENTRIES if entry not in told)
    by_pair: dict[Pair, list[Entry]] = {}
    for entry in ENTRIES:
        old, new = map(str, entry["pair"])
        by_pair.setdefault((old, new), []).append(entry)
    explained: list[tuple[Pair, Block]] = []
    unexplained: list[tuple[Pair, Block]] = []
    quiet: list[Pair] = []
    noisy: list[Pair] = []
    for pair in neighbours():
        blocks = [block for block in verdict_on(pair).shown if block.level == "breaking"]
        entries = by_pair.get(pair, [])
        known = [b for b in blocks if any(explains(entry, b) for entry in entries)]
        explained += [(pair, block) for block in known]
        unexplained += [(pair, block) for block in blocks if block not in known]
        if not any(entry["level"] == "breaking" for entry in entries):
            (noisy if blocks else quiet).append(pair)
    return Measured(told, missed, tuple(explained), tuple(unexplained), tuple(quiet), tuple(noisy))


def lines_of(found: Measured, *, with_missed: bool) -> list[str]:
    """Return the report: a line for each area, then the totals."""
    lines = []
    for area in sorted({str(entry["area"]) for entry in ENTRIES}):
        told = sum(entry["area"] == area for entry in found.told)
        of = sum(entry["area"] == area for entry in ENTRIES)
        lines.append(f"{area}: {told} of {of} published changes are told")
    for level in ("breaking", "warning", "info"):
        told = sum(entry["level"] == level for entry in found.told)
        of = sum(entry["level"] == level for entry in ENTRIES)
        lines.append(f"{level}: {told} of {of} are told")
    if with_missed:
        lines += [
            f"missed: {entry['id']} ({' -> '.join(map(str, entry['pair']))},"
            f" {entry['area']}, {entry['level']}): {' '.join(entry['what'].split())[:150]}"
            for entry in found.missed
        ]
    for pair, block in found.unexplained:
        lines.append(f"told and not published: {' -> '.join(pair)}: {block.subject.id}")
    total, blocks = len(found.told) + len(found.missed), [*found.explained, *found.unexplained]
    quiet = len(found.quiet) + len(found.noisy)
    lines.append(f"recall: {len(found.told)} of {total} ({_percent(len(found.told), total)})")
    lines.append(
        f"precision: {len(found.explained)} of {len(blocks)} breaking blocks between neighbours are"
        f" published ({_percent(len(found.explained), len(blocks))})"
    )
    lines.append(f"quiet: {len(found.quiet)} of {quiet} pairs without a published break have none")
    return lines


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "nothing to measure"


def main(arguments: Sequence[str]) -> int:
    """Print what was measured; return 1 if nothing could be."""
    parser = argparse.ArgumentParser(prog="nox -s truth --", description=__doc__)
    parser.add_argument("--missed", action="store_true", help="list what is not told")
    asked = parser.parse_args(arguments)
    found = measure()
    print("\n".join(lines_of(found, with_missed=asked.missed)))
    return 0 if found.told else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
