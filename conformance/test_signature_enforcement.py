"""What a model accepts, converts and refuses, by its signature: generated examples."""

from __future__ import annotations

import pytest
from hypothesis.strategies import SearchStrategy

from mlflow_conformance.promises.properties import columns as kinds
from mlflow_conformance.promises.properties import conversions
from mlflow_conformance.promises.properties.checking import require_for_all
from mlflow_conformance.promises.properties.columns import TIMES
from mlflow_conformance.promises.properties.conversions import Conversion
from mlflow_conformance.promises.properties.enforcement import (
    require_accepted,
    require_converted,
    require_refused,
)
from mlflow_conformance.promises.properties.examples import Examples
from mlflow_conformance.promises.properties.frames import arrays, frames
from mlflow_conformance.promises.properties.mlflow_signatures import MlflowSignatures
from mlflow_conformance.promises.properties.names import Matched, matched, optional_before_required
from mlflow_conformance.promises.properties.nested import (
    ENDING_WITH_ZERO,
    KEPT,
    list_frames,
    nested_frames,
)
from mlflow_conformance.promises.properties.tensors import OtherArrays, other_arrays

pytestmark = pytest.mark.about("mlflow")


def test_inferred_signature_accepts_its_frame(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """A model gets the very frame that its signature was inferred from (MLflow: signatures)."""
    data = frames(conversions.KINDS)
    require_for_all(data, lambda frame: require_converted(signatures, frame), examples)


def test_inferred_signature_accepts_string_columns(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """A model gets columns of the dtype string, if they were inferred (MLflow: signatures)."""
    data = frames([kinds.STRING])
    require_for_all(data, lambda frame: require_converted(signatures, frame), examples)


def test_inferred_signature_accepts_missing_values(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """A model gets missing floats, dates and bytes of the inferred frame (MLflow: signatures)."""
    data = frames(kinds.missing_accepted(), missing=True)
    require_for_all(data, lambda frame: require_converted(signatures, frame), examples)


def test_inferred_signature_accepts_missing_integers(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """A model gets nullable integers and booleans with missing values, too (MLflow: signatures)."""
    data = frames(kinds.NULLABLE_NUMBERS, missing=True)
    require_for_all(data, lambda frame: require_accepted(signatures, frame), examples)


def test_inferred_signature_accepts_nested_values(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """A model gets the lists and dictionaries of the inferred frame (MLflow: signatures)."""
    nested = nested_frames(KEPT)
    require_for_all(nested, lambda data: require_accepted(signatures, data), examples)


def test_dates_of_nested_values_stay_dates(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """A model gets the dates in lists as dates, not as numbers (MLflow: signatures)."""
    dates = list_frames([TIMES])
    require_for_all(dates, lambda data: require_accepted(signatures, data), examples)


def test_text_of_nested_values_is_kept(signatures: MlflowSignatures, examples: Examples) -> None:
    """A model gets text and bytes in lists unchanged, zeros included (MLflow: signatures)."""
    ending = list_frames(ENDING_WITH_ZERO)
    require_for_all(ending, lambda data: require_accepted(signatures, data), examples)


def test_rows_of_nested_values_keep_their_labels(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """Rows with lists or dictionaries keep the labels of their index (MLflow: signatures)."""
    labelled = nested_frames(KEPT, labelled=True)
    require_for_all(labelled, lambda data: require_accepted(signatures, data), examples)


def test_inferred_signature_accepts_its_arrays(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """A model gets the very arrays that its signature was inferred from (MLflow: signatures)."""
    require_for_all(arrays(), lambda data: require_accepted(signatures, data), examples)


def test_other_arrays_are_refused(signatures: MlflowSignatures, examples: Examples) -> None:
    """An array of another dtype or shape than the declared is refused (MLflow: signatures)."""

    def promise(other: OtherArrays) -> None:
        require_refused(signatures, other.arrays, other.signature)

    require_for_all(other_arrays(), promise, examples)


def test_columns_are_matched_by_name(signatures: MlflowSignatures, examples: Examples) -> None:
    """A model gets the columns of its signature, in order, and no others (MLflow: signatures)."""
    _require_all_taken(matched(), signatures, examples)


def test_optional_columns_keep_their_place(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """Optional columns have their place among the required ones (MLflow: signatures)."""
    _require_all_taken(optional_before_required(), signatures, examples)


def test_missing_columns_are_refused(signatures: MlflowSignatures, examples: Examples) -> None:
    """A frame without a required column is refused (MLflow: signatures)."""

    def promise(found: Matched) -> None:
        require_refused(signatures, found.frame, found.signature)

    require_for_all(matched(lacks_required=True), promise, examples)


def test_safe_conversions_are_made(signatures: MlflowSignatures, examples: Examples) -> None:
    """Int becomes long or double, and float double, without a loss (MLflow: signatures)."""

    def promise(given: Conversion) -> None:
        require_converted(signatures, given.frame, given.signature, given.declared)

    require_for_all(conversions.safe(), promise, examples)


def test_floats_are_no_integers(signatures: MlflowSignatures, examples: Examples) -> None:
    """Floats are refused for integers, also if only a value is missing (MLflow: signatures)."""
    _require_all_refused(conversions.floats_for_integers(), signatures, examples)


def test_other_types_are_refused(signatures: MlflowSignatures, examples: Examples) -> None:
    """Any other type than the declared one is refused (MLflow: signatures)."""
    _require_all_refused(conversions.unsafe(), signatures, examples)


def test_zeros_and_ones_are_no_floats(signatures: MlflowSignatures, examples: Examples) -> None:
    """Long is refused for float and double, whatever the values (MLflow: signatures)."""
    _require_all_refused(conversions.zeros_and_ones(), signatures, examples)


def test_text_is_not_parsed(signatures: MlflowSignatures, examples: Examples) -> None:
    """Text is refused for numbers, also if it consists of digits (MLflow: signatures)."""
    _require_all_refused(conversions.digits(), signatures, examples)


def test_objects_are_no_booleans(signatures: MlflowSignatures, examples: Examples) -> None:
    """Text and bytes are refused for booleans (MLflow: signatures)."""
    _require_all_refused(conversions.objects_for_booleans(), signatures, examples)


def test_text_is_not_binary(signatures: MlflowSignatures, examples: Examples) -> None:
    """Text is refused for bytes, and bytes for text (MLflow: signatures)."""
    _require_all_refused(conversions.text_or_bytes(), signatures, examples)


def _require_all_taken(
    given: SearchStrategy[Matched], signatures: MlflowSignatures, examples: Examples
) -> None:
    __tracebackhide__ = True

    def promise(one: Matched) -> None:
        require_accepted(signatures, one.frame, one.signature, one.taken)

    require_for_all(given, promise, examples)


def _require_all_refused(
    given: SearchStrategy[Conversion], signatures: MlflowSignatures, examples: Examples
) -> None:
    __tracebackhide__ = True

    def promise(one: Conversion) -> None:
        require_refused(signatures, one.frame, one.signature)

    require_for_all(given, promise, examples)
