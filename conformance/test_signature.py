"""The signature in ``MLmodel``: inputs, outputs and parameters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fixtures.catalogue.signature import ColumnSchema, Schema, Signature, describe
from fixtures.model.mlmodel import parse_schema
from fixtures.model.model_under_test import ModelUnderTest
from fixtures.promises.assertions import require, require_equal, require_present
from fixtures.promises.contract_case import as_named
from fixtures.promises.reference import Reference


def test_model_has_a_signature(model: ModelUnderTest) -> None:
    """Every mode logs a signature with inputs and outputs (L3, L7, L9; MLflow: signatures)."""
    found = model.mlmodel.signature or Signature(None, None)
    require(
        found.inputs is not None and found.outputs is not None,
        f"{model.mlmodel.path}: the signature has inputs: {describe(found.inputs)}, outputs:"
        f" {describe(found.outputs)}; should have both",
    )


def test_inputs_are_of_the_promised_kind(model: ModelUnderTest) -> None:
    """Arrays give tensor-based inputs, DataFrames and ColSpecs column-based ones (L7, L9, L11)."""
    found = _inputs(model)
    require_equal(
        f"{found.kind}-based",
        f"{model.mode.inputs.kind}-based",
        what="signature.inputs",
        where=model.mlmodel.path,
    )


def test_inputs_are_the_promised_ones(model: ModelUnderTest) -> None:
    """The name, type, shape, order and ``required`` of every input are as promised (L7, L9)."""
    _require_schema(_inputs(model), model.mode.inputs, "signature.inputs", model.mlmodel.path)


def test_outputs_are_the_promised_ones(model: ModelUnderTest) -> None:
    """The type and shape of every output are as promised (L7, L9)."""
    _require_schema(
        _outputs(model), model.mode.signature.outputs, "signature.outputs", model.mlmodel.path
    )


def test_signature_has_no_parameters(model: ModelUnderTest) -> None:
    """No script declares inference parameters, so the signature has none (L7, L9)."""
    signature = model.mlmodel.document.get("signature") or {}
    require_equal(signature.get("params"), None, what="signature.params", where=model.mlmodel.path)


@pytest.mark.applies_to(inputs="column")
def test_columns_are_named_once(model: ModelUnderTest) -> None:
    """No column is listed twice, unlike in the exercise's hand-written signature (L9)."""
    found = _inputs(model)
    names = [field.name for field in found.fields]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    require(not twice, f"{model.mlmodel.path}: signature.inputs lists twice: {', '.join(twice)}")


@pytest.mark.applies_to(inputs="column")
def test_columns_are_the_training_data_s(model: ModelUnderTest, reference: Reference) -> None:
    """A column-based input has the columns of the training data, in their order (L9, L20)."""
    require_equal(
        [field.name for field in _inputs(model).fields],
        list(as_named(reference.test_features, model.mode).columns),
        what="names in signature.inputs",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(origin="inferred")
def test_recorded_signature_is_the_inferred_one(
    model: ModelUnderTest, reference: Reference
) -> None:
    """The signature equals ``infer_signature`` of the same data (L7; MLflow: signatures)."""
    from mlflow.models.signature import infer_signature

    # ``to_dict`` returns what MLflow would write; the suite's own reader parses it.
    inferred = infer_signature(reference.train_features, reference.predictions()).to_dict()
    wanted = Signature(*(_parsed(inferred[half]) for half in ("inputs", "outputs")))
    _require_schema(_inputs(model), wanted.inputs, "signature.inputs", model.mlmodel.path)
    _require_schema(_outputs(model), wanted.outputs, "signature.outputs", model.mlmodel.path)


@pytest.mark.applies_to(has_twin=True)
def test_model_equals_its_twin_s(model: ModelUnderTest, twin: ModelUnderTest) -> None:
    """The ``MLmodel`` equals that of the mode's twin, except for the identity (L5)."""
    mine, other = _without_identity(model), _without_identity(twin)
    different = [key for key in sorted({*mine, *other}) if mine.get(key) != other.get(key)]
    require(
        not different,
        f"{model.mlmodel.path} and {twin.mlmodel.path} differ in more than identity:\n"
        + "\n".join(f"  {key}: {mine.get(key)!r} and {other.get(key)!r}" for key in different),
    )


def _inputs(model: ModelUnderTest) -> Schema:
    __tracebackhide__ = True
    signature = model.mlmodel.signature
    # mypy makes an object of a union that goes through require_present.
    if signature is None or signature.inputs is None:
        raise AssertionError(f"{model.mlmodel.path}: no signature.inputs")
    return signature.inputs


def _outputs(model: ModelUnderTest) -> Schema | None:
    signature = require_present(model.mlmodel.signature, f"{model.mlmodel.path}: no signature")
    return signature.outputs


def _require_schema(found: Schema | None, wanted: Schema | None, what: str, where: Path) -> None:
    __tracebackhide__ = True
    if found == wanted:
        return
    detail = ""
    if isinstance(found, ColumnSchema) and isinstance(wanted, ColumnSchema):
        pairs = zip(found.columns, wanted.columns, strict=False)
        different = [f"{f} should be {w}" for f, w in pairs if f != w]
        different += [f"{c} is missing" for c in wanted.columns[len(found.columns) :]]
        different += [f"{c} is too much" for c in found.columns[len(wanted.columns) :]]
        detail = "\n  that is: " + "; ".join(different)
    raise AssertionError(
        f"{what}\n  found: {describe(found)}\n  should be: {describe(wanted)}{detail}\n"
        f"  where: {where}"
    )


def _parsed(text: object) -> Schema | None:
    return parse_schema(text, Path("infer_signature"), "its result")


def _without_identity(model: ModelUnderTest) -> dict[str, object]:
    from fixtures.servers.scoring_server import IDENTITY_KEYS

    document = model.mlmodel.document
    kept = {key: value for key, value in document.items() if key not in IDENTITY_KEYS}
    return json.loads(json.dumps(kept, default=str))  # type: ignore[no-any-return]
