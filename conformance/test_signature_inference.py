"""What MLflow infers from any data, and how a signature survives a file: generated examples."""

from __future__ import annotations

import pytest

from mlflow_conformance.promises.properties import columns as kinds
from mlflow_conformance.promises.properties.checking import require_for_all
from mlflow_conformance.promises.properties.examples import Examples
from mlflow_conformance.promises.properties.frames import arrays, frames
from mlflow_conformance.promises.properties.mlflow_signatures import MlflowSignatures
from mlflow_conformance.promises.properties.nested import list_frames, nested_frames, records
from mlflow_conformance.promises.properties.reading import (
    require_inferred,
    require_not_inferred,
    require_read_alike,
    require_saved_again,
)
from mlflow_conformance.promises.properties.schemas import declared_signatures

pytestmark = pytest.mark.about("mlflow")


def test_types_of_columns_are_inferred(signatures: MlflowSignatures, examples: Examples) -> None:
    """A DataFrame gives columns of the documented types, in its order (MLflow: signatures)."""
    require_for_all(frames(kinds.KINDS), lambda data: require_inferred(signatures, data), examples)


def test_missing_values_make_columns_optional(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """A column of floats, text or bytes with a missing value is optional (MLflow: signatures)."""
    missing = frames(kinds.WITH_MISSING, missing=True)
    require_for_all(missing, lambda data: require_inferred(signatures, data), examples)


def test_missing_values_of_pandas_make_columns_optional(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """A column with pandas' own missing values, NA and NaT, is optional (MLflow: signatures)."""
    missing = frames(kinds.WITH_PANDAS_MISSING, missing=True)
    require_for_all(missing, lambda data: require_inferred(signatures, data), examples)


def test_nested_values_are_inferred(signatures: MlflowSignatures, examples: Examples) -> None:
    """Lists in a column are arrays, dictionaries objects, at any depth (MLflow: signatures)."""
    nested = nested_frames() | list_frames(missing=True)
    require_for_all(nested, lambda data: require_inferred(signatures, data), examples)


def test_records_are_inferred(signatures: MlflowSignatures, examples: Examples) -> None:
    """Keys of dictionaries are columns, optional if one lacks them (MLflow: signatures)."""
    require_for_all(records(), lambda data: require_inferred(signatures, data), examples)


def test_arrays_are_inferred_as_tensors(signatures: MlflowSignatures, examples: Examples) -> None:
    """An array gives a tensor with its dtype, and its shape for any rows (MLflow: signatures)."""
    require_for_all(arrays(), lambda data: require_inferred(signatures, data), examples)


def test_values_without_a_type_are_refused(
    signatures: MlflowSignatures, examples: Examples
) -> None:
    """Values that no type of MLflow holds raise an error (MLflow: python-api)."""
    untyped = frames(kinds.WITHOUT_A_TYPE)
    require_for_all(untyped, lambda data: require_not_inferred(signatures, data), examples)


def test_reader_and_loader_mean_the_same(signatures: MlflowSignatures, examples: Examples) -> None:
    """The suite's reader and MLflow's loader find the saved signature (MLflow: signatures)."""
    require_for_all(
        declared_signatures(), lambda found: require_read_alike(signatures, found), examples
    )


def test_signature_survives_saving_twice(signatures: MlflowSignatures, examples: Examples) -> None:
    """A signature that is saved, loaded and saved again is the same (MLflow: signatures)."""
    require_for_all(
        declared_signatures(), lambda found: require_saved_again(signatures, found), examples
    )
