"""Mutants of MLflow: signatures that are inferred, saved or loaded wrongly."""

from __future__ import annotations

import pytest

from conformance import test_signature_inference as inference
from meta_tests.mutants.harness import TopicMutant
from meta_tests.mutants.signature_edits import (
    breaking,
    given,
    refusing_any,
    with_text,
    without_params,
)

REQUIRED, OPTIONAL = '"required": true', '"required": false'
INFERRED = r"^inputs that infer_signature infers\n"
TO_BE_OPTIONAL = rf"{INFERRED}  found: column-based \[[^(]*\]\n  should be: .* \(optional\)"

MUTANTS = (
    TopicMutant(
        "integer-inferred-as-long",
        inference.test_types_of_columns_are_inferred,
        breaking(inferred_=with_text('"integer"', '"long"')),
        rf"{INFERRED}  found: .*: long\]\n  should be: .*: integer\]\n  where: this program:\n",
        given(),
    ),
    TopicMutant(
        "columns-with-missing-values-required",
        inference.test_missing_values_make_columns_optional,
        breaking(inferred_=with_text(OPTIONAL, REQUIRED)),
        TO_BE_OPTIONAL,
        given(),
    ),
    TopicMutant(
        "columns-with-missing-values-of-pandas-required",
        inference.test_missing_values_of_pandas_make_columns_optional,
        breaking(inferred_=with_text(OPTIONAL, REQUIRED)),
        TO_BE_OPTIONAL,
        given(),
    ),
    TopicMutant(
        "missing-properties-required",
        inference.test_nested_values_are_inferred,
        breaking(inferred_=with_text(OPTIONAL, REQUIRED)),
        rf"{INFERRED}(.*\n)*  where: this program:\n(.*\n)*    data = pd\.DataFrame",
        given(),
    ),
    TopicMutant(
        "missing-keys-required",
        inference.test_records_are_inferred,
        breaking(inferred_=with_text(OPTIONAL, REQUIRED)),
        rf"{INFERRED}(.*\n)*    data = \[?{{",
        given(),
    ),
    TopicMutant(
        "as-many-rows-as-in-the-array",
        inference.test_arrays_are_inferred_as_tensors,
        breaking(inferred_=with_text('"shape": [-1', '"shape": [7')),
        rf"{INFERRED}  found: .*\[7\]\]\n  should be: .*\[-1\]\]\n(.*\n)*    data = np\.zeros",
        given(),
    ),
    TopicMutant(
        "any-type-inferred",
        inference.test_values_without_a_type_are_refused,
        breaking(),
        rf"{INFERRED}  found: column-based \[\(unnamed\): any\]\n  should be: an error\n",
        given(inferred_=refusing_any),
    ),
    TopicMutant(
        "required-dropped-by-the-loader",
        inference.test_reader_and_loader_mean_the_same,
        breaking(loaded=with_text(OPTIONAL, REQUIRED)),
        r"^signature as MLflow loads it\n  found: inputs .*\n  should be: .*(\(optional\)|: false)",
        given(),
    ),
    TopicMutant(
        "required-dropped-in-the-file",
        inference.test_reader_and_loader_mean_the_same,
        breaking(saved=with_text(OPTIONAL, REQUIRED)),
        r"^signature as this suite reads it\n  found: .*\n  should be: .*(\(optional\)|: false)",
        given(),
    ),
    TopicMutant(
        "parameters-dropped-in-the-file",
        inference.test_reader_and_loader_mean_the_same,
        breaking(saved=without_params),
        r"^parameters as this suite reads them\n  found: {}\n  should be: {.+}\n",
        given(),
    ),
    TopicMutant(
        "parameters-dropped-by-the-loader",
        inference.test_signature_survives_saving_twice,
        breaking(loaded=without_params),
        r"^signature that MLflow loads\n(.*\n)*  where: this program:\n(.*\n)*    signature = Mod",
        given(),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_caught(mutant: TopicMutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that infers, saves or loads signatures wrongly breaks a promise."""
    mutant.require_caught(monkeypatch)
