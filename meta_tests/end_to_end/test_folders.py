"""Scripts that run in a copy of their folder, or in an empty one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, mode, run, write_catalogue
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.support.run_folder import RunFolder

USAGE_ERROR = 4
# Fits a model, as every script does; the settings come from a file of the folder.
FIT = """\
import os
import pathlib
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
here = pathlib.Path.cwd()


def log(**options):
    signature = infer_signature(features, model.predict(features))
    mlflow.sklearn.log_model(model, "model", signature=signature, **options)


"""
INSIDE = (
    FIT
    + """\
from helper import settings

assert settings() == {"rows": "data.csv"}, settings()
assert pathlib.Path(__file__).parent == here / "scripts", __file__
assert sys.path[0] == str(here / "scripts"), sys.path
assert sys.argv[2:] == [str(here), f"--to={here.parent / 'out'}/x", "{other}"], sys.argv
assert os.environ["OWN"] == "1" and os.environ["MLFLOW_UV_AUTO_DETECT"] == "false"
assert pd.read_csv("data.csv").equals(table)
names = {file.name for file in here.iterdir()}
assert names == {"config.txt", "data.csv", "modes.yaml", "model.py", "scripts", "empty.py",
                 "locked.py", "lock"}, names
out = pathlib.Path(sys.argv[3].removeprefix("--to=")).parent
assert not list(out.iterdir())
(out / "x").touch()
pathlib.Path("config.txt").write_text("changed")
log()
"""
)
HELPER = """\
import pathlib


def settings():
    return dict([pathlib.Path("config.txt").read_text().split()])
"""
EMPTY = FIT + "assert not list(here.iterdir())\nassert 'OWN' not in os.environ\nlog()\n"
NEEDED = ("mlflow", "scikit-learn", "numpy", "pandas", "cloudpickle", "scipy", "skops")
PINS = {name: version for name in NEEDED if (version := installed(name)) is not None}
PROJECT = '[project]\nname = "ours"\nversion = "0"\nrequires-python = ">=3.10"\n'
# Whether this MLflow takes requirements from a lock file of uv, and finds uv.
LOCKS = shutil.which("uv") is not None and any(
    file.name == "uv_utils.py" for file in metadata.files("mlflow") or ()
)


def lock() -> str:
    """Return a lock file of uv that pins the installed versions, for a project named ``ours``."""
    packages = [
        f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
        'source = { registry = "https://pypi.org/simple" }\n'
        for name, version in PINS.items()
    ]
    dependencies = ", ".join(f'{{ name = "{name}" }}' for name in PINS)
    own = '[[package]]\nname = "ours"\nversion = "0"\nsource = { virtual = "." }\n'
    own += f"dependencies = [{dependencies}]\n"
    return "\n".join(['version = 1\nrequires-python = ">=3.10"\n', *packages, own])


def write_folder(folder: Path) -> Path:
    """Write the catalogue with three modes, the scripts, and what they read."""
    for name, text in {
        "scripts/inside.py": INSIDE,
        "scripts/helper.py": HELPER,
        "config.txt": "rows data.csv",
        "lock/pyproject.toml": PROJECT,
        "lock/uv.lock": lock(),
        "lock/locked.py": FIT + "log()\n",
        ".venv/pyvenv.cfg": "",
        "mlruns/0/meta.yaml": "",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    own = {"OWN": "1", "MLFLOW_UV_AUTO_DETECT": "false"}
    words = ("{folder}", "--to={out}/x", "{other}")
    modes = [
        mode("inside", "scripts/inside.py", *words, folder=".", environment=own),
        mode("empty", "empty.py"),
        mode(
            "locked",
            "lock/locked.py",
            folder="lock",
            requirements="stated" if LOCKS else "inferred",
        ),
        mode(
            "unlocked",
            "lock/locked.py",
            folder="lock",
            environment={"MLFLOW_UV_AUTO_DETECT": "false"},
        ),
    ]
    return write_catalogue(folder, modes, {"empty.py": EMPTY, "locked.py": ""})


def content(folder: Path) -> dict[str, str]:
    """Return the text of every file in a folder, besides those of the run."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {
        name: file.read_text(encoding="utf-8")
        for file in files
        if not (name := str(file.relative_to(folder))).startswith("t/")
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue's folder; the run's own folder is inside it."""
    return tmp_path_factory.mktemp("folders")


@pytest.fixture(scope="module")
def own(folder: Path) -> SuiteRun:
    """A run of all promises about outcome and environment."""
    options = ("--catalogue", str(write_folder(folder)), "-m", "local")
    before = content(folder)
    done = run(folder, *options, modules=["outcome", "environment"])
    assert content(folder) == before, done.output
    return done


@pytest.mark.parametrize("name", ["inside", "empty", "locked", "unlocked"])
def test_a_script_keeps_its_promises(name: str, own: SuiteRun) -> None:
    """A script finds its files in the copy; the original folder is not changed."""
    assert own.exit_code == 0, own.output
    assert own.lines_with(f"{name}-sqlite: ")


def requirements(folder: Path, name: str) -> str:
    """Return the requirements of the model that a mode left."""
    (file,) = (
        file
        for run_folder in (folder / "t").iterdir()
        for file in RunFolder(run_folder).mode(name, "sqlite").original.rglob("requirements.txt")
        if "work/mlruns" in file.as_posix()
    )
    return file.read_text(encoding="utf-8")


@pytest.mark.skipif(not LOCKS, reason="needs uv, and an MLflow that uses it")
def test_requirements_come_from_the_lock_file(folder: Path, own: SuiteRun) -> None:
    """MLflow takes the requirements from a lock file of uv, unless a variable forbids it."""
    assert own.exit_code == 0, own.output
    locked = requirements(folder, "locked").splitlines()
    assert sorted(locked) == sorted(f"{name}=={version}" for name, version in PINS.items())
    assert sorted(requirements(folder, "unlocked").splitlines()) != sorted(locked)


def fifo(folder: Path) -> str:
    """Put a FIFO into the folder."""
    os.mkfifo(folder / "pipe")
    return "/pipe: cannot be read: it is a FIFO, not a plain file; list it in .amlignore to leave"


def link(folder: Path) -> str:
    """Put a link to a folder into the folder."""
    (folder / "far").symlink_to("/usr")
    return "/far: a link to a folder, which is not copied; list it in .amlignore to leave it out"


def many(folder: Path) -> str:
    """Put too many files into the folder."""
    (folder / "rows").mkdir()
    for number in range(2001):
        (folder / "rows" / str(number)).touch()
    return "is too large to copy (at most 2000 files and 300 MiB): "


@pytest.mark.parametrize("prepare", [fifo, link, many], ids=lambda prepare: prepare.__name__)
def test_a_folder_that_cannot_be_copied_is_refused(
    prepare: Callable[[Path], str], tmp_path: Path
) -> None:
    """The run ends with exit code 4 and one line, no script is started and no folder is made."""
    catalogue = write_catalogue(tmp_path, [mode("good", "model.py", folder=".")], {})
    problem = prepare(tmp_path)
    refused = run(tmp_path, "--catalogue", str(catalogue), modules=["outcome"])
    assert refused.exit_code == USAGE_ERROR, refused.output
    (line,) = refused.lines_with("modes.yaml: mode 'good': folder: ")
    assert problem in line
    assert "Traceback" not in refused.output
    assert not list((tmp_path / "t").rglob("good-sqlite"))
