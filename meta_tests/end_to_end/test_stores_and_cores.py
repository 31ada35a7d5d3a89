"""Runs on several cores, and with other stores than the default one."""

from __future__ import annotations

from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, caller, mode, run, write_catalogue

CORES = {"PYTEST_XDIST_AUTO_NUM_WORKERS": "2"}
KILLED = "test_flavors_are_the_promised_ones[one-sqlite]"
DYING = f"""\
import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    if item.name == {KILLED!r}:
        os._exit(9)
"""

NOTING = """\
import pathlib
import sys

IS_WARM = "mlflow" in sys.modules


def pytest_configure(config):
    worker = getattr(config, "workerinput", {}).get("workerid", "controller")
    with pathlib.Path(__file__).with_name("noted.txt").open("a") as file:
        file.write(f"{worker}: {IS_WARM}\\n")
"""


def run_two(folder: Path, *options: str, **variables: str) -> SuiteRun:
    """Run the promises on outcome and flavors of two good modes."""
    catalogue = write_catalogue(folder, [mode(name, "model.py") for name in ("one", "two")], {})
    modules = ["outcome", "flavors", "stores"]
    arguments = ("--catalogue", str(catalogue), *options)
    return run(folder, *arguments, environment=caller(**variables), modules=modules)


def test_there_is_a_worker_for_each_core(tmp_path: Path) -> None:
    """Without ``-n``, the promises are checked by several workers, and counted as by one."""
    spread = run_two(tmp_path, **CORES)
    alone = run_two(tmp_path, "-n", "0", **CORES)
    assert (spread.exit_code, alone.exit_code) == (0, 0), spread.output
    assert spread.lines_with("2 workers [20 items]")
    assert not alone.lines_with("workers [")
    assert spread.lines_with("promises checked") == alone.lines_with("promises checked")


def test_workers_have_imported_mlflow(tmp_path: Path) -> None:
    """They are forked from the warm interpreter, without a word of pytest about it."""
    (tmp_path / "noting.py").write_text(NOTING)
    ended = run_two(tmp_path, "-p", "noting", PYTHONPATH=str(tmp_path), **CORES)
    assert ended.exit_code == 0, ended.output
    assert not ended.lines_with("warning")
    noted = sorted((tmp_path / "noted.txt").read_text().splitlines())
    assert noted == ["controller: False", "gw0: True", "gw1: True"]


def test_a_worker_that_dies_is_told_once(tmp_path: Path) -> None:
    """The test that it ran is lost and fails the run; another worker runs the rest."""
    (tmp_path / "dying.py").write_text(DYING)
    ended = run_two(tmp_path, "-p", "dying", PYTHONPATH=str(tmp_path), **CORES)
    assert ended.exit_code == pytest.ExitCode.TESTS_FAILED, ended.output
    assert ended.lines_with(f"crashed while running 'conformance/test_flavors.py::{KILLED}'")
    assert ended.lines_with("LOST one-sqlite: 1 of ")
    assert ended.lines_with("all: ")[0].startswith("all: 19 of ")


@pytest.mark.package_index  # of the drivers for PostgreSQL
def test_every_store_of_this_machine_is_checked(tmp_path: Path) -> None:
    """``--target all`` trains each mode at each store, and compares the models."""
    ended = run_two(tmp_path, "--target", "all")
    assert ended.exit_code == 0, ended.output
    for name in ("sqlite", "file", "default", "server", "postgres"):
        assert ended.lines_with(f"  one-{name} logged a model")
    targets = ["default", "file", "file-unallowed", "postgres", "server", "sqlite"]
    assert [line.split(":")[0] for line in ended.lines_with("promises checked")] == [
        *(f"{name}-{target}" for name in ("one", "two") for target in targets),
        "all",
    ]
