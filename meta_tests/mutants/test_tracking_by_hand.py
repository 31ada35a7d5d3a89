"""Mutants of scripts that log by hand: they log something besides the model."""

from __future__ import annotations

from conformance import test_tracking_by_hand as by_hand
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.model_edits import with_key, with_text
from meta_tests.mutants.store_edits import (
    RUN_ID,
    emptied,
    in_a_run,
    with_dataset,
    with_experiment,
    with_metric,
    with_model_metric,
    with_model_param,
    with_model_tag,
    with_param,
    with_run,
    with_sql,
)
from mlflow_conformance.model.model_under_test import COPIES, WRITTEN_ALWAYS

MODE = "infer-frame"


def with_another_file(bench: Bench) -> None:
    """Add a run with an artifact outside of the model's folder."""
    with_run(bench)
    (bench.folder / "another-run" / "notes.txt").touch()


def with_copies(bench: Bench) -> None:
    """Add copies of the environment files, as MLflow 2.11 does, and another file."""
    (bench.model.directory / COPIES).mkdir(exist_ok=True)
    for name in (*WRITTEN_ALWAYS, "notes.txt"):
        (bench.model.directory / COPIES / name).touch()


def with_a_file_in_its_own_code(bench: Bench) -> None:
    """Set the model's own folder as its code path, and add a file to it."""
    with_key("flavors.sklearn.code", ".")(bench)
    with_text("extra.txt", "x")(bench)


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
        r"\.db: has [2-9] runs .*, should have (at most|exactly) one$",
    ),
    Mutant(
        "no-run-and-no-logged-model",
        MODE,
        by_hand.test_manual_logging_leaves_at_most_one_run,
        emptied,
        r"\.db: has 0 runs \[\], should have exactly one$",
    ),
    Mutant(
        "deleted-run",
        MODE,
        by_hand.test_manual_logging_deletes_no_runs,
        in_a_run(with_sql("UPDATE runs SET lifecycle_stage = 'deleted'")),
        rf"^runs that are deleted\n  found: .*{RUN_ID}.*\n  should be: none\n  where: .*\.db$",
    ),
    Mutant(
        "another-experiment",
        MODE,
        by_hand.test_manual_logging_makes_no_experiments,
        with_experiment("sweep"),
        r"^experiments beside 'diabetes-training' and 'Default'\n  found: sweep\n",
    ),
    Mutant(
        "deleted-experiment",
        MODE,
        by_hand.test_manual_logging_makes_no_experiments,
        with_experiment("sweep", "deleted"),
        r"^experiments beside 'diabetes-training' and 'Default'\n  found: sweep \(deleted\)\n",
    ),
    Mutant(
        "dataset",
        MODE,
        by_hand.test_manual_logging_logs_no_datasets,
        with_dataset,
        r"^datasets that the catalogue does not name\n  found: lab \(86dd08da\)\n",
    ),
    Mutant(
        "parameters",
        MODE,
        by_hand.test_manual_logging_logs_no_parameters,
        in_a_run(with_param("C", "100.0")),
        r"^parameters that the catalogue does not name\n  found: C=100\.0",
    ),
    Mutant(
        "parameter-of-the-model",
        MODE,
        by_hand.test_manual_logging_logs_no_parameters,
        with_model_param("C", "100.0"),
        r"^parameters that the catalogue does not .*\n  found: C=100\.0 \(of the logged model\)\n",
    ),
    Mutant(
        "tag",
        MODE,
        by_hand.test_manual_logging_sets_no_tags,
        in_a_run(with_sql("INSERT INTO tags SELECT 'team', 'x', run_uuid FROM runs")),
        r"^tags that the catalogue does not name\n  found: team=x",
    ),
    Mutant(
        "tag-of-the-model",
        MODE,
        by_hand.test_manual_logging_sets_no_tags,
        with_model_tag("team", "x"),
        r"^tags that the catalogue does not name\n  found: team=x \(of the logged model\)\n",
    ),
    Mutant(
        "metrics",
        MODE,
        by_hand.test_manual_logging_logs_no_metrics,
        in_a_run(with_metric("training_score", 0.5)),
        r"^metrics that the catalogue does not name\n  found: training_score=0\.5",
    ),
    Mutant(
        "metric-of-the-model",
        MODE,
        by_hand.test_manual_logging_logs_no_metrics,
        with_model_metric("score", 0.5),
        r"^metrics that the catalogue does not .*\n  found: score=0\.5 \(of the logged model\)\n",
    ),
    Mutant(
        "another-file",
        MODE,
        by_hand.test_manual_logging_logs_no_other_files,
        with_another_file,
        r"^artifacts that the catalogue does not name\n  found: notes\.txt\n",
    ),
    Mutant(
        "file-in-the-model",
        MODE,
        by_hand.test_manual_logging_adds_no_files_to_the_model,
        with_text("extra.txt", "x"),
        r"^files of the model that MLmodel does not name\n  found: extra\.txt\n",
    ),
    Mutant(
        "file-in-the-folder-of-copies",
        MODE,
        by_hand.test_manual_logging_adds_no_files_to_the_model,
        with_copies,
        r"^files of the model that MLmodel does not name\n  found: metadata/notes\.txt\n",
    ),
    Mutant(
        "model-is-its-own-code",
        MODE,
        by_hand.test_manual_logging_adds_no_files_to_the_model,
        with_a_file_in_its_own_code,
        r"^files of the model that MLmodel does not name\n  found: extra\.txt\n",
    ),
    Mutant(
        "metadata",
        MODE,
        by_hand.test_manual_logging_gives_no_metadata,
        with_key("metadata", {"team": "x"}),
        r"^metadata of the model .*\n  found: \{'team': 'x'\}\n  should be: None\n",
    ),
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """Anything that a script logs besides its model fails the check that owns it."""
    require_caught(mutant, bench)
