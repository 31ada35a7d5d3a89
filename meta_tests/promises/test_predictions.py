"""The comparison of predictions: exact, except for the last digits of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlflow_conformance.promises.predictions import (
    as_text,
    reason,
    require_same_predictions,
    scored,
    served,
)

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


ENFORCED = "Failed to enforce schema of data '   a\n0  Error: b' with schema '['a': long]'. Error: "


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("no model\nRead the documentation", "no model"),
        (f"{ENFORCED}cannot convert\nsee the page", "cannot convert"),
        (f"{ENFORCED}ValueError: b", "ValueError: b"),
        ("x: ValueError: b", "x: ValueError: b"),
        ("y" * 600, "y" * 600),
    ],
)
def test_the_reason_of_a_rejection_is_its_first_line(message: str, expected: str) -> None:
    """The input and the schema that MLflow writes first are left out, and advice that follows."""
    assert reason(ValueError(message)) == f"ValueError: {expected}"

    def predict(rows: object) -> None:
        raise ValueError(message)

    with pytest.raises(AssertionError) as caught:
        scored(predict, [], what="the rows")
    assert str(caught.value) == (
        f"the rows: should be scored, was rejected: ValueError: {expected}"
    )


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ([1, 0], np.asarray([1, 0], dtype="int32")),
        ([1, 0], np.asarray([1, 0], dtype="uint8")),
        ([0.5, 1.0], np.asarray([0.5, 1.0], dtype="float32")),
        ([[0.5, 1.0]], np.asarray([[0.5, 1.0]])),
        ([{"a": 1}, {"a": 2}], np.asarray([1, 2])),
        ([{"a": 1.5, "b": "x"}], np.asarray([[1.5, "x"]], dtype=object)),
        (["x"], np.asarray(["x"], dtype=object)),
        ([{"a": 1}], np.asarray([{"a": 1}], dtype=object)),
        ([True], np.asarray([True])),
    ],
    ids=str,
)
def test_an_answer_of_a_server_equals_the_predictions(answer: Any, wanted: Any) -> None:
    """What JSON cannot say of a type, and the records of a DataFrame, are no difference."""
    require_same_predictions(served(answer, wanted), wanted, where="here")


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ([1.0, 0.0], np.asarray([1, 0])),
        ([1, 0], np.asarray([True, False])),
        (["1"], np.asarray([1])),
        ([{"a": 1}, {"a": 3}], np.asarray([1, 2])),
        ([{"a": 1, "b": 2}], np.asarray([1])),
        ([[1], [0]], np.asarray([1, 0])),
        ({"a": 1}, np.asarray([1, 0])),
    ],
    ids=str,
)
def test_another_answer_of_a_server_differs(answer: Any, wanted: Any) -> None:
    """Another kind of values, another shape and other values are differences."""
    with pytest.raises(AssertionError, match="predictions"):
        require_same_predictions(served(answer, wanted), wanted, where="here")


def test_missing_values_are_equal() -> None:
    """Missing values in objects are equal to each other, and to nothing else."""
    one = np.asarray([None, float("nan"), "a"], dtype=object)
    require_same_predictions(one.copy(), one, where="here")
    with pytest.raises(AssertionError, match="1 of 3 predictions differ"):
        require_same_predictions(np.asarray([None, "b", "a"], dtype=object), one, where="here")
