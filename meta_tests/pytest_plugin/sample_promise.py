"""A test function as pytest collects it, and the parameters that the suite gives it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from meta_tests.exercise import EXERCISE
from mlflow_conformance.pytest_plugin.options import Settings
from mlflow_conformance.pytest_plugin.parametrize import parametrize
from mlflow_conformance.support.paths import CONFORMANCE

CATALOGUE = EXERCISE
ALL = Settings(CATALOGUE, CATALOGUE.modes, 1.0)


class Definition:
    """A test function as pytest collects it, with its fixtures and markers."""

    def __init__(self, *marks: pytest.MarkDecorator, asks_for: str = "subject") -> None:
        """Create a test with these markers."""
        self.fixturenames = [asks_for]
        self.marks = [mark.mark for mark in marks]
        self.definition = self
        self.path = CONFORMANCE / "test_x.py"
        self.names: list[str] = []
        self.parameters: list[Any] | None = None

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        """Return the first marker of that name."""
        return next(iter(self.iter_markers(name)), None)

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        """Return all markers of that name."""
        return [mark for mark in self.marks if mark.name == name]

    def parametrize(self, names: list[str], parameters: list[Any], indirect: list[str]) -> None:
        """Store the parameters of the test."""
        assert indirect == names
        self.names, self.parameters = names, parameters


def chosen(*marks: pytest.MarkDecorator, settings: Settings = ALL) -> list[Any]:
    """Return the parameters of a test with these markers."""
    definition = Definition(*marks)
    parametrize(cast(pytest.Metafunc, definition), settings)
    assert definition.parameters is not None
    return definition.parameters


def modes(*marks: pytest.MarkDecorator) -> set[str]:
    """Return the names of the modes of a test with these markers."""
    return {parameter.values[0].mode.name for parameter in chosen(*marks)}
