"""The reader of the SQLite tracking store: it changes nothing, and refuses other files."""

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mlflow_conformance.stores.records import LoggedModel, OtherContent, UnreadableStore
from mlflow_conformance.stores.sqlite_store import read_logged_models, read_other_content, read_runs

TABLES = """
CREATE TABLE experiments (experiment_id INTEGER, name TEXT, lifecycle_stage TEXT);
CREATE TABLE runs (run_uuid TEXT, experiment_id INTEGER, status TEXT, start_time INTEGER,
                   end_time INTEGER, artifact_uri TEXT, lifecycle_stage TEXT);
CREATE TABLE params (run_uuid TEXT, key TEXT, value TEXT);
CREATE TABLE latest_metrics (run_uuid TEXT, key TEXT, value REAL, is_nan INTEGER);
CREATE TABLE tags (run_uuid TEXT, key TEXT, value TEXT);
CREATE TABLE datasets (name TEXT, digest TEXT);
INSERT INTO experiments VALUES (1, 'lab', 'active'), (2, 'other', 'deleted');
"""
MODEL_TABLES = """
CREATE TABLE logged_models (model_id TEXT, experiment_id INTEGER, name TEXT, source_run_id TEXT,
                            status INTEGER);
CREATE TABLE logged_model_params (model_id TEXT, param_key TEXT, param_value TEXT);
CREATE TABLE logged_model_tags (model_id TEXT, tag_key TEXT, tag_value TEXT);
CREATE TABLE logged_model_metrics (model_id TEXT, metric_name TEXT, metric_value REAL);
"""
NAMES = ("experiments", "runs", "params", "latest_metrics", "tags")


def change(database: Path, script: str) -> None:
    """Run an SQL script in the database."""
    with closing(sqlite3.connect(database)) as store:
        store.executescript(script)


