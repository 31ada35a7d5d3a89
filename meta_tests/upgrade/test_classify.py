"""Tests that each difference between two profiles is reported exactly once."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from meta_tests.upgrade.profile_edits import Facts, edited_facts, edited_paths
from meta_tests.upgrade.sample_profiles import (
    FAILING,
    ONE,
    TWO,
    changed,
    consistent,
    profile,
    sample_facts,
    without,
)
from mlflow_conformance.upgrade.changes.classify import UNCLASSIFIED, Change, changes
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.profile.differences import Difference, NotComparable, differences
from mlflow_conformance.upgrade.profile.profile import FactPath

ENGINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def found_between(old: Facts, new: Facts) -> tuple[Difference, ...]:
    """Return the differences between two sets of facts."""
    return differences(profile(old), profile(new, "new"))


def changes_between(old: Facts, new: Facts) -> tuple[Change, ...]:
    """Return the changes between two sets of facts."""
    return changes(found_between(old, new), RULES)


def contains(change: Change, difference: Difference) -> bool:
    """Return whether a change contains a difference."""
    same_sides = repr((change.before, change.after)) == repr((difference.before, difference.after))
    if difference.mode is None:
        return same_sides and not change.modes and change.what == difference.path
    in_mode = difference.mode in change.modes and change.what == difference.path[2:]
    return same_sides and in_mode


@ENGINE
@given(edited_facts(), edited_facts())
def test_every_edit_is_one_difference_and_nothing_else_is(old: Facts, new: Facts) -> None:
    """Each edited path is at or below exactly one difference, and no other path differs."""
    edited, found = edited_paths(old, new), found_between(old, new)
    places = [difference.path for difference in found]
    assert set(places) <= edited
    for path in edited:
        above = [place for place in places if path[: len(place)] == place]
        assert len(above) == 1, path


@ENGINE
@given(edited_facts(), edited_facts())
def test_every_difference_belongs_to_one_change(old: Facts, new: Facts) -> None:
    """Each difference is part of exactly one change, whose rule explains it."""
    found = found_between(old, new)
    classified = changes(found, RULES)
    for difference in found:
        containing = [change for change in classified if contains(change, difference)]
        assert len(containing) == 1, difference
        (change,) = containing
        assert change.rule is UNCLASSIFIED or change.rule.explains(difference)
    assert sum(len(change.modes) or 1 for change in classified) == len(found)


@ENGINE
@given(edited_facts(), edited_facts())
def test_the_other_way_round_the_same_places_differ(old: Facts, new: Facts) -> None:
    """Comparing new with old finds the same paths with the sides swapped."""
    there = [(d.path, repr(d.before), repr(d.after)) for d in found_between(old, new)]
    back = [(d.path, repr(d.after), repr(d.before)) for d in found_between(new, old)]
    assert there == back


@ENGINE
@given(edited_facts())
def test_equal_profiles_have_no_changes(facts: Facts) -> None:
    """A profile does not differ from its copy, even if it contains NaN."""
    assert changes_between(facts, copy.deepcopy(facts)) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [(1, True), (1, 1.0), (0, False), ("1", 1), ("None", "null"), (["a"], "a"), ({}, "")],
)
def test_what_only_looks_equal_differs(before: Any, after: Any) -> None:
    """Values of different types differ, even if Python compares them as equal."""
    path = ("modes", ONE, "run", "params", "x")
    facts = sample_facts()
    (found,) = found_between(changed(facts, path, before), changed(facts, path, after))
    assert found.path == path


@pytest.mark.parametrize(
    "path",
    [
        ("sections", "new"),
        ("environment", "cpu"),
        ("calls", "seen", "x"),
        ("modes", ONE, "colour"),
        ("modes", ONE, "model", "colour"),
        ("modes", ONE, "run", "colour"),
    ],
    ids=".".join,
)
def test_what_no_rule_knows_is_a_warning(path: FactPath) -> None:
    """A change of an unknown section or key is reported as unclassified."""
    (change,) = changes_between(sample_facts(), changed(sample_facts(), path, "red"))
    assert (change.rule.id, change.rule.level) == ("unclassified", "warning")


def test_a_mode_and_a_section_are_told_apart() -> None:
    """Equal differences in a mode and in a section are two changes."""
    old = sample_facts()
    new = changed(changed(old, ("colour",), "red"), ("modes", ONE, "colour"), "red")
    assert [change.modes for change in changes_between(old, new)] == [(), (ONE,)]


def test_other_data_cannot_be_compared() -> None:
    """Profiles recorded on different data are refused with one line that names both."""
    new = changed(sample_facts(), ("data", "sha256"), "1" * 64)
    with pytest.raises(NotComparable) as refused:
        found_between(sample_facts(), new)
    assert str(refused.value) == (
        "old and new were recorded on different data, so nothing in them can be compared;"
        " record both with the same --training-data"
    )


def test_a_mode_that_fails_is_one_change() -> None:
    """If a mode logs no model, only its outcome is reported, not the facts of the model."""
    old = sample_facts()
    new = consistent(changed(old, ("modes", ONE, "outcome"), "timed out"))
    assert [change.rule.id for change in changes_between(old, new)] == ["mode-fails"]
    runless = without(changed(new, ("modes", ONE, "runs"), 0), ("modes", ONE, "run"))
    rules = [change.rule.id for change in changes_between(old, runless)]
    assert rules == ["mode-fails", "run-lost", "number-of-runs-changed"]


def test_a_store_that_cannot_be_read_is_one_change() -> None:
    """If runs cannot be read, only that is reported, not a lost run."""
    old = sample_facts()
    rest = {key: old["modes"][FAILING][key] for key in ("outcome", "warnings")}
    new = changed(old, ("modes", FAILING), {**rest, "store": "no such table: runs"})
    (change,) = changes_between(old, new)
    assert (change.rule.id, change.modes) == ("store-unreadable", (FAILING,))


def test_the_gravest_comes_first() -> None:
    """Changes are sorted by level, then by the order of the rules."""
    new = changed(sample_facts(), ("environment", "packages", "numpy"), "2.1.0")
    new = changed(new, ("modes", ONE, "run", "params", "C"), "1.0")
    new = changed(new, ("modes", TWO, "model", "location"), "logged model")
    new = changed(new, ("modes", ONE, "model", "predictions", "native"), "ndarray, digest 9")
    rules = [change.rule.id for change in changes_between(sample_facts(), new)]
    assert rules == ["model-moved", "predictions-changed", "param-changed", "package-moved"]
