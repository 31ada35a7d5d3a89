"""Data classes for samples of the rules: edits that a rule explains, and a near miss.

The samples are in the other modules of this package, one for each module of rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from meta_tests.upgrade.sample_profiles import changed, consistent, sample_facts, without
from mlflow_conformance.upgrade.changes.classify import UNCLASSIFIED
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.rules.rule import Level
from mlflow_conformance.upgrade.profile.differences import ABSENT, Difference
from mlflow_conformance.upgrade.profile.profile import FactPath

ALL_RULES = (*RULES, UNCLASSIFIED)


@dataclass(frozen=True)
class Edit:
    """A place of the sample profile, and its value before and after, or ``ABSENT``.

    ``place`` is the path, its keys joined by ``/``; a slash inside of a key is ``%2F``.
    """

    place: str
    before: Any
    after: Any

    @property
    def path(self) -> FactPath:
        """Return the place as the path of a difference."""
        return tuple(key.replace("%2F", "/") for key in self.place.split("/"))

    @property
    def difference(self) -> Difference:
        """Return the difference that the edit should cause."""
        return Difference(self.path, self.before, self.after)

    def sides(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the facts before and after."""
        facts = sample_facts()
        return placed(facts, self.path, self.before), placed(facts, self.path, self.after)


def placed(facts: dict[str, Any], path: FactPath, value: Any) -> dict[str, Any]:
    """Return a copy with a value, or nothing, at a path; modes without a model lose theirs."""
    if value is ABSENT:
        return without(facts, path)
    return consistent(changed(facts, path, value))


@dataclass(frozen=True)
class Sample:
    """Edits that a rule explains, one for each of its places, and a near miss.

    ``level`` is the expected level. ``other`` is the rule that explains ``near``, or ``None`` if
    ``near`` must not be reported.
    """

    rule: str
    level: Level
    trips: tuple[Edit, ...]
    near: Edit
    other: str | None


@dataclass(frozen=True)
class DifferenceSample:
    """Differences that a rule explains, and a near miss that the rule ``other`` explains.

    For differences of what profiles do not contain.
    """

    rule: str
    level: Level
    trips: tuple[Difference, ...]
    near: Difference
    other: str


def breaking(rule: str, *trips: Edit, near: Edit, other: str | None) -> Sample:
    """Return a sample of a breaking change."""
    return Sample(rule, "breaking", trips, near, other)


def warning(rule: str, *trips: Edit, near: Edit, other: str | None) -> Sample:
    """Return a sample of a warning."""
    return Sample(rule, "warning", trips, near, other)


def info(rule: str, *trips: Edit, near: Edit, other: str | None) -> Sample:
    """Return a sample of an info change."""
    return Sample(rule, "info", trips, near, other)


def each_trip(
    samples: Sequence[Sample], having: Callable[[Edit], bool] = lambda edit: True
) -> pytest.MarkDecorator:
    """Parametrise a test with every edit of the samples that ``having`` selects."""
    return pytest.mark.parametrize(
        ("sample", "edit"),
        [
            pytest.param(sample, edit, id=f"{sample.rule}-{number}")
            for sample in samples
            for number, edit in enumerate(sample.trips, start=1)
            if having(edit)
        ],
    )
