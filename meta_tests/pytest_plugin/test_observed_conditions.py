"""Conditions on what a mode leaves open are decided when its model is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from meta_tests.promises.test_promises import that_states_nothing
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.pytest_plugin.applies_to import meets, unmet
from mlflow_conformance.pytest_plugin.known_deviations import KnownDeviation, Situation
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.targets.target import Subject

FIRST = read_catalogue(DEFAULT_CATALOGUE).modes[0]
STATED = Subject(replace(FIRST, requirements="inferred"), "sqlite")
OPEN = Subject(that_states_nothing(STATED.mode), "sqlite")
OBSERVED = {"autologs": False, "flavor": ("python_function", "sklearn"), "kind": "regressor"}


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        ({"autologs": False, "flavor": "sklearn"}, None),
        ({"autologs": True}, "autologs=True"),
        ({"flavor": "xgboost"}, "flavor='xgboost'"),
        ({"kind": "classifier"}, "kind='classifier'"),
        ({"inputs": "column"}, "inputs='column'"),
    ],
)
def test_an_open_condition_is_decided_later(
    conditions: dict[str, object], wanted: str | None
) -> None:
    """A promise may apply to an open mode, and does not if something else was observed."""
    mark = pytest.mark.applies_to(**conditions).mark
    assert meets(OPEN, mark)
    assert unmet(OPEN, mark, OBSERVED) == wanted


def test_what_is_stated_is_decided_at_once() -> None:
    """What a mode states is not observed again: the catalogue decides."""
    mark = pytest.mark.applies_to(autologs=False).mark
    assert not meets(STATED, mark)
    assert unmet(STATED, pytest.mark.applies_to(autologs=True).mark, OBSERVED) is None


@pytest.mark.parametrize("conditions", [{"refit": True}, {"states": "signature"}, {"runs": True}])
def test_what_must_be_stated_is_never_observed(conditions: dict[str, object]) -> None:
    """A promise about what is stated does not apply to a mode that states nothing."""
    assert not meets(OPEN, pytest.mark.applies_to(**conditions).mark)


def test_a_known_deviation_waits_for_what_is_open() -> None:
    """An entry about ``requirements`` applies to an open mode if they were observed to be so."""
    entry = KnownDeviation(
        number=1,
        tests="*",
        versions=(),
        of_mode={"requirements": "inferred", "target": "sqlite"},
        known_later={},
        message="a",
        reason="b",
        link="https://c",
    )
    assert entry.applies(Situation("sqlite", OPEN.mode))
    later = entry.of(Situation("sqlite", OPEN.mode))
    assert later.known_later == {"requirements": "inferred"}
    assert later.holds({"requirements": "inferred"})
    assert not later.holds({"requirements": "stated"})
    assert entry.of(Situation("sqlite", STATED.mode)) == entry
    stated = replace(STATED.mode, requirements="stated")
    assert not entry.applies(Situation("sqlite", stated))
