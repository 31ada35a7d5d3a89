"""Ways of breaking what the tracking store says of runs."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from meta_tests.mutants import Bench

Break = Callable[[Bench], None]
RUN_ID = 32 * "f"


def with_sql(statement: str, *values: object) -> Break:
    """Change the copied database; a statement that changes nothing breaks nothing and fails."""

    def edit(bench: Bench) -> None:
        with closing(sqlite3.connect(bench.model.store.path)) as store, store:
            assert store.execute(statement, values).rowcount, f"nothing was broken by {statement}"

    return edit


def with_run(bench: Bench) -> None:
    """Add a finished run to the mode's experiment, with an empty artifact folder."""
    folder = bench.folder / "another-run"
    folder.mkdir()
    with_sql(
        "INSERT INTO runs (run_uuid, name, status, start_time, end_time, lifecycle_stage,"
        " artifact_uri, experiment_id) SELECT ?, 'another', 'FINISHED', 1, 2, 'active', ?,"
        " experiment_id FROM experiments WHERE name = ?",
        *(RUN_ID, str(folder), bench.experiment),
    )(bench)


def with_param(key: str, value: str) -> Break:
    """Add a parameter to every run there is."""
    return with_sql(
        "INSERT INTO params (key, value, run_uuid) SELECT ?, ?, run_uuid FROM runs", key, value
    )


def with_metric(key: str, value: float) -> Break:
    """Add a metric to every run there is."""
    return with_sql(
        "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)"
        " SELECT ?, ?, 0, 0, 0, run_uuid FROM runs",
        *(key, value),
    )


def with_artifacts(change: Callable[[Path], object]) -> Break:
    """Change a copy of the only run's artifacts, and let the run mean the copy."""

    def edit(bench: Bench) -> None:
        folder = bench.folder / "artifacts"
        (run,) = bench.model.runs
        if run.artifact_directory.is_dir():
            shutil.copytree(run.artifact_directory, folder)
        change(folder)
        with_sql("UPDATE runs SET artifact_uri = ?", str(folder))(bench)

    return edit


def in_a_run(break_: Break) -> Break:
    """Return an edit that first adds a run: MLflow 3 logs a model by hand without one."""

    def edit(bench: Bench) -> None:
        with_run(bench)
        break_(bench)

    return edit


def with_dataset(bench: Bench) -> None:
    """Let a run use a dataset."""
    with_run(bench)
    with_sql(
        "INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type,"
        " dataset_source) SELECT 'd', experiment_id, 'lab', '86dd08da', 'code', '{}' FROM runs"
    )(bench)
    with_sql(
        "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)"
        " SELECT 'i', 'DATASET', 'd', 'RUN', run_uuid FROM runs"
    )(bench)


def with_experiment(name: str, stage: str = "active") -> Break:
    """Add an experiment."""
    return with_sql(
        "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (77, ?, ?)",
        *(name, stage),
    )


def with_model_param(key: str, value: str) -> Break:
    """Add a parameter to the logged model."""
    return with_sql(
        "INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value)"
        " SELECT model_id, experiment_id, ?, ? FROM logged_models",
        *(key, value),
    )


def with_model_tag(key: str, value: str) -> Break:
    """Add a tag to the logged model."""
    return with_sql(
        "INSERT INTO logged_model_tags (model_id, experiment_id, tag_key, tag_value)"
        " SELECT model_id, experiment_id, ?, ? FROM logged_models",
        *(key, value),
    )


def with_logged_model(name: str, experiment: int) -> Break:
    """Add a logged model to an experiment, in a table that MLflow has from 3 on."""

    def edit(bench: Bench) -> None:
        with closing(sqlite3.connect(bench.model.store.path)) as store, store:
            columns = store.execute("SELECT name FROM pragma_table_info('logged_models')")
            if not columns.fetchall():
                store.execute(
                    "CREATE TABLE logged_models (model_id, experiment_id, name, artifact_location,"
                    " creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage,"
                    " source_run_id)"
                )
            store.execute(
                "INSERT INTO logged_models (model_id, experiment_id, name, artifact_location,"
                " creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage)"
                " VALUES ('m-another', ?, ?, '/nowhere', 1, 2, 2, 'active')",
                (experiment, name),
            )

    return edit
