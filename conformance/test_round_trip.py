"""The loaded model predicts the same as the trained estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlflow_conformance.environments.packages import installed
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal
from mlflow_conformance.promises.predictions import require_same_predictions, scored
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.witness.observer import class_name, parameters_of, without_defaults

# Adding the same numbers in another order changes no more than this.
PROBABILITY_TOLERANCE = 1e-12


@pytest.mark.applies_to(flavor="sklearn")
def test_native_model_can_be_loaded(native: Any, model: ModelUnderTest) -> None:
    """``mlflow.sklearn`` loads the model as an estimator (L3; MLflow: scikit-learn)."""
    require(
        callable(getattr(native, model.predict_fn, None)),
        f"mlflow.sklearn loads a {type(native).__name__} without {model.predict_fn}"
        f" from {model.directory}",
    )


@pytest.mark.applies_to(flavor="sklearn")
def test_native_model_predicts_as_the_estimator_did(
    native: Any, reference: Reference, model: ModelUnderTest
) -> None:
    """The model that ``mlflow.sklearn`` loads predicts the same (L3; MLflow: models)."""
    predicted = scored(
        getattr(native, model.predict_fn), reference.rows.trained, what="the test rows"
    )
    require_same_predictions(predicted, reference.predictions, where=model.directory)


@pytest.mark.applies_to(flavor="sklearn", probabilities=True)
def test_native_model_is_as_sure_as_the_estimator_was(
    native: Any, reference: Reference, model: ModelUnderTest
) -> None:
    """The loaded estimator gives every class the same probability (L3; MLflow: models)."""
    found = np.asarray(scored(native.predict_proba, reference.rows.trained, what="the test rows"))
    wanted = np.asarray(reference.probabilities)
    require_equal(found.shape, wanted.shape, what="shape of the probabilities")
    largest = float(np.abs(found - wanted).max())
    require(
        largest <= PROBABILITY_TOLERANCE,
        f"probabilities differ by up to {largest:.3g}, should by no more than"
        f" {PROBABILITY_TOLERANCE:g} ({model.directory})",
    )


@pytest.mark.applies_to(flavor="sklearn")
def test_native_model_has_the_estimator_s_parameters(
    native: Any, reference: Reference, model: ModelUnderTest
) -> None:
    """The loaded estimator has the same class and parameters (L3; MLflow: models)."""
    found, wanted = parameters_of(native), reference.parameters
    if model.logging_environment.version("scikit-learn") != installed("scikit-learn"):
        # Another release has other defaults; what the script sets is the same.
        wanted = without_defaults(native, wanted)
        found = {name: found[name] for name in found if name in wanted}
    require_equal(
        f"{class_name(native)} {found}",
        f"{reference.class_name} {wanted}",
        what="the loaded estimator",
        where=model.directory,
    )


@pytest.mark.applies_to(flavor="python_function")
def test_python_function_can_be_loaded(pyfunc: Any, model: ModelUnderTest) -> None:
    """``mlflow.pyfunc`` loads the model (L17, L20; MLflow: models)."""
    require_equal(
        sorted(pyfunc.metadata.flavors),
        sorted(model.mlmodel.flavors),
        what="flavors of the loaded model",
        where=model.directory,
    )


@pytest.mark.applies_to(flavor="python_function")
@pytest.mark.usefixtures("column_names")
def test_python_function_predicts_as_the_estimator_did(
    pyfunc: Any, reference: Reference, model: ModelUnderTest
) -> None:
    """The model that ``mlflow.pyfunc`` loads predicts the same (L17, L20; MLflow: models)."""
    predicted = scored(pyfunc.predict, reference.rows.typed, what="the test rows")
    require_same_predictions(predicted, reference.predictions, where=model.directory)


@pytest.mark.applies_to(flavor="python_function")
@pytest.mark.usefixtures("scorable")
def test_python_function_keeps_the_number_of_rows(
    pyfunc: Any, reference: Reference, model: ModelUnderTest
) -> None:
    """A single row gives a single prediction (MLflow: models)."""
    predicted = scored(pyfunc.predict, reference.rows.typed[:1], what="one row")
    found, of_all = np.asarray(predicted).shape, reference.predictions.shape
    require_equal(
        found,
        (1, *of_all[1:]),
        what="shape of the predictions for one row",
        where=model.directory,
    )


@pytest.mark.applies_to(flavor="python_function")
@pytest.mark.usefixtures("scorable")
def test_a_copy_scores_elsewhere_with_the_original_gone(
    model: ModelUnderTest, reference: Reference
) -> None:
    """A copy of the model predicts the same in another process, without the original (L17)."""
    scored = model.scored_elsewhere()
    require(
        "error" not in scored,
        f"a copy of {model.directory} cannot be scored elsewhere:\n{scored.get('error')}",
    )
    require_same_predictions(
        scored["predictions"],
        reference.predictions,
        where=f"a copy of {model.directory}",
    )
