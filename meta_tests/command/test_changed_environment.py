"""Tests of ``command.changed_environment``: what is copied, and what is said to have changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlflow_conformance.command import changed_environment
from mlflow_conformance.command.changed_environment import build_copy
from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.environments.packages import installed

BEFORE = """\
-e file:///home/me/churn
mlflow==2.22.5
own @ file:///
steps @ git+https://example.com/steps@abc
"""
AFTER = BEFORE.replace("2.22.5", "3.17.2").replace("steps", "skops") + "skops==0.16\n"


class FakeUv:
    """Stands in for uv: lists packages, and keeps the commands that build the copy."""

    def __init__(self) -> None:
        self.steps: list[list[str]] = []
        self.folders: list[str] = []
        self.record = "a,sha256=1"
        self.again: bool | None = None
        self.lists = [BEFORE, AFTER]

    def run_uv(self, arguments: Sequence[str]) -> str:
        """Return the list of packages, first of the environment, then of its copy."""
        assert arguments[:2] == ["pip", "freeze"]
        return self.lists.pop(0)

    def build_in_steps(self, directory: Path, **options: Any) -> Path:
        """Keep the commands, and return a Python."""
        self.folders.append(directory.name)
        self.again = options["again"]
        self.steps = [list(step) for step in options["steps"]]
        return directory / "python"


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeUv:
    """Return the stand-in for uv."""
    fake = FakeUv()
    monkeypatch.setattr(changed_environment, "run_uv", fake.run_uv)
    monkeypatch.setattr(changed_environment, "build_in_steps", fake.build_in_steps)
    monkeypatch.setattr(changed_environment, "kept_folder", lambda: tmp_path)
    record = SimpleNamespace(read_text=lambda name: fake.record)
    monkeypatch.setattr(metadata, "distribution", lambda name: record)
    return fake


def test_the_copy_has_the_same_packages_first(uv: FakeUv) -> None:
    """All packages are installed as they are, without their requirements; then the change."""
    build_copy(["mlflow==3.17.2"])
    copied, changed = uv.steps
    assert copied == [
        "--no-deps",
        "--editable=file:///home/me/churn",
        "mlflow==2.22.5",
        "own @ file:///",
        "steps @ git+https://example.com/steps@abc",
    ]
    assert changed == ["mlflow==3.17.2"]


def test_the_changes_are_named(uv: FakeUv) -> None:
    """What differs between the environment and its copy is told by name, old and new version."""
    assert build_copy(["mlflow==3.17.2"]).changes == (
        "mlflow 2.22.5 -> 3.17.2",
        "skops not installed -> 0.16",
        "steps git+https://example.com/steps@abc -> not installed",
    )


def test_a_changed_package_gives_another_copy(uv: FakeUv) -> None:
    """A package from a folder or file may change and keep its name: its copy is not reused."""
    for uv.record in ("a,sha256=1", "a,sha256=2", "a,sha256=1"):
        uv.lists = [BEFORE, AFTER]
        build_copy(["mlflow==3.17.2"])
    first, second, third = uv.folders
    assert first == third != second


@pytest.mark.parametrize(
    ("requirement", "is_reused"),
    [("mlflow==3.17.2", True), ("pandas[parquet]==2.3.3", True), ("mlflow", False)]
    + [("mlflow>3", False), ("mlflow==3.*", False), ("/a/folder", False)],
)
def test_only_an_exact_requirement_reuses_a_copy(
    requirement: str, is_reused: bool, uv: FakeUv
) -> None:
    """Where another release may fit tomorrow, the copy is built again."""
    build_copy(["mlflow==3.17.2", requirement])
    assert uv.again is not is_reused


def test_a_package_from_a_file_that_is_gone_is_told(uv: FakeUv) -> None:
    """It is not taken from the index, where another package may have its name."""
    uv.lists = ["own @ file:///nowhere/own-1.0-py3-none-any.whl\n"]
    with pytest.raises(EnvironmentNotBuilt, match=r"^own was installed from file:///nowhere/own"):
        build_copy(["mlflow==3.17.2"])


def test_a_long_requirement_has_a_short_folder(uv: FakeUv) -> None:
    """A URL does not make the name of the folder too long for the disk."""
    build_copy(["own @ https://example.com/" + "a" * 500])
    assert len(uv.folders[0]) < 100


def test_the_folder_is_named_after_the_change(uv: FakeUv) -> None:
    """The folder of a copy says what was changed, and has no characters that a system forbids."""
    build_copy(["mlflow<3,>=2", "pandas[parquet]"])
    (name,) = uv.folders
    assert name.startswith("with-mlflow-3-2-pandas-parquet-")


def test_a_list_of_uv_is_understood() -> None:
    """The list of this environment has the suite's MLflow, in the form that is read here."""
    frozen = changed_environment._frozen(Path(sys.executable))
    assert f"mlflow=={installed('mlflow')}" in frozen
