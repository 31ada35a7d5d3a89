"""Tests that levels follow what cross-checks have shown."""

from __future__ import annotations

import pytest

from mlflow_conformance.upgrade.changes.classify import Change
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.weigh import IF_IT_LOADS, weighed

BY_ID = {rule.id: rule for rule in RULES}


def change(rule: str, *modes: str) -> Change:
    """Return a change of a rule in modes."""
    return Change(BY_ID[rule], ("model", "x"), "a", "b", modes)


@pytest.mark.parametrize("rule", IF_IT_LOADS)
def test_what_the_old_release_loads_all_the_same_is_lowered(rule: str) -> None:
    """The level is lower if the models of all its modes work under the old release."""
    (found,) = weighed([change(rule, "one")], crossed=True)
    assert found.level == IF_IT_LOADS[rule]
    assert found.level != BY_ID[rule].level


@pytest.mark.parametrize("rule", IF_IT_LOADS)
def test_what_was_not_tried_or_fails_keeps_its_level(rule: str) -> None:
    """Nothing is lowered without a cross-check, or where the old release fails with one model."""
    (alone,) = weighed([change(rule, "one")], crossed=False)
    found, _ = weighed([change(rule, "one", "two"), change("no-way-back", "two")], crossed=True)
    assert alone.level == found.level == BY_ID[rule].level


def test_all_else_keeps_its_level() -> None:
    """A changed signature is breaking, whoever loads the model."""
    (found,) = weighed([change("signature-changed", "one")], crossed=True)
    assert found.level == "breaking"
