"""Entries of accepted changes: one that the sample upgrade matches, and one that it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from meta_tests.upgrade.sample_upgrades import LOCATION, MODES, NEW, OLD, bumped, changed

ENTRY: dict[str, Any] = {
    "rule": "model-moved",
    "what": "model.location",
    "modes": list(MODES),
    "reason": "we read models through models:/ only",
    "link": "https://example.org/1",
}
WITH_VALUES = {**ENTRY, "before": "run artifact", "after": "logged model"}
OTHER = {**ENTRY, "what": "model.elsewhere"}
# Matches the first entry for one of its modes.
MOVED_FOR_ONE = changed(bumped(), LOCATION[1], "run artifact")


def written(folder: Path, *entries: Any, old: str = OLD, new: str = NEW) -> Path:
    """Write a file of accepted changes and return it."""
    path = folder / "accepted.yaml"
    path.write_text(yaml.safe_dump({"from": old, "to": new, "changes": list(entries)}))
    return path
