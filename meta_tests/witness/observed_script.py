"""Runs a script in a process of its own, observed by the witness."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fixtures.support.paths import ROOT
from fixtures.witness.observer import SUFFIX
from fixtures.witness.report import ObservedModel, read_observed

OBSERVING = """\
import os, sys
from pathlib import Path
from fixtures.processes.forked_script import run_script
from fixtures.witness.observer import Observed, observing

script, reports = sys.argv[1:]
observed = observing(Observed(Path(reports))) if reports else None
sys.exit(run_script(
    script, [], directory=str(Path(script).parent), environment=os.environ.copy(),
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
"""


@dataclass(frozen=True)
class Observation:
    """How a script ended, what it printed, and the folder with the reports on its models."""

    exit_code: int
    output: str
    reports: Path

    @property
    def models(self) -> list[ObservedModel]:
        """Return the models that were observed, in no order."""
        names = sorted(file.name for file in self.reports.glob(f"*{SUFFIX}"))
        found = [read_observed(self.reports, name.removesuffix(SUFFIX)) for name in names]
        return [model for model in found if model is not None]

    @property
    def only(self) -> ObservedModel:
        """Return the only model."""
        assert len(self.models) == 1, f"{len(self.models)} models were observed:\n{self.output}"
        return self.models[0]

    def printed(self) -> dict[str, object]:
        """Return the JSON document in the last line that the script printed."""
        document: dict[str, object] = json.loads(self.output.splitlines()[-1])
        return document


def observe(folder: Path, script: str, *, is_observed: bool = True) -> Observation:
    """Run a script that starts with ``START`` in a folder, with a tracking store there."""
    file, reports = folder / "script.py", folder / "reports"
    file.write_text(START + script, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    done = subprocess.run(
        [sys.executable, "-c", OBSERVING, str(file), str(reports) if is_observed else ""],
        cwd=ROOT,
        env={
            **kept,
            "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/store.db",
            "MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT": "60",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Observation(done.returncode, done.stdout, reports)
