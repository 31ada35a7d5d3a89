"""A pytest plugin (``-p``) that registers a third target, by one entry and this module."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fixtures.targets import registry
from fixtures.targets.sqlite import SqliteTarget

NAME, MARKER = "fake", "far_away"


@dataclass(frozen=True)
class FakeTarget(SqliteTarget):
    """Never runs a mode: its promises are only collected."""

    name: str = NAME


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
