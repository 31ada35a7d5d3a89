"""How the outcome of a crashed script is told in a profile."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mlflow_conformance.runner.outcome import CRASHED, NO_MODEL, Outcome
from mlflow_conformance.upgrade.profile.observe.mode import describe_outcome

TRACEBACK = "Traceback (most recent call last):\n  File 'x.py', line 1\n"


@pytest.mark.parametrize(
    ("verdict", "printed", "told"),
    [
        (CRASHED, f"{TRACEBACK}ValueError: too long\nIf you are sure, read on.\n", "ValueError"),
        (CRASHED, "no traceback\n", "the last line"),
        (NO_MODEL, "anything\n", NO_MODEL),
    ],
    ids=["a long message", "no error", "no crash"],
)
def test_a_crash_is_told_by_its_error(
    verdict: str, printed: str, told: str, tmp_path: Path
) -> None:
    """The error begins with its first line: MLflow's long messages end with advice."""
    (tmp_path / "output.txt").write_text(printed, encoding="utf-8")
    outcome = SimpleNamespace(
        verdict=verdict, message="x crashed\nthe last line", output=str(tmp_path / "output.txt")
    )
    found = describe_outcome(cast(Outcome, outcome))
    assert told in found
    assert "read on" not in found
