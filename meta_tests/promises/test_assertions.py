"""Tests of ``promises.assertions``: what its messages and results are."""

from __future__ import annotations

import pytest

from mlflow_conformance.promises.assertions import require_present


@pytest.mark.parametrize("value", [0, "", [], "a text"])
def test_a_value_that_is_there_is_returned(value: object) -> None:
    """Only ``None`` is missing: values that count as false are returned like others."""
    assert require_present(value, "is missing") is value


def test_a_missing_value_fails_with_the_message() -> None:
    """``None`` breaks the promise, in the words of the caller."""
    with pytest.raises(AssertionError, match=r"^MLmodel: no signature$"):
        require_present(None, "MLmodel: no signature")
