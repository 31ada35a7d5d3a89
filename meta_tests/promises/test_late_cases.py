"""Cases of modes without a stated signature: every case that a signature can have is listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta_tests.promises.test_promises import that_states_nothing
from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.catalogue.schema_reader import COLUMN_TYPES
from mlflow_conformance.catalogue.signature import (
    Column,
    ColumnSchema,
    Schema,
    Tensor,
    TensorSchema,
)
from mlflow_conformance.promises.contract_cases import accepted, cases, left_to_the_model, rejected
from mlflow_conformance.promises.late_cases import LateCase
from mlflow_conformance.promises.request_cases import (
    bad_requests,
    bad_requests_of,
    forms_of,
    request_forms,
)
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE

STATED = read_catalogue(DEFAULT_CATALOGUE).modes[0]
OPEN = that_states_nothing(STATED)
NAMES = st.text("aBc é1", min_size=1, max_size=4)
COLUMNS = st.builds(Column, st.sampled_from(COLUMN_TYPES), NAMES, st.booleans())
SCHEMAS = st.one_of(
    st.lists(COLUMNS, min_size=1, max_size=5, unique_by=lambda column: column.name).map(
        lambda columns: ColumnSchema(tuple(columns))
    ),
    st.builds(
        lambda dtype, width: TensorSchema((Tensor(dtype, (-1, width)),)),
        st.sampled_from(["float64", "float32", "int64", "int32", "bool", "str"]),
        st.integers(1, 9),
    ),
)


def names(find: Callable[[Mode], tuple[object, ...]]) -> set[str]:
    """Return the names of all cases that an open mode may have."""
    found = find(OPEN)
    assert all(isinstance(case, LateCase) for case in found)
    return {case.name for case in found if isinstance(case, LateCase)}


ALL_INPUTS = names(accepted) | names(rejected) | names(left_to_the_model)


@given(SCHEMAS)
def test_every_input_is_listed(schema: Schema) -> None:
    """No signature has an input that is not collected for a mode without one."""
    assert {case.name for case in cases(schema)} <= ALL_INPUTS


@given(SCHEMAS)
def test_every_request_is_listed(schema: Schema) -> None:
    """No signature has a request that is not collected for a mode without one."""
    assert {form.name for form in request_forms(schema)} <= names(forms_of)
    assert {bad.name for bad in bad_requests(schema)} <= names(bad_requests_of)


@pytest.mark.parametrize("find", [accepted, rejected, left_to_the_model, forms_of])
def test_a_stated_signature_has_its_own_cases(find: Callable[[Mode], tuple[object, ...]]) -> None:
    """A mode with a signature has only the cases of that signature."""
    assert not any(isinstance(case, LateCase) for case in find(STATED))


def test_a_case_is_that_of_the_recorded_signature() -> None:
    """A case is found by its name; a signature without it has none."""
    text = ColumnSchema((Column("string", "a"),))
    late: tuple[Any, ...] = rejected(OPEN)
    found = {case.name: case.of(text) for case in late}
    assert found["missing-column"].must_mention == ("a",)
    assert found["text-for-integers"] is None
