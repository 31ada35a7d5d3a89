"""A user's project with its own layout, names, settings and plugins, and the suite in it."""

from __future__ import annotations

import fcntl
import os
import platform
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from meta_tests.end_to_end.suite_run import SuiteRun, caller, ended
from mlflow_conformance.environments.build import python_in, uv
from mlflow_conformance.support.paths import ROOT

# Plugins that change how pytest runs, for every project that they are installed in.
PLUGINS = ("pytest-cov", "pytest-randomly", "pytest-timeout", "pytest-asyncio")
SECONDS = 600.0
OWN = "mlflow-logging-conformance"
PYPROJECT = """\
[project]
name = "churn"
version = "1"
requires-python = "=={python}.*"
dependencies = ["mlflow=={mlflow}"]

[tool.pytest.ini_options]
addopts = "--strict-markers --cov=fixtures"
testpaths = ["checks"]
markers = ["local: of this project"]
"""
CONFTEST = """\
import pathlib

pathlib.Path(__file__).with_name("conftest-was-loaded").touch()
"""
STEP = """\
from sklearn.base import BaseEstimator, TransformerMixin


class Twice(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return X * 2
"""
TRAIN = """\
import pathlib

import conformance
import fixtures
import mlflow.sklearn
import pandas as pd
from fixtures.step import Twice
from mlflow.models.signature import infer_signature
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

assert (conformance.OWNER, fixtures.OWNER) == ("churn", "churn")
here = pathlib.Path(__file__).parent
features = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0] * 10, "b": [0.5, 1.0, 2.0, 2.5] * 10})
labels = pd.Series([0, 0, 1, 1] * 10)
model = make_pipeline(Twice(), LogisticRegression()).fit(features, labels)
mlflow.sklearn.log_model(
    model,
    "model",
    signature=infer_signature(features, model.predict(features)),
    code_paths=[str(here / "fixtures")],
    serialization_format="cloudpickle",
)
"""
FILES = {
    "conftest.py": CONFTEST,
    "checks/test_churn.py": "import fixtures\n\n\ndef test_owner():\n    assert fixtures.OWNER\n",
    "fixtures/__init__.py": "OWNER = 'churn'\n",
    "models/modes.yaml": "modes:\n  - {name: churn, script: train.py}\n",
    "models/train.py": TRAIN,
    "models/fixtures/__init__.py": "OWNER = 'churn'\n",
    "models/fixtures/step.py": STEP,
    "models/conformance/__init__.py": "OWNER = 'churn'\n",
}


@dataclass(frozen=True)
class GuestProject:
    """A project that the suite is installed in; ``environment`` is the folder of its Python."""

    folder: Path
    environment: Path

    @property
    def python(self) -> Path:
        """Return the Python of the project."""
        return python_in(self.environment)

    def command(self, *arguments: str, below: str = ".") -> SuiteRun:
        """Run ``mlflow-conformance`` in a folder of the project."""
        name = "mlflow-conformance.exe" if os.name == "nt" else "mlflow-conformance"
        return _run([str(self.python.with_name(name)), *arguments], self.folder / below)

    def own_tests(self, *arguments: str) -> SuiteRun:
        """Run pytest as the project does for its own tests."""
        return _run([str(self.python), "-m", "pytest", *arguments], self.folder)

    @property
    def files(self) -> set[str]:
        """Return what is in the project, without caches."""
        names = {path.name for path in self.folder.iterdir()}
        return names - {self.environment.name, ".pytest_cache", ".coverage", "uv.lock"}


def build_wheel(folder: Path) -> Path:
    """Build the wheel of the suite."""
    _done([uv(), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)], folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def shared_project(folder: Path, installer: str) -> GuestProject:
    """Return the project of an installer in a folder, which the workers of a run share."""
    place = folder / installer / "Café Übung"
    found = GuestProject(place, place / (".venv" if installer == "uv" else "environment"))
    with (folder / f"{installer}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / f"{installer}.created").exists():
            wheels = folder / f"wheel-{installer}"
            wheels.mkdir()
            _create(found, build_wheel(wheels), installer)
            (folder / f"{installer}.created").touch()
    return found


def _create(project: GuestProject, wheel: Path, installer: str) -> None:
    """Create a project, and install the wheel in it with ``uv add --dev`` or with pip."""
    folder, environment = project.folder, project.environment
    folder.mkdir(parents=True)
    found = {f"{found.name}=={found.version}" for found in metadata.distributions()}
    constraints = folder.parent / "constraints.txt"
    constraints.write_text("\n".join(line for line in found if not line.startswith(OWN)))
    mlflow, python = metadata.version("mlflow"), ".".join(platform.python_version_tuple()[:2])
    files = {"pyproject.toml": PYPROJECT.format(mlflow=mlflow, python=python), **FILES}
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    if installer == "uv":
        named = f"{OWN} @ {wheel.as_uri()}"
        add = [uv(), "add", "--quiet", "--dev", "--constraints", str(constraints)]
        _done([*add, named, *PLUGINS], folder)
        return
    _done([sys.executable, "-m", "venv", str(environment)], folder)
    # One run is all that uses it: what it does not import need not be compiled.
    pip = [str(project.python), "-m", "pip", "install", "--quiet", "--no-compile"]
    _done([*pip, "-c", str(constraints), f"mlflow=={mlflow}", str(wheel), *PLUGINS], folder)


def _environment() -> dict[str, str]:
    unset = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONPATH")
    return {name: value for name, value in caller().items() if name not in unset}


def _done(command: list[str], folder: Path) -> None:
    done = _run(command, folder)
    assert done.exit_code == 0, done.output


def _run(command: list[str], folder: Path) -> SuiteRun:
    return ended(command, folder, _environment(), SECONDS)
