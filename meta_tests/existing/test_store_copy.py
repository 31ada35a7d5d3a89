"""The copy of a SQLite store that MLflow is asked instead of the user's own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mlflow_conformance.existing.store_copy import asked_instead
from mlflow_conformance.support.plain_files import UnreadableFile
from mlflow_conformance.support.yaml_entry import ConfigurationError


def store_in(folder: Path) -> Path:
    """Return a SQLite file with one table, whose name has characters that mean something."""
    file = folder / "a store #1.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE runs (id)")
    return file


@pytest.mark.parametrize("uri", ["sqlite:///{}", "sqlite+pysqlite:///{}", "sqlite:///{}?timeout=1"])
def test_what_is_written_to_the_copy_is_not_in_the_store(uri: str, tmp_path: Path) -> None:
    """The copy has the store's tables, and the store none that are added to the copy."""
    file = store_in(tmp_path)
    before = file.read_bytes()
    copy = asked_instead(uri.format(file), tmp_path, "copy.db")
    assert copy == f"sqlite:///{tmp_path}/copy.db"
    with closing(sqlite3.connect(tmp_path / "copy.db")) as database, database:
        database.execute("ALTER TABLE runs ADD COLUMN more")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "uri", ["http://host:5000", "file:///a/mlruns", "./mlruns", "postgresql://me@host/mlflow.db"]
)
def test_other_stores_are_asked_themselves(uri: str, tmp_path: Path) -> None:
    """A server, a file store and another database are not copied."""
    assert asked_instead(uri, tmp_path, "copy.db") == uri
    assert not list(tmp_path.iterdir())


def test_a_store_that_is_not_there_is_not_created(tmp_path: Path) -> None:
    """A wrong path is an error that names it; no file is left there."""
    with pytest.raises(UnreadableFile, match=r"nowhere\.db: cannot be read: No such file"):
        asked_instead(f"sqlite:///{tmp_path}/nowhere.db", tmp_path, "copy.db")
    assert not list(tmp_path.iterdir())


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """A file that is no SQLite file is named in one line."""
    file = tmp_path / "notes.txt"
    file.write_text("no store" * 1000, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"^\S+notes\.txt: is no SQLite store: "):
        asked_instead(f"sqlite:///{file}", tmp_path, "copy.db")
