"""The inputs and requests of the data contract follow the schema: required columns, numbers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.catalogue.signature import (
    Column,
    ColumnSchema,
    Signature,
    Tensor,
    TensorSchema,
)
from mlflow_conformance.promises.contract_case import Case
from mlflow_conformance.promises.contract_cases import cases
from mlflow_conformance.promises.request_cases import bad_requests_of
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE

MODE = read_catalogue(DEFAULT_CATALOGUE).mode("infer-frame")
MISSING = {"missing-column", "two-missing-columns", "dict-with-a-missing-column"}
ROWS = pd.DataFrame({"A": [1, 2], "b": [0.5, 1.5], "C": [True, False], "D": [3, 4]})


def with_columns(*columns: Column) -> Mode:
    """Return a mode with these inputs."""
    return replace(MODE, signature=Signature(ColumnSchema(columns), MODE.outputs))


def table(mode: Mode) -> dict[str, Case]:
    """Return the inputs for a mode, by name."""
    return {case.name: case for case in cases(mode.inputs)}


A, B = Column("long", "A"), Column("double", "b")
TRUTH, OPTIONAL = Column("boolean", "C"), Column("long", "D", required=False)


def test_only_what_is_required_is_to_blame() -> None:
    """No rejection must name an optional column, and only required columns are left out."""
    found = table(with_columns(A, B, OPTIONAL))
    assert not any("D" in case.must_mention for case in found.values())
    assert {name: found[name].must_mention for name in MISSING} == {
        "missing-column": ("b",),
        "two-missing-columns": ("A", "b"),
        "dict-with-a-missing-column": ("b",),
    }
    assert list(found["missing-column"].make(ROWS)) == ["A", "C", "D"]
    assert list(found["two-missing-columns"].make(ROWS)) == ["C", "D"]


def test_an_optional_column_may_be_left_out() -> None:
    """An input without an optional column is valid, and the estimator decides about it."""
    found = table(with_columns(A, B, OPTIONAL))["missing-optional-column"]
    assert found.verdict == "left to the model"
    assert list(found.make(ROWS)) == ["A", "b", "C"]
    assert "missing-optional-column" not in table(with_columns(A, B))


def test_nothing_is_missing_where_nothing_is_required() -> None:
    """If all columns are optional, no input is rejected for a missing column."""
    mode = with_columns(OPTIONAL)
    assert not {*table(mode)} & {*MISSING, "empty-frame", "empty-dict", "array-without-names"}
    assert "missing-column" not in {request.name for request in bad_requests_of(mode)}


def test_names_in_lower_case_are_another_s_where_they_differ() -> None:
    """Columns whose names are lower case already have no lower-case input."""
    assert table(with_columns(A, B))["lower-case-names"].must_mention == ("A",)
    assert "lower-case-names" not in table(with_columns(B))


def test_one_column_is_all_where_there_is_no_other() -> None:
    """If a single column is required, a series of that column lacks nothing."""
    assert table(with_columns(A, B))["one-column-as-series"].must_mention == ("A",)
    assert "one-column-as-series" not in table(with_columns(A, OPTIONAL))


def test_requests_break_the_contract_by_required_columns_and_numbers() -> None:
    """The bad requests omit a required column, and have text in place of a number."""
    mode = with_columns(A, B, TRUTH, OPTIONAL)
    found = {request.name: request for request in bad_requests_of(mode)}
    assert (found["missing-column"].names, found["text-for-a-number"].names) == ("C", "D")
    mode = with_columns(A, TRUTH)
    found = {request.name: request for request in bad_requests_of(mode)}
    assert (found["missing-column"].names, found["text-for-a-number"].names) == ("C", "A")
    assert "text-for-a-number" not in {r.name for r in bad_requests_of(with_columns(TRUTH))}


def test_columns_without_names_have_no_cases_about_names() -> None:
    """The schema of a list has one column without a name: there is nothing to reorder or miss."""
    schema = ColumnSchema((Column("string"),))
    assert [case.name for case in cases(schema)] == ["right-types"]


def test_an_array_of_narrow_floats_rejects_narrower_ones() -> None:
    """The type of a frame that is rejected is another one than the schema's."""
    for dtype, other in (("float32", "float16"), ("float64", "float32"), ("int64", "float32")):
        names = [case.name for case in cases(TensorSchema((Tensor(dtype, (-1, 2)),)))]
        assert [name for name in names if name.startswith("frame-of-f")] == [f"frame-of-{other}"]
