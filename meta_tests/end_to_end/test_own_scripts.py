"""Scripts that log correctly in other ways than the lab's break no promise."""

from __future__ import annotations

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, mode, run, write_catalogue

# The beginning of every script.
SCRIPT = """\
import pathlib
import sys
from importlib import metadata

import mlflow.sklearn
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.model_selection import train_test_split

NEEDED = ("mlflow", "scikit-learn", "numpy", "pandas", "cloudpickle", "scipy", "skops")
PINS = [f"{d.name}=={d.version}" for d in metadata.distributions() if d.name in NEEDED]

table = pd.read_csv(sys.argv[1])
features, _, labels, _ = train_test_split(
    table[["a", "b"]].values, table["y"].values, test_size=0.3, random_state=0
)


def log(model, **options):
    signature = infer_signature(features, model.predict(features))
    mlflow.sklearn.log_model(model, "model", signature=signature, **options)


"""
SCRIPTS = {
    "factory.py": "from own_pipe import scaled\nlog(scaled().fit(features, labels))\n",
    "regressor.py": "mlflow.autolog()\nLinearRegression().fit(features, labels)\n",
    "unsure.py": "mlflow.autolog()\nRidgeClassifier().fit(features, labels)\n",
    "registering.py": (
        "model = LogisticRegression().fit(features, labels)\n"
        "log(model, registered_model_name='mlflow-diabetes', pip_requirements=PINS)\n"
    ),
    "logging.py": (
        "with mlflow.start_run():\n"
        "    mlflow.log_metric('AUC', 0.5)\n"
        "    mlflow.log_param('rows', len(features))\n"
        "    mlflow.set_tag('team', 'lab')\n"
        "    mlflow.log_text('some words', 'notes/first.txt')\n"
        "    log(LogisticRegression().fit(features, labels), pip_requirements=PINS)\n"
    ),
    "constrained.py": (
        "constraints = pathlib.Path('constraints.txt').resolve()\n"
        "constraints.write_text('scipy<99')\n"
        "pins = [f'-c {constraints}', *(f'{pin}.0' for pin in PINS)]\n"
        "log(LogisticRegression().fit(features, labels), pip_requirements=pins)\n"
    ),
    "scoring.py": (
        "mlflow.autolog()\nLogisticRegression().fit(features, labels).score(features, labels)\n"
    ),
}
LOGS = {"metrics": ["AUC"], "params": ["rows"], "tags": ["team"], "artifacts": ["notes"]}
SCORE = {"metrics": ["LogisticRegression_score_features"]}
OWN_PIPE = """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def scaled():
    return make_pipeline(StandardScaler(), LogisticRegression())
"""
LINEAR = "sklearn.linear_model"
ESTIMATORS = {
    "pipe": {"class": "own_pipe.scaled", "parameters": {}},
    "line": {"class": f"{LINEAR}.LinearRegression", "parameters": {}, "kind": "regressor"},
    "ridge": {"class": f"{LINEAR}.RidgeClassifier", "parameters": {}, "probabilities": False},
}
SCHEMAS = {"numbers": {"tensor": {"dtype": "float64", "shape": [-1]}}}
LABELS = {"origin": "autolog", "inputs": "features", "outputs": "labels"}
NUMBERS = {**LABELS, "outputs": "numbers"}
MODES = [
    mode("factory", "factory.py", estimator="pipe"),
    mode("regressor", "regressor.py", estimator="line", autologs=True, signature=NUMBERS),
    mode("unsure", "unsure.py", estimator="ridge", autologs=True, signature=LABELS),
    mode("registering", "registering.py", requirements="stated"),
    mode("constrained", "constrained.py", requirements="stated"),
    mode("logging", "logging.py", requirements="stated", logs=LOGS),
    mode("scoring", "scoring.py", autologs=True, signature=LABELS, logs=SCORE),
]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run of all promises for scripts that keep them."""
    folder = tmp_path_factory.mktemp("own")
    scripts = {name: SCRIPT + text for name, text in SCRIPTS.items()}
    catalogue = write_catalogue(
        folder, MODES, {**scripts, "own_pipe.py": OWN_PIPE}, estimators=ESTIMATORS, schemas=SCHEMAS
    )
    return run(folder, "--catalogue", str(catalogue), "-m", "local")


@pytest.mark.parametrize("name", [entry["name"] for entry in MODES])
def test_a_script_that_keeps_its_promises_passes(name: str, own: SuiteRun) -> None:
    """Every promise is checked, and only known deviations of MLflow fail."""
    (line,) = [line for line in own.lines_with(f"{name}-sqlite: ") if "promises checked" in line]
    checked, of = line.partition(": ")[2].split(" promises")[0].split(" of ")
    assert checked == of, own.output
    assert " failed" not in line, own.output


def test_a_run_of_such_scripts_succeeds(own: SuiteRun) -> None:
    """The run ends with exit code 0."""
    assert own.exit_code == 0, own.output


def test_what_an_estimator_cannot_do_is_not_promised(own: SuiteRun) -> None:
    """A regressor promises no probabilities or plots, a classifier what the catalogue says."""
    counts = {
        name: int(line.rpartition(" of ")[2].split()[0])
        for name in ("regressor", "unsure")
        for line in own.lines_with(f"{name}-sqlite: ")
    }
    assert counts["unsure"] - counts["regressor"] == 1, own.output


@pytest.fixture(scope="module")
def forgotten(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run of a model that cannot be loaded: its code path lacks a module."""
    folder = tmp_path_factory.mktemp("forgotten")
    modes = [mode("forgotten", "forgotten.py", requirements="stated")]
    scripts = {
        "own_class.py": (
            "from sklearn.linear_model import LogisticRegression\n\n\n"
            "class Own(LogisticRegression):\n    pass\n"
        ),
        "forgotten.py": SCRIPT
        + "from own_class import Own\n"
        + "log(Own().fit(features, labels), pip_requirements=PINS,"
        + " serialization_format='cloudpickle')\n",
    }
    options = ("--catalogue", str(write_catalogue(folder, modes, scripts)), "-m", "local")
    return run(folder, *options, modules=["registry", "round_trip", "serving"])


def test_a_model_that_cannot_be_loaded_breaks_two_promises(forgotten: SuiteRun) -> None:
    """If a model cannot be loaded, two promises fail, and those that need it are not checked."""
    assert forgotten.exit_code == 1, forgotten.output
    (line,) = [x for x in forgotten.lines_with("forgotten-sqlite: ") if " checked, " in x]
    assert ", 2 failed, " in line, forgotten.output
    assert len(forgotten.lines_with("LOST forgotten-sqlite: ")) == 1
    assert not forgotten.lines_with("ERROR at setup")
    for owner in ("test_python_function_can_be_loaded", "test_native_model_can_be_loaded"):
        assert [one for one in forgotten.lines_with(owner) if one.startswith("FAILED ")]
    (pyfunc, native) = forgotten.lines_with("CAUSE ")
    assert "mlflow.pyfunc cannot load …/" in pyfunc
    assert "mlflow.sklearn cannot load …/" in native
    assert "ModuleNotFoundError: No module named 'own_class' (" in pyfunc
    assert len(forgotten.lines_with("way out: log the script's own modules with the model")) == 2
