"""Samples of the rules: for each rule an edit that it explains, and a similar one that it does not.

The samples themselves are in the modules beside this one, as the rules are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from fixtures.upgrade.changes import UNCLASSIFIED
from fixtures.upgrade.differences import ABSENT, Difference
from fixtures.upgrade.profile import FactPath
from fixtures.upgrade.rule import Level
from fixtures.upgrade.rules import RULES
from meta_tests.invented_profiles import changed, consistent, invented_facts, without

ALL_RULES = (*RULES, UNCLASSIFIED)


@dataclass(frozen=True)
class Edit:
    """One place of the invented profile, with what stands there before and after, or ``ABSENT``.

    ``place`` are its keys joined by ``/``.
    """

    place: str
    before: Any
    after: Any

    @property
    def path(self) -> FactPath:
        """Return the place as differences name it."""
        return tuple(self.place.split("/"))

    @property
    def difference(self) -> Difference:
        """Return the edit as the one difference that should be found."""
        return Difference(self.path, self.before, self.after)

    def sides(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the facts before and after."""
        facts = invented_facts()
        return placed(facts, self.path, self.before), placed(facts, self.path, self.after)


def placed(facts: dict[str, Any], path: FactPath, value: Any) -> dict[str, Any]:
    """Return a copy with a value, or nothing, at a path; a model goes where none was logged."""
    if value is ABSENT:
        return without(facts, path)
    return consistent(changed(facts, path, value))


@dataclass(frozen=True)
class Sample:
    """Edits that a rule explains, one for each of its places, and one that it must leave alone.

    ``level`` is how grave the change must be. ``other`` is the rule that explains ``near``, or
    ``None`` where nothing may be reported.
    """

    rule: str
    level: Level
    trips: tuple[Edit, ...]
    near: Edit
    other: str | None


def breaking(rule: str, *trips: Edit, near: Edit, other: str | None) -> Sample:
    """Return a sample of a breaking change."""
    return Sample(rule, "breaking", trips, near, other)


def warning(rule: str, *trips: Edit, near: Edit, other: str | None) -> Sample:
    """Return a sample of a change that deserves a warning."""
    return Sample(rule, "warning", trips, near, other)


def info(rule: str, *trips: Edit, near: Edit, other: str | None) -> Sample:
    """Return a sample of a change that one only has to know of."""
    return Sample(rule, "info", trips, near, other)


def each_trip(
    samples: Sequence[Sample], having: Callable[[Edit], bool] = lambda edit: True
) -> pytest.MarkDecorator:
    """Parametrise a test with every edit of a kind that a rule has to explain."""
    return pytest.mark.parametrize(
        ("sample", "edit"),
        [
            pytest.param(sample, edit, id=f"{sample.rule}-{number}")
            for sample in samples
            for number, edit in enumerate(sample.trips, start=1)
            if having(edit)
        ],
    )
