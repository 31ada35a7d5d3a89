"""Nox sessions: run the suite with another MLflow, compare releases, check the code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import nox

nox.needs_version = ">=2024.4"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types"]
# Runs a module of the suite with the Python of a release, where the suite is not installed.
RUN = "fixtures/mlflow_conformance/support/run_module.py"
PYTEST = (RUN, "mlflow_conformance.command.main")
# nox takes a version before -- for the name of a session.
USAGE_ERROR = 4
EARLY_VERSION = re.compile(r"\d+(\.\w+)+")
# The oldest supported release and the newest; between them, those that changed most.
MATRIX = ("2.8.1", "2.16.2", "2.22.5", "3.1.4", "3.13.0", "3.17.2")
ENDS = "--ends"
# What is supported besides: checked with two modes.
OLDEST_PYTEST = ("pytest==7.4.4", "pytest-xdist==3.3.1")
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
FEW_MODES = ("--mode", "infer-frame", "--mode", "pipeline")
# The first chooses the newest MLflow 2. The last has logged models, and chooses the newest that
# azureml-mlflow allows.
REHEARSED: tuple[list[str], ...] = (
    [],
    ["--job-mlflow", "3.15.0"],
    ["--rehearsal-logged-models"],
)
# As late as the lists of the service.
LIST_LAG = ("--rehearsal-list-lag", "30")


def _require_separator(arguments: Sequence[str]) -> None:
    """Exit with one line if a version stands before ``--``, where nox expects a session."""
    before = [*arguments, "--"][: [*arguments, "--"].index("--")]
    early = [word for word in before if EARLY_VERSION.fullmatch(word)]
    if early and Path(sys.argv[0]).stem in ("nox", "__main__"):
        place = arguments.index(early[0])
        command = " ".join(["nox", *arguments[:place], "--", *arguments[place:]])
        _end(f"nox takes {early[0]} for a session; write: {command}")


def _end(line: str) -> NoReturn:
    """Exit as after every mistake on a command line."""
    print(line, file=sys.stderr)
    sys.exit(USAGE_ERROR)


_require_separator(sys.argv[1:])


@nox.session
def local(session: nox.Session) -> None:
    """Run ``pytest -m local`` with an MLflow release: ``nox -s local -- 2.22.5 [OPTIONS]``."""
    if not session.posargs:
        _end("name an MLflow release: nox -s local -- 2.22.5")
    version, *options = session.posargs
    python = _python_of(session, version)
    for excused in _excused(session, python):
        session.warn(f"{excused['file']} is excused here: {excused['reason']}")
        session.warn(f"to check it, run: nox -s excused -- {version}")
    session.run(python, *PYTEST, "-m", "local", *options, external=True)


@nox.session
def excused(session: nox.Session) -> None:
    """Run the promises that ``local`` excuses, where possible: ``nox -s excused -- 2.22.5``."""
    if not session.posargs:
        _end("name an MLflow release: nox -s excused -- 2.22.5")
    version, *options = session.posargs
    found = _excused(session, _python_of(session, version))
    if not found:
        session.log(f"MLflow {version} is excused from no file of promises")
    for excused in found:
        session.log(f"{excused['file']} is excused: {excused['reason']}")
        python = _python_of(session, version, *excused["packages"])
        session.run(
            *(python, *PYTEST, excused["file"], *excused["options"], *options),
            external=True,
        )


def _python_of(session: nox.Session, version: str, *beside: str) -> str:
    """Return the Python of a release's environment; ``beside`` are additional requirements."""
    name = " with ".join([f"MLflow {version}", *beside])
    session.log(f"building the environment of {name} (reused if it exists)")
    built = session.run(
        "python", RUN, "mlflow_conformance.environments.releases", version, *beside, silent=True
    )
    return str(built).strip().splitlines()[-1]


def _excused(session: nox.Session, python: str) -> list[dict[str, Any]]:
    """Return the files of promises that known deviations excuse in a Python's environment."""
    found = session.run(
        python, RUN, "mlflow_conformance.pytest_plugin.excused", silent=True, external=True
    )
    return [json.loads(line) for line in str(found).splitlines() if line.startswith("{")]


