"""Mutants of the outcome: a script that ended without exactly one model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance import test_outcome as outcome
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.store_edits import (
    emptied,
    unfinished,
    with_logged_model,
    with_run,
    with_sql,
)
from mlflow_conformance.runner import outcome as outcomes

FRAME, AUTOLOG = "infer-frame", "autolog-frame"


def ended(verdict: str, message: str) -> Callable[[Bench], None]:
    """Return an edit after which the script ended without exactly one model."""

    def edit(bench: Bench) -> None:
        bench.outcome = replace(
            bench.outcome, verdict=verdict, message=message, model_directory=None
        )

    return edit


ENDED = tuple(
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


def without_a_model(bench: Bench) -> None:
    """Leave the run of autologging, and no model."""
    ended(outcomes.WITHOUT_MODEL, "")(bench)
    if bench.model.logged:
        with_sql("DELETE FROM logged_models")(bench)
    bench.model = replace(bench.model)  # drops what was cached


def logged(bench: Bench) -> None:
    """Let the script end with a model."""
    bench.outcome = replace(bench.outcome, verdict=outcomes.LOGGED, model_directory="folder/model")


def with_a_record_only(bench: Bench) -> None:
    """Leave a logged model in the store, which has no files."""
    ended(outcomes.WITHOUT_MODEL, "")(bench)
    with_logged_model("model", 1)(bench)


WITHOUT_MODEL = tuple(
    Mutant(name, AUTOLOG, owner, break_, message, prepare=without_a_model)
    for name, owner, break_, message in (
        (
            "a-model-where-none-is-promised",
            outcome.test_mode_leaves_no_model,
            logged,
            "^logged a model: folder/model, should log none$",
        ),
        (
            "crashed-without-a-model",
            outcome.test_mode_leaves_no_model,
            ended(outcomes.CRASHED, f"{AUTOLOG}: the script crashed"),
            f"^{AUTOLOG}: the script crashed$",
        ),
        (
            "a-logged-model-without-files",
            outcome.test_mode_leaves_no_model,
            with_a_record_only,
            r"^logged models\n  found: m-another \(READY\)\n  should be: none",
        ),
        (
            "no-run",
            outcome.test_autologging_without_a_model_logs_the_rest,
            emptied,
            "has 0 runs, should have exactly one$",
        ),
        (
            "two-runs",
            outcome.test_autologging_without_a_model_logs_the_rest,
            with_run,
            "has 2 runs, should have exactly one$",
        ),
        (
            "an-unfinished-run",
            outcome.test_autologging_without_a_model_logs_the_rest,
            unfinished,
            r"^what the run \w+ lacks\n  found: the status FINISHED\n",
        ),
        (
            "no-parameters",
            outcome.test_autologging_without_a_model_logs_the_rest,
            with_sql("DELETE FROM params"),
            r"^what the run \w+ lacks\n  found: parameters\n",
        ),
        (
            "no-training-metrics",
            outcome.test_autologging_without_a_model_logs_the_rest,
            with_sql("DELETE FROM latest_metrics WHERE key LIKE 'training_%'"),
            r"^what the run \w+ lacks\n  found: metrics that start with training_\n",
        ),
    )
)


MUTANTS = ENDED + WITHOUT_MODEL


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A mode without exactly one model fails the check of its outcome."""
    require_caught(mutant, bench)
