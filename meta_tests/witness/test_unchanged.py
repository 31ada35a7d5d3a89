"""A script that is observed logs, prints and finds the same as one that is not.

For all modes of the suite's own catalogue, ``nox -s benchmark`` compares the models that the suite
trained, observed, with those that plain scripts logged. Here are one mode for every way of logging,
and scripts that look at what they call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from meta_tests.witness.observed_script import Observation, run_scripts
from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.servers.scoring_server import content
from mlflow_conformance.stores.sqlite_store import SqliteStore
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.support.script_files import models_below

CATALOGUE = read_catalogue(DEFAULT_CATALOGUE)
MODES = ("autolog-frame", "infer-array", "save-log")
OF_MODE = """\
import runpy
import sys

sys.argv = {arguments!r}
sys.path[0] = {folder!r}
runpy.run_path({script!r}, run_name="__main__")
"""
INSPECTING = """\
import hashlib
import inspect
import json
import pickle

from mlflow.models import Model
from sklearn.base import BaseEstimator
from mlflow.models.signature import ModelSignature

CALLED = (
    mlflow.sklearn.log_model, mlflow.sklearn.save_model, infer_signature, LogisticRegression.fit,
    Model.save, Model.log, ModelSignature.__init__, BaseEstimator._validate_params,
)
print(json.dumps({
    "source": [hashlib.sha256(inspect.getsource(f).encode()).hexdigest() for f in CALLED],
    "signature": [str(inspect.signature(f)) for f in (*CALLED, ModelSignature, Model)],
    "name": [f"{f.__module__}.{f.__qualname__} {type(f).__name__}" for f in CALLED],
    "pickled": [pickle.loads(pickle.dumps(f)) is f for f in CALLED],
}), flush=True)
model = LogisticRegression().fit(X=X, y=y)
signature = infer_signature(model_output=y, model_input=X)
mlflow.sklearn.log_model(pip_requirements=PINS, signature=signature, artifact_path="one",
    sk_model=model)
mlflow.sklearn.log_model(model, "two", pip_requirements=PINS, signature=signature)
"""
TALKING = """\
import atexit
import sys
import warnings

atexit.register(print, "at the end")
np.random.seed(3)


class Talking(LogisticRegression):
    def __getstate__(self):
        print("I am pickled")
        return super().__getstate__()

    def predict(self, X):
        print("I predict", np.random.random())
        warnings.warn("careful")
        return super().predict(X)


model = Talking().fit(X, y)
for _ in range(2):
    warnings.warn("twice")
mlflow.sklearn.log_model(model, "model", signature=infer_signature(X, model.predict(X)),
    pip_requirements=PINS, serialization_format="cloudpickle")
print(np.random.random(), sorted(vars(model)), file=sys.stderr)
"""
CRASHING = "print(1)\nm = LogisticRegression(C=-1.0)\n\n\ndef fit():\n    m.fit(X, y)\n\n\nfit()\n"
LOGGING_CRASH = (
    "model = LogisticRegression().fit(X, y)\n"
    "mlflow.sklearn.log_model(model, 'model', signature='none', pip_requirements=PINS)\n"
)
SCRIPTS = {
    "inspecting": INSPECTING,
    "talking": TALKING,
    "crashing": CRASHING,
    "logging-crash": LOGGING_CRASH,
}
MASKS = (
    (re.compile(r"\d{4}[/-]\d\d[/-]\d\d[ T]\d\d:\d\d:\d\d"), "TIME"),
    (re.compile(r"\b(m-)?[0-9a-f]{32}\b"), "ID"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "COMMIT"),
    (re.compile(r" at 0x[0-9a-f]+"), " at ADDRESS"),
    (re.compile(r"\S*/(plain|observed)\d*/"), "…/"),
    (re.compile(r"\d+%\|[^|]*\|.*"), "PROGRESS"),
)
# Tags of a run with its identity, which differ between any two runs.
IDENTITY = ("mlflow.log-model.history", "mlflow.runName", "mlflow.source.name")


@dataclass(frozen=True)
class Pair:
    """The same scripts, run plainly and observed."""

    plain: dict[str, Observation]
    observed: dict[str, Observation]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Both runs of all scripts."""
    modes = {name: script_of(CATALOGUE.mode(name)) for name in MODES}
    scripts = {**SCRIPTS, **modes}
    return Pair(
        run_scripts(tmp_path_factory.mktemp("plain"), scripts, is_observed=False),
        run_scripts(tmp_path_factory.mktemp("observed"), scripts),
    )


