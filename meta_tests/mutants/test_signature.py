"""Mutants of the signature: missing, malformed, or not the promised one."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance import test_metadata as metadata
from conformance import test_signature as signature
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.model_edits import (
    Fields,
    with_field,
    with_fields,
    with_key,
    with_tensor,
    without_key,
)

ARRAY, FRAME, BY_HAND, TWIN = "autolog-array", "infer-frame", "signature-array", "sklearn-array"
TENSOR = {"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 8]}}
EXTRA = {"type": "long", "name": "Extra"}


def unsigned(bench: Bench) -> None:
    """Remove the signature."""
    without_key("signature")(bench)
    bench.model = replace(bench.model)  # drops what was cached


def swapped(fields: Fields) -> Fields:
    """Return the fields with the first two swapped."""
    return [fields[1], fields[0], *fields[2:]]


PRESENT = (
    Mutant(
        "signature-where-none-is-promised",
        ARRAY,
        signature.test_model_has_no_signature,
        with_key("signature", {"inputs": json.dumps([TENSOR]), "outputs": None}),
        r"^signature\n  found: .*float64.*\n  should be: None\n  where: .*MLmodel$",
        prepare=unsigned,
    ),
    Mutant(
        "no-signature",
        FRAME,
        signature.test_model_has_a_signature,
        without_key("signature"),
        r"MLmodel: the signature has inputs: nothing, outputs: nothing; should have both$",
    ),
    Mutant(
        "no-inputs",
        FRAME,
        signature.test_model_has_a_signature,
        without_key("signature.inputs"),
        r"MLmodel: the signature has inputs: nothing, outputs: tensor-based \[.*\]; should have",
    ),
    Mutant(
        "no-outputs",
        FRAME,
        signature.test_model_has_a_signature,
        without_key("signature.outputs"),
        r"MLmodel: the signature has inputs: column-based \[.*\], outputs: nothing; should have",
    ),
    Mutant(
        "inputs-not-json",
        FRAME,
        metadata.test_mlmodel_can_be_read,
        with_key("signature.inputs", "[{"),
        r"MLmodel: signature\.inputs: not JSON",
    ),
    Mutant(
        "columns-instead-of-a-tensor",
        ARRAY,
        signature.test_inputs_are_of_the_promised_kind,
        with_fields("inputs", lambda fields: [{"type": "double", "name": "Age"}]),
        r"^signature\.inputs\n  found: column-based\n  should be: tensor-based",
    ),
    Mutant(
        "a-tensor-instead-of-columns",
        FRAME,
        signature.test_inputs_are_of_the_promised_kind,
        with_fields("inputs", lambda fields: [TENSOR]),
        r"^signature\.inputs\n  found: tensor-based\n  should be: column-based",
    ),
)

INPUTS = tuple(
    Mutant(name, mode, signature.test_inputs_are_the_promised_ones, break_, message)
    for name, mode, break_, message in (
        (
            "other-dtype",
            ARRAY,
            with_tensor("inputs", dtype="float32"),
            r"found: tensor-based \[tensor float32 \[-1, 8\]\]\n  should be: .*float64",
        ),
        (
            "one-column-fewer-in-the-shape",
            ARRAY,
            with_tensor("inputs", shape=[-1, 7]),
            r"found: .*\[-1, 7\]\]\n  should be: .*\[-1, 8\]",
        ),
        (
            "as-many-rows-as-in-training",
            ARRAY,
            with_tensor("inputs", shape=[700, 8]),
            r"found: .*\[700, 8\]\]\n  should be: .*\[-1, 8\]",
        ),
        (
            "named-tensor",
            ARRAY,
            with_field("inputs", 0, name="rows"),
            r"found: tensor-based \[rows: tensor",
        ),
        (
            "other-name",
            FRAME,
            with_field("inputs", 7, name="Years"),
            r"that is: Years: long should be Age: long\n",
        ),
        (
            "other-type",
            FRAME,
            with_field("inputs", 7, type="integer"),
            r"that is: Age: integer should be Age: long\n",
        ),
        (
            "other-order",
            FRAME,
            with_fields("inputs", swapped),
            r"that is: Plasma.* is at place 1, should be Plasma.* at place 2\n  where:",
        ),
        (
            "optional-column",
            FRAME,
            with_field("inputs", 7, required=False),
            r"that is: Age: long \(optional\) should be Age: long\n",
        ),
        (
            "extra-column",
            FRAME,
            with_fields("inputs", lambda fields: [*fields, EXTRA]),
            r"that is: Extra: long is too much\n",
        ),
        (
            "column-listed-twice-in-the-middle",
            FRAME,
            with_fields("inputs", lambda fields: [*fields[:3], fields[1], *fields[3:]]),
            r"that is: PlasmaGlucose: long is listed twice\n  where:",
        ),
        (
            "first-column-missing",
            FRAME,
            with_fields("inputs", lambda fields: fields[1:]),
            r"that is: Pregnancies: long is missing\n  where:",
        ),
        (
            "missing-column",
            FRAME,
            with_fields("inputs", lambda fields: fields[:-1]),
            r"that is: Age: long is missing\n",
        ),
        (
            "column-without-a-name",
            FRAME,
            with_fields("inputs", lambda fields: [*fields[:-1], {"type": "long"}]),
            r"that is: \(unnamed\): long should be Age: long\n",
        ),
    )
)

COLUMNS = (
    Mutant(
        "column-listed-twice",
        BY_HAND,
        signature.test_columns_are_named_once,
        with_fields("inputs", lambda fields: [*fields, fields[5]]),
        r"MLmodel: signature\.inputs lists twice: BMI$",
    ),
    Mutant(
        "column-the-data-has-not",
        BY_HAND,
        signature.test_columns_are_the_training_data_s,
        with_field("inputs", 7, name="Years"),
        r"^names in signature\.inputs\n  found: .*'Years'\]\n  should be: .*'Age'\]",
    ),
    Mutant(
        "columns-not-in-the-data-s-order",
        FRAME,
        signature.test_columns_are_the_training_data_s,
        with_fields("inputs", swapped),
        r"found: \['PlasmaGlucose', 'Pregnancies', .*\n  should be: \['Pregnancies', 'Plasma",
    ),
)

OUTPUTS = (
    Mutant(
        "labels-not-boolean",
        BY_HAND,
        signature.test_outputs_are_the_promised_ones,
        with_field("outputs", 0, type="long"),
        r"^signature\.outputs\n.*\n.*\n  that is: \(unnamed\): long should be \(unnamed\): boolean",
    ),
    Mutant(
        "labels-are-fractions",
        ARRAY,
        signature.test_outputs_are_the_promised_ones,
        with_tensor("outputs", dtype="float64"),
        r"^signature\.outputs\n  found: .*float64 \[-1\]\]\n  should be: .*int64 \[-1\]\]",
    ),
    Mutant(
        "labels-are-a-table",
        ARRAY,
        signature.test_outputs_are_the_promised_ones,
        with_tensor("outputs", shape=[-1, 1]),
        r"^signature\.outputs\n  found: .*\[-1, 1\]\]\n  should be: .*\[-1\]\]",
    ),
)

NAMED_ZERO = (
    r"^columns that MLflow looks for: MLflow takes a column named 0 for one without a name, and"
    r" looks for its position instead \(https://\S+\); name the columns by text, or put 0 first\n"
    r"  found: \[.*, 2, .*\]\n  should be: \[.*, 0, .*\]\n"
)

NAMES = tuple(
    Mutant(
        name,
        FRAME,
        signature.test_every_column_is_found_by_its_name,
        break_,
        message,
    )
    for name, break_, message in (
        (
            "a-column-named-0",
            with_field("inputs", 2, name=0),
            NAMED_ZERO,
        ),
        (
            "a-column-with-an-empty-name",
            with_field("inputs", 2, name=""),
            r"^columns that MLflow looks for\n  found: \[.*, 2, .*\n  should be: \[.*, '', .*\]\n",
        ),
        (
            "of-a-type-that-mlflow-does-not-know",
            with_field("inputs", 2, type="number"),
            r"^\S+: MLflow cannot read the signature: ",
        ),
    )
)

COMPARED = (
    Mutant(
        "not-the-inferred-inputs",
        FRAME,
        signature.test_recorded_signature_is_the_inferred_one,
        with_field("inputs", 5, type="float"),
        r"^signature\.inputs\n(.*\n)*  that is: BMI: float should be BMI: double",
    ),
    Mutant(
        "not-the-inferred-outputs",
        FRAME,
        signature.test_recorded_signature_is_the_inferred_one,
        with_tensor("outputs", dtype="int32"),
        r"^signature\.outputs\n  found: .*int32 \[-1\]\]\n  should be: .*int64",
    ),
    Mutant(
        "parameters-nobody-declared",
        FRAME,
        signature.test_parameters_are_the_promised_ones,
        with_key("signature.params", '[{"name": "n", "type": "long", "default": 1}]'),
        r"^signature\.params\n  found: {'n': 1}\n  should be: {}\n",
    ),
    Mutant(
        "a-parameter-nobody-declared",
        FRAME,
        signature.test_parameters_are_the_promised_ones,
        with_key("signature.params", '[{"name": "t", "type": "double", "default": 0.5}]'),
        r"^signature\.params\n  found: {'t': 0\.5}\n  should be: {}\n",
    ),
    Mutant(
        "signature-unlike-the-twin-s",
        TWIN,
        signature.test_model_equals_its_twin_s,
        with_tensor("inputs", dtype="float32"),
        r"differ in more than identity:\n  signature: .*float32.* and .*float64",
        twin=ARRAY,
    ),
    Mutant(
        "flavor-unlike-the-twin-s",
        TWIN,
        signature.test_model_equals_its_twin_s,
        with_key("flavors.sklearn.code", "code"),
        r"differ in more than identity:\n  flavors: ",
        twin=ARRAY,
    ),
    Mutant(
        "key-the-twin-has-not",
        TWIN,
        signature.test_model_equals_its_twin_s,
        with_key("metadata", {"by": "hand"}),
        r"differ in more than identity:\n  metadata: \{'by': 'hand'\} and None",
        twin=ARRAY,
    ),
)

MUTANTS = PRESENT + INPUTS + NAMES + COLUMNS + OUTPUTS + COMPARED


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A wrong signature fails the check that owns what is broken."""
    require_caught(mutant, bench)
