"""Mutants of what became of an estimator: refused, changed, without its flavor or requirements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance import test_estimators as estimators
from meta_tests.mutants.harness import TopicMutant
from mlflow_conformance.sweep.results import DONE, LOG, NATIVE, PYFUNC, EstimatorResult

GOOD = EstimatorResult("Ridge", DONE, defines_predict=True, flavors=("python_function", "sklearn"))
Break = Callable[[dict[str, Any], pytest.MonkeyPatch], None]


def given(argument: str, result: EstimatorResult = GOOD) -> Callable[[], dict[str, Any]]:
    """Return the arguments of a promise."""
    return lambda: {argument: result}


def with_(**changes: Any) -> Break:
    """Return an edit of the result."""

    def break_(arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        for name, result in arguments.items():
            arguments[name] = replace(result, **changes)

    return break_


MUTANTS = (
    TopicMutant(
        "refused",
        estimators.test_estimator_can_be_logged,
        with_(problems={LOG: "MlflowException: no"}),
        r"^Ridge: cannot be logged by default: MlflowException: no$",
        given("swept"),
    ),
    TopicMutant(
        "answers-otherwise",
        estimators.test_native_model_answers_as_the_estimator,
        with_(problems={NATIVE: "1 of 60 predictions differ"}),
        r"^Ridge: loaded with mlflow\.sklearn: 1 of 60 predictions differ$",
        given("swept"),
    ),
    TopicMutant(
        "no-python-function",
        estimators.test_it_is_a_python_function_if_it_predicts,
        with_(flavors=("sklearn",)),
        r"^Ridge: flavors\n  found: \('sklearn',\)\n  should be: \('python_function', 'sklearn'\)",
        given("readable"),
    ),
    TopicMutant(
        "a-python-function-without-predict",
        estimators.test_it_is_a_python_function_if_it_predicts,
        with_(flavors=("python_function", "sklearn")),
        r"^Ridge: flavors\n  found: \('python_function', 'sklearn'\)\n  should be: \('sklearn',\)$",
        given("readable", replace(GOOD, defines_predict=False, flavors=("sklearn",))),
    ),
    TopicMutant(
        "predicts-otherwise",
        estimators.test_python_function_predicts_as_the_estimator,
        with_(problems={PYFUNC: "TypeError: no"}),
        r"^Ridge: loaded with mlflow\.pyfunc: TypeError: no$",
        given("predicting"),
    ),
    TopicMutant(
        "a-package-is-not-required",
        estimators.test_every_package_that_it_needs_is_required,
        with_(unnamed=("scipy",)),
        r"^Ridge: packages that no requirement names\n  found: scipy\n  should be: none$",
        given("readable"),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_caught(mutant: TopicMutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """An estimator with one thing broken fails the promise about it."""
    mutant.require_caught(monkeypatch)
