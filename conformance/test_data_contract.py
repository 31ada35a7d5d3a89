"""Schema enforcement: the signature rejects mismatched inputs and accepts all others.

The inputs and the expected results are listed in ``promises/contract_cases.py``.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlflow_conformance.catalogue.signature import Schema
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal
from mlflow_conformance.promises.contract_case import Case, as_named
from mlflow_conformance.promises.contract_cases import (
    accepted,
    left_to_the_model,
    rejected,
    rejected_with_culprits,
)
from mlflow_conformance.promises.memo import Memo
from mlflow_conformance.promises.predictions import (
    as_text,
    comes_from,
    error_message,
    mentions,
    reason,
    require_same_predictions,
    scored,
    wrongly_mentioned,
)
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.promises.signature_types import types_of_predictions

# The signature is what is enforced, and its rows are what is scored. A model that another store has
# too, as is promised, is checked there.
pytestmark = [
    pytest.mark.usefixtures("inputs", "scorable"),
    pytest.mark.applies_to(flavor="python_function", is_checked_elsewhere=False),
]


@pytest.mark.each_case(of=accepted)
def test_accepted_and_scored_right(
    case: Case, pyfunc: Any, reference: Reference, model: ModelUnderTest
) -> None:
    """An input that the signature allows is scored correctly (L20; MLflow: signatures)."""
    rows = reference.first_rows(model.require_inputs())
    predicted = scored(pyfunc.predict, case.make(rows), what=case.name)
    wanted = reference.predictions[: len(rows)]
    require_same_predictions(predicted, wanted, where=f"{case.name}, {model.directory}")


@pytest.mark.each_case(of=rejected)
def test_rejected(
    case: Case, pyfunc: Any, reference: Reference, model: ModelUnderTest, memo: Memo
) -> None:
    """An input that breaks the signature is rejected (L20; MLflow: signatures)."""
    _rejection(case, pyfunc, reference, model, memo)


@pytest.mark.each_case(of=rejected_with_culprits)
def test_rejection_names_the_culprit(
    case: Case, pyfunc: Any, reference: Reference, model: ModelUnderTest, memo: Memo
) -> None:
    """A rejection names the column, type or shape at fault (L20; MLflow: signatures)."""
    message = _rejection(case, pyfunc, reference, model, memo)
    missing = [word for word in case.must_mention if not mentions(message, word)]
    blamed = wrongly_mentioned(message, case.must_mention, case.others)
    require(
        not missing and not blamed,
        f"{case.name}: the rejection should name {', '.join(missing or case.must_mention)},"
        f" it says: {message[:300]}" + (f", and blames {', '.join(blamed)}" if blamed else ""),
    )


@pytest.mark.applies_to(flavor="sklearn")
@pytest.mark.each_case(of=left_to_the_model)
def test_left_to_the_model(
    case: Case, pyfunc: Any, reference: Reference, model: ModelUnderTest
) -> None:
    """What the signature allows gives the estimator's own answer (L20; MLflow: signatures)."""
    given = case.make(reference.first_rows(model.require_inputs()))
    require_equal(
        _answer(pyfunc.predict, given),
        _answer(
            getattr(reference.estimator, model.predict_fn),
            _estimator_input(given, model, reference),
        ),
        what=f"{case.name}: the model's answer (the estimator's own should come through)",
        where=model.directory,
    )


@pytest.mark.applies_to(refit=True)
def test_training_data_keeps_to_the_contract(
    inputs: Schema, pyfunc: Any, reference: Reference, model: ModelUnderTest
) -> None:
    """The rows of the CSV, as pandas reads them, are scored correctly (L20)."""
    rows = as_named(reference.rows.frame, inputs)
    predicted = scored(pyfunc.predict, rows, what="the rows of the CSV")
    require_same_predictions(predicted, reference.predictions, where=model.directory)


def test_predictions_are_of_the_declared_type(
    outputs: Schema, pyfunc: Any, reference: Reference, model: ModelUnderTest
) -> None:
    """The predictions have the type that the signature declares (L9, L20)."""
    predicted = scored(pyfunc.predict, reference.rows.typed, what="the test rows")
    found, declared = types_of_predictions(predicted, outputs)
    require_equal(
        found,
        declared,
        what="type of the predictions (the signature's outputs declare it)",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(inputs="tensor", flavor="sklearn")
def test_reordered_frame_is_scored_by_position(
    pyfunc: Any, reference: Reference, model: ModelUnderTest, record_property: Any
) -> None:
    """A tensor has no column names: a reordered DataFrame is scored by position (L11, L20)."""
    rows = reference.rows.frame.astype(reference.rows.typed.dtype)
    reordered = rows[rows.columns[::-1]]
    predicted = np.asarray(scored(pyfunc.predict, reordered, what="a reordered DataFrame"))
    by_position = getattr(reference.estimator, model.predict_fn)(reordered.to_numpy())
    require_same_predictions(predicted, by_position, where=model.directory)
    changed = int((predicted != reference.predictions).sum())
    record_property(
        "hazard",
        f"{model.mode.name}: a DataFrame with its columns reordered is accepted, and {changed} of"
        f" {len(predicted)} predictions change: the tensor signature has no names to check",
    )


def _rejection(
    case: Case, pyfunc: Any, reference: Reference, model: ModelUnderTest, memo: Memo
) -> str:
    """Return what a rejection says; the two promises about it share one attempt."""
    __tracebackhide__ = True
    attempt = partial(_attempted, case, pyfunc, reference, model)
    said: str = memo.result(f"rejection {model.directory} {case.name}", attempt)
    return said


def _attempted(case: Case, pyfunc: Any, reference: Reference, model: ModelUnderTest) -> str:
    __tracebackhide__ = True
    given = case.make(reference.first_rows(model.require_inputs()))
    try:
        predicted = pyfunc.predict(given)
    except Exception as error:
        package = reference.class_name.partition(".")[0]
        is_mlflows = package == "mlflow"  # a loaded model, logged again: the same code rejects
        require(
            is_mlflows or not comes_from(error, package),
            f"{case.name}: should be rejected by the signature, reached the estimator, which says:"
            f" {reason(error)}",
        )
        return error_message(error)
    raise AssertionError(
        f"{case.name}: should be rejected, was accepted and gave {np.asarray(predicted)[:5]}…"
        f" ({model.directory})"
    )


def _answer(predict: Any, rows: Any) -> str:
    try:
        return as_text(predict(rows))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _estimator_input(given: Any, model: ModelUnderTest, reference: Reference) -> Any:
    return reference.as_trained(given) if isinstance(given, pd.DataFrame) else given
