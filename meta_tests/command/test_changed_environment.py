"""Tests of ``command.changed_environment``: what is copied, and what is said to have changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from mlflow_conformance.command import changed_environment
from mlflow_conformance.command.changed_environment import build_copy
from mlflow_conformance.environments.packages import installed

BEFORE = """\
-e file:///home/me/churn
gone @ file:///nowhere/gone-1.0-py3-none-any.whl
mlflow==2.22.5
pyyaml @ file:///nowhere/pyyaml.whl
steps @ git+https://example.com/steps@abc
"""
AFTER = BEFORE.replace("2.22.5", "3.17.2").replace("steps", "skops") + "skops==0.16\n"


class FakeUv:
    """Stands in for uv: lists packages, and keeps the commands that build the copy."""

    def __init__(self) -> None:
        self.steps: list[list[str]] = []
        self.folders: list[str] = []
        self._lists = [BEFORE, AFTER]

    def run_uv(self, arguments: Sequence[str]) -> str:
        """Return the list of packages, first of the environment, then of its copy."""
        assert arguments[:2] == ["pip", "freeze"]
        return self._lists.pop(0)

    def build_in_steps(self, directory: Path, **options: Any) -> Path:
        """Keep the commands, and return a Python."""
        self.folders.append(directory.name)
        self.steps = [list(step) for step in options["steps"]]
        return directory / "python"


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    """Return the stand-in for uv."""
    fake = FakeUv()
    monkeypatch.setattr(changed_environment, "run_uv", fake.run_uv)
    monkeypatch.setattr(changed_environment, "build_in_steps", fake.build_in_steps)
    monkeypatch.setattr(changed_environment, "kept_folder", lambda: tmp_path)
    monkeypatch.setattr(metadata, "version", lambda name: f"{name}-version")
    return fake


def test_the_copy_has_the_same_packages_first(uv: FakeUv) -> None:
    """All packages are installed as they are, without their requirements; then the change."""
    build_copy(["mlflow==3.17.2"])
    copied, changed = uv.steps
    assert copied == [
        *("pip", "install", "--quiet", "--no-deps"),
        "--editable=file:///home/me/churn",
        "gone==gone-version",
        "mlflow==2.22.5",
        "pyyaml==pyyaml-version",
        "steps @ git+https://example.com/steps@abc",
    ]
    assert changed == ["pip", "install", "--quiet", "--compile-bytecode", "mlflow==3.17.2"]


def test_the_changes_are_named(uv: FakeUv) -> None:
    """What differs between the environment and its copy is told by name, old and new version."""
    assert build_copy(["mlflow==3.17.2"]).changes == (
        "mlflow 2.22.5 -> 3.17.2",
        "skops not installed -> 0.16",
        "steps git+https://example.com/steps@abc -> not installed",
    )


def test_the_folder_is_named_after_the_change(uv: FakeUv) -> None:
    """The folder of a copy says what was changed, and has no characters that a system forbids."""
    build_copy(["mlflow<3,>=2", "pandas[parquet]"])
    (name,) = uv.folders
    assert name.startswith("with-mlflow-3-2-pandas-parquet-")


def test_a_list_of_uv_is_understood() -> None:
    """The list of this environment has the suite's MLflow, in the form that is read here."""
    frozen = changed_environment._frozen(Path(sys.executable))
    assert f"mlflow=={installed('mlflow')}" in frozen
