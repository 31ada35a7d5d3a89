"""Columns are compared as a diff: one edit is one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflow_conformance.catalogue.signature import Column
from mlflow_conformance.promises.signature import column_differences

COLUMNS = tuple(Column("long", name) for name in ("a", "b", "c", "d", "e"))
A, B, C, D, E = COLUMNS
RENAMED = Column("long", "B")
OTHER = Column("double", "b")
UNNAMED = Column("long")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (COLUMNS, []),
        ((B, C, D, E), ["a: long is missing"]),
        ((A, C, D, E), ["b: long is missing"]),
        ((A, B, C, D), ["e: long is missing"]),
        ((A, B, B, C, D, E), ["b: long is listed twice"]),
        ((A, B, C, D, E, A), ["a: long is listed twice"]),
        ((A, RENAMED, C, D, E), ["B: long should be b: long"]),
        ((A, OTHER, C, D, E), ["b: double should be b: long"]),
        ((RENAMED, A, B, C, D, E), ["B: long is too much"]),
        ((B, C, D, E, A), ["a: long is at place 5, should be a: long at place 1"]),
        ((A, RENAMED, C, E), ["B: long should be b: long", "d: long is missing"]),
        ((A, UNNAMED, C, D, E), ["(unnamed): long should be b: long"]),
        ((A, OTHER, B, C, D, E), ["b: double is listed twice"]),
        ((), [f"{column} is missing" for column in COLUMNS]),
    ],
)
def test_one_edit_is_one_line(found: tuple[Column, ...], expected: list[str]) -> None:
    """A column that is missing, listed twice, renamed, changed or moved is one line."""
    assert column_differences(found, COLUMNS) == expected


LISTS = st.lists(st.builds(Column, st.sampled_from(["long", "double"]), st.sampled_from("abc")))


@given(found=LISTS, wanted=LISTS)
def test_there_are_lines_if_columns_differ(found: list[Column], wanted: list[Column]) -> None:
    """Equal columns give no line, and others at least one, whatever the names are."""
    assert bool(column_differences(found, wanted)) == (found != wanted)
