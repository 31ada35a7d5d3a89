"""A mode that fails is reported with its reason, and does not affect other modes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import DUE, SuiteRun, caller, mode, run, write_catalogue
from mlflow_conformance.support.paths import ROOT

PROMISES = "test_mode_leaves or test_flavors_are or names_its_loader"
SCRIPTS = {
    "crashes.py": "print('before the crash')\nraise RuntimeError('the tail of the output')\n",
    "hangs.py": "import time\nprint('about to hang', flush=True)\ntime.sleep(600)\n",
    "nothing.py": "print('I log nothing')\n",
    "killed.py": "import os\nprint('I die', flush=True)\nos.kill(os.getpid(), 9)\n",
    "leaves.py": "import sys\nsys.exit('I leave with words')\n",
}
MODES = [
    mode("crashing", "crashes.py"),
    mode("hanging", "hangs.py"),
    mode("silent", "nothing.py"),
    mode("killed", "killed.py"),
    mode("leaving", "leaves.py"),
    mode("doubled", "model.py", "model", "another"),
    mode("good", "model.py"),
]
REASONS = {
    "crashing": (
        "crashes.py ended with exit code 1: RuntimeError: the tail",
        "RuntimeError: the tail of the output",
    ),
    "hanging": ("hangs.py was still running after 5 s (--training-timeout)", "about to hang"),
    "silent": ("nothing.py ended without an error and logged no model", "I log nothing"),
    "killed": ("killed.py ended with signal 9", "I die"),
    "leaving": ("leaves.py ended with exit code 1", "I leave with words"),
    "doubled": ("model.py logged 2 models, a mode is about one", ""),
}
VERDICTS = {
    "crashing": "crashed",
    "hanging": "timed out",
    "silent": "logged no model",
    "killed": "crashed",
    "leaving": "crashed",
    "doubled": "logged several models",
    "good": "logged a model",
}


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The caller's home and working folder, both empty and outside of the repository."""
    folder = tmp_path_factory.mktemp("away")
    for name in ("home", "work", "run"):
        (folder / name).mkdir()
    return folder


@pytest.fixture(scope="module")
def mixed(away: Path) -> SuiteRun:
    """A run with every kind of bad mode and a good one, started from a hostile environment."""
    catalogue = write_catalogue(away / "run", MODES, SCRIPTS)
    secrets = {"MLFLOW_TRACKING_TOKEN": "hunter2", "AZUREML_RUN_TOKEN": "hunter2"}
    environment = caller(
        **secrets,
        HOME=str(away / "home"),
        MLFLOW_TRACKING_URI="nonsense://user:hunter2@nowhere",
        MLFLOW_REGISTRY_URI="nonsense://nowhere",
        MLFLOW_EXPERIMENT_NAME="nonsense",
        MLFLOW_EXPERIMENT_ID="12345",
        MLFLOW_RUN_ID="nonsense",
        HTTP_PROXY="http://user:hunter2@127.0.0.1:9",
        https_proxy="http://user:hunter2@127.0.0.1:9",
    )
    return run(
        away / "run",
        "--catalogue",
        str(catalogue),
        "--training-timeout",
        "5",
        "-k",
        PROMISES,
        modules=["outcome", "flavors"],
        environment=environment,
        directory=away / "work",
    )


def test_bad_modes_fail_the_run(mixed: SuiteRun) -> None:
    """A run with a mode that leaves no model ends with exit code 1."""
    assert mixed.exit_code == 1, mixed.output


@pytest.mark.parametrize("name", REASONS)
def test_a_bad_mode_is_explained_once(name: str, mixed: SuiteRun) -> None:
    """The failed outcome test shows the script, the reason and the end of its output."""
    reason, tail = REASONS[name]
    test = f" test_mode_leaves_exactly_one_model[{name}-sqlite] _"
    section = re.split(r"^[_=]{5,} ", mixed.output.split(test, 1)[1], flags=re.MULTILINE)[0]
    assert f"{name}: {reason}" in section
    assert tail in section
    others = ("FAILED ", "CAUSE ", "raise ", *([reason] if tail else []))
    shown = mixed.lines_with(tail or reason)
    assert len([x for x in shown if not any(other in x for other in others)]) == 1, mixed.output
    assert not mixed.lines_with(f"- {name}-sqlite: {VERDICTS[name]} -")


