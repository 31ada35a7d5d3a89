"""Do the checks of scripts that log by hand notice what was left beside the model?"""

from __future__ import annotations

from conformance import test_tracking_by_hand as by_hand
from meta_tests.mutants import Bench, Mutant, each, require_caught
from meta_tests.store_edits import in_a_run, with_metric, with_param, with_run, with_sql

MODE = "infer-frame"


def with_another_file(bench: Bench) -> None:
    """Add a run with an artifact beside the model's folder."""
    with_run(bench)
    (bench.folder / "another-run" / "notes.txt").touch()


MUTANTS = (
    Mutant(
        "two-runs",
        MODE,
        by_hand.test_manual_logging_leaves_at_most_one_run,
        in_a_run(
            with_sql(
                "INSERT INTO runs (run_uuid, name, status, start_time, end_time, lifecycle_stage,"
                " artifact_uri, experiment_id) SELECT 'second', name, status, start_time,"
                " end_time, lifecycle_stage, artifact_uri, experiment_id FROM runs LIMIT 1"
            )
        ),
        r"\.db: has [2-9] runs .*, should have at most one$",
    ),
    Mutant(
        "parameters",
        MODE,
        by_hand.test_manual_logging_logs_no_parameters,
        in_a_run(with_param("C", "100.0")),
        r"^parameters nobody logged\n  found: C=100\.0",
    ),
    Mutant(
        "tag",
        MODE,
        by_hand.test_manual_logging_sets_no_tags,
        in_a_run(with_sql("INSERT INTO tags SELECT 'team', 'x', run_uuid FROM runs")),
        r"^tags nobody set\n  found: team=x",
    ),
    Mutant(
        "metrics",
        MODE,
        by_hand.test_manual_logging_logs_no_metrics,
        in_a_run(with_metric("training_score", 0.5)),
        r"^metrics nobody logged\n  found: training_score=0\.5",
    ),
    Mutant(
        "another-file",
        MODE,
        by_hand.test_manual_logging_logs_no_other_files,
        with_another_file,
        r"^artifacts nobody logged\n  found: notes\.txt\n",
    ),
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """What a script leaves beside its model fails the check that owns it."""
    require_caught(mutant, bench)
