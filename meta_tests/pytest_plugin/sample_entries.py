"""A valid entry of a file of known deviations, and what is read from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from mlflow_conformance.pytest_plugin.deviations_reader import read_known_deviations
from mlflow_conformance.pytest_plugin.known_deviations import KnownDeviation

ENTRY: dict[str, Any] = {
    "tests": "conformance/test_x.py::test_y[*-sqlite]",
    "message": "cannot convert NA to integer",
    "reason": "because",
    "link": "https://example.org/1",
}


def written(folder: Path, *entries: Any) -> Path:
    """Write a file of known deviations and return its path."""
    path = folder / "known.yaml"
    path.write_text(yaml.safe_dump({"deviations": list(entries)}))
    return path


def only(folder: Path, **changes: Any) -> KnownDeviation:
    """Return the deviation that is read from one entry with changes."""
    (deviation,) = read_known_deviations(written(folder, {**ENTRY, **changes}))
    return deviation
