"""The signature in ``MLmodel``: inputs, outputs and parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.catalogue.signature import Schema, Signature
from mlflow_conformance.model.mlmodel import parse_schema
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal
from mlflow_conformance.promises.contract_case import as_named
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.promises.refit import Refitted
from mlflow_conformance.promises.same_model import require_same_mlmodel
from mlflow_conformance.promises.signature import (
    require_columns_found,
    require_schema,
    signature_problem,
)


@pytest.mark.applies_to(has_signature=True, needs="files")
def test_model_has_a_signature(model: ModelUnderTest) -> None:
    """Every mode logs a signature with inputs and outputs (L3, L7, L9; MLflow: signatures)."""
    problem = signature_problem(model.mlmodel)
    require(not problem, problem)


@pytest.mark.applies_to(has_signature=False)
def test_model_has_no_signature(model: ModelUnderTest) -> None:
    """With ``signature: none`` the model has no signature (MLflow: signatures)."""
    require_equal(model.mlmodel.signature, None, what="signature", where=model.mlmodel.path)


@pytest.mark.applies_to(states="signature")
def test_inputs_are_of_the_promised_kind(inputs: Schema, model: ModelUnderTest) -> None:
    """Arrays give tensor-based inputs, DataFrames and ColSpecs column-based ones (L7, L9, L11)."""
    require_equal(
        f"{inputs.kind}-based",
        f"{model.mode.inputs.kind}-based",
        what="signature.inputs",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(states="signature")
def test_inputs_are_the_promised_ones(inputs: Schema, model: ModelUnderTest) -> None:
    """The name, type, shape, order and ``required`` of every input are as promised (L7, L9)."""
    require_schema(inputs, model.mode.inputs, "signature.inputs", model.mlmodel.path)


@pytest.mark.applies_to(states="signature")
def test_outputs_are_the_promised_ones(outputs: Schema, model: ModelUnderTest) -> None:
    """The type and shape of every output are as promised (L7, L9)."""
    require_schema(outputs, model.mode.outputs, "signature.outputs", model.mlmodel.path)


@pytest.mark.applies_to(states="params")
@pytest.mark.usefixtures("inputs")
def test_parameters_are_the_promised_ones(model: ModelUnderTest) -> None:
    """The signature has the inference parameters that the mode promises, or none (L7, L9)."""
    wanted = dict(model.mode.details.params or {})
    require_equal(model.mlmodel.params, wanted, what="signature.params", where=model.mlmodel.path)


@pytest.mark.applies_to(inputs="column", needs="files")
def test_every_column_is_found_by_its_name(inputs: Schema, model: ModelUnderTest) -> None:
    """MLflow looks for every column by the name in the signature (L20; MLflow: signatures)."""
    require_columns_found(model.directory, inputs)


@pytest.mark.applies_to(inputs="column", needs="files")
def test_columns_are_named_once(inputs: Schema, model: ModelUnderTest) -> None:
    """No column is listed twice, unlike in the exercise's hand-written signature (L9)."""
    names = [field.name for field in inputs.fields]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    require(not twice, f"{model.mlmodel.path}: signature.inputs lists twice: {', '.join(twice)}")


@pytest.mark.applies_to(inputs="column", refit=True)
def test_columns_are_the_training_data_s(
    inputs: Schema, model: ModelUnderTest, refitted: Refitted
) -> None:
    """A column-based input has the columns of the training data, in their order (L9, L20)."""
    require_equal(
        [field.name for field in inputs.fields],
        list(as_named(refitted.test_features, inputs).columns),
        what="names in signature.inputs",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(origin="inferred", refit=True)
def test_recorded_signature_is_the_inferred_one(
    inputs: Schema,
    outputs: Schema,
    model: ModelUnderTest,
    refitted: Refitted,
    reference: Reference,
) -> None:
    """The signature equals ``infer_signature`` of the same data (L7; MLflow: signatures)."""
    from mlflow.models.signature import infer_signature

    # ``to_dict`` returns what MLflow would write; the suite's own reader parses it.
    inferred = infer_signature(refitted.train_features, reference.predictions).to_dict()
    wanted = Signature(*(_parsed(inferred[half]) for half in ("inputs", "outputs")))
    require_schema(inputs, wanted.inputs, "signature.inputs", model.mlmodel.path)
    require_schema(outputs, wanted.outputs, "signature.outputs", model.mlmodel.path)


@pytest.mark.applies_to(has_twin=True)
@pytest.mark.usefixtures("inputs", "outputs")
def test_model_equals_its_twin_s(model: ModelUnderTest, twin: ModelUnderTest) -> None:
    """The ``MLmodel`` equals that of the mode's twin, except for the identity (L5)."""
    require_same_mlmodel(model, twin)


def _parsed(text: object) -> Schema | None:
    return parse_schema(text, Path("infer_signature"), "its result")
