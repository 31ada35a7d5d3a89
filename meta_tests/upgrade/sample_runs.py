"""Runs of the whole suite with the upgrade gate: two modes, one promise each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from meta_tests.end_to_end.suite_run import SuiteRun, mode, run, write_catalogue
from meta_tests.upgrade.sample_upgrades import MLFLOW, changed
from mlflow_conformance.upgrade.profile.profile import FactPath, read_profile, write_profile

GOOD, OTHER = "steady", "shaky"
MODES = (GOOD, OTHER)
PROMISE = "flavors_are_the_promised"
# The release of edited baselines: older than any release under test.
OLD = "2.0.0"
PARAM, TAG = ("run", "params", "C"), ("run", "tags", "team")


def two_modes(folder: Path) -> Path:
    """Write a catalogue of two modes that log a model, and return its path."""
    folder.mkdir(exist_ok=True)
    return write_catalogue(folder, [mode(name, "model.py") for name in MODES], {})


def gated(catalogue: Path, *options: str, promise: str = PROMISE) -> SuiteRun:
    """Run one promise of every mode, with options of the upgrade gate."""
    chosen = ("-m", "local", "-k", promise)
    folder = catalogue.parent
    return run(folder, "--catalogue", str(catalogue), *chosen, *options, modules=["flavors"])


def edited(recorded: Path, path: Path, *, lost: Sequence[FactPath]) -> Path:
    """Write the baseline of an older release with additional facts, and return its path."""
    facts: dict[str, Any] = changed(dict(read_profile(recorded).facts), MLFLOW, OLD)
    for fact in lost:
        facts = changed(facts, fact, "100.0")
    write_profile(facts, path)
    return path


def in_mode(name: str, fact: FactPath) -> FactPath:
    """Return the path of a mode's fact."""
    return ("modes", name, *fact)


def accepting(path: Path, new: str, rule: str, place: FactPath) -> Path:
    """Write a file that accepts a rule's change at a place in both modes, and return its path."""
    entry = {
        "rule": rule,
        "what": ".".join(place),
        "modes": [*MODES],
        "reason": "nobody reads it",
        "link": "https://example.org/1",
    }
    path.write_text(yaml.safe_dump({"from": OLD, "to": new, "changes": [entry]}))
    return path
