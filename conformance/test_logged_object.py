"""The model is what the script passed to MLflow: the object, its signature, and its own rows.

The suite observes the script while it logs; what it then saw of the object is the oracle of all
promises about predictions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.catalogue.signature import Signature
from fixtures.model.mlmodel import parse_schema
from fixtures.model.model_under_test import ModelUnderTest
from fixtures.promises.assertions import require
from fixtures.promises.predictions import as_array, differing, scored
from fixtures.promises.reference import Reference
from fixtures.promises.refit import Refitted
from fixtures.promises.signature import require_schema
from fixtures.witness.report import ObservedModel

# Jobs in a workspace run without the suite.
pytestmark = pytest.mark.applies_to(target="sqlite")


def test_recorded_signature_is_the_passed_one(
    model: ModelUnderTest, passed_signature: Signature
) -> None:
    """``MLmodel`` has the signature that the script, or autologging, passed (MLflow: signatures)."""
    found = model.mlmodel.signature or Signature(None, None)
    where = model.mlmodel.path
    require_schema(found.inputs, passed_signature.inputs, "signature.inputs", where)
    require_schema(found.outputs, passed_signature.outputs, "signature.outputs", where)


def test_object_is_not_changed_after_it_was_logged(observed: ObservedModel) -> None:
    """The script leaves the object as it logged it: the model has nothing of it (MLflow: models)."""
    require(
        not observed.changed,
        f"the script changed the {observed.class_name} after it logged it: it now predicts"
        " otherwise, and the model is the object as it was then; log it after the last change",
    )


@pytest.mark.applies_to(flavor="python_function")
def test_rows_that_it_was_trained_on_are_accepted(
    model: ModelUnderTest, pyfunc: Any, observed: ObservedModel
) -> None:
    """The model scores the rows that its estimator was fitted on, as they are (L20; MLflow: signatures)."""
    what = f"{observed.rows_from}, {type(observed.fitted).__name__}"
    scored(pyfunc.predict, observed.fitted, what=what)


@pytest.mark.applies_to(states="refit")
def test_stated_estimator_predicts_as_the_logged_one(
    model: ModelUnderTest, reference: Reference, refitted: Refitted
) -> None:
    """The estimator that the catalogue states predicts the same as the logged one (L3, L7, L9)."""
    stated = as_array(refitted.predict(reference.test_features))
    logged = as_array(reference.predictions())
    number = (
        int(differing(stated, logged).sum()) if stated.shape == logged.shape else len(logged)
    )
    require(
        number == 0,
        "the estimator that the catalogue states does not predict what the logged one does"
        f" ({number} of {len(logged)} rows): does the script split, weight or prepare otherwise?"
        " Correct the catalogue, or leave estimator and trains_on out",
    )
