"""Fixtures: what all tests leave as it was, and the ``bench`` of the mutant tests."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from meta_tests.mutants.harness import Bench, Mutant
from mlflow_conformance.promises.reference import reference_of
from mlflow_conformance.promises.refit import Refitted
from mlflow_conformance.pytest_plugin.fixtures_model import open_model
from mlflow_conformance.pytest_plugin.options import SETTINGS
from mlflow_conformance.stores.sqlite_store import SqliteStore
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.targets.sqlite import SqliteTarget
from mlflow_conformance.targets.target import Subject


def mlflow_settings() -> dict[str, str]:
    """Return the environment variables that MLflow reads."""
    return {name: value for name, value in os.environ.items() if name.startswith("MLFLOW_")}


@pytest.fixture(scope="session", autouse=True)
def hears_interrupts() -> Iterator[None]:
    """Tests that interrupt runs, and their child processes, hear SIGINT and SIGHUP.

    In the background of a shell SIGINT is ignored, and with nohup SIGHUP; child processes inherit
    that, and a run that cannot be interrupted is not ended by these tests either.
    """
    defaults: dict[int, Any] = {signal.SIGINT: signal.default_int_handler}
    if sys.platform != "win32":
        defaults[signal.SIGHUP] = signal.SIG_DFL
    ignored = [number for number in defaults if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, defaults[number])
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(autouse=True)
def mlflow_variables() -> Iterator[None]:
    """MLflow's variables are after a test what they were before it.

    MLflow sets some in the process that calls it, as ``mlflow.set_registry_uri`` does; what later
    tests start would log and register there.
    """
    before = mlflow_settings()
    yield
    for name in mlflow_settings().keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def bench(
    mutant: Mutant,
    pytestconfig: pytest.Config,
    run_folder: RunFolder,
    all_refitted: dict[str, Refitted],
    tmp_path: Path,
) -> Iterator[Bench]:
    """A copy of the mutant's good model; it is removed after the test."""
    catalogue = pytestconfig.stash[SETTINGS].catalogue
    try:
        mode = catalogue.mode(mutant.mode)
        twin = None if mutant.twin is None else catalogue.mode(mutant.twin)
    except ConfigurationError as error:
        pytest.skip(f"not the suite's own catalogue: {error}")
    target = SqliteTarget()
    good = open_model(Subject(mode, target.name), target, run_folder)
    store = SqliteStore(tmp_path / "store.db")
    # A model among a run's artifacts is identified by its path, so the artifacts are copied, too.
    run = good.holding_run
    directory = tmp_path / ("model" if run is None else f"run/{good.path_in_run}")
    copy = replace(good, directory=directory, store=store)
    shutil.copyfile(good.store.path, store.path)
    if run is None:
        shutil.copytree(good.directory, directory)
    else:
        shutil.copytree(run.artifact_directory, tmp_path / "run")
        with closing(sqlite3.connect(store.path)) as database, database:
            update = "UPDATE runs SET artifact_uri = ? WHERE run_uuid = ?"
            database.execute(update, (str(tmp_path / "run"), run.run_id))
    with ExitStack() as stack:
        yield Bench(
            model=copy,
            twin=None
            if twin is None
            else open_model(Subject(twin, target.name), target, run_folder),
            reference=reference_of(good, all_refitted.get(mode.name)),
            # Only mutants of modes that state an estimator use it.
            refitted=cast(Refitted, all_refitted.get(mode.name)),
            experiment=catalogue.experiment,
            case=mutant.find_case(mode),
            folder=tmp_path,
            closing=stack,
        )
    shutil.rmtree(tmp_path)
