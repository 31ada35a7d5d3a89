"""What the tests of mutants ask for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.catalogue_entry import CatalogueError
from fixtures.options import SETTINGS
from fixtures.reference import Reference, Split
from fixtures.selection import Subject
from fixtures.sqlite_target import NAME as SQLITE
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
    copy = replace(good, directory=tmp_path / "model", database=tmp_path / "store.db")
    shutil.copytree(good.directory, copy.directory)
    shutil.copyfile(good.database, copy.database)
    with ExitStack() as closing:
        yield Bench(
            model=copy,
            twin=None if twin is None else open_model(Subject(twin, SQLITE), run_root),
            reference=references.setdefault(mode.name, Reference(mode, data_split)),
            experiment=catalogue.experiment,
            case=mutant.find_case(mode),
            folder=tmp_path,
            closing=closing,
        )
    shutil.rmtree(tmp_path)
