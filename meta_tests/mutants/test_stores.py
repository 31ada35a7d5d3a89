"""Mutants of a model that another store got, too: what the stores must not change."""

from __future__ import annotations

from conformance import test_stores as stores
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.model_edits import with_key, with_text, without_file
from meta_tests.mutants.test_outcome import ended
from mlflow_conformance.runner import outcome as outcomes

FRAME = "infer-frame"
EQUAL = tuple(
    Mutant(name, FRAME, owner, break_, message, twin=FRAME)
    for name, owner, break_, message in (
        (
            "another-flavor-at-one-store",
            stores.test_mlmodel_is_the_same_at_every_store,
            with_key("flavors.sklearn.code", "code"),
            r"differ in more than identity:\n  flavors: ",
        ),
        (
            "a-file-at-one-store-only",
            stores.test_files_are_the_same_at_every_store,
            with_text("extra.txt", "more"),
            r"^files that sqlite has not\n  found: extra\.txt\n  should be: none",
        ),
        (
            "a-file-that-one-store-lost",
            stores.test_files_are_the_same_at_every_store,
            without_file("conda.yaml"),
            r"^files that only sqlite has\n  found: conda\.yaml\n  should be: none",
        ),
    )
)
USED_OR_REFUSED = tuple(
    Mutant(
        name,
        FRAME,
        stores.test_file_store_is_used_or_refused,
        ended(verdict, f"{FRAME}: {message}"),
        rf"^{FRAME}: should log a model, or end with an error that names MLFLOW_ALLOW_FILE_STORE;"
        rf" {FRAME}: {message}$",
    )
    for name, verdict, message in (
        ("nothing-at-a-file-store", outcomes.NO_MODEL, "logged no model, MLFLOW_ALLOW_FILE_STORE"),
        ("another-error-at-a-file-store", outcomes.CRASHED, "ended with exit code 1"),
    )
)
MUTANTS = EQUAL + USED_OR_REFUSED


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A model that differs from the first store's fails a promise about stores."""
    require_caught(mutant, bench)
