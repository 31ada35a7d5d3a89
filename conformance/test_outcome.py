"""Every mode leaves exactly one model."""

from __future__ import annotations

from mlflow_conformance.promises.assertions import require
from mlflow_conformance.runner.outcome import Outcome


def test_mode_leaves_exactly_one_model(outcome: Outcome) -> None:
    """The script ends without an error and leaves one model in the store (L3, L5, L7, L9)."""
    require(outcome.has_model, outcome.message)
