"""The memo of expensive steps: each step is run once, and its result or error is reused."""

from __future__ import annotations

import traceback

import pytest

from mlflow_conformance.promises.memo import Memo, as_broken_promise


def test_what_succeeded_is_not_tried_again() -> None:
    """The result of the first call is returned again."""
    memo, made = Memo(), iter(range(9))
    assert memo.result("a", lambda: next(made)) == 0
    assert memo.result("a", lambda: next(made)) == 0
    assert memo.result("b", lambda: next(made)) == 1


def test_what_failed_fails_anew_with_the_same_words() -> None:
    """Each call raises a new error with the same type, message and length of traceback."""
    memo, tried = Memo(), []

    def fail() -> None:
        tried.append(1)
        raise OSError(5, "no such thing")

    errors = []
    for _ in range(3):
        with pytest.raises(OSError, match="no such thing") as caught:
            memo.result("a", fail)
        errors.append(caught.value)
    assert len(tried) == 1
    assert len({id(error) for error in errors}) == 3
    assert len({len(traceback.extract_tb(error.__traceback__)) for error in errors}) == 1
    assert all(error.__cause__ is None and error.__context__ is None for error in errors)


def test_what_a_model_cannot_do_is_a_broken_promise() -> None:
    """Any exception becomes an AssertionError that says what failed and why."""
    expected = r"^the model cannot be loaded: KeyError: 'x'$"
    with (
        pytest.raises(AssertionError, match=expected),
        as_broken_promise("the model cannot be loaded"),
    ):
        raise KeyError("x")
