"""The table of changes that MLflow published, which the gate is measured with.

An entry says what changed between two neighbouring releases, at which level the gate should tell
it, and where it was published. ``probe`` is a program that prints something else under each of the
two; ``how`` says how the change can be seen instead. ``says`` is what the gate must tell: all of
these words, each in one of the texts about one change (``truth.py``). ``unseen`` says why nothing
that the gate observes can show the change.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlflow_conformance.environments.releases import TABLE
from mlflow_conformance.support import strict_yaml
from mlflow_conformance.upgrade.changes.rules.rule import LEVELS

FILES = sorted(Path(__file__).with_name("published_changes").glob("*.yaml"))
ENTRIES: list[dict[str, Any]] = [
    entry for file in FILES for entry in yaml.safe_load(file.read_text(encoding="utf-8"))
]
AREAS = {
    *("api", "calls", "model", "signature", "enforcement", "store", "registry", "serving"),
    *("evaluate", "autolog", "environment", "cli", "platform", "default"),
}
KNOWN = strict_yaml.load(TABLE)
# The least that the gate is measured with.
FEWEST = 80


def says_of(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the gate must tell of an entry; none if it cannot see the change."""
    said = entry.get("says", ())
    return (said,) if isinstance(said, str) else tuple(said)


def test_there_are_enough_to_measure_with() -> None:
    """There are many entries, each with an id of its own."""
    counted = Counter(entry["id"] for entry in ENTRIES)
    assert [name for name, number in counted.items() if number > 1] == []
    assert len(ENTRIES) >= FEWEST


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["id"]))
def test_an_entry_is_complete(entry: dict[str, Any]) -> None:
    """An entry has all keys, known releases, a source, and a way to see the change."""
    old, new = entry["pair"]
    assert {str(old), str(new)} <= set(KNOWN), entry["pair"]
    assert entry["area"] in AREAS
    assert entry["level"] in LEVELS
    assert entry["what"].strip()
    assert entry["source"].startswith("https://")
    assert entry.get("probe") or entry.get("how")
    ast.parse(entry.get("probe", ""))
    assert all(isinstance(said, str) and said.strip() for said in says_of(entry))
    unseen = entry.get("unseen", "")
    assert isinstance(unseen, str)
    assert bool(says_of(entry)) != bool(unseen.strip()), "either what must be told, or why not"
