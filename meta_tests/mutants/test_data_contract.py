"""Mutants of the data contract: invalid input is accepted, or valid input is rejected."""

from __future__ import annotations

import numpy as np

from conformance import test_data_contract as contract
from meta_tests.mutants import wrong_functions as wrong
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.model_edits import with_field, with_tensor, without_key
from meta_tests.mutants.wrong_functions import Function, instead, scored_as

ARRAY, FRAME, BY_HAND = "autolog-array", "infer-frame", "signature-array"


def takes_columns_by_position(bench: Bench) -> None:
    """Score the columns of a DataFrame by position and ignore their names."""
    names = list(bench.reference.rows.frame.columns)
    bench.pyfunc = Function(
        lambda rows: bench.refitted.predict(rows.set_axis(names, axis="columns"))
    )


def orders_by_name(bench: Bench) -> None:
    """Reorder the columns of a DataFrame as in the training data."""
    names = list(bench.reference.rows.frame.columns)
    instead(wrong.orders_columns_by_name(names))(bench)


ACCEPTED = (
    Mutant(
        "rejects-right-types",
        FRAME,
        contract.test_accepted_and_scored_right,
        instead(wrong.rejects_everything),
        r"^right-types: should be scored, was rejected: ValueError: nothing is good enough",
        case="right-types",
    ),
    Mutant(
        "rejects-an-extra-column",
        FRAME,
        contract.test_accepted_and_scored_right,
        instead(wrong.rejects_everything),
        r"^extra-column: should be scored, was rejected",
        case="extra-column",
    ),
    Mutant(
        "scores-wrong",
        FRAME,
        contract.test_accepted_and_scored_right,
        scored_as(lambda predicted: 1 - predicted),
        r"^20 of 20 predictions differ\n  found: \d in row 0\n(.*\n)*  where: right-types, ",
        case="right-types",
    ),
    Mutant(
        "scores-one-row-wrong",
        ARRAY,
        contract.test_accepted_and_scored_right,
        scored_as(lambda predicted: np.append(predicted[:-1], 1 - predicted[-1])),
        r"^1 of 20 predictions differ\n  found: \d in row 19\n",
        case="right-type",
    ),
    Mutant(
        "scores-in-fractions",
        BY_HAND,
        contract.test_accepted_and_scored_right,
        scored_as(lambda predicted: predicted.astype("float64")),
        r"^type of the predictions\n  found: float64\n  should be: int64\n",
        case="right-types",
    ),
    Mutant(
        "takes-columns-by-position",
        FRAME,
        contract.test_accepted_and_scored_right,
        takes_columns_by_position,
        r"^\d+ of 20 predictions differ\n(.*\n)*  where: reordered-columns, ",
        case="reordered-columns",
    ),
)

REJECTED = tuple(
    Mutant(
        f"accepts-{case}-{mode}",
        mode,
        contract.test_rejected,
        instead(wrong.accepts_everything),
        rf"^{case}: should be rejected, was accepted and gave \[",
        case=case,
    )
    for case, mode in (
        ("missing-column", FRAME),
        ("int64-for-double", FRAME),
        ("wider-integers", BY_HAND),
        ("float32-array", ARRAY),
        ("array-too-narrow", ARRAY),
        ("none", ARRAY),
    )
) + tuple(
    Mutant(
        f"without-a-signature-{case}",
        mode,
        contract.test_rejected,
        without_key("signature"),
        rf"^{case}: should be rejected, was accepted and gave \[",
        case=case,
    )
    for case, mode in (("int64-for-double", FRAME), ("float32-array", ARRAY))
)

