"""``pytest --draft-catalogue``: the entry says what the script does, and its run is green."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from meta_tests.end_to_end.suite_run import RUN_SECONDS, SuiteRun, caller, run
from mlflow_conformance.support.paths import ROOT

ROWS = "a,b,y,risk\n" + "".join(
    f"{n}.0,{n % 3}.5,{n % 2},{['low', 'high'][n % 2]}\n" for n in range(40)
)
SCRIPT = """\
# %%
import sys

import mlflow
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature
from settings import C
from sklearn.linear_model import LogisticRegression

# %%
table = pd.read_csv(sys.argv[1])
X, y, risk = table[["a", "b"]], table["y"], table["risk"]


def log(model, labels, **options):
    model.fit(X, labels)
    signature = infer_signature(X, model.predict(X))
    mlflow.sklearn.log_model(model, "model", signature=signature, **options)


"""
SCRIPTS = {
    "frame": "with mlflow.start_run():\n"
    "    mlflow.log_metric('AUC: 1', 0.5)\n"
    "    mlflow.log_text('words', 'notes/first.txt')\n"
    "    log(LogisticRegression(C=C), y)\n",
    "autolog": "mlflow.sklearn.autolog()\n"
    "rows = X.values\n"
    "LogisticRegression().fit(rows, y).score(rows, y)\n",
    "labels": "log(LogisticRegression(), risk, pip_requirements=['scikit-learn'])\n",
    "own": """\
class Threshold(mlflow.pyfunc.PythonModel):
    def __init__(self, inner):
        self.inner = inner

    def predict(self, context, model_input, params=None):
        return self.inner.predict_proba(model_input)[:, 1] >= (params or {}).get("limit", 0.5)


model = Threshold(LogisticRegression().fit(X, y))
signature = infer_signature(X, model.predict(None, X), params={"limit": 0.5})
mlflow.pyfunc.log_model("model", python_model=model, signature=signature)
""",
}
FAILING = {
    "notebook": (
        "get_ipython().system('ls')\n",
        "exit code 1: NameError: name 'get_ipython' is not defined. Way out: remove the lines",
    ),
    "silent": ("", "ended without an error, and logged no model"),
    "several": (
        "log(LogisticRegression(), y)\nlog(LogisticRegression(), y)\n",
        "logged 2 models",
    ),
    "elsewhere": (
        "mlflow.set_tracking_uri('sqlite:///own.db')\nlog(LogisticRegression(), y)\n",
        "remove set_tracking_uri from the script",
    ),
}
TENSOR = {"dtype": "float64", "shape": [-1, 2]}


def project(folder: Path, name: str, script: str) -> Path:
    """Write a script with its data and a module; return the script."""
    (folder / "data.csv").write_text(ROWS, encoding="utf-8")
    (folder / "settings.py").write_text("C = 2.0\n", encoding="utf-8")
    file = folder / f"{name}.py"
    file.write_text(SCRIPT + script, encoding="utf-8")
    return file


def draft(script: Path, *arguments: str) -> SuiteRun:
    """Draft a catalogue for a script; ``arguments`` follow it."""
    temporary = script.parent.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--draft-catalogue", str(script), *arguments],
        env={**caller(), "TMPDIR": str(temporary)},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert not list(temporary.iterdir()), "the draft left files behind"
    return SuiteRun(done.returncode, done.stdout)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a script."""
    made = tmp_path / "project"
    made.mkdir()
    return made


