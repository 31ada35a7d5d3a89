"""Inference parameters: the model uses them, and ignores or refuses what it does not declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require
from mlflow_conformance.promises.predictions import require_same_predictions, scored
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.witness.report import ObservedModel

# Jobs in a workspace run without the suite, which observes what the object predicts.
pytestmark = [
    pytest.mark.applies_to(
        params=True, flavor="python_function", target="local", is_checked_elsewhere=False
    ),
    pytest.mark.usefixtures("scorable"),
]
UNKNOWN = "no_parameter_of_the_signature"


def test_defaults_are_used(pyfunc: Any, reference: Reference, model: ModelUnderTest) -> None:
    """The declared defaults give the same as no parameters (MLflow: signatures)."""
    _require_answer(pyfunc, reference, model, dict(model.mlmodel.params), reference.predictions)


def test_other_values_reach_the_object(
    pyfunc: Any, reference: Reference, changed_parameters: ObservedModel, model: ModelUnderTest
) -> None:
    """The model predicts with other values what the script's object does (MLflow: signatures)."""
    others, wanted = changed_parameters.other_params, changed_parameters.with_other_params
    _require_answer(pyfunc, reference, model, dict(others), wanted)


def test_unknown_parameters_are_ignored(
    pyfunc: Any, reference: Reference, model: ModelUnderTest
) -> None:
    """A parameter that the signature does not declare changes nothing (MLflow: signatures)."""
    _require_answer(pyfunc, reference, model, {UNKNOWN: 1}, reference.predictions)


def test_values_of_another_type_are_refused(
    pyfunc: Any, reference: Reference, number_parameter: str, model: ModelUnderTest
) -> None:
    """Text for a number is refused with an error that names the parameter (MLflow: signatures)."""
    name = number_parameter
    try:
        pyfunc.predict(reference.rows.typed, params={name: "many"})
    except Exception as error:
        require(name in str(error), f"{model.directory}: the error should name {name!r}: {error}")
    else:
        raise AssertionError(f"params={{{name!r}: 'many'}}: should be refused, was accepted")


def _require_answer(
    pyfunc: Any, reference: Reference, model: ModelUnderTest, params: Mapping[str, Any], wanted: Any
) -> None:
    """Fail unless the model predicts this with parameters."""
    __tracebackhide__ = True
    predicted = scored(
        lambda rows: pyfunc.predict(rows, params=params),
        reference.rows.typed,
        what=f"params={params}",
    )
    where = f"{model.directory}, params={params}"
    require_same_predictions(predicted, wanted, where=where)