def add_run(database: Path, run_id: str, uri: object = "/nowhere", *, start: int = 0) -> None:
    """Add a finished run to the store."""
    row = (run_id, 1, "FINISHED", start, None, uri, "active")
    with closing(sqlite3.connect(database)) as store, store:
        store.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def digest(database: Path) -> tuple[str, list[str]]:
    """Return the digest of the file, and the names of the files beside it."""
    beside = sorted(path.name for path in database.parent.iterdir())
    return hashlib.sha256(database.read_bytes()).hexdigest(), beside


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A store with the tables that are read, and no run."""
    path = tmp_path / "a folder" / "mlflow 100%?#.db"
    path.parent.mkdir()
    change(path, TABLES)
    return path


def test_a_run_is_read_with_all_it_holds(database: Path, tmp_path: Path) -> None:
    """A run is read with its parameters, last metrics, tags and files."""
    artifacts = tmp_path / "run files"
    (artifacts / "model").mkdir(parents=True)
    (artifacts / "model" / "MLmodel").touch()
    (artifacts / "plot.png").touch()
    add_run(database, "r1", artifacts.as_uri())
    change(
        database,
        "INSERT INTO params VALUES ('r1', 'C', '100'), ('r2', 'C', '1');"
        "INSERT INTO latest_metrics VALUES ('r1', 'score', 0.5, 0), ('r1', 'lost', 0, 1);"
        "INSERT INTO tags VALUES ('r1', 'a', 'b');",
    )
    (run,) = read_runs(database)
    assert (run.run_id, run.experiment, run.status) == ("r1", "lab", "FINISHED")
    assert (run.start_time, run.end_time) == (0, None)
    assert (run.params, run.tags) == ({"C": "100"}, {"a": "b"})
    assert run.metrics["score"] == 0.5
    assert run.metrics["lost"] is None or math.isnan(run.metrics["lost"])
    assert run.artifact_directory == artifacts
    assert run.artifacts == ("model/MLmodel", "plot.png")


def test_runs_are_the_living_ones_oldest_first(database: Path) -> None:
    """Deleted runs are left out; the others are ordered by start time."""
    for run_id, start in (("late", 2), ("b", 1), ("a", 1), ("gone", 0)):
        add_run(database, run_id, start=start)
    change(database, "UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = 'gone'")
    assert [run.run_id for run in read_runs(database)] == ["a", "b", "late"]


def test_a_store_without_runs_has_none(database: Path) -> None:
    """An empty store has no runs."""
    assert read_runs(database) == ()


def test_the_rest_is_read_with_all_it_holds(database: Path) -> None:
    """Experiments, deleted runs, datasets, and entries of logged models are read."""
    add_run(database, "r1")
    add_run(database, "gone")
    change(database, "UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = 'gone'")
    change(database, MODEL_TABLES)
    change(
        database,
        "INSERT INTO datasets VALUES ('rows', '86dd08da');"
        "INSERT INTO logged_model_params VALUES ('m', 'C', '100');"
        "INSERT INTO logged_model_tags VALUES ('m', 'b', '2'), ('m', 'a', '1');"
        "INSERT INTO logged_model_metrics VALUES ('m', 'score', 0.5), ('m', 'score', 0.5);",
    )
    assert read_other_content(database) == OtherContent(
        experiments=("lab", "other (deleted)"),
        deleted_runs=("gone",),
        datasets=("rows (86dd08da)",),
        model_params=(("C", "100"),),
        model_tags=(("a", "1"), ("b", "2")),
        model_metrics=(("score", 0.5),),
    )


def test_a_store_that_knows_no_logged_models_says_nothing_of_them(database: Path) -> None:
    """All tables of logged models may be missing, as in MLflow 2, but not only some."""
    found = read_other_content(database)
    assert (found.model_params, found.model_tags, found.model_metrics) == ((), (), ())
    change(database, f"{MODEL_TABLES} DROP TABLE logged_model_tags;")
    with pytest.raises(UnreadableStore, match="no such table: logged_model_tags"):
        read_other_content(database)


def test_logged_models_are_read_with_their_experiment_and_run(database: Path) -> None:
    """A logged model is read with name, experiment, status, and its run if it has one."""
    assert read_logged_models(database) == ()
    change(database, MODEL_TABLES)
    change(
        database,
        "INSERT INTO logged_models VALUES ('m-2', 2, 'b', NULL, 1), ('m-1', 1, 'model', 'r1', 2),"
        " ('m-3', 1, 'c', NULL, 3), ('m-4', 1, 'd', NULL, 0);",
    )
    assert read_logged_models(database) == (
        LoggedModel("m-1", "model", "lab", "r1", "READY"),
        LoggedModel("m-2", "b", "other", None, "PENDING"),
        LoggedModel("m-3", "c", "lab", None, "FAILED"),
        LoggedModel("m-4", "d", "lab", None, "0"),
    )


@pytest.mark.parametrize("name", ["experiments", "runs", "datasets"])
def test_a_table_missing_from_the_rest_is_named(name: str, database: Path) -> None:
    """A missing table that every MLflow has is named."""
    change(database, f"DROP TABLE {name}")
    with pytest.raises(UnreadableStore, match=f"no such table: {name}"):
        read_other_content(database)


def test_reading_changes_nothing(database: Path) -> None:
    """Reading changes no byte of the file and creates no other file."""
    add_run(database, "r1")
    before = digest(database)
    read_runs(database)
    read_other_content(database)
    assert digest(database) == before


def test_a_store_that_must_not_be_written_is_read(database: Path) -> None:
    """A read-only file in a read-only folder is read."""
    add_run(database, "r1")
    database.chmod(0o400)
    database.parent.chmod(0o500)
    try:
        assert [run.run_id for run in read_runs(database)] == ["r1"]
    finally:
        database.parent.chmod(0o700)


@pytest.mark.parametrize(
    "spoil",
    [
        Path.unlink,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("not a database, but long enough to have a header" * 9),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:100] + b"\xff" * 9000),
    ],
    ids=["missing", "empty", "text", "cut off", "overwritten"],
)
def test_what_is_no_store_is_refused_by_name(
    spoil: Callable[[Path], object], database: Path
) -> None:
    """A file that is missing or not a store is refused with its path, and none is created."""
    spoil(database)
    existed = database.exists()
    with pytest.raises(UnreadableStore) as caught:
        read_runs(database)
    assert str(caught.value).startswith(f"{database}: not a tracking store the suite reads: ")
    assert database.exists() is existed


def test_a_directory_is_no_store(tmp_path: Path) -> None:
    """A folder in the place of the store is refused with its path."""
    with pytest.raises(UnreadableStore, match=f"^{tmp_path}: not a tracking store"):
        read_runs(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_table_is_named(name: str, database: Path) -> None:
    """A store without one of the tables is refused, and the table is named."""
    add_run(database, "r1")
    change(database, f"DROP TABLE {name}")
    with pytest.raises(UnreadableStore, match=f"no such table: {name}"):
        read_runs(database)


def test_a_missing_column_is_named(database: Path) -> None:
    """A store with other columns is refused, and the column is named."""
    change(database, "ALTER TABLE runs RENAME COLUMN run_uuid TO run_id")
    with pytest.raises(UnreadableStore, match=r"no such column: r\.run_uuid"):
        read_runs(database)


def test_text_that_is_none_is_refused(database: Path) -> None:
    """A store with text that is not UTF-8 is refused."""
    add_run(database, "r1")
    change(database, "INSERT INTO params VALUES ('r1', 'C', CAST(x'ff' AS TEXT))")
    with pytest.raises(UnreadableStore, match="UTF-8"):
        read_runs(database)


@pytest.mark.parametrize("uri", [None, "http://[nowhere", b"a"])
def test_a_place_that_is_none_is_refused(uri: object, database: Path) -> None:
    """A store with a run whose artifact URI is malformed is refused."""
    add_run(database, "r1", uri)
    with pytest.raises(UnreadableStore):
        read_runs(database)