def drafted(folder: Path, name: str) -> dict[str, Any]:
    """Draft a catalogue for one of ``SCRIPTS`` and return its content."""
    done = draft(project(folder, name, SCRIPTS[name]), "--", "data.csv")
    assert done.exit_code == 0, done.output
    file = folder / "modes.yaml"
    assert done.output.splitlines()[-1].endswith(f"pytest -m local --catalogue {file}")
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def test_a_drafted_catalogue_states_everything_and_runs_green(folder: Path) -> None:
    """A script that logs a DataFrame's model and more: all of it is stated, and promised."""
    found = drafted(folder, "frame")
    assert found == {
        "experiment": "conformance",
        "data": {"file": "data.csv"},
        "schemas": {
            "inputs": {"columns": [{"name": name, "type": "double"} for name in "ab"]},
            "outputs": {"tensor": {"dtype": "int64", "shape": [-1]}},
        },
        "modes": [
            {
                "name": "frame",
                "script": "frame.py",
                "arguments": ["{training_data}"],
                "folder": ".",
                "flavors": ["python_function", "sklearn"],
                "autologs": False,
                "logs": {"metrics": ["AUC: 1"], "artifacts": ["notes/first.txt"]},
                "signature": {"origin": "inferred", "inputs": "inputs", "outputs": "outputs"},
                "requirements": "inferred",
                "logged_with": "log_model",
                "artifact_path": "model",
            }
        ],
    }
    modules = ("outcome", "flavors", "signature", "tracking", "tracking_by_hand", "metadata")
    catalogue = str(folder / "modes.yaml")
    checked = run(folder, "-m", "local", "--catalogue", catalogue, modules=modules)
    assert checked.exit_code == 0, checked.output


def test_an_autologged_model_is_drafted_as_one(folder: Path) -> None:
    """Of what is logged, only what autologging logs after training is stated."""
    found = drafted(folder, "autolog")
    (mode,) = found["modes"]
    assert (mode["autologs"], mode["signature"]["origin"]) == (True, "autolog")
    assert mode["logs"] == {"metrics": ["LogisticRegression_score_rows"]}
    assert found["schemas"]["inputs"] == {"tensor": TENSOR}


def test_text_labels_and_stated_requirements_are_drafted(folder: Path) -> None:
    """Text labels are an array of objects in the signature."""
    found = drafted(folder, "labels")
    (mode,) = found["modes"]
    assert found["schemas"]["outputs"] == {"tensor": {"dtype": "object", "shape": [-1]}}
    assert (mode["requirements"], "logs" in mode) == ("stated", False)


def test_a_python_model_is_drafted_with_its_parameters(folder: Path) -> None:
    """A PythonModel's signature is stated together with its inference parameters."""
    (mode,) = drafted(folder, "own")["modes"]
    assert mode["flavors"] == ["python_function"]
    assert mode["params"] == {"limit": 0.5}
    assert mode["signature"]["origin"] == "inferred"


@pytest.mark.parametrize("name", FAILING)
def test_a_script_that_leaves_no_model_is_one_line(folder: Path, name: str) -> None:
    """The line says what happened or what to change; nothing is written."""
    script, message = FAILING[name]
    done = draft(project(folder, name, script), "--", "data.csv")
    assert done.exit_code == 1, done.output
    (line,) = done.lines_with("nothing was drafted: ")
    assert message in line
    assert not list(folder.glob("*.yaml"))


def test_nothing_is_overwritten_and_nothing_is_run(folder: Path) -> None:
    """Before the script runs, wrong usage is one line, with exit code 4."""
    script = project(folder, "frame", "open('ran', 'w')\n")
    for name in ("modes.yaml", "modes-frame.yaml"):
        (folder / name).write_text("mine", encoding="utf-8")
    wrong = {
        "are already in": draft(script, "--", "data.csv"),
        "arguments of the script follow after --": draft(script, "README.md"),
        "pytest found no pytest.ini": draft(script, str(folder / "data.csv")),
        "is not possible with --mode": draft(script, "--mode", "frame"),
        "is not possible with --report": draft(script, "--report", "report"),
        "is not possible with --baseline": draft(script, "--baseline", "2.22.5"),
    }
    for message, done in wrong.items():
        assert done.exit_code == 4, done.output
        assert len([line for line in done.output.splitlines() if line]) == 1
        assert message in done.output
    assert (folder / "modes.yaml").read_text(encoding="utf-8") == "mine"