def test_a_crash_is_told_by_the_script_s_own_lines(mixed: SuiteRun) -> None:
    """The traceback of a crashed script has no frames of the suite."""
    assert mixed.lines_with('crashes.py", line 2, in <module>'), mixed.output
    assert not mixed.lines_with("forked_script")
    assert not mixed.lines_with("runpy")


@pytest.mark.parametrize("name", REASONS)
def test_a_bad_mode_fails_its_own_promise(name: str, mixed: SuiteRun) -> None:
    """The outcome test of a bad mode fails, with the reason."""
    test = f"test_mode_leaves_exactly_one_model[{name}-sqlite]"
    assert len([line for line in mixed.lines_with(test) if line.startswith("FAILED ")]) == 1
    assert f"AssertionError: {name}: {REASONS[name][0]}" in mixed.output


@pytest.mark.parametrize("name", REASONS)
def test_the_other_promises_of_a_bad_mode_are_lost(name: str, mixed: SuiteRun) -> None:
    """The other promises of a bad mode are lost, with the reason."""
    lost = mixed.lines_with(f"LOST {name}-sqlite: 2 of {DUE} promises not checked")
    assert len(lost) == 1, mixed.output
    assert VERDICTS[name] in lost[0]
    assert mixed.lines_with(f"{name}-sqlite: 1 of {DUE} promises checked, 1 failed")


@pytest.mark.parametrize("name", REASONS)
def test_a_bad_mode_is_a_cause(name: str, mixed: SuiteRun) -> None:
    """The last screen says once why a mode has no model, and how many promises need one."""
    (cause,) = mixed.lines_with(f"CAUSE {name}-sqlite: ")
    assert cause.startswith(f"CAUSE {name}-sqlite: {REASONS[name][0]}")
    assert cause.endswith(" (3 promises: 1 failed, 2 not checked)")
    assert cause in mixed.output.splitlines()[-30:]


def test_a_good_mode_beside_bad_ones_is_checked(mixed: SuiteRun) -> None:
    """All promises of a good mode are kept, whatever other modes do."""
    assert mixed.lines_with("good-sqlite: 3 of") == [
        f"good-sqlite: 3 of {DUE} promises checked, {DUE - 3} not selected"
    ], mixed.output
    assert not mixed.lines_with("LOST good")


@pytest.mark.parametrize("name", VERDICTS)
def test_every_mode_is_reported_as_it_ends(name: str, mixed: SuiteRun) -> None:
    """One line reports how each mode ended, while the run continues."""
    assert len(mixed.lines_with(f"  {name}-sqlite {VERDICTS[name]} (")) == 1, mixed.output


def test_the_total_adds_up(mixed: SuiteRun) -> None:
    """The last line counts all promises, the checked and the failed ones."""
    due = DUE * (1 + len(REASONS))
    assert mixed.lines_with("all: ") == [
        f"all: 9 of {due} promises checked, 6 failed, {due - 21} not selected"
    ]


def test_the_callers_settings_are_named_and_ignored(mixed: SuiteRun) -> None:
    """Ignored variables are listed in the header, without secrets."""
    ignored = mixed.lines_with("ignored, kept out of the run: ")
    assert len(ignored) == 1
    assert "MLFLOW_EXPERIMENT_NAME=nonsense" in ignored[0]
    assert "MLFLOW_TRACKING_URI=nonsense://***@nowhere" in ignored[0]
    assert "hunter2" not in mixed.output


def test_nothing_is_written_outside_the_runs_folder(mixed: SuiteRun, away: Path) -> None:
    """The caller's home and working folder stay empty, and the scripts' folder unchanged."""
    assert mixed.output
    assert not list((away / "home").iterdir())
    assert not list((away / "work").iterdir())
    beside = {path.name for path in (away / "run").iterdir()} - {"__pycache__"}
    assert beside == {"t", "modes.yaml", "data.csv", "model.py", *SCRIPTS}
    assert not (ROOT / "mlflow.db").exists()