def script_of(mode: Mode) -> str:
    """Return a script that runs the script of a mode with its arguments."""
    arguments = [str(mode.script), *mode.command_line(CATALOGUE.training_data)]
    folder = str(mode.script.parent)
    return OF_MODE.format(arguments=arguments, folder=folder, script=str(mode.script))


def masked(text: str) -> str:
    """Return a text without times, ids and the folder of the run."""
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


def logged(found: Observation) -> list[object]:
    """Return everything that a script logged, but for identity and times."""
    store = SqliteStore(found.folder / "store.db")
    runs = [
        {
            "status": run.status,
            "experiment": run.experiment,
            "params": dict(run.params),
            "metrics": dict(run.metrics),
            "tags": {n: masked(v) for n, v in run.tags.items() if n not in IDENTITY},
            "artifacts": [masked(str(path)) for path in run.artifacts],
        }
        for run in store.runs()
    ]
    models = [(model.name, model.status, model.experiment) for model in store.logged_models()]
    files = [content(m, leaving_out=[Path("model.skops")]) for m in models_in(found.folder)]
    return [runs, models, sorted(files), masked(str(store.other_content()))]


def models_in(folder: Path) -> tuple[Path, ...]:
    """Return the folders of the models that a script logged."""
    return models_below(folder / "mlruns")


@pytest.mark.parametrize("name", MODES)
def test_an_observed_mode_logs_the_same(name: str, pair: Pair) -> None:
    """Runs, models and files are the same in all but identity."""
    assert pair.plain[name].exit_code == 0, pair.plain[name].output
    assert models_in(pair.plain[name].folder)
    assert logged(pair.observed[name]) == logged(pair.plain[name])


@pytest.mark.parametrize("name", [*MODES, *SCRIPTS])
def test_an_observed_script_prints_the_same(name: str, pair: Pair) -> None:
    """Output, warnings, traceback and exit code are the same."""
    plain, observed = pair.plain[name], pair.observed[name]
    assert masked(observed.output) == masked(plain.output)
    assert observed.exit_code == plain.exit_code


def test_what_a_script_calls_looks_the_same(pair: Pair) -> None:
    """Source, signature, name and pickle of MLflow's functions are the original ones."""
    plain = masked(pair.plain["inspecting"].output).splitlines()
    observed = masked(pair.observed["inspecting"].output).splitlines()
    assert [x for x in observed if x.startswith("{")] == [x for x in plain if x.startswith("{")]
    assert any(line.startswith('{"source"') for line in plain)
    assert pair.observed["inspecting"].exit_code == 0, pair.observed["inspecting"].output
    names = {model.passed for model in pair.observed["inspecting"].models.values()}
    assert len(pair.observed["inspecting"].models) == 2
    assert all("sk_model" in passed and "signature" in passed for passed in names)


@pytest.mark.parametrize("name", ["crashing", "logging-crash"])
def test_a_crash_shows_no_frame_of_the_witness(name: str, pair: Pair) -> None:
    """The traceback has the frames of the script and of its libraries."""
    assert pair.observed[name].exit_code == 1
    frames = [x for x in pair.observed[name].output.splitlines() if x.startswith('  File "')]
    assert frames
    assert not [frame for frame in frames if "/fixtures/" in frame]
