"""How many processes check the promises, and which tests share one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from execnet.gateway_io import popen_args
from execnet.xspec import XSpec

from meta_tests.exercise import EXERCISE
from mlflow_conformance.processes.warm_worker import worker_spec
from mlflow_conformance.pytest_plugin import workers
from mlflow_conformance.pytest_plugin.options import Settings
from mlflow_conformance.pytest_plugin.workers import (
    choose,
    group_of,
    number_of_workers,
    start_warm,
)
from mlflow_conformance.support.run_folder import RunFolder

SETTINGS = Settings(EXERCISE, EXERCISE.modes, 1.0)


def command_line(cores: int = 4, **options: Any) -> pytest.Config:
    """Return the part of a configuration that is read, of a machine with so many cores."""
    option = {"numprocesses": None, "tx": [], "dist": "no", "capture": "fd", **options}
    hook = SimpleNamespace(pytest_xdist_auto_num_workers=lambda config: cores)
    found = SimpleNamespace(option=SimpleNamespace(**option), hook=hook, stash=pytest.Stash())
    return cast(pytest.Config, found)


@pytest.fixture(autouse=True)
def promises(monkeypatch: pytest.MonkeyPatch) -> None:
    """All runs are about promises."""
    monkeypatch.setattr(workers, "asks_for_promises", lambda config: True)


@pytest.mark.parametrize(("cores", "number"), [(1, 1), (2, 2), (64, 9)])
def test_there_is_a_worker_for_each_core(cores: int, number: int) -> None:
    """There are at most as many workers as modes."""
    assert number_of_workers(command_line(cores), SETTINGS) == number


@pytest.mark.parametrize(
    "options",
    [
        *({"numprocesses": number} for number in (0, 1, 8, "auto")),
        *({"tx": ["popen"]}, {"dist": "loadfile"}, {"capture": "no"}),
        *({name: True} for name in workers.IN_ONE_PROCESS),
    ],
    ids=str,
)
def test_the_user_s_choice_is_kept(options: dict[str, Any]) -> None:
    """Options of xdist, and those that need one process, are left alone."""
    config = command_line(**options)
    before = {**vars(config.option)}
    choose(config, SETTINGS)
    assert vars(config.option) == before


@pytest.mark.parametrize("name", ["run", "a run", "it's", "2*run", "a=b"])
def test_workers_that_the_suite_chooses_are_forked(name: str, tmp_path: Path) -> None:
    """Instead of Python, xdist starts a command that asks the warm interpreter for a worker."""
    folder = tmp_path / name
    folder.mkdir()
    config = command_line(2)
    choose(config, SETTINGS)
    start_warm(config, RunFolder(folder))
    assert len(config.option.tx) == 2
    for text in config.option.tx:
        assert popen_args(XSpec(text))[0] == str(folder / "worker-python")
    assert (folder / "worker-python").stat().st_mode & 0o700 == 0o700


def test_workers_that_the_user_chooses_are_xdist_s(tmp_path: Path) -> None:
    """With ``-n 2``, workers are new processes."""
    config = command_line(2, numprocesses=2, tx=["popen"] * 2, dist="load")
    choose(config, SETTINGS)
    start_warm(config, RunFolder(tmp_path))
    assert config.option.tx == ["popen"] * 2


def test_a_folder_with_a_long_name_has_no_socket(tmp_path: Path) -> None:
    """Sockets have short addresses: xdist starts its workers as usual."""
    assert worker_spec(tmp_path / ("x" * 100)) == "popen"


def test_without_xdist_there_are_no_workers() -> None:
    """``-p no:xdist`` removes the options, so nothing can be chosen."""
    config = command_line()
    for name in ("numprocesses", "tx", "dist"):
        delattr(config.option, name)
    assert number_of_workers(config, SETTINGS) == 0


def test_a_worker_starts_no_workers() -> None:
    """A worker gets the options of the main process."""
    config = command_line()
    config.workerinput = {}  # type: ignore[attr-defined]
    assert number_of_workers(config, SETTINGS) == 0


def test_tests_of_the_suite_choose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of the suite's own tests has as many processes as the user says."""
    monkeypatch.setattr(workers, "asks_for_promises", lambda config: False)
    assert number_of_workers(command_line(), SETTINGS) == 0


def test_one_mode_needs_one_process() -> None:
    """A single mode is not worth the start of a second process."""
    config = command_line()
    choose(config, Settings(EXERCISE, EXERCISE.modes[:1], 1.0))
    assert config.option.numprocesses is None


def test_xdist_gets_the_number() -> None:
    """The options are those that ``-n`` sets."""
    config = command_line(2)
    choose(config, SETTINGS)
    option = config.option
    assert (option.numprocesses, option.tx, option.dist) == (
        2,
        ["popen", "popen"],
        workers.BY_SUBJECT,
    )


@pytest.mark.parametrize(
    ("test_id", "found"),
    [
        ("conformance/test_a.py::test_a[infer-array-sqlite]", "infer-array-sqlite"),
        ("conformance/test_a.py::test_a[infer-array-sqlite-some-case]", "infer-array-sqlite"),
        ("conformance/test_a.py::test_a[infer-array-sqlite-two[0]]", "infer-array-sqlite"),
        ("conformance/test_a.py::test_a[infer-arrays-sqlite]", None),
        ("meta_tests/test_a.py::test_a[1]", None),
        ("meta_tests/test_a.py::test_a", None),
    ],
)
def test_tests_of_a_subject_share_a_worker(test_id: str, found: str | None) -> None:
    """A test about no subject is in the group of its module."""
    subjects = ("infer-sqlite", "infer-array-sqlite", "save-sqlite")
    assert group_of(test_id, subjects) == (found or test_id.partition("::")[0])
