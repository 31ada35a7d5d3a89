"""Does every mode leave a model, and only one?"""

from __future__ import annotations

from fixtures.promises.assertions import require
from fixtures.runner.outcome import Outcome


def test_mode_leaves_exactly_one_model(outcome: Outcome) -> None:
    """The script ends without an error and leaves one model where the store is (L3, L5, L7, L9)."""
    require(outcome.has_model, outcome.message)
