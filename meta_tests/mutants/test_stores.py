"""Mutants of a model that another store got, too: what the stores must not change."""

from __future__ import annotations

from conformance import test_stores as stores
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.model_edits import with_key, with_text, without_file

FRAME = "infer-frame"
MUTANTS = tuple(
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


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A model that differs from the first store's fails a promise about stores."""
    require_caught(mutant, bench)
