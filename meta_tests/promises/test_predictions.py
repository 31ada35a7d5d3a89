"""The comparison of predictions: exact, except for the last digits of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fixtures.promises.predictions import as_text, require_same_predictions

SUM = 0.1 + 0.2


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([0, 1], [0, 1]),
        (["yes", "no"], ["yes", "no"]),
        ([SUM, 1e9 + 1e-7], [0.3, 1e9]),
        ([np.nan], [np.nan]),
    ],
)
def test_the_same_predictions_are_the_same(found: Any, wanted: Any) -> None:
    """Equal labels are the same, and numbers that differ only in the last digits."""
    require_same_predictions(found, wanted, where="here")
    assert as_text(found) == as_text(wanted)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [([0, 1], [0, 0]), (["yes"], ["no "]), ([0.5, 0.300001], [0.5, 0.3]), ([0.0], [1e-6])],
)
def test_other_predictions_differ(found: Any, wanted: Any) -> None:
    """Another label differs, and so does a number that rounding does not explain."""
    with pytest.raises(AssertionError, match=r"^1 of \d predictions differ\n"):
        require_same_predictions(found, wanted, where="here")
    assert as_text(found) != as_text(wanted)
