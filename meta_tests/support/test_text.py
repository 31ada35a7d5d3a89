"""Any value is shown in one short printable line."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflow_conformance.support.text import (
    LONGEST_MESSAGE,
    LONGEST_VALUE,
    OneLineError,
    error_shown,
    in_short,
    one_line,
    shown,
)

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.text(st.sampled_from("\x1b\u202e\u200b\ud800\n\x9b\ufeff\U000e0041"))
    | st.binary()
    | st.sampled_from([700, 5000]).map(lambda digits: 10**digits),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.frozensets(st.integers() | st.text())
    ),
)


class RaisingRepr:
    """An object whose ``repr`` raises."""

    def __repr__(self) -> str:
        raise KeyError("no words")


class LongRepr(list[Any]):
    """A list with a very long ``repr``."""

    def __repr__(self) -> str:
        return "[" * 10**6


class RaisingStr(Exception):
    """An exception whose ``str`` raises."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@given(ANYTHING)
def test_any_value_is_shown_in_one_line(value: Any) -> None:
    """The text of any value is printable and no longer than the limit."""
    for longest in (10, LONGEST_VALUE, 500):
        text = shown(value, longest)
        assert text.isprintable()
        assert 0 < len(text) <= longest


@given(ANYTHING)
def test_a_value_that_has_room_is_shown_as_python_writes_it(value: Any) -> None:
    """A short value is shown as ``repr`` writes it."""
    if "…" not in shown(value, 500) and "digits" not in shown(value, 500):
        assert shown(value, 500) == repr(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10**5000, "a number of about 5001 digits"),
        (-(10**9000), "a number of about 9001 digits"),
        ([1, 10**5000], "[1, a number of about 5001 digits]"),
        (Fraction(10**5000, 3), "<Fraction>"),
        (RaisingRepr(), "<RaisingRepr>"),
        ([RaisingRepr()], "[<RaisingRepr>]"),
        (LongRepr(), "[" * 59 + "…"),
        ([[[[[[1]]]]]], "[[[[[…]]]]]"),
        ("\x1b[2J\u202e", "'\\x1b[2J\\u202e'"),
        ("x" * 10**6, "'" + "x" * 58 + "…"),
        (math.nan, "nan"),
    ],
    ids=[
        *("huge", "negative", "inside", "fraction", "raises", "raises inside", "long repr"),
        *("deep", "terminal", "long text", "nan"),
    ],
)
def test_a_value_that_cannot_be_written_is_shown(value: Any, text: str) -> None:
    """Numbers too large to write, and objects that raise, are shown by their kind."""
    assert shown(value) == text


def test_a_large_collection_is_not_walked_through() -> None:
    """Only as many elements are read as a message can show."""
    seen: list[int] = []

    class Counted:
        def __repr__(self) -> str:
            seen.append(1)
            return "x"

    shown([Counted() for _ in range(10_000)])
    assert len(seen) <= LONGEST_VALUE


def test_a_collection_that_holds_itself_is_shown() -> None:
    """A list that contains itself is shown to a limited depth."""
    looped: list[Any] = []
    looped.append(looped)
    assert shown(looped) == "[[[[[…]]]]]"


@given(st.text(st.characters()))
def test_any_text_becomes_one_line(text: str) -> None:
    """Printable text is kept; everything else is escaped."""
    assert one_line(text).isprintable()
    assert in_short(text).isprintable()
    if text.isprintable():
        assert one_line(text) == text


def test_long_text_is_shortened() -> None:
    """Long text is shortened, with a mark."""
    assert in_short("a  b\nc") == "a b c"
    assert in_short("x" * 10**6, 10) == "x" * 9 + "…"
    assert in_short(" " * 10**6 + "x", 10) == "…"


def test_an_error_that_says_nothing_is_shown_by_its_type() -> None:
    """An exception without a message, or whose ``str`` raises, is shown by its type."""
    assert error_shown(ValueError("a\nb")) == "a b"
    assert error_shown(KeyError()) == "KeyError"
    assert error_shown(RaisingStr()) == "RaisingStr"


def test_the_error_of_an_input_is_one_line() -> None:
    """The suite's own errors are always one printable line of limited length."""
    error = OneLineError("a\nb\x1b[2J" + "x" * 10**6)
    assert str(error).startswith("a\\nb\\x1b[2Jxxx")
    assert len(str(error)) == LONGEST_MESSAGE