@nox.session
def matrix(session: nox.Session) -> None:
    """Run ``pytest -m local`` with each release of a row: ``nox -s matrix [-- OPTIONS]``.

    The row is the oldest release, the newest, and those between that changed most;
    ``--ends`` runs the oldest and the newest.
    """
    options = [option for option in session.posargs if option != ENDS]
    releases = [MATRIX[0], MATRIX[-1]] if ENDS in session.posargs else MATRIX
    failed = []
    for version in releases:
        python = _python_of(session, version)
        command = [python, *PYTEST, "-m", "local", *options]
        session.log(f"MLflow {version}: pytest -m local {' '.join(options)}".strip())
        if subprocess.run(command, cwd=session.invoked_from, check=False).returncode:
            failed.append(version)
    if failed:
        session.error(f"broken promises, or nothing checked, with MLflow {', '.join(failed)}")
    session.log(f"all promises hold with MLflow {', '.join(releases)}")


@nox.session
def supported(session: nox.Session) -> None:
    """Run two modes with the oldest pytest, and with each supported Python that is installed."""
    failed = []
    with_oldest = {"the oldest pytest": _python_of(session, MATRIX[-1], *OLDEST_PYTEST)}
    for name, python in {**with_oldest, **_pythons(session)}.items():
        command = [python, *PYTEST, "-m", "local", *FEW_MODES, *session.posargs]
        session.log(f"{name}: pytest -m local {' '.join(FEW_MODES)}")
        if subprocess.run(command, cwd=session.invoked_from, check=False).returncode:
            failed.append(name)
    if failed:
        session.error(f"broken promises, or nothing checked, with {', '.join(failed)}")


