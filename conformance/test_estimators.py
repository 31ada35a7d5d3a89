"""Every estimator of scikit-learn is logged as the release does by default, and loaded both ways.

The estimators are fitted and logged before the tests, in processes of their own (``sweep``).
"""

from __future__ import annotations

import pytest

from mlflow_conformance.promises.assertions import require, require_equal, require_none
from mlflow_conformance.sweep.names import every_estimator
from mlflow_conformance.sweep.results import LOG, NATIVE, PYFUNC, EstimatorResult

pytestmark = [pytest.mark.about("estimators"), pytest.mark.each_case(of=every_estimator)]


def test_estimator_can_be_logged(swept: EstimatorResult) -> None:
    """Every estimator can be logged with the defaults of the release (MLflow: scikit-learn)."""
    problem = swept.problem(LOG)
    require(not problem, f"{swept.name}: cannot be logged by default: {problem}")


def test_native_model_answers_as_the_estimator(swept: EstimatorResult) -> None:
    """Loaded with ``mlflow.sklearn``, it answers as before (MLflow: scikit-learn)."""
    problem = swept.problem(NATIVE)
    require(not problem, f"{swept.name}: loaded with mlflow.sklearn: {problem}")


def test_it_is_a_python_function_if_it_predicts(readable: EstimatorResult) -> None:
    """It is a Python function if the estimator has ``predict`` (MLflow: sklearn-reference)."""
    wanted = ("python_function", "sklearn") if readable.defines_predict else ("sklearn",)
    require_equal(readable.flavors, wanted, what=f"{readable.name}: flavors")


def test_python_function_predicts_as_the_estimator(predicting: EstimatorResult) -> None:
    """Loaded with ``mlflow.pyfunc``, it predicts as before (MLflow: scikit-learn)."""
    problem = predicting.problem(PYFUNC)
    require(not problem, f"{predicting.name}: loaded with mlflow.pyfunc: {problem}")


def test_every_package_that_it_needs_is_required(readable: EstimatorResult) -> None:
    """Every package that loading the model imports is required (MLflow: dependencies)."""
    require_none(readable.unnamed, what=f"{readable.name}: packages that no requirement names")
