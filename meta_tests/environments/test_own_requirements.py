"""Tests of ``environments.own_requirements``: packages of the suite that are missing or too old."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import tomllib
from packaging.requirements import Requirement

from mlflow_conformance.environments import own_requirements
from mlflow_conformance.environments.own_requirements import NEEDED, missing_requirement
from mlflow_conformance.support.paths import ROOT

USAGE_ERROR = 4


def test_every_requirement_of_the_suite_is_looked_for() -> None:
    """The list has what pyproject.toml requires; pytest itself checks its version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {Requirement(line).name for line in project["dependencies"]}
    assert named | {"numpy"} == {*NEEDED.values()}


def test_this_environment_has_all_of_them() -> None:
    """Nothing is missing here."""
    assert missing_requirement() == ""


def test_what_is_missing_is_named_with_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed in a project, the way out is to add the packages there."""
    found = importlib.util.find_spec
    absent = ("pandas", "yaml")
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in absent else found(name)
    )
    assert missing_requirement() == (
        f"pandas, pyyaml: not installed for {sys.executable}; install it: uv add --dev 'pandas'"
        " 'pyyaml' (or: pip install 'pandas' 'pyyaml')"
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("pytest>=99", "mlflow-logging-conformance 0.1.0 requires pytest>=99, but "),
        ("pytest>=7.4", ""),
        ("pytest>=99; extra == 'azure'", ""),
    ],
)
def test_what_is_too_old_is_named(line: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that the suite does not support is named, and what it requires."""
    monkeypatch.setattr(metadata, "requires", lambda name: [line])
    found = missing_requirement()
    assert found.startswith(message)
    assert bool(found) == bool(message)
    if message:
        assert found.endswith("uv add --dev 'pytest>=99' (or: pip install 'pytest>=99')")


def test_an_environment_without_the_suite_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment of a release the suite is not installed; its packages are enough."""
    monkeypatch.setattr(own_requirements, "DISTRIBUTION", "not-a-distribution")
    assert missing_requirement() == ""


def test_a_bare_pytest_says_which_command_to_run(tmp_path: Path) -> None:
    """``pytest`` of an environment without MLflow is one line that says ``uv run pytest``."""
    code = (
        "import sys, importlib.util as u; real = u.find_spec;"
        "u.find_spec = lambda name, *more: None if name == 'mlflow' else real(name, *more);"
        "import importlib.metadata as m; version = m.version;\n"
        "def absent(name):\n"
        "    if name == 'mlflow-logging-conformance': raise m.PackageNotFoundError(name)\n"
        "    return version(name)\n"
        "m.version = absent\n"
        "import pytest; sys.exit(pytest.main(['-m', 'local', '-p', 'no:cacheprovider']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == USAGE_ERROR
    (line,) = done.stderr.strip().splitlines()
    assert line == (
        f"ERROR: mlflow: not installed for {sys.executable}; run the suite in its own environment:"
        " uv run pytest"
    )
