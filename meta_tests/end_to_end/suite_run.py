"""Runs of the whole suite in a subprocess, with their own catalogue and scripts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mlflow_conformance.support.paths import ROOT

RUN_SECONDS = 200.0
# So many promises are due for a mode with the script below.
DUE = 157
MODEL_SCRIPT = """\
import sys

import mlflow.sklearn
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

table = pd.read_csv(sys.argv[1])
features, _, labels, _ = train_test_split(
    table[["a", "b"]].values, table["y"].values, test_size=0.3, random_state=0
)
model = LogisticRegression().fit(features, labels)
with mlflow.start_run():
    for name in sys.argv[2:] or ["model"]:
        mlflow.sklearn.log_model(
            model,
            name,
            signature=infer_signature(features, model.predict(features)),
            pip_requirements=["scikit-learn"],
        )
"""
NOT_SELECTED = re.compile(r" of \d+ promises checked|, \d+ not selected")


@dataclass(frozen=True)
class SuiteRun:
    """The result of a run: its exit code and its output."""

    exit_code: int
    output: str

    def counts(self, subject: str) -> str:
        """Return how many promises of a subject were checked, failed and so on: "2, 1 failed".

        The number of promises that are due, and of those that were not selected, is left out.
        """
        start = f"{subject}: "
        (line,) = (x for x in self.lines_with(" promises checked") if x.startswith(start))
        return NOT_SELECTED.sub("", line.removeprefix(start))

    def lines_with(self, text: str) -> list[str]:
        """Return the lines that contain a text."""
        return [line for line in self.output.splitlines() if text in line]


def mode(name: str, script: str, *arguments: str, **changes: Any) -> dict[str, Any]:
    """Return the entry of a mode that trains on the tiny data set, with some keys changed."""
    return {
        "name": name,
        "script": script,
        "arguments": ["{training_data}", *arguments],
        "display_name": name,
        "trains_on": "array",
        "estimator": "classifier",
        "flavors": ["python_function", "sklearn"],
        "autologs": False,
        "signature": {"origin": "inferred", "inputs": "features", "outputs": "labels"},
        **changes,
    }


def write_catalogue(
    folder: Path,
    modes: Sequence[Mapping[str, Any]],
    scripts: Mapping[str, str],
    **more: Mapping[str, Any],
) -> Path:
    """Write a catalogue with scripts, data and a ``model.py`` that logs a model; return its path.

    ``more`` adds entries to ``estimators`` and ``schemas``.
    """
    rows = [f"{number}.0,{number % 3}.5,{number % 2}" for number in range(20)]
    (folder / "data.csv").write_text("\n".join(["a,b,y", *rows]) + "\n", encoding="utf-8")
    for name, text in {"model.py": MODEL_SCRIPT, **scripts}.items():
        (folder / name).write_text(text, encoding="utf-8")
    document = {
        "experiment": "whole-runs",
        "data": {
            "file": "data.csv",
            "features": ["a", "b"],
            "label": "y",
            "test_size": 0.3,
            "random_state": 0,
        },
        "estimators": {
            "classifier": {"class": "sklearn.linear_model.LogisticRegression", "parameters": {}},
            **more.get("estimators", {}),
        },
        "schemas": {
            "features": {"tensor": {"dtype": "float64", "shape": [-1, 2]}},
            "labels": {"tensor": {"dtype": "int64", "shape": [-1]}},
            **more.get("schemas", {}),
        },
        "modes": [dict(entry) for entry in modes],
    }
    path = folder / "modes.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def caller(**variables: str) -> dict[str, str]:
    """Return the environment of the caller of a run, with additional variables.

    The run has one process: several runs go on at the same time.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "MLFLOW_")) and name != "TMPDIR"
    }
    return {**kept, "COLUMNS": "200", "PYTEST_XDIST_AUTO_NUM_WORKERS": "1", **variables}


def command(folder: Path, *options: str, modules: Sequence[str] = ()) -> list[str]:
    """Return the command line of a run of some modules, or all; its files are in ``folder``.

    A module is the subject of a module in ``conformance``, or a path.
    """
    conformance = ROOT / "conformance"
    named = (m if m.endswith(".py") else str(conformance / f"test_{m}.py") for m in modules)
    paths = [*named] or [str(conformance)]
    return [
        *(sys.executable, "-m", "pytest", *paths, "-p", "no:cacheprovider"),
        *("--basetemp", str(folder / "t"), "--color=no", *options),
    ]


def run(
    folder: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    directory: Path = ROOT,
    modules: Sequence[str] = (),
    seconds: float = RUN_SECONDS,
) -> SuiteRun:
    """Run the suite in ``directory`` and return the result."""
    own = caller() if environment is None else environment
    return ended(command(folder, *options, modules=modules), directory, own, seconds)


def ended(
    words: Sequence[str], directory: Path, environment: Mapping[str, str], seconds: float
) -> SuiteRun:
    """Run a command line to its end, without input, and return the result."""
    done = subprocess.run(
        words,
        env=dict(environment),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )
    return SuiteRun(done.returncode, done.stdout)
