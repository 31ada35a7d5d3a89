"""Tests that every verdict says what it looked at, and what it did not look at."""

from __future__ import annotations

import pytest

from meta_tests.upgrade.sample_profiles import ONE, TWO, without
from meta_tests.upgrade.sample_profiles import sample_facts as sample_of_every_kind
from meta_tests.upgrade.sample_upgrades import MLFLOW, NEW, changed, profile, sample_facts
from mlflow_conformance.upgrade.changes.observed import (
    CROSSINGS,
    LARGE_STORES,
    SECTIONS,
    Further,
    looked_at,
)
from mlflow_conformance.upgrade.profile.fact_texts import SERVER_ENDS
from mlflow_conformance.upgrade.profile.profile import OPTIONAL_SECTIONS, STORES

OLD = sample_facts()
BUMPED = changed(OLD, MLFLOW, NEW)
SAMPLE = sample_of_every_kind()


@pytest.mark.parametrize("section", OPTIONAL_SECTIONS)
def test_a_section_counts_only_if_both_sides_have_it(section: str) -> None:
    """One side alone is nothing to compare."""
    both = (changed(side, (section,), {"a": "1", "b": "2"}) for side in (OLD, BUMPED))
    before, after = (profile(facts) for facts in both)
    seen, unseen = looked_at(before, after, Further())
    assert f"{SECTIONS[section]} (2)" in seen
    assert SECTIONS[section] not in unseen
    seen, unseen = looked_at(before, profile(BUMPED), Further())
    assert SECTIONS[section] not in seen
    assert SECTIONS[section] in unseen


def test_cross_checks_count_if_they_were_made() -> None:
    """Baselines alone say nothing about one release with the other's models and stores."""
    before, after = profile(OLD), profile(BUMPED)
    for further, done, missing in (
        (Further(), (), (CROSSINGS, LARGE_STORES)),
        (Further(crossed=True), (CROSSINGS,), (LARGE_STORES,)),
        (Further(crossed=True, grown=True), (CROSSINGS, LARGE_STORES), ()),
    ):
        seen, unseen = looked_at(before, after, further)
        assert all(what in seen and what not in unseen for what in done)
        assert all(what in unseen and what not in seen for what in missing)


def test_modes_are_counted() -> None:
    """The first item is how many of the modes were compared; something is never looked at."""
    seen, unseen = looked_at(profile(OLD), profile(BUMPED), Further(crossed=True, grown=True))
    assert seen.startswith("looked at: 2 of 2 modes; ")
    assert unseen.startswith("not looked at: ")
    assert "Databricks" in unseen


def test_what_one_side_lacks_was_not_looked_at() -> None:
    """Inputs, requests and calls count if both sides have them, and requests if both answered."""
    before, after = profile(SAMPLE), profile(changed(SAMPLE, MLFLOW, NEW))
    seen, unseen = looked_at(before, after, Further())
    for what in ("kinds of inputs", "kinds of requests", "usual calls"):
        assert what in seen
        assert what not in unseen
    dead = {"inputs": f"{SERVER_ENDS}: ImportError: x"}
    bare = changed(SAMPLE, ("calls", "made"), {})
    for mode in (ONE, TWO):
        bare = changed(bare, ("modes", mode, "model", "serving"), dead)
        bare = without(bare, ("modes", mode, "model", "contract"))
    seen, unseen = looked_at(before, profile(bare), Further())
    for what in ("kinds of inputs", "kinds of requests", "usual calls"):
        assert what not in seen
        assert what in unseen


def test_an_empty_section_was_not_looked_at() -> None:
    """Stores of which nothing was recorded are not counted."""
    bare = changed(SAMPLE, (STORES,), {"scripts": {}, "databases": {}})
    seen, unseen = looked_at(profile(SAMPLE), profile(bare), Further())
    assert SECTIONS[STORES] not in seen
    assert SECTIONS[STORES] in unseen
