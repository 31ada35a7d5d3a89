"""Rows and predictions survive JSON with their types, index and categories."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pandas.testing import assert_frame_equal, assert_series_equal

from mlflow_conformance.witness.typed_rows import NotWritable, from_document, to_document

BERLIN = "Europe/Berlin"


def times(*texts: Any) -> Any:
    """Return times; ``None`` is a missing one."""
    return pd.to_datetime(pd.Series(texts, dtype=object))


NOON = pd.Timestamp("2024-03-31 12:00")
COLUMNS: dict[str, Any] = {
    "int8": np.asarray([1, -2, 3], dtype="int8"),
    "uint64": np.asarray([0, 1, 2**64 - 1], dtype="uint64"),
    "float32": np.asarray([0.1, np.nan, -np.inf], dtype="float32"),
    "float64": [0.1, float("nan"), float("inf")],
    "bool": [True, False, True],
    "complex": [1 + 2j, 0j, complex(0, -1)],
    "text": ["a", "ü", ""],
    "text-with-gaps": ["a", None, float("nan")],
    "objects": pd.Series(["a", 1, None], dtype=object),
    "all-text-objects": pd.Series(["a", "b", "c"], dtype=object),
    "bytes": [b"a", b"\x00\xff", b""],
    "string": pd.array(["a", None, "c"], dtype="string"),
    "Int64": pd.array([1, None, 3], dtype="Int64"),
    "UInt8": pd.array([1, None, 255], dtype="UInt8"),
    "Float32": pd.array([0.5, None, 3], dtype="Float32"),
    "boolean": pd.array([True, None, False], dtype="boolean"),
    "times": times("2024-01-01 00:00:00.0", None, "1970-01-01 00:00:01.5"),
    "seconds": times("2024-01-01", None, "1970-01-01").astype("datetime64[s]"),
    "zoned": times("2024-03-31 00:30", None, "2024-10-27 03:30").dt.tz_localize(BERLIN),
    "utc": times("2024-01-01", None, "2024-01-02").dt.tz_localize("UTC"),
    "durations": pd.to_timedelta(["1 day", None, "2 s"]),
    "categories": pd.Categorical(["b", "a", None], categories=["b", "a", "never"]),
    "ordered": pd.Categorical([3, 1, 3], categories=[3, 2, 1], ordered=True),
    "dates": pd.Series([datetime.date(2024, 1, 2), None, datetime.date.min], dtype=object),
    "lists": pd.Series([[1, 2], [], [None]], dtype=object),
    "dicts": pd.Series([{"a": 1}, {}, {"b": [1.5]}], dtype=object),
    "arrays": pd.Series([np.zeros(2), np.ones((1, 2)), None], dtype=object),
    "missing": pd.Series([None, pd.NA, pd.NaT], dtype=object),
    "zoned-objects": pd.Series([NOON.tz_localize(BERLIN), NOON, 1], dtype=object),
}
PLAIN: dict[str, Any] = {
    "none": None,
    "number": 1.5,
    "large": 2**70,
    "text": "ü",
    "bytes": b"\x00",
    "list": ["a", 1, None, [2.5]],
    "tuple": (1, (2, "b")),
    "dict": {"a": [1, 2], 3: {"b": None}},
    "numpy-in-a-list": [np.float32(0.1), np.int64(3), np.asarray([1, 2], dtype="int16")],
    "time": [datetime.datetime(2024, 1, 2, 3, 4, 5, 6), datetime.date(2024, 1, 2)],
    "frame-in-a-dict": {"rows": [1, 2], "scores": (0.5,)},
}


def again(rows: Any) -> Any:
    """Return rows as they are after they were written as JSON and read."""
    return from_document(json.loads(json.dumps(to_document(rows))))


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_keeps_its_type_and_values(name: str) -> None:
    """A column of a DataFrame, and the same as a Series, come back with equal type and values."""
    frame = pd.DataFrame({"x": COLUMNS[name]})
    assert_frame_equal(again(frame), frame, check_exact=True)
    assert_series_equal(again(frame["x"]), frame["x"], check_exact=True)
    assert str(again(frame)["x"].dtype) == str(frame["x"].dtype)


def test_all_columns_together_come_back() -> None:
    """Columns of all types in one DataFrame do not change each other."""
    frame = pd.DataFrame({name: pd.Series(values) for name, values in COLUMNS.items()})
    assert_frame_equal(again(frame), frame, check_exact=True)


@pytest.mark.parametrize("name", COLUMNS)
def test_an_empty_frame_keeps_its_types(name: str) -> None:
    """Without rows, the types are those of the columns."""
    frame = pd.DataFrame({"x": COLUMNS[name]})[:0]
    assert_frame_equal(again(frame), frame)


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(3),
        pd.Index([5, 3, 5], name="parcel"),
        pd.Index(["a", "b", "c"], name=0),
        pd.Index([0.5, float("nan"), 2.0]),
        pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]).tz_localize(BERLIN),
        pd.CategoricalIndex(["a", "b", "a"], name="kind"),
    ],
    ids=lambda index: f"{type(index).__name__}-{index.dtype}",
)
def test_an_index_keeps_its_labels_type_and_name(index: pd.Index) -> None:
    """The index of a DataFrame and of a Series comes back, in its order."""
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0]}, index=index)
    found = again(frame)
    assert_frame_equal(found, frame, check_index_type="equiv")
    assert found.index.name == index.name
    assert found.index.dtype == index.dtype
    assert_series_equal(again(frame["x"]), frame["x"], check_index_type="equiv")


@pytest.mark.parametrize(
    "names", [[0, 1, 2], [2, 0, 1], ["a", 1, None], ["a", "a", "b"], [("a", 1), "b", "c"]], ids=str
)
def test_columns_keep_names_that_are_no_text(names: list[Any]) -> None:
    """Numbers, repeated names and other labels come back as they are."""
    frame = pd.DataFrame([[1, 2.5, "x"]])
    frame.columns = pd.Index(names, dtype=object) if names[0] == ("a", 1) else pd.Index(names)
    found = again(frame)
    assert list(found.columns) == list(frame.columns)
    assert [type(name) for name in found.columns] == [type(name) for name in frame.columns]
    assert [str(dtype) for dtype in found.dtypes] == [str(dtype) for dtype in frame.dtypes]


def test_names_of_a_frame_have_their_type() -> None:
    """The type of the column labels comes back: scikit-learn knows only names that are text."""
    for names in (["a", "b"], [0, 1]):
        frame = pd.DataFrame([[1, 2]], columns=names)
        assert again(frame).columns.dtype == frame.columns.dtype


def test_frames_without_columns_or_rows_come_back() -> None:
    """A DataFrame may have no columns, no rows, or neither."""
    for frame in (pd.DataFrame(), pd.DataFrame(index=[3, 4]), pd.DataFrame({"x": []})):
        assert again(frame).shape == frame.shape
        assert list(again(frame).index) == list(frame.index)


@pytest.mark.parametrize("name", PLAIN)
def test_plain_values_come_back(name: str) -> None:
    """Lists, tuples, dicts and scalars come back with their types, also those inside."""
    found = again(PLAIN[name])
    assert repr(found) == repr(PLAIN[name])


def test_rows_inside_of_a_dict_come_back() -> None:
    """A dict of DataFrames and Series, as some models predict, comes back."""
    frame = pd.DataFrame({"x": [1, 2]}, index=[4, 5])
    found = again({"rows": frame, "column": frame["x"]})
    assert_frame_equal(found["rows"], frame)
    assert_series_equal(found["column"], frame["x"])


@settings(max_examples=150, deadline=None)
@given(
    arrays.arrays(
        dtype=st.one_of(
            arrays.boolean_dtypes(),
            arrays.integer_dtypes(endianness="="),
            arrays.unsigned_integer_dtypes(endianness="="),
            arrays.floating_dtypes(endianness="=", sizes=(16, 32, 64)),
            arrays.complex_number_dtypes(endianness="=", sizes=(64, 128)),
            arrays.datetime64_dtypes(endianness="=", max_period="D", min_period="ns"),
            arrays.unicode_string_dtypes(endianness="=", max_len=5),
        ),
        shape=arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)
def test_any_array_comes_back(array: np.ndarray[Any, Any]) -> None:
    """Arrays of all types and shapes come back, also those with no element and no dimension."""
    found = again(array)
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)


CELLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(CELLS)
def test_any_nested_value_comes_back(value: Any) -> None:
    """Nested values come back, with keys that are the names of this format, too."""
    assert repr(again(value)) == repr(value)


@settings(max_examples=50, deadline=None)
@given(st.lists(CELLS, max_size=4))
def test_any_objects_in_a_column_come_back(values: list[Any]) -> None:
    """A column of objects comes back with the same objects."""
    column = pd.Series(values, dtype=object)
    found = again(pd.DataFrame({"x": column}))["x"]
    assert found.dtype == object
    assert repr(found.tolist()) == repr(values)


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (object(), "builtins.object"),
        ({1, 2}, "builtins.set"),
        ([object()], "a cell of type builtins.object"),
        (pd.DataFrame({"x": pd.period_range("2024-01", periods=2)}), "a column of type period"),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "several levels"),
        (pd.DataFrame([[1]], index=pd.MultiIndex.from_tuples([("a", "b")])), "several levels"),
    ],
    ids=["object", "set", "cell", "period", "columns", "index"],
)
def test_what_cannot_be_written_is_named(rows: Any, named: str) -> None:
    """Rows of another type are refused, with the type."""
    with pytest.raises(NotWritable, match=named):
        to_document(rows)