def _pythons(session: nox.Session) -> dict[str, str]:
    """Return the Python of an environment for each supported one; say which are not installed."""
    found = {}
    for version in PYTHONS:
        asked = ["uv", "python", "find", "--no-python-downloads", "--system", version]
        there = subprocess.run(asked, capture_output=True, text=True, check=False)
        if there.returncode:
            session.warn(f"Python {version} is not installed, and not checked")
            continue
        folder = Path(session.create_tmp()).resolve() / f"python-{version}"
        python = str(folder / "bin" / "python")
        session.run("uv", "venv", "--quiet", "--clear", "-p", version, str(folder), external=True)
        session.run("uv", "pip", "install", "--quiet", "-p", python, ".", external=True)
        found[f"Python {version}"] = python
    return found


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation as a site, strictly: ``nox -s docs [-- FOLDER]``."""
    folder = session.posargs[0] if session.posargs else "site"
    command = ["sphinx-build", "--quiet", "--fail-on-warning", "--keep-going", "docs", folder]
    session.run("uv", "run", "--group", "docs", *command, external=True)
    session.log(f"the site is in {folder}: open {folder}/index.html")


@nox.session
def screenshots(session: nox.Session) -> None:
    """Take the pictures of the documentation anew: ``nox -s screenshots [-- FOLDER]``."""
    command = ["uv", "run", "--group", "browser", "python", "-m", "meta_tests.report.screenshots"]
    session.run(*command, *session.posargs, external=True)


@nox.session
def release(session: nox.Session) -> None:
    """Build a release, and check it as far as the upload, which is left out: ``nox -s release``."""
    pyproject = nox.project.load_toml("pyproject.toml")
    version = pyproject["project"]["version"]
    changes = Path("CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(rf"^## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)$", changes, re.MULTILINE):
        session.error(f"CHANGELOG.md: should have a heading '## {version} (YYYY-MM-DD)'")
    folder = Path(session.create_tmp()).resolve() / "release"
    shutil.rmtree(folder, ignore_errors=True)
    built, environment = folder / "dist", folder / "environment"
    session.run("uv", "build", "--quiet", "--out-dir", str(built), external=True)
    files = sorted(str(file) for file in built.glob("mlflow_*"))
    twine = ["uv", "run", "--quiet", "--no-project", "--with", "twine", "twine"]
    session.run(*[*twine, "check", "--strict", *files], external=True)
    (wheel,) = (file for file in files if file.endswith(".whl"))
    python = str(environment / "bin" / "python")
    session.run("uv", "venv", "--quiet", str(environment), external=True)
    session.run("uv", "pip", "install", "--quiet", "-p", python, wheel, external=True)
    with session.chdir(folder):
        session.run(python, "-m", "mlflow_conformance", "-m", "local", *FEW_MODES, external=True)
    session.log(f"ready to be uploaded: {', '.join(files)}")


@nox.session
def rehearsal(session: nox.Session) -> None:
    """Run the rehearsal with three configurations: ``nox -s rehearsal [-- OPTIONS]``."""
    command = ["uv", "run", "--extra", "rehearsal", "pytest", "-m", "azure"]
    for options in REHEARSED:
        session.run(
            *(*command, "--workspace", "rehearsal", *options, *LIST_LAG, *session.posargs),
            external=True,
        )


@nox.session
def gate(session: nox.Session) -> None:
    """Compare two releases in real environments: ``nox -s gate -- 2.22.5 3.17.2 [OPTIONS]``."""
    _run_module(session, "mlflow_conformance.upgrade.gate")


@nox.session
def compare(session: nox.Session) -> None:
    """Compare two recorded baselines: ``nox -s compare -- 2.16.2 3.1.4 [OPTIONS]``."""
    _run_module(session, "mlflow_conformance.upgrade.compare")


@nox.session
def atlas(session: nox.Session) -> None:
    """Write a page of all changes of all recorded releases: ``nox -s atlas [-- FOLDER]``."""
    _run_module(session, "mlflow_conformance.upgrade.atlas")


@nox.session
def baselines(session: nox.Session) -> None:
    """Record the shipped baselines that are missing: ``nox -s baselines [-- RELEASE …]``."""
    _run_module(session, "mlflow_conformance.upgrade.record_baselines")


@nox.session
def seeds(session: nox.Session) -> None:
    """Write the small stores of all schemas anew, which baselines need: ``nox -s seeds``."""
    _run_module(session, "mlflow_conformance.upgrade.record_seeds")


@nox.session
def surface(session: nox.Session) -> None:
    """Record what each release with a baseline offers: ``nox -s surface [-- --wheels FOLDER]``."""
    _run_module(session, "mlflow_conformance.upgrade.record_surface")


def _run_module(session: nox.Session, module: str) -> None:
    """Run a module of the suite and exit with its exit code.

    ``session.run`` would exit with 1 after every failure, but here 1 means "not safe" and 2 "no
    verdict".
    """
    command = [sys.executable, "-m", module, *session.posargs]
    process = subprocess.Popen(command, cwd=session.invoked_from)
    try:
        code = process.wait()
    except BaseException:
        # The module also receives Ctrl-C; it ends all its child processes before it exits.
        process.wait()
        raise
    if code:
        sys.exit(code)


@nox.session
def truth(session: nox.Session) -> None:
    """Measure what the gate tells of the published changes: ``nox -s truth [-- --missed]``."""
    _run_module(session, "meta_tests.upgrade.truth")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Feed hostile inputs to all readers and options: ``nox -s fuzz -- MINUTES [--seed N]``."""
    _run_module(session, "meta_tests.fuzzing")


@nox.session
def new(session: nox.Session) -> None:
    """Write a skeleton with its tests: ``nox -s new -- promise|rule|mode NAME``."""
    session.run(sys.executable, "-m", "meta_tests.scaffold", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format with ruff."""
    session.run("uv", "run", "--group", "lint", "ruff", "check", ".", external=True)
    session.run("uv", "run", "--group", "lint", "ruff", "format", "--check", ".", external=True)


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy, strictly."""
    session.run("uv", "run", "--extra", "rehearsal", "--group", "lint", "mypy", external=True)


@nox.session
def benchmark(session: nox.Session) -> None:
    """Compare the suite with its scripts run by hand: ``nox -s benchmark [-- --more]``."""
    session.run(sys.executable, "-m", "benchmarks.against_scripts", *session.posargs)


@nox.session
def existing(session: nox.Session) -> None:
    """Examine models that eleven releases have logged: ``nox -s existing [-- RELEASE …]``."""
    session.run(sys.executable, "-m", "benchmarks.models_of_releases", *session.posargs)
