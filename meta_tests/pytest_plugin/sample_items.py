"""Collected tests, with the parts that the plugin reads, and what is selected."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.pytest_plugin.options import Settings
from mlflow_conformance.pytest_plugin.xfail import EXPECTED
from mlflow_conformance.runner.sqlite_folder import NAME as SQLITE
from mlflow_conformance.support.paths import CONFORMANCE, DEFAULT_CATALOGUE
from mlflow_conformance.targets.target import Subject

CATALOGUE = read_catalogue(DEFAULT_CATALOGUE)
MODE = CATALOGUE.modes[0]
WHOLE = Settings(CATALOGUE, CATALOGUE.modes, 1.0)
PART = Settings(CATALOGUE, CATALOGUE.modes[:1], 1.0)


class Item:
    """The parts of a collected test that the selection reads."""

    def __init__(self, nodeid: str, path: Path, subject: Subject | None = None) -> None:
        """Create a test with an id and a subject."""
        self.nodeid = nodeid
        self.name = nodeid.rpartition("::")[2]
        self.path = path
        self.callspec = SimpleNamespace(params={} if subject is None else {"subject": subject})
        self.fixturenames: tuple[str, ...] = ("model",)
        self.marks: list[pytest.MarkDecorator] = []
        self.stash = pytest.Stash()
        self.user_properties: list[tuple[str, object]] = []
        self.config = SimpleNamespace(option=SimpleNamespace(runxfail=False))

    @property
    def expected(self) -> list[int]:
        """Return the numbers of the deviations that are expected of the test."""
        return [deviation.number for deviation in self.stash.get(EXPECTED, [])]

    def add_marker(self, mark: pytest.MarkDecorator) -> None:
        """Add a marker."""
        self.marks.append(mark)

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        """Return the first marker of that name."""
        return next(iter(self.iter_markers(name)), None)

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        """Return the markers of that name."""
        return [mark.mark for mark in self.marks if mark.name == name]


def items(*tests: Item) -> list[pytest.Item]:
    """Return the tests, typed as pytest's items."""
    return [cast(pytest.Item, test) for test in tests]


def whole_collection() -> list[Item]:
    """Return one test for every mode of every module of ``conformance``, whatever it is about."""
    return [
        Item(f"conformance/{path.name}::test_y[{mode.name}-sqlite]", path, Subject(mode, SQLITE))
        for path in sorted(CONFORMANCE.glob("test_*.py"))
        for mode in CATALOGUE.modes
    ]
