"""A pytest plugin (``-p``) that registers a third target, by one entry and this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from mlflow_conformance.runner.local_folder import FolderType
from mlflow_conformance.runner.sqlite_folder import SqliteFolder
from mlflow_conformance.targets import registry
from mlflow_conformance.targets.sqlite import SqliteTarget

NAME, MARKER = "fake", "far_away"


@dataclass(frozen=True)
class FakeFolder(SqliteFolder):
    """A folder with a variable of its own for the script."""

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return the variables, with one that tells a script where it runs."""
        return {**super().environment(base), "RUNS_AT": NAME}


@dataclass(frozen=True)
class FakeTarget(SqliteTarget):
    """Runs modes on this machine, in a folder of another type."""

    name: str = NAME
    folder_type: FolderType = FakeFolder


def open_target(config: pytest.Config) -> FakeTarget:
    """Return the target."""
    return FakeTarget()


def pytest_load_initial_conftests() -> None:
    """Add the entry before the suite reads the registry."""
    registry.TARGETS += (
        registry.TargetEntry(
            NAME, MARKER, __name__, costs_money=True, facts={"weather": ("rain", "sun")}
        ),
    )
