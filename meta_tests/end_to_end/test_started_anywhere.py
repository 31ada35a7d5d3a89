"""Runs from other folders, with paths in other projects, and with names that the suite has, too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, caller, mode, run, write_catalogue
from mlflow_conformance.support.paths import ROOT

USAGE_ERROR = 4
# A project that pytest would take its settings from, and one that it would not.
PROJECTS = {
    "with-settings": "[tool.pytest.ini_options]\naddopts = '--no-such-option'\n",
    "without-settings": "[project]\nname = 'theirs'\nversion = '1'\n",
}
# Modules and packages of the user that are called like those of the suite's repository.
NAMES = ("fixtures", "conformance", "training", "meta_tests", "conftest", "noxfile")
STEP = """\
from sklearn.base import BaseEstimator, TransformerMixin


class Twice(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return X * 2
"""
SCRIPT = f"""\
import sys

import mlflow.sklearn
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import {", ".join(NAMES)}
from conformance.step import Twice as Second
from fixtures.step import Twice as First

for module in ({", ".join(NAMES)}):
    assert module.OWN == module.__name__, module.__file__
table = pd.read_csv(sys.argv[1])
features = table[["a", "b"]]
model = make_pipeline(First(), Second(), LogisticRegression()).fit(features, table["y"])
signature = infer_signature(features, model.predict(features))
known = {{"serialization_format": "cloudpickle"}}
paths = ["fixtures", "conformance"]
mlflow.sklearn.log_model(model, "model", signature=signature, code_paths=paths, **known)
"""


@pytest.fixture(scope="module")
def own_names(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run of a script whose modules and packages have the names of the suite's."""
    folder = tmp_path_factory.mktemp("names")
    for name in NAMES:
        place = folder / name
        place.mkdir()
        (place / "__init__.py").write_text(f"OWN = {name!r}\n")
        (place / "step.py").write_text(STEP)
    entry = {"name": "own", "script": "own.py", "arguments": ["{training_data}"]}
    catalogue = write_catalogue(folder, [entry], {"own.py": SCRIPT})
    modules = ["outcome", "round_trip", "logged_object", "registry"]
    return run(folder, "--catalogue", str(catalogue), modules=modules)


def test_a_script_has_its_own_modules(own_names: SuiteRun) -> None:
    """A script, and a model with its code, import their own modules, whatever their names are."""
    assert own_names.exit_code == 0, own_names.output
    assert "crashed" not in own_names.output


@pytest.mark.parametrize("project", sorted(PROJECTS))
def test_a_path_in_another_project_is_taken(project: str, tmp_path: Path) -> None:
    """An option and its path are joined, whatever configuration pytest finds beside the path."""
    (tmp_path / "pyproject.toml").write_text(PROJECTS[project])
    folder = tmp_path / "models with spaces"
    folder.mkdir()
    catalogue = write_catalogue(folder, [mode("good", "model.py")], {})
    options = ["--catalogue", str(catalogue), "--training-data", str(folder / "data.csv")]
    done = subprocess.run(
        # As a user types it: without a path of a test.
        [sys.executable, "-m", "pytest", "-m", "local", "--collect-only", "-q", *options],
        cwd=ROOT,
        env=caller(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_mode_leaves_exactly_one_model[good-sqlite]" in done.stdout


@pytest.mark.parametrize("folder", ["training", "docs", "fixtures/mlflow_conformance/upgrade"])
def test_a_subfolder_of_the_clone_will_do(folder: str) -> None:
    """In a folder without tests, the promises are collected as in the root."""
    options = ["-m", "local", "--mode", "infer-frame", "--collect-only", "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-p", "no:cacheprovider"],
        cwd=ROOT / folder,
        env=caller(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conformance/test_outcome.py::test_mode_leaves_exactly_one_model" in done.stdout
    assert "meta_tests" not in done.stdout


def test_a_folder_of_tests_runs_its_own() -> None:
    """In a folder with tests of the suite, these are collected."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT / "meta_tests" / "stores",
        env=caller(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "meta_tests/stores/" in done.stdout
    assert "conformance/" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["-s", "compare", "2.16.2", "3.1.4"],
            "nox takes 2.16.2 for a session; write: nox -s compare -- 2.16.2 3.1.4",
        ),
        (["-s", "local", "2.22.5", "-x"], "write: nox -s local -- 2.22.5 -x"),
        (["-s", "local", "--", "2.22"], "2.22 is not in mlflow_releases.yaml"),
    ],
)
def test_nox_without_the_separator_says_so(arguments: list[str], line: str) -> None:
    """A release before ``--`` is one line with the right command; after it, it is a release."""
    done = subprocess.run(
        [sys.executable, "-m", "nox", *arguments],
        cwd=ROOT,
        env=caller(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == (1 if "--" in arguments else USAGE_ERROR)
    assert line in done.stdout + done.stderr
