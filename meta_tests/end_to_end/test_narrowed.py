"""Does a run that checks less than is due say so, and does its exit code have the last word?"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import WholeRun, caller, mode, run, write_catalogue

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


def narrowed(folder: Path, *options: str, modules: tuple[str, ...] = (), **named: str) -> WholeRun:
    """Return a run of one good mode, with variables set."""
    catalogue = write_catalogue(folder, [mode("good", "model.py")], {})
    environment = caller(PYTHONPATH=str(folder), **named)
    return run(
        folder, "--catalogue", str(catalogue), *options, modules=modules, environment=environment
    )


def test_a_plan_that_a_variable_shrinks_is_reported(tmp_path: Path) -> None:
    """The last lines count what is due, and name the option and the variable it stands in."""
    ignored = "--ignore-glob=*/test_[a-eg-z]*.py"
    ended = narrowed(tmp_path, "-m", "local", PYTEST_ADDOPTS=ignored)
    assert ended.exit_code == 0, ended.output
    assert ended.output.splitlines()[-3:] == [
        "good-sqlite: 9 of 128 promises checked, 119 not selected",
        "all: 9 of 128 promises checked, 119 not selected",
        f"not selected: 119 of 128 promises by {ignored} (PYTEST_ADDOPTS)",
    ]


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["one process", "-n2"])
def test_a_conftest_that_ignores_promises_fails_the_run(
    workers: tuple[str, ...], tmp_path: Path
) -> None:
    """What is kept from being collected by a plugin or a conftest.py is lost, whatever is green."""
    plugin = "def pytest_ignore_collect(collection_path):\n    return '_f' not in str("
    plugin += "collection_path.name) and collection_path.suffix == '.py' or None\n"
    (tmp_path / "ignoring.py").write_text(plugin, encoding="utf-8")
    ended = narrowed(tmp_path, "-m", "local", "-p", "ignoring", *workers)
    assert ended.exit_code == 1, ended.output
    assert ended.lines_with("LOST 119 of 128 promises not collected because of a plugin or"), (
        ended.output
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_plugin_makes_a_run_green(ending: str, tmp_path: Path) -> None:
    """A run that is not green ends with its own exit code, whatever a plugin does at the end."""
    plugin = f"import pytest\n{ENDINGS[ending]}"
    (tmp_path / "zero.py").write_text(plugin, encoding="utf-8")
    ended = narrowed(tmp_path, *NOTHING, "-p", "zero", modules=("outcome",))
    assert ended.exit_code == 5, ended.output


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PYTHONOPTIMIZE": "1"}, "python -O (or PYTHONOPTIMIZE) takes assertions out"),
        ({"PYTEST_ADDOPTS": "--co"}, "--collect-only stands in PYTEST_ADDOPTS, so nothing would"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_would_check_nothing_is_refused(
    variables: dict[str, str], said: str, tmp_path: Path
) -> None:
    """One line says what is in the way, and the exit code is 4."""
    ended = narrowed(tmp_path, modules=("outcome",), **variables)
    assert ended.exit_code == 4, ended.output
    assert len(ended.lines_with(f"ERROR: {said}")) == 1, ended.output
    assert len(ended.output.splitlines()) < 4, ended.output
    assert not sys.flags.optimize


def test_a_crash_is_shown_once_without_its_outcome_test(tmp_path: Path) -> None:
    """Where the promise that a mode leaves a model is not selected, the summary shows the crash."""
    (tmp_path / "crash.py").write_text("raise RuntimeError('the tail')\n", encoding="utf-8")
    catalogue = write_catalogue(tmp_path, [mode("bad", "crash.py")], {})
    ended = run(tmp_path, "--catalogue", str(catalogue), modules=("flavors",))
    assert ended.exit_code == 1, ended.output
    assert len(ended.lines_with("- bad-sqlite: crashed -")) == 1, ended.output
    assert len(ended.lines_with("RuntimeError: the tail")) == 1, ended.output


@pytest.mark.parametrize("options", [("-n2",), ("--tb=no",), ("--tb=line",)], ids=" ".join)
def test_a_crash_is_shown_once_however_failures_are_shown(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    """The text of a crash is there once: with workers, and where pytest shows no message."""
    (tmp_path / "crash.py").write_text("raise RuntimeError('the tail')\n", encoding="utf-8")
    modes = [mode("bad", "crash.py"), mode("worse", "crash.py")]
    catalogue = write_catalogue(tmp_path, modes, {})
    ended = run(tmp_path, "--catalogue", str(catalogue), *options, modules=("outcome",))
    assert ended.exit_code == 1, ended.output
    assert len(ended.lines_with("RuntimeError: the tail")) == 2, ended.output
