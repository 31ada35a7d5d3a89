"""The report of promises that are not selected: how many, by which option, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from meta_tests.exercise import EXERCISE
from mlflow_conformance.azure.jobs.target import AzureTarget
from mlflow_conformance.pytest_plugin.due_promises import due_promises, key_of, promise_modules
from mlflow_conformance.pytest_plugin.not_selected import (
    DROPPED,
    TestSelection,
    asks_for_promises,
    narrowed,
    refuse_what_checks_nothing,
)
from mlflow_conformance.pytest_plugin.options import SETTINGS, Settings
from mlflow_conformance.pytest_plugin.parametrize import drop_empty
from mlflow_conformance.pytest_plugin.plan import Missing, Plan, Planned
from mlflow_conformance.runner.sqlite_folder import NAME as SQLITE
from mlflow_conformance.servers.deployed.inference_server import is_installed
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.targets.sqlite import SqliteTarget
from mlflow_conformance.targets.target import Target

CATALOGUE = EXERCISE
# The promises about Azure's inference server, of all its modes.
DEPLOYED = 171
SOURCE = pytest.Config.ArgsSource
SERVED = "test_serving.py::test_ping[one-sqlite]"
INI = {
    "addopts": [],
    "python_files": ["test_*.py"],
    "python_functions": ["test"],
    "norecursedirs": [".*", "build"],
}
PLANNED = (Planned("test_a[one]", "one-sqlite", SQLITE, ("one",), serves=False),)
BY_TESTPATHS = SOURCE.TESTPATHS


def config(
    *arguments: str,
    paths: tuple[str, ...] = ("conformance",),
    source: Any = SOURCE.ARGS,
    ini: Mapping[str, Any] | None = None,
    **options: Any,
) -> pytest.Config:
    """Return a configuration of pytest with the parts that are read."""
    settings = {**INI, **(ini or {})}
    nothing = dict.fromkeys(("keyword", "markexpr", "lf", "ignore", "ignore_glob", "override_ini"))
    option = SimpleNamespace(**{**nothing, "deselect": None, "pyargs": False, **options})
    return cast(
        pytest.Config,
        SimpleNamespace(
            option=option,
            invocation_params=SimpleNamespace(args=arguments, dir=ROOT),
            args=list(paths),
            args_source=source,
            inipath=Path("pytest.ini"),
            getini=settings.__getitem__,
        ),
    )


def reported(by: str, configured: pytest.Config, addopts: str = "") -> tuple[str, ...]:
    """Return the report for one missing promise besides a planned one."""
    selection = TestSelection(configured, {"PYTEST_ADDOPTS": addopts})
    found = narrowed(Plan(PLANNED, (Missing(SERVED, "one-sqlite", by),)), selection)
    return found.lines + tuple(f"LOST {line}" for line in found.lost)


SERVING = "conformance/test_serving.py"
OTHER = "conformance/test_outcome.py"
IGNORED: dict[str, Any] = {"ignore": [SERVING]}
HERE, THERE = "(the command line)", "(PYTEST_ADDOPTS)"


@pytest.mark.parametrize(
    ("by", "configured", "addopts", "expected"),
    [
        ("-k", config("-k", "x y", keyword="x y"), "", f"by -k 'x y' {HERE}"),
        ("-k", config("-kx", keyword="x"), "-k z", f"by -k x {HERE}"),
        ("-k", config(keyword="x"), "-k x", f"by -k x {THERE}"),
        (
            "-k",
            config(keyword="x", ini={"addopts": ["-k", "x"]}),
            "",
            "by -k x (addopts in pytest.ini)",
        ),
        ("-k", config("@arguments", keyword="x"), "", f"by -k x {HERE}"),
        ("-m", config("-m", "a", markexpr="a"), "", f"by -m a {HERE}"),
        ("--deselect", config(deselect=["x::y"]), "--deselect=x::y", f"by --deselect {THERE}"),
        ("--lf", config("--last-failed"), "", f"by --lf {HERE}"),
        ("--sw", config(), "--stepwise", f"by --sw {THERE}"),
        ("", config(**IGNORED), f"--ignore={SERVING}", f"by --ignore={SERVING} {THERE}"),
        ("", config("--ignore", SERVING, **IGNORED), "", f"by --ignore={SERVING} {HERE}"),
        (
            "",
            config("--ignore-glob=*serv*", ignore_glob=["*serv*"]),
            "",
            f"by --ignore-glob=*serv* {HERE}",
        ),
        ("", config("--lf", lf=True), "", f"by --lf {HERE}"),
        ("", config(OTHER, paths=(OTHER,)), "", f"by the paths given: {OTHER} {HERE}"),
        ("", config(paths=(OTHER,)), OTHER, f"by the paths given: {OTHER} {THERE}"),
        (
            "",
            config(f"{SERVING}::test_p", paths=(f"{SERVING}::test_p",)),
            "",
            f"by the paths given: {SERVING}::test_p {HERE}",
        ),
        (
            "",
            config(paths=("meta_tests",), source=BY_TESTPATHS),
            "",
            "by testpaths=meta_tests (pytest.ini)",
        ),
        (
            "",
            config(
                "-o",
                "python_files=check_*.py",
                ini={"python_files": ["check_*.py"]},
                override_ini=["python_files=check_*.py"],
            ),
            "",
            f"by python_files {HERE}",
        ),
        ("", config(ini={"python_functions": ["check"]}), "", "by python_functions (pytest.ini)"),
        ("", config(ini={"norecursedirs": ["conf*"]}), "", "by norecursedirs (pytest.ini)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_left_a_promise_out_is_named(
    by: str, configured: pytest.Config, addopts: str, expected: str
) -> None:
    """The report says how many promises are left out, by which option, and where it is set."""
    assert reported(by, configured, addopts) == (f"not selected: 1 of 2 promises {expected}",)


@pytest.mark.parametrize(
    ("by", "configured", "expected"),
    [
        ("", config(), "not collected because of a plugin or a conftest.py"),
        ("", config(ignore=[OTHER]), "not collected because of a plugin or a conftest.py"),
        (DROPPED, config(), "dropped by a plugin or a conftest.py after they were collected"),
        ("shards", config("-k", "x", keyword="x"), "deselected by shards"),
        ("-k", config(keyword="set by a conftest"), "by -k 'set by a conftest'"),
        ("", config(paths=(OTHER,)), f"by the paths given: {OTHER}"),
        ("", config(**IGNORED), f"by --ignore={SERVING}"),
        ("--deselect", config(deselect=["x"]), "by --deselect"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_nobody_asked_for_is_lost(by: str, configured: pytest.Config, expected: str) -> None:
    """A promise that is left out by no option or setting of pytest fails the run."""
    assert reported(by, configured) == (
        f"LOST 1 of 2 promises {expected}: no option and no setting of pytest asks for that",
    )


@pytest.mark.parametrize(
    ("configured", "addopts", "is_lost"),
    [
        (config("--ignore=conformance", ignore=["conformance"]), "", False),
        (config(ignore=["conformance"]), "--ignore=conformance", True),
    ],
    ids=["command line", "PYTEST_ADDOPTS"],
)
def test_a_run_without_a_promise_has_to_be_asked_for(
    configured: pytest.Config, addopts: str, is_lost: bool
) -> None:
    """A run without any promise is green only if the command line asks for it."""
    selection = TestSelection(configured, {"PYTEST_ADDOPTS": addopts})
    found = narrowed(Plan((), (Missing(SERVED, "one-sqlite", ""),)), selection)
    line = "no promise was selected, and nothing on the command line asks for that"
    assert found.lost == ((line,) if is_lost else ())
    assert found.lines[0].startswith("not selected: 1 of 1 promises by --ignore=conformance")


@pytest.mark.parametrize(
    ("configured", "addopts", "is_lost"),
    [
        (config("meta_tests", paths=("meta_tests",)), "", False),
        (config(paths=("meta_tests",), source=SOURCE.INVOCATION_DIR), "", False),
        (config(paths=("meta_tests",)), "meta_tests", True),
        (config(paths=("meta_tests",), source=BY_TESTPATHS), "", True),
    ],
    ids=["command line", "working directory", "PYTEST_ADDOPTS", "testpaths"],
)
def test_the_suite_s_own_tests_alone_have_to_be_asked_for(
    configured: pytest.Config, addopts: str, is_lost: bool
) -> None:
    """Paths without promises are accepted on the command line, and fail the run elsewhere."""
    assert not asks_for_promises(configured)
    assert (
        bool(narrowed(Plan(), TestSelection(configured, {"PYTEST_ADDOPTS": addopts})).lost)
        is is_lost
    )


@pytest.mark.parametrize(
    ("configured", "addopts", "place"),
    [(config("--mode", "b"), "", HERE), (config(), "--mode=b", THERE)],
    ids=["command line", "PYTEST_ADDOPTS"],
)
def test_modes_that_are_left_out_are_counted(
    configured: pytest.Config, addopts: str, place: str
) -> None:
    """``--mode`` is reported with the number of modes that it leaves out."""
    selection = TestSelection(configured, {"PYTEST_ADDOPTS": addopts})
    assert selection.modes_left_out(["b"], 9) == [f"not selected: 8 of 9 modes by --mode {place}"]
    assert selection.modes_left_out([*"abcdefghi"], 9) == []


def test_a_run_of_everything_reports_nothing() -> None:
    """A run of everything reports nothing."""
    found = narrowed(Plan(PLANNED), TestSelection(config("-k", "x", keyword="x"), {}))
    assert (found.lines, found.lost) == ((), ())


@pytest.mark.parametrize(
    ("path", "options", "asks"),
    [
        (".", {}, True),
        ("conformance", {}, True),
        (f"{SERVING}::test_ping", {}, True),
        ("conformance.test_serving", {"pyargs": True}, True),
        ("meta_tests", {}, False),
        ("meta_tests.pytest_plugin.test_not_selected", {"pyargs": True}, False),
    ],
)
def test_paths_lead_to_promises_or_not(path: str, options: dict[str, Any], asks: bool) -> None:
    """Folders above the promises, their modules, and tests in these contain promises."""
    assert asks_for_promises(config(paths=(path,), **options)) is asks


@pytest.mark.parametrize(
    ("place", "configured", "addopts"),
    [
        ("PYTEST_ADDOPTS", config(), "--co"),
        ("addopts in pytest.ini", config(ini={"addopts": ["--collect-only"]}), ""),
        ("a plugin or a conftest.py", config(), ""),
    ],
)
def test_collecting_only_has_to_be_asked_for(
    place: str, configured: pytest.Config, addopts: str
) -> None:
    """``--collect-only`` is refused unless it is on the command line."""
    selection = TestSelection(configured, {"PYTEST_ADDOPTS": addopts})
    with pytest.raises(pytest.UsageError, match=f"^--collect-only stands in {place}, so nothing"):
        refuse_what_checks_nothing(selection, collect_only=True)
    refuse_what_checks_nothing(selection, collect_only=False)
    refuse_what_checks_nothing(TestSelection(config("--co"), {}), collect_only=True)


@pytest.mark.parametrize(
    "targets",
    [(SqliteTarget(),), (SqliteTarget(), AzureTarget())],
    ids=["sqlite", "sqlite and azure"],
)
def test_a_marker_of_promises_is_the_scope(targets: tuple[Target, ...]) -> None:
    """``-m local`` and ``-m azure`` define what is due; other expressions do not.

    Promises about Azure's inference server are local where it is installed.
    """
    settings = Settings(CATALOGUE, CATALOGUE.modes, 1.0, targets)
    number = {markers: len(due_promises(settings, markers)) for markers in ("", "local", " azure ")}
    assert number["local"] == 1335 + (DEPLOYED if is_installed() else 0)
    assert number[" azure "] == (1369 if len(targets) == 2 else 0)
    of_environments = 2 * len(CATALOGUE.modes)  # rebuilt, and with the server
    assert number[""] == 1335 + DEPLOYED + of_environments + number[" azure "]
    assert len(due_promises(settings, "local and not x")) == number[""]


def test_what_is_due_is_what_pytest_collects(request: pytest.FixtureRequest) -> None:
    """The due promises are exactly the tests in ``conformance`` that pytest collects."""
    settings = request.config.stash[SETTINGS]
    modules = [
        pytest.Module.from_parent(request.session, path=path) for path in promise_modules(settings)
    ]
    items = [item for module in modules for item in request.session.genitems(module)]
    drop_empty(items)
    due = due_promises(settings, "")
    assert sorted(str(key_of(item)) for item in items) == sorted(promise.key for promise in due)
