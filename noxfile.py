"""The sessions: the suite under another MLflow, and what keeps the code in order."""

from __future__ import annotations

import subprocess
import sys

import nox

nox.needs_version = ">=2024.4"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types"]
# MLflow 2, the newest that azureml-mlflow allows, and that where the service has logged models.
REHEARSED = (
    ["--job-mlflow", "2.22.5"],
    ["--job-mlflow", "3.15.0"],
    ["--job-mlflow", "3.15.0", "--rehearsal-logged-models"],
)


@nox.session
def local(session: nox.Session) -> None:
    """Run ``pytest -m local`` under a release: ``nox -s local -- 2.22.5 [OPTIONS]``."""
    if not session.posargs:
        session.error("name an MLflow release: nox -s local -- 2.22.5")
    version, *options = session.posargs
    session.log(f"building the environment of MLflow {version}, or taking the one that is there")
    built = session.run("python", "-m", "fixtures.releases", version, silent=True)
    python = str(built).strip().splitlines()[-1]
    command = [python, "-m", "pytest", "-p", "fixtures.early", "-m", "local"]
    session.run(*command, *options, external=True)


@nox.session
def rehearsal(session: nox.Session) -> None:
    """Rehearse jobs in a workspace, three ways: ``nox -s rehearsal [-- OPTIONS]``."""
    command = ["uv", "run", "--extra", "rehearsal", "pytest", "-m", "azure"]
    for options in REHEARSED:
        session.run(
            *(*command, "--workspace", "rehearsal", *options, *session.posargs), external=True
        )


@nox.session
def gate(session: nox.Session) -> None:
    """Compare two releases for real: ``nox -s gate -- 2.22.5 3.17.2 [OPTIONS]``."""
    _run_module(session, "fixtures.upgrade.gate")


@nox.session
def compare(session: nox.Session) -> None:
    """Compare two recorded baselines: ``nox -s compare -- 2.16.2 3.1.4 [OPTIONS]``."""
    _run_module(session, "fixtures.upgrade.compare")


@nox.session
def baselines(session: nox.Session) -> None:
    """Record the shipped baselines that are missing: ``nox -s baselines [-- RELEASE …]``."""
    _run_module(session, "fixtures.upgrade.record_baselines")


def _run_module(session: nox.Session, module: str) -> None:
    """Run a module of the suite's, and end with its exit code.

    session.run would make a 1 of every failure; here 1 is a verdict, and 2 that there is none.
    """
    command = [sys.executable, "-m", module, *session.posargs]
    process = subprocess.Popen(command, cwd=session.invoked_from)
    try:
        code = process.wait()
    except BaseException:
        # Ctrl-C reaches the module, too, which ends all that it started before it ends itself.
        process.wait()
        raise
    if code:
        sys.exit(code)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Feed hostile inputs to all readers and options: ``nox -s fuzz -- MINUTES [--seed N]``."""
    _run_module(session, "meta_tests.fuzzing")


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
    """Measure ``pytest -m local`` against the same scripts run one after another by hand."""
    session.run("python", "-m", "benchmarks.against_scripts", *session.posargs)
