"""What the tests of mutants ask for."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.catalogue_entry import CatalogueError
from fixtures.options import SETTINGS
from fixtures.reference import Reference, Split
from fixtures.run_store import SqliteStore
from fixtures.sqlite_target import NAME as SQLITE
from fixtures.targets import Subject
from fixtures.under_test import open_model
from meta_tests.mutants import Bench, Mutant


@pytest.fixture
def bench(
    mutant: Mutant,
    pytestconfig: pytest.Config,
    run_root: Path,
    data_split: Split,
    references: dict[str, Reference],
    tmp_path: Path,
) -> Iterator[Bench]:
    """A copy of the good model that a mutant starts from; it is gone after the test."""
    catalogue = pytestconfig.stash[SETTINGS].catalogue
    try:
        mode = catalogue.mode(mutant.mode)
        twin = None if mutant.twin is None else catalogue.mode(mutant.twin)
    except CatalogueError as error:
        pytest.skip(f"not the suite's own catalogue: {error}")
    good = open_model(Subject(mode, SQLITE), run_root)
    store = SqliteStore(tmp_path / "store.db")
    is_saved = mode.logged_with == "save_model"
    # A saved model is told from others by its place among the artifacts of a run.
    directory = tmp_path / "run" / str(good.path_in_run) if is_saved else tmp_path / "model"
    copy = replace(good, directory=directory, store=store)
    shutil.copytree(good.directory, copy.directory)
    shutil.copyfile(good.store.path, store.path)
    if is_saved:
        with closing(sqlite3.connect(store.path)) as database, database:
            database.execute("UPDATE runs SET artifact_uri = ?", (str(tmp_path / "run"),))
    with ExitStack() as stack:
        yield Bench(
            model=copy,
            twin=None if twin is None else open_model(Subject(twin, SQLITE), run_root),
            reference=references.setdefault(mode.name, Reference(mode, data_split)),
            experiment=catalogue.experiment,
            case=mutant.find_case(mode),
            folder=tmp_path,
            closing=stack,
        )
    shutil.rmtree(tmp_path)
