"""Mutants of the round trip: another estimator, another function, a copy with other scores."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline

from conformance import test_round_trip as round_trip
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.wrong_functions import scored_as
from mlflow_conformance.environments.packages import LoggingEnvironment
from mlflow_conformance.witness.observer import without_defaults
from mlflow_conformance.witness.typed_rows import to_document

ARRAY, FRAME = "autolog-array", "infer-frame"


def with_estimator(make: Callable[[Any], Any]) -> Callable[[Bench], None]:
    """Return an edit that replaces the logged estimator by one made from the promised estimator."""

    def edit(bench: Bench) -> None:
        estimator = make(bench.reference.estimator)
        if not hasattr(estimator, "classes_"):
            labels = bench.reference.estimator.predict(bench.refitted.train_features)
            estimator.fit(bench.refitted.train_features, 1 - labels)
        bench.model.model_file.write_bytes(pickle.dumps(estimator))

    return edit


def renamed(estimator: Any) -> Any:
    """Return a fitted estimator of another class with the same predictions."""
    other = Renamed(**estimator.get_params())
    other.__dict__.update(estimator.__dict__)
    return other


class Renamed(LogisticRegression):  # type: ignore[misc]
    """The promised estimator under another class name."""


def with_other_parameter(estimator: Any) -> Any:
    """Return the fitted estimator with another parameter; its predictions are the same."""
    other = type(estimator)(**estimator.get_params())
    other.__dict__.update(estimator.__dict__)
    return other.set_params(max_iter=7)


def with_other_regularization(estimator: Any) -> Any:
    """Return a copy with another value of a parameter that the script sets."""
    return copy.deepcopy(estimator).set_params(C=7)


def of_another_release(edit: Callable[[Bench], None]) -> Callable[[Bench], None]:
    """Return an edit of a model that another release of scikit-learn has logged."""

    def edited(bench: Bench) -> None:
        edit(bench)
        there = LoggingEnvironment("3.10.14", {"scikit-learn": "1.5.2"})
        bench.model = replace(bench.model, logging_environment=there)

    return edited


def with_other_coefficient(estimator: Any) -> Any:
    """Return the fitted estimator with another coefficient; its predictions are the same."""
    other = type(estimator)(**estimator.get_params())
    other.__dict__.update(estimator.__dict__)
    other.coef_ = estimator.coef_.copy()
    other.coef_[0, 0] += 1e-9
    return other


def elsewhere(**answer: object) -> Callable[[Bench], None]:
    """Return an edit of the result of scoring a copy; ``error`` replaces the whole result."""

    def edit(bench: Bench) -> None:
        result = bench.folder / "result.json"
        if "predictions" in answer:
            answer["predictions"] = to_document(answer["predictions"])
        result.write_text(json.dumps(answer), encoding="utf-8")
        found = answer if "error" in answer else {"result": str(result)}
        bench.model = replace(bench.model, outcome=replace(bench.model.outcome, elsewhere=found))

    return edit


def scores_elsewhere_as_floats(bench: Bench) -> None:
    """Let the copy score the same values in another type."""
    elsewhere(predictions=bench.reference.predictions.astype("float64"))(bench)


def without_result(bench: Bench) -> None:
    """Remove the result of scoring a copy."""
    bench.model = replace(bench.model, outcome=replace(bench.model.outcome, elsewhere=None))


def with_content(content: bytes) -> Callable[[Bench], None]:
    """Return an edit that overwrites the file of the estimator."""

    def edit(bench: Bench) -> None:
        bench.model.model_file.write_bytes(content)

    return edit


LOADED = (
    Mutant(
        "not-an-estimator",
        ARRAY,
        round_trip.test_native_model_can_be_loaded,
        with_content(pickle.dumps({"coefficients": [1.0]})),
        r"^mlflow\.sklearn loads a dict without predict from ",
    ),
    Mutant(
        "an-unreadable-estimator",
        ARRAY,
        round_trip.test_native_model_can_be_loaded,
        with_content(b"gone"),
        r"^mlflow\.sklearn cannot load ",
    ),
    Mutant(
        "an-unreadable-python-function",
        ARRAY,
        round_trip.test_python_function_can_be_loaded,
        with_content(b"gone"),
        r"^mlflow\.pyfunc cannot load ",
    ),
)
NATIVE = (
    Mutant(
        "fitted-to-other-labels",
        ARRAY,
        round_trip.test_native_model_predicts_as_the_estimator_did,
        with_estimator(lambda estimator: LogisticRegression(**estimator.get_params())),
        r"^\d+ of \d+ predictions differ\n",
    ),
    Mutant(
        "fitted-to-fewer-columns",
        ARRAY,
        round_trip.test_native_model_predicts_as_the_estimator_did,
        with_estimator(lambda estimator: GaussianNB().fit([[0.0], [1.0]], [0, 1])),
        r"^the test rows: should be scored, was rejected: ValueError: X has 8 features",
    ),
    Mutant(
        "a-coefficient-a-little-off",
        ARRAY,
        round_trip.test_native_model_is_as_sure_as_the_estimator_was,
        with_estimator(with_other_coefficient),
        r"^probabilities differ by up to \d.*, should by no more than 1e-12",
    ),
    Mutant(
        "another-estimator",
        ARRAY,
        round_trip.test_native_model_has_the_estimator_s_parameters,
        with_estimator(lambda estimator: GaussianNB()),
        r"^the loaded estimator\n  found: .*GaussianNB {.*\n  should be: .*LogisticRegression {",
    ),
    Mutant(
        "another-class-with-the-same-predictions",
        ARRAY,
        round_trip.test_native_model_has_the_estimator_s_parameters,
        with_estimator(renamed),
        r"^the loaded estimator\n  found: .*Renamed {.*\n  should be: .*LogisticRegression {",
    ),
    Mutant(
        "another-parameter",
        ARRAY,
        round_trip.test_native_model_has_the_estimator_s_parameters,
        with_estimator(with_other_parameter),
        r"^the loaded estimator\n  found: .*'max_iter': '7'.*\n  should be: .*'max_iter': '100'",
    ),
    Mutant(
        "another-parameter-of-another-release",
        ARRAY,
        round_trip.test_native_model_has_the_estimator_s_parameters,
        of_another_release(with_estimator(with_other_regularization)),
        r"^the loaded estimator\n  found: .* \{'C': '7', 'solver': 'liblinear'\}\n"
        r"  should be: .* \{'C': '100.0', 'solver': 'liblinear'\}",
    ),
)

FUNCTION = (
    Mutant(
        "function-of-another-estimator",
        ARRAY,
        round_trip.test_python_function_predicts_as_the_estimator_did,
        with_estimator(lambda estimator: GaussianNB()),
        r"^\d+ of \d+ predictions differ\n",
    ),
    Mutant(
        "function-that-gives-text",
        FRAME,
        round_trip.test_python_function_predicts_as_the_estimator_did,
        scored_as(lambda predicted: predicted.astype(str)),
        r"^type of the predictions\n  found: object\n  should be: int64\n",
    ),
    Mutant(
        "function-that-drops-a-row",
        FRAME,
        round_trip.test_python_function_predicts_as_the_estimator_did,
        scored_as(lambda predicted: predicted[1:]),
        r"^shape of the predictions\n  found: \(\d+,\)\n  should be: \(\d+,\)\n",
    ),
    Mutant(
        "function-that-gives-two-columns",
        FRAME,
        round_trip.test_python_function_keeps_the_number_of_rows,
        scored_as(lambda predicted: np.stack([1 - predicted, predicted], axis=1)),
        r"^shape of the predictions for one row\n  found: \(1, 2\)\n  should be: \(1,\)\n",
    ),
    Mutant(
        "function-that-gives-a-number-for-one-row",
        FRAME,
        round_trip.test_python_function_keeps_the_number_of_rows,
        scored_as(lambda predicted: predicted[0]),
        r"^shape of the predictions for one row\n  found: \(\)\n  should be: \(1,\)\n",
    ),
)

ELSEWHERE = (
    Mutant(
        "copy-cannot-be-loaded",
        FRAME,
        round_trip.test_a_copy_scores_elsewhere_with_the_original_gone,
        elsewhere(error="FileNotFoundError: original/model.pkl"),
        r"^a copy of .* cannot be scored elsewhere:\nFileNotFoundError: original/model\.pkl$",
    ),
    Mutant(
        "copy-never-tried",
        FRAME,
        round_trip.test_a_copy_scores_elsewhere_with_the_original_gone,
        without_result,
        r"^a copy of .* cannot be scored elsewhere:\nit was never tried$",
    ),
    Mutant(
        "copy-scores-fewer-rows",
        FRAME,
        round_trip.test_a_copy_scores_elsewhere_with_the_original_gone,
        elsewhere(predictions=np.array([1])),
        r"^shape of the predictions\n  found: \(1,\)\n(.*\n)*  where: a copy of ",
    ),
    Mutant(
        "copy-scores-in-another-type",
        FRAME,
        round_trip.test_a_copy_scores_elsewhere_with_the_original_gone,
        scores_elsewhere_as_floats,
        r"^type of the predictions\n  found: float64\n",
    ),
)

MUTANTS = LOADED + NATIVE + FUNCTION + ELSEWHERE


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A wrong model fails the check that owns it."""
    require_caught(mutant, bench)


def test_another_release_may_have_other_defaults() -> None:
    """What a script sets is compared in any release; defaults are those of the one here."""
    estimator = LogisticRegression(C=100.0)
    given = {name: str(value) for name, value in estimator.get_params().items()}
    assert without_defaults(estimator, given) == {"C": "100.0"}
    # A pipeline cannot be made without its steps, so nothing is known of its defaults.
    assert without_defaults(Pipeline([("a", estimator)]), {"memory": "None"}) == {"memory": "None"}
