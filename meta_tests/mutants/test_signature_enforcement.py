"""Mutants of MLflow: data that a model with a signature should not get, or should get."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from conformance import test_signature_enforcement as enforcement
from meta_tests.mutants.harness import TopicMutant
from meta_tests.mutants.signature_edits import (
    accepting,
    breaking,
    given,
    got,
    refusing,
)
from mlflow_conformance.promises.properties.mlflow_signatures import Answer

WHAT = r"^data for a model with a signature\n"
REFUSED = rf"{WHAT}  found: refused: ValueError: refused\n  should be: accepted as "
ACCEPTED = rf"{WHAT}  found: accepted as .*\n  should be: refused\n  where: this program:\n"
OTHERWISE = rf"{WHAT}  found: accepted as .*\n  should be: accepted as .*\n  where: this program:\n"


def floats_for_integers(signature: Any, data: Any, answer: Answer) -> Answer:
    """Return floats as integers where MLflow refuses them."""
    is_float = isinstance(data, pd.DataFrame) and data.iloc[:, 0].dtype == "float64"
    declares_long = '"long"' in signature.to_dict()["inputs"]
    return Answer(data) if is_float and declares_long else answer


def without_missing(data: Any) -> Any:
    """Return a frame without missing values."""
    return data.fillna(0)


def as_numbers(data: Any) -> Any:
    """Return a frame of booleans as one of numbers."""
    return data.astype("float64")


def with_reversed_columns(data: Any) -> Any:
    """Return a frame with its columns reversed."""
    return data[data.columns[::-1]]


def with_all_rows_counted(data: Any) -> Any:
    """Return a frame whose rows are counted from 0."""
    return data.reset_index(drop=True)


def as_text(data: Any) -> Any:
    """Return a frame with text instead of its values."""
    return data.map(str)


# The first mutant of each of these promises is MLflow itself, which is known to deviate.
DEVIATING = tuple(
    TopicMutant(name, owner, breaking(), message, given(enforced=repaired))
    for name, owner, message, repaired in (
        (
            "missing-integers-refused",
            enforcement.test_inferred_signature_accepts_missing_integers,
            rf"{WHAT}  found: refused: MlflowException: cannot convert float NaN to bool\n",
            accepting,
        ),
        (
            "dates-as-numbers",
            enforcement.test_dates_of_nested_values_stay_dates,
            rf"{WHAT}  found: .* 'a': \[\[\d+\]\]; .*\n  should be: .*datetime\.datetime\(",
            accepting,
        ),
        (
            "zeros-dropped",
            enforcement.test_text_of_nested_values_is_kept,
            rf"{WHAT}  found: accepted as 'a': \[\[''\]\]; .*\n  should be: .*'\\x00'",
            accepting,
        ),
        (
            "zeros-and-ones-as-floats",
            enforcement.test_zeros_and_ones_are_no_floats,
            ACCEPTED,
            refusing,
        ),
        ("objects-as-booleans", enforcement.test_objects_are_no_booleans, ACCEPTED, refusing),
        ("text-as-bytes", enforcement.test_text_is_not_binary, ACCEPTED, refusing),
    )
)
BROKEN = tuple(
    TopicMutant(name, owner, breaking(enforced=enforced), message, given())
    for name, owner, enforced, message in (
        (
            "frame-refused",
            enforcement.test_inferred_signature_accepts_its_frame,
            refusing,
            REFUSED,
        ),
        (
            "frame-without-conversion",
            enforcement.test_inferred_signature_accepts_its_frame,
            accepting,
            OTHERWISE,
        ),
        (
            "string-columns-refused",
            enforcement.test_inferred_signature_accepts_string_columns,
            refusing,
            REFUSED,
        ),
        (
            "missing-values-filled",
            enforcement.test_inferred_signature_accepts_missing_values,
            got(without_missing),
            rf"{WHAT}  found: .*\[0.0, 0.0\].*\n  should be: .*None",
        ),
        (
            "nested-values-as-text",
            enforcement.test_inferred_signature_accepts_nested_values,
            got(as_text),
            OTHERWISE,
        ),
        (
            "rows-counted-anew",
            enforcement.test_rows_of_nested_values_keep_their_labels,
            got(with_all_rows_counted),
            rf"{WHAT}  found: .* rows \[0\]\n  should be: .* rows \[1\]\n",
        ),
        (
            "arrays-refused",
            enforcement.test_inferred_signature_accepts_its_arrays,
            refusing,
            REFUSED,
        ),
        ("any-array-accepted", enforcement.test_other_arrays_are_refused, accepting, ACCEPTED),
        (
            "more-columns-than-declared",
            enforcement.test_columns_are_matched_by_name,
            accepting,
            OTHERWISE,
        ),
        (
            "columns-reversed",
            enforcement.test_optional_columns_keep_their_place,
            got(with_reversed_columns),
            OTHERWISE,
        ),
        (
            "missing-column-accepted",
            enforcement.test_missing_columns_are_refused,
            accepting,
            ACCEPTED,
        ),
        (
            "nothing-converted",
            enforcement.test_safe_conversions_are_made,
            accepting,
            OTHERWISE,
        ),
        (
            "floats-accepted-for-integers",
            enforcement.test_floats_are_no_integers,
            floats_for_integers,
            rf"{ACCEPTED}(.*\n)*    data = .*dtype='float64'.*\n.*\"long\"",
        ),
        ("any-type-accepted", enforcement.test_other_types_are_refused, accepting, ACCEPTED),
        ("text-parsed", enforcement.test_text_is_not_parsed, accepting, ACCEPTED),
    )
)
MUTANTS = DEVIATING + BROKEN


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_caught(mutant: TopicMutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that accepts, converts or refuses data wrongly breaks a promise."""
    mutant.require_caught(monkeypatch)
