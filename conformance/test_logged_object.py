"""The model is what the script passed to MLflow: the object, its signature, and its own rows.

The suite observes the script while it logs; what it then saw of the object is the oracle of all
promises about predictions.
"""

from __future__ import annotations

from typing import Any

import pytest

from mlflow_conformance.catalogue.signature import Schema, Signature
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal, require_none
from mlflow_conformance.promises.predictions import scored
from mlflow_conformance.promises.reference import Reference, require_as_stated
from mlflow_conformance.promises.refit import Refitted
from mlflow_conformance.promises.signature import declared_params, require_schema
from mlflow_conformance.witness.report import ObservedModel

# Jobs in a workspace run without the suite.
pytestmark = pytest.mark.applies_to(target="local")


def test_recorded_signature_is_the_passed_one(
    inputs: Schema,
    outputs: Schema,
    model: ModelUnderTest,
    observed: ObservedModel,
    passed_signature: Signature,
) -> None:
    """``MLmodel`` has the signature that the script or autologging passed (MLflow: signatures)."""
    where = model.mlmodel.path
    require_schema(inputs, passed_signature.inputs, "signature.inputs", where)
    require_schema(outputs, passed_signature.outputs, "signature.outputs", where)
    recorded, passed = model.mlmodel.document.get("signature"), observed.signature
    require_equal(
        declared_params(recorded), declared_params(passed), what="signature.params", where=where
    )


@pytest.mark.applies_to(leaves_open="flavors")
def test_model_has_the_flavors_of_its_object(
    model: ModelUnderTest, observed: ObservedModel
) -> None:
    """It has the flavor that logged it and, if it predicts, python_function (MLflow: models)."""
    found = sorted(model.mlmodel.flavors)
    missing = [name for name in observed.flavors if name not in found]
    require_none(
        missing, what=f"flavors that the model lacks; it has {found}", where=model.mlmodel.path
    )


def test_model_has_the_passed_artifacts_and_modules(
    model: ModelUnderTest, observed: ObservedModel
) -> None:
    """The model has the artifacts and modules that the script passes (MLflow: models)."""
    flavor = model.mlmodel.flavors.get("python_function", {})
    code = model.directory / str(flavor.get("code") or "code")
    stated = {key: getattr(model.mode.details, key) for key in observed.arguments}
    wanted = {key: stated[key] or passed for key, passed in observed.arguments.items()}
    loader = str(flavor.get("loader_module"))
    missing = [f"artifact {n}" for n in wanted["artifacts"] if n not in flavor.get("artifacts", {})]
    missing += [f"module {name}" for name in wanted["code_paths"] if not (code / name).exists()]
    if wanted["loader_module"] not in (None, loader):
        missing.append(f"loader {wanted['loader_module']}")
    has = [*flavor.get("artifacts", {}), *(file.name for file in code.glob("*")), loader]
    require_none(
        missing, what=f"what the model lacks; it has {', '.join(has)}", where=model.mlmodel.path
    )


def test_object_is_not_changed_after_it_was_logged(observed: ObservedModel) -> None:
    """The script leaves the object as it logged it (MLflow: models)."""
    require(
        not observed.changed,
        f"the script changed the {observed.class_name} after it logged it: it now predicts"
        " otherwise, and the model is the object as it was then; log it after the last change",
    )


@pytest.mark.applies_to(flavor="python_function", refit=False)
@pytest.mark.usefixtures("column_names")
def test_rows_that_it_was_trained_on_are_accepted(pyfunc: Any, trained_rows: ObservedModel) -> None:
    """The model scores the rows that its estimator was fitted on (L20; MLflow: signatures)."""
    what = f"the rows of {trained_rows.fitted_from} (a {type(trained_rows.fitted).__name__})"
    scored(pyfunc.predict, trained_rows.fitted, what=what)


def test_object_predicts_in_the_script_s_process(
    reference: Reference, observed_or_told: ObservedModel
) -> None:
    """What the object predicts for the rows to score is known from its own process (L3, L20)."""
    require(len(reference.predictions), "the rows to score are none: nothing can be compared")


@pytest.mark.applies_to(refit=True)
def test_stated_estimator_predicts_as_the_logged_one(
    refitted: Refitted, reference: Reference
) -> None:
    """The estimator that the catalogue states predicts the same as the logged one (L3, L7, L9)."""
    require_as_stated(refitted, reference)