CULPRITS = (
    Mutant(
        "names-no-column",
        FRAME,
        contract.test_rejection_names_the_culprit,
        instead(wrong.rejects_with("the input is wrong")),
        r"^missing-column: the rejection should name Age, it says: the input is wrong$",
        case="missing-column",
    ),
    Mutant(
        "names-one-of-two-columns",
        FRAME,
        contract.test_rejection_names_the_culprit,
        instead(wrong.rejects_with("Error: no Pregnancies")),
        r"^two-missing-columns: the rejection should name PlasmaGlucose, it says",
        case="two-missing-columns",
    ),
    Mutant(
        "names-every-column",
        FRAME,
        contract.test_rejection_names_the_culprit,
        instead(wrong.rejects_and_repeats_the_input),
        r"^missing-column: the rejection should name Age, it says: it is wrong$",
        case="missing-column",
    ),
    Mutant(
        "names-every-column-and-no-error",
        FRAME,
        contract.test_rejection_names_the_culprit,
        instead(wrong.rejects_with("this is not the schema ['Pregnancies', 'BMI', 'Age']")),
        r"^missing-column: the rejection should name Age, it says",
        case="missing-column",
    ),
    Mutant(
        "names-no-type",
        ARRAY,
        contract.test_rejection_names_the_culprit,
        instead(wrong.rejects_with("the input is wrong")),
        r"^float32-array: the rejection should name float32, float64, it says: the input is wrong$",
        case="float32-array",
    ),
    Mutant(
        "names-no-shape",
        ARRAY,
        contract.test_rejection_names_the_culprit,
        instead(wrong.rejects_with("the input is wrong")),
        r"^array-too-narrow: the rejection should name \(-1, 8\), it says: the input is wrong$",
        case="array-too-narrow",
    ),
    Mutant(
        "nothing-to-name",
        FRAME,
        contract.test_rejection_names_the_culprit,
        instead(wrong.accepts_everything),
        r"^missing-column: should be rejected, was accepted",
        case="missing-column",
    ),
)

LEFT_TO_THE_MODEL = (
    Mutant(
        "hides-the-estimator-s-error",
        ARRAY,
        contract.test_left_to_the_model,
        instead(wrong.hides_the_estimator_s_error),
        r"^missing-value: .*\n  found: predictions \[.*\n  should be: ValueError: ",
        case="missing-value",
    ),
    Mutant(
        "rewords-the-estimator-s-error",
        FRAME,
        contract.test_left_to_the_model,
        instead(wrong.rewords_the_estimator_s_error),
        r"^missing-value-in-a-double-column: .*\n  found: RuntimeError: scoring failed\n",
        case="missing-value-in-a-double-column",
    ),
    Mutant(
        "rejects-what-the-estimator-takes",
        FRAME,
        contract.test_left_to_the_model,
        instead(wrong.rejects_everything),
        r"^float32-for-double: .*\n  found: ValueError: .*\n  should be: predictions \[",
        case="float32-for-double",
    ),
    Mutant(
        "orders-columns-by-name",
        ARRAY,
        contract.test_reordered_frame_is_scored_by_position,
        orders_by_name,
        r"^\d+ of \d+ predictions differ\n",
    ),
)

AS_DECLARED = (
    Mutant(
        "declares-what-pandas-does-not-read",
        FRAME,
        contract.test_training_data_keeps_to_the_contract,
        with_field("inputs", 7, type="integer"),
        r"^the rows of the CSV: should be scored, was rejected: .*column Age\. .*int64 to int32",
    ),
    Mutant(
        "scores-the-training-data-wrong",
        FRAME,
        contract.test_training_data_keeps_to_the_contract,
        scored_as(lambda predicted: 1 - predicted),
        r"^(\d+) of \1 predictions differ\n",
    ),
    Mutant(
        "declares-what-it-does-not-predict",
        FRAME,
        contract.test_predictions_are_of_the_declared_type,
        with_tensor("outputs", dtype="bool"),
        r"^type of the predictions .*\n  found: int64\n  should be: bool\n",
    ),
    Mutant(
        "predicts-what-it-does-not-declare",
        ARRAY,
        contract.test_predictions_are_of_the_declared_type,
        scored_as(lambda predicted: predicted.astype("float64")),
        r"^type of the predictions .*\n  found: float64\n  should be: int64\n",
    ),
)

MUTANTS = AS_DECLARED + ACCEPTED + REJECTED + CULPRITS + LEFT_TO_THE_MODEL


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A model that breaks the data contract fails the check that owns what is broken."""
    require_caught(mutant, bench)
