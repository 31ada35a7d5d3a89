"""A run that checks fewer promises than are due says so; plugins cannot change its exit code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, caller, mode, run, write_catalogue

NOTHING = ("-k", "no_such_promise")
ENDINGS = {
    "trylast": """
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    session.exitstatus = 0
""",
    "tryfirst": """
@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    session.exitstatus = 0
""",
    "wrapper": """
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    yield
    session.exitstatus = 0
""",
    "exit": """
def pytest_sessionfinish():
    pytest.exit("all is well", returncode=0)
""",
    "main": """
@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main():
    yield
    return 0
""",
}


def narrowed(folder: Path, *options: str, modules: tuple[str, ...] = (), **named: str) -> SuiteRun:
    """Return a run of one good mode, with variables set."""
    catalogue = write_catalogue(folder, [mode("good", "model.py")], {})
    environment = caller(PYTHONPATH=str(folder), **named)
    return run(
        folder, "--catalogue", str(catalogue), *options, modules=modules, environment=environment
    )


def test_a_plan_that_a_variable_shrinks_is_reported(tmp_path: Path) -> None:
    """The last lines count all due promises, and name the option and its variable."""
    ignored = "--ignore-glob=*/test_[a-eg-z]*.py"
    ended = narrowed(tmp_path, "-m", "local", PYTEST_ADDOPTS=ignored)
    assert ended.exit_code == 0, ended.output
    assert ended.output.splitlines()[-3:] == [
        "good-sqlite: 9 of 136 promises checked, 127 not selected",
        f"not selected: 127 of 136 promises by {ignored} (PYTEST_ADDOPTS)",
        "all: 9 of 136 promises checked, 127 not selected",
    ]


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["one process", "-n2"])
def test_a_conftest_that_ignores_promises_fails_the_run(
    workers: tuple[str, ...], tmp_path: Path
) -> None:
    """Promises that a plugin or a conftest.py does not collect are lost, and fail the run."""
    plugin = "def pytest_ignore_collect(collection_path):\n    return '_f' not in str("
    plugin += "collection_path.name) and collection_path.suffix == '.py' or None\n"
    (tmp_path / "ignoring.py").write_text(plugin, encoding="utf-8")
    ended = narrowed(tmp_path, "-m", "local", "-p", "ignoring", *workers)
    assert ended.exit_code == 1, ended.output
    assert ended.lines_with("LOST 127 of 136 promises not collected because of a plugin or"), (
        ended.output
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_plugin_makes_a_run_green(ending: str, tmp_path: Path) -> None:
    """A run that is not green keeps its exit code, whatever a plugin does at the end."""
    plugin = f"import pytest\n{ENDINGS[ending]}"
    (tmp_path / "zero.py").write_text(plugin, encoding="utf-8")
    ended = narrowed(tmp_path, *NOTHING, "-p", "zero", modules=("outcome",))
    assert ended.exit_code == 5, ended.output


ENDS_PYTEST = """
import os
import sys


def pytest_runtest_call(item):
    {}
"""


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("os._exit(0)", "_exit"),
        ("os.execv(sys.executable, [sys.executable, '-c', ''])", "execv"),
        ("os.execlpe(sys.executable, sys.executable, '-c', '', os.environ)", "execve"),
    ],
    ids=["exit", "exec", "exec-with-environment"],
)
def test_code_that_ends_pytest_does_not_end_the_run_with_0(
    call: str, name: str, tmp_path: Path
) -> None:
    """Code of a model that ends pytest's process is an error of the run, told in one line."""
    (tmp_path / "ends.py").write_text(ENDS_PYTEST.format(call), encoding="utf-8")
    ended = narrowed(tmp_path, "-p", "ends", modules=("outcome",))
    assert ended.exit_code == 3, ended.output
    line = f"the run was ended by code in pytest's process: it called os.{name}"
    assert ended.lines_with(line) == [line]


@pytest.mark.parametrize(
    ("variables", "error_message"),
    [
        ({"PYTHONOPTIMIZE": "1"}, "python -O (or PYTHONOPTIMIZE) takes assertions out"),
        ({"PYTEST_ADDOPTS": "--co"}, "--collect-only stands in PYTEST_ADDOPTS, so nothing would"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_would_check_nothing_is_refused(
    variables: dict[str, str], error_message: str, tmp_path: Path
) -> None:
    """A run that would check nothing is refused in one line, with exit code 4."""
    ended = narrowed(tmp_path, modules=("outcome",), **variables)
    assert ended.exit_code == 4, ended.output
    assert len(ended.lines_with(f"ERROR: {error_message}")) == 1, ended.output
    assert len(ended.output.splitlines()) < 4, ended.output
    assert not sys.flags.optimize


def test_a_crash_is_shown_once_without_its_outcome_test(tmp_path: Path) -> None:
    """If the outcome's test is not selected, the summary shows the crash."""
    (tmp_path / "crash.py").write_text("raise RuntimeError('the tail')\n", encoding="utf-8")
    catalogue = write_catalogue(tmp_path, [mode("bad", "crash.py")], {})
    ended = run(tmp_path, "--catalogue", str(catalogue), modules=("flavors",))
    assert ended.exit_code == 1, ended.output
    assert len(ended.lines_with("- bad-sqlite: crashed -")) == 1, ended.output
    assert len(ended.lines_with('crash.py", line 1, in <module>')) == 1, ended.output


@pytest.mark.parametrize("in_ci", ["", "true"], ids=["", "CI"])
@pytest.mark.parametrize("options", [(), ("-n2",), ("--tb=no",), ("--tb=line",)], ids=" ".join)
def test_a_crash_is_shown_once_however_failures_are_shown(
    options: tuple[str, ...], in_ci: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The output of a crash is shown once: with workers, without messages of pytest, and in CI."""
    monkeypatch.setenv("CI", in_ci)
    (tmp_path / "crash.py").write_text("raise RuntimeError('the tail')\n", encoding="utf-8")
    modes = [mode("bad", "crash.py"), mode("worse", "crash.py")]
    catalogue = write_catalogue(tmp_path, modes, {})
    ended = run(tmp_path, "--catalogue", str(catalogue), *options, modules=("outcome",))
    assert ended.exit_code == 1, ended.output
    assert len(ended.lines_with('crash.py", line 1, in <module>')) == 2, ended.output
