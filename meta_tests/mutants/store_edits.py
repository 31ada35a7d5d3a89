"""Edits that break the runs and logged models in the tracking store."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from meta_tests.mutants.harness import Bench
from mlflow_conformance.model.model_under_test import HISTORY

Break = Callable[[Bench], None]
RUN_ID = 32 * "f"
# These tables exist from MLflow 3 on.
MODEL_TABLES = {
    "logged_models": "model_id, experiment_id, name, artifact_location, creation_timestamp_ms,"
    " last_updated_timestamp_ms, status, lifecycle_stage, source_run_id",
    "logged_model_params": "model_id, experiment_id, param_key, param_value",
    "logged_model_tags": "model_id, experiment_id, tag_key, tag_value",
    "logged_model_metrics": "model_id, metric_name, metric_timestamp_ms, metric_step,"
    " metric_value, experiment_id, run_id",
}


def with_sql(statement: str, *values: object) -> Break:
    """Return an edit of the copied database; it fails if the statement changes nothing."""

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
        RUN_ID,
        str(folder),
        bench.experiment,
    )(bench)


def with_param(key: str, value: str) -> Break:
    """Return an edit that adds a parameter to every run."""
    return with_sql(
        "INSERT INTO params (key, value, run_uuid) SELECT ?, ?, run_uuid FROM runs", key, value
    )


def with_metric(key: str, value: float) -> Break:
    """Return an edit that adds a metric to every run."""
    return with_sql(
        "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)"
        " SELECT ?, ?, 0, 0, 0, run_uuid FROM runs",
        key,
        value,
    )


def with_artifacts(change: Callable[[Path], object]) -> Break:
    """Return an edit that points the only run to a changed copy of its artifacts."""

    def edit(bench: Bench) -> None:
        folder = bench.folder / "artifacts"
        (run,) = bench.model.runs
        if run.artifact_directory.is_dir():
            shutil.copytree(run.artifact_directory, folder)
        change(folder)
        with_sql("UPDATE runs SET artifact_uri = ?", str(folder))(bench)

    return edit


def in_a_run(break_: Break) -> Break:
    """Return an edit that first adds a run: with MLflow 3, a mode that logs by hand has none."""

    def edit(bench: Bench) -> None:
        with_run(bench)
        break_(bench)

    return edit


def with_dataset(bench: Bench) -> None:
    """Add a run with a dataset."""
    with_run(bench)
    with_sql(
        "INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type,"
        " dataset_source) SELECT 'd', experiment_id, 'lab', '86dd08da', 'code', '{}' FROM runs"
        " LIMIT 1"
    )(bench)
    with_sql(
        "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)"
        " SELECT 'i', 'DATASET', 'd', 'RUN', run_uuid FROM runs LIMIT 1"
    )(bench)


def with_experiment(name: str, stage: str = "active") -> Break:
    """Return an edit that adds an experiment."""
    return with_sql(
        "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (77, ?, ?)",
        name,
        stage,
    )


def with_model_param(key: str, value: str) -> Break:
    """Return an edit that adds a parameter to a logged model."""
    return _with_models(
        "INSERT INTO logged_model_params VALUES (:id, :experiment, :1, :2)", key, value
    )


def with_model_tag(key: str, value: str) -> Break:
    """Return an edit that adds a tag to a logged model."""
    return _with_models(
        "INSERT INTO logged_model_tags VALUES (:id, :experiment, :1, :2)", key, value
    )


def with_model_metric(key: str, value: float) -> Break:
    """Return an edit that adds a metric to a logged model, from a deleted run."""
    return _with_models(
        "INSERT INTO logged_model_metrics (model_id, metric_name, metric_timestamp_ms, metric_step,"
        " metric_value, experiment_id, run_id) VALUES (:id, :1, 0, 0, :2, :experiment, 'gone')",
        key,
        value,
    )


def with_logged_model(name: str, experiment: int) -> Break:
    """Return an edit that adds a logged model to an experiment."""
    return _with_models(
        "INSERT INTO logged_models (model_id, experiment_id, name, artifact_location,"
        " creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage)"
        " VALUES ('m-another', :2, :1, '/nowhere', 1, 2, 2, 'active')",
        name,
        experiment,
    )


def noted_by_the_store(bench: Bench) -> None:
    """Record the model in a run's tags, as MLflow 2 does."""
    note = f'[{{"model_uuid": "{bench.model.mlmodel.model_uuid}"}}]'
    with_sql(
        "INSERT INTO tags (key, value, run_uuid) SELECT ?, ?, run_uuid FROM runs", HISTORY, note
    )(bench)


def without_its_run(bench: Bench) -> None:
    """Remove the reference from the store to the run that logged the model."""
    if bench.model.logged:
        with_sql("UPDATE logged_models SET source_run_id = NULL")(bench)
    else:
        with_sql("DELETE FROM tags WHERE key = ?", HISTORY)(bench)


def unfinished(bench: Bench) -> None:
    """Set the run, or a logged model without one, to an unfinished status."""
    if bench.model.runs:
        with_sql("UPDATE runs SET status = 'RUNNING', end_time = NULL")(bench)
    else:
        with_sql("UPDATE logged_models SET status = 1")(bench)


def emptied(bench: Bench) -> None:
    """Remove all runs and logged models from the store."""
    if bench.model.runs:
        with_sql("UPDATE runs SET lifecycle_stage = 'deleted'")(bench)
    if bench.model.logged:
        with_sql("DELETE FROM logged_models")(bench)


def _with_models(statement: str, *values: object) -> Break:
    """Return an edit of the tables of logged models; they are created if MLflow 2 has none."""

    def edit(bench: Bench) -> None:
        with closing(sqlite3.connect(bench.model.store.path)) as store, store:
            for table, columns in MODEL_TABLES.items():
                store.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
            found = store.execute("SELECT model_id, experiment_id FROM logged_models").fetchall()
            model_id, experiment = found[0] if found else ("m-another", 1)
            named = {str(number): value for number, value in enumerate(values, start=1)}
            store.execute(statement, {"id": model_id, "experiment": experiment, **named})

    return edit
