"""Mutants of the outcome: a script that ended without exactly one model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance import test_outcome as outcome
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from mlflow_conformance.runner import outcome as outcomes

FRAME = "infer-frame"


def ended(verdict: str, message: str) -> Callable[[Bench], None]:
    """Return an edit after which the script ended without exactly one model."""

    def edit(bench: Bench) -> None:
        bench.outcome = replace(
            bench.outcome, verdict=verdict, message=message, model_directory=None
        )

    return edit


MUTANTS = tuple(
    Mutant(
        verdict.replace(" ", "-"),
        FRAME,
        outcome.test_mode_leaves_exactly_one_model,
        ended(verdict, f"{FRAME}: the script {verdict}. Its last lines:"),
        rf"^{FRAME}: the script {verdict}\. Its last lines:",
    )
    for verdict in (
        outcomes.CRASHED,
        outcomes.TIMED_OUT,
        outcomes.NO_MODEL,
        outcomes.SEVERAL_MODELS,
    )
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A mode without exactly one model fails the check of its outcome."""
    require_caught(mutant, bench)
