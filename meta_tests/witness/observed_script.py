"""Runs scripts, each in a process of its own, observed by the witness or not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.witness.report import ObservedModel, read_observed
from mlflow_conformance.witness.report_files import SUFFIX

# MLflow is imported and a store is created once; every script runs in a forked process and has a
# copy of the store, as in a run of the suite.
RUNNING = """\
import contextlib, os, sqlite3, sys
from pathlib import Path
import mlflow
from mlflow_conformance.processes.fork_server import preload
from mlflow_conformance.processes.forked_script import leave, run_script
from mlflow_conformance.witness.observer import Observed, observing

preload()

def create_store():
    mlflow.set_tracking_uri("sqlite:///store.db")
    mlflow.MlflowClient().get_experiment("0")

def copy_store(folder):
    with contextlib.closing(sqlite3.connect(folder / "store.db")) as copy:
        with contextlib.closing(sqlite3.connect(first / "store.db")) as store:
            store.backup(copy)
        copy.execute(
            "UPDATE experiments SET artifact_location = replace(artifact_location, ?, ?)",
            (str(first), str(folder)),
        )
        copy.commit()

is_observed = sys.argv[1] == "observed"
first, *folders = map(Path, sys.argv[2:])
if not os.fork():
    os.chdir(first)
    create_store()
    os._exit(0)
os.wait()
for folder in folders:
    copy_store(folder)
for folder in folders:
    child = os.fork()
    if child:
        (folder / "code").write_text(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
        continue
    with open(folder / "output", "w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/store.db"}
    observed = observing(Observed(folder / "reports")) if is_observed else None
    leave(run_script(
        str(folder / "script.py"), [], directory=str(folder), environment=environment,
        observed=observed,
    ))
"""
START = """\
import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression, LogisticRegression

X = pd.DataFrame({"a": np.arange(30.0), "b": np.arange(30.0) % 4})
y = (X["a"] > 14).astype("int64")
PINS = ["scikit-learn"]
"""


@dataclass(frozen=True)
class Observation:
    """How a script ended, what it printed, and its folder."""

    exit_code: int
    output: str
    folder: Path

    @property
    def models(self) -> dict[str, ObservedModel]:
        """Return the models that were observed, by uuid."""
        reports = self.folder / "reports"
        uuids = [file.name.removesuffix(SUFFIX) for file in reports.glob(f"*{SUFFIX}")]
        found = {uuid: read_observed(reports, uuid) for uuid in uuids}
        return {uuid: model for uuid, model in found.items() if model is not None}

    @property
    def only(self) -> ObservedModel:
        """Return the only model."""
        assert len(self.models) == 1, f"{len(self.models)} models were observed:\n{self.output}"
        return next(iter(self.models.values()))

    @property
    def printed(self) -> dict[str, object]:
        """Return the JSON document in the last line that the script printed."""
        document: dict[str, object] = json.loads(self.output.splitlines()[-1])
        return document


def run_scripts(
    folder: Path, scripts: Mapping[str, str], *, is_observed: bool = True
) -> dict[str, Observation]:
    """Run scripts that start with ``START``, each in a folder with a tracking store of its own."""
    store, folders = folder / ".store", []
    store.mkdir()
    for name, text in scripts.items():
        folders.append(folder / name)
        folders[-1].mkdir()
        (folders[-1] / "script.py").write_text(START + text, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    kind = "observed" if is_observed else "plain"
    done = subprocess.run(
        [sys.executable, "-c", RUNNING, kind, str(store), *map(str, folders)],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {
        path.name: Observation(
            int((path / "code").read_text()), (path / "output").read_text(), path
        )
        for path in folders
    }
