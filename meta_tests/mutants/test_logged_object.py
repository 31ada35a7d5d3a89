"""Mutants of the logged object: it is not what the script passed, or it is not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from conformance import test_logged_object as logged_object
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.model_edits import with_field, with_key, with_tensor, without_key
from meta_tests.mutants.wrong_functions import instead, rejects_everything
from mlflow_conformance.catalogue.modes import Refit
from mlflow_conformance.promises.reference import of_observed
from mlflow_conformance.promises.refit import Refitted, split
from mlflow_conformance.promises.rows import read_rows

ARRAY, FRAME = "infer-array", "infer-frame"
SIGNATURE = logged_object.test_recorded_signature_is_the_passed_one
TRAINED = logged_object.test_rows_that_it_was_trained_on_are_accepted
STATED = logged_object.test_stated_estimator_predicts_as_the_logged_one
ARGUMENTS = logged_object.test_model_has_the_passed_artifacts_and_modules
PARAMS = '[{"name": "threshold", "dtype": "double", "default": 0.5, "shape": null}]'


def stated(change: Callable[[Refit], Refit]) -> Callable[[Bench], None]:
    """Return an edit of what the catalogue states of the estimator and its data."""

    def edit(bench: Bench) -> None:
        refit = bench.model.mode.refit
        assert refit is not None
        changed = change(refit)
        bench.refitted = Refitted(changed, split(changed.data))

    return edit


def with_parameters(**parameters: object) -> Callable[[Bench], None]:
    """Return an edit that states other parameters of the estimator."""
    return stated(
        lambda refit: replace(refit, estimator=replace(refit.estimator, parameters=parameters))
    )


def with_another_split(bench: Bench) -> None:
    """State that the scripts split the data otherwise."""
    stated(lambda refit: replace(refit, data=replace(refit.data, random_state=1)))(bench)


def fitted_on(change: Callable[[pd.DataFrame], Any]) -> Callable[[Bench], None]:
    """Return an edit of the rows that the estimator was fitted on."""

    def edit(bench: Bench) -> None:
        rows = bench.trained_rows
        bench.trained_rows = replace(rows, fitted=change(rows.fitted))

    return edit


def without_predictions(bench: Bench) -> None:
    """Let the object have no rows to predict for."""
    observed = replace(bench.observed, predictions=[])
    bench.reference = of_observed(read_rows(bench.model.rows), observed)


def changed(bench: Bench) -> None:
    """Let the script have changed the object after it logged it."""
    bench.observed = replace(bench.observed, changed=True)


def passed(**arguments: object) -> Callable[[Bench], None]:
    """Return an edit of the arguments that the script passed."""

    def edit(bench: Bench) -> None:
        observed = bench.observed
        bench.observed = replace(observed, arguments={**observed.arguments, **arguments})

    return edit


MUTANTS = (
    *(
        Mutant(
            f"without-the-flavor-{name}",
            FRAME,
            logged_object.test_model_has_the_flavors_of_its_object,
            without_key(f"flavors.{name}"),
            rf"^flavors that the model lacks; it has \[.*\]\n  found: {name}\n",
        )
        for name in ("sklearn", "python_function")
    ),
    Mutant(
        "an-artifact-is-lost",
        FRAME,
        ARGUMENTS,
        passed(artifacts=["weights"]),
        r"^what the model lacks; it has .*mlflow\.sklearn\n  found: artifact weights\n",
    ),
    Mutant(
        "a-module-is-lost",
        FRAME,
        ARGUMENTS,
        passed(code_paths=["own_steps.py"]),
        r"^what the model lacks; .*\n  found: module own_steps\.py\n",
    ),
    Mutant(
        "another-loader",
        FRAME,
        ARGUMENTS,
        passed(loader_module="own_loader"),
        r"^what the model lacks; it has .*mlflow\.sklearn\n  found: loader own_loader\n",
    ),
    Mutant(
        "recorded-column-of-another-type",
        FRAME,
        SIGNATURE,
        with_field("inputs", 0, type="double"),
        r"^signature\.inputs\n.*\n.*\n  that is: Pregnancies: double should be Pregnancies: long",
    ),
    Mutant(
        "recorded-output-of-another-shape",
        ARRAY,
        SIGNATURE,
        with_tensor("outputs", shape=[-1, 2]),
        r"^signature\.outputs\n  found: .*\[-1, 2\]\]\n  should be: .*\[-1\]\]\n  where: ",
    ),
    Mutant(
        "recorded-parameters-that-were-not-passed",
        FRAME,
        SIGNATURE,
        with_key("signature.params", PARAMS),
        r"^signature\.params\n  found: \[\{'name': 'threshold', .*\n  should be: None\n",
    ),
    Mutant(
        "object-changed-after-it-was-logged",
        FRAME,
        logged_object.test_object_is_not_changed_after_it_was_logged,
        changed,
        r"^the script changed the sklearn\.\S+\.LogisticRegression after it logged it: it now",
    ),
    Mutant(
        "categories",
        FRAME,
        TRAINED,
        fitted_on(lambda rows: rows.astype({"Age": "category"})),
        r"^the rows of the fit \(a DataFrame\): should be scored, was rejected: MlflowException: ",
    ),
    Mutant(
        "column-that-is-not-recorded",
        FRAME,
        TRAINED,
        fitted_on(lambda rows: rows.rename(columns={"Age": "Years"})),
        r"^the rows of the fit \(a DataFrame\): should be scored, was rejected: .*\bAge\b",
    ),
    Mutant(
        "array-is-rejected",
        ARRAY,
        TRAINED,
        instead(rejects_everything),
        r"^the rows of the fit \(a ndarray\): should be scored, was rejected: ValueError: nothing",
    ),
    Mutant(
        "no-rows-to-predict-for",
        FRAME,
        logged_object.test_object_predicts_in_the_script_s_process,
        without_predictions,
        r"^the rows to score are none: nothing can be compared$",
    ),
    Mutant(
        "stated-parameter-is-another",
        FRAME,
        STATED,
        with_parameters(C=1e-6, solver="liblinear"),
        r"does not predict what the logged one does \(\d+ of 3000 rows\): does the script split",
    ),
    Mutant(
        "stated-split-is-another",
        ARRAY,
        STATED,
        with_another_split,
        r"does not predict what the logged one does \(\d+ of 3000 rows\): does the script split",
    ),
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A model that is not the object that the script passed fails the check that owns it."""
    require_caught(mutant, bench)
