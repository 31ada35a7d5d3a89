"""Upgrades in which modes cannot be compared: both sides, and why."""

from __future__ import annotations

from typing import Any

from meta_tests.upgrade.sample_upgrades import MLFLOW, MODES, NEW, changed, sample_facts, without
from mlflow_conformance.runner.outcome import WITHOUT_MODEL

ONE, OTHER = MODES
CRASHED, SILENT, TIMED_OUT = "crashed: ValueError: no", "logged no model", "timed out"
SAFE, NOT_SAFE, NO_TELLING = 0, 1, 2
BARE = changed(sample_facts(), MLFLOW, NEW)
UNREADABLE = "no such table: runs"
# What a model that cannot be loaded is observed to predict.
ERROR = {"native": "ValueError: no", "python function": "ValueError: no"}


def ended(facts: dict[str, Any], mode: str, outcome: str) -> dict[str, Any]:
    """Return facts in which a mode left no model."""
    left = facts["modes"].get(mode, {"warnings": {}})
    kept = {key: value for key, value in left.items() if key != "model"}
    return changed(facts, ("modes", mode), {**kept, "outcome": outcome})


def renamed(facts: dict[str, Any], *modes: str) -> dict[str, Any]:
    """Return facts in which modes have another name."""
    for mode in modes:
        facts = changed(facts, ("modes", f"{mode}-2"), facts["modes"][mode])
        facts = without(facts, ("modes", mode))
    return facts


def mute(facts: dict[str, Any], mode: str, predictions: Any) -> dict[str, Any]:
    """Return facts in which a mode's model predicts something else, or nothing."""
    return changed(facts, ("modes", mode, "model", "predictions"), predictions)


def unread(facts: dict[str, Any], mode: str) -> dict[str, Any]:
    """Return facts in which a mode's store could not be read."""
    return changed(facts, ("modes", mode, "store"), UNREADABLE)


def both(edit: Any, *arguments: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both sides, with the same edit of each."""
    return edit(sample_facts(), *arguments), edit(BARE, *arguments)


def both_ended(outcome: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both sides, with no model of any mode."""
    old, new = both(ended, ONE, outcome)
    return ended(old, OTHER, outcome), ended(new, OTHER, outcome)


# By kind, both sides and what is said of the modes: nothing can be compared, nothing is known of
# one mode, and a change says what became of one mode.
NOTHING_COMPARED = {
    "crashed": (*both_ended(CRASHED), f"{ONE}, {OTHER} (crashed on both sides)"),
    "silent": (*both_ended(SILENT), f"{ONE}, {OTHER} (logged no model on both sides)"),
    "timed out": (*both_ended(TIMED_OUT), f"{ONE}, {OTHER} (timed out on both sides)"),
    "undecided": (
        *both_ended("could not be run"),
        f"{ONE}, {OTHER} (could not be run on both sides)",
    ),
    "one each": (
        *(ended(sample_facts(), ONE, CRASHED), renamed(BARE, ONE, OTHER)),
        f"{ONE}, {OTHER} (only on the old side); {ONE}-2, {OTHER}-2 (only on the new side)",
    ),
    "works now": (
        *(both_ended(CRASHED)[0], BARE),
        f"{ONE}, {OTHER} (a model on the new side only)",
    ),
    "no mode": (
        *(changed(sample_facts(), ("modes",), {}), changed(BARE, ("modes",), {})),
        "there is no mode on either side",
    ),
}
ONE_UNKNOWN = {
    "crashed": (*both(ended, ONE, CRASHED), "crashed on both sides"),
    "another error": (
        *(ended(sample_facts(), ONE, CRASHED), ended(BARE, ONE, "crashed: KeyError")),
        "crashed on both sides",
    ),
    "another end": (
        *(ended(sample_facts(), ONE, CRASHED), ended(BARE, ONE, SILENT)),
        "crashed on the old side, logged no model on the new side",
    ),
    "new": (
        *(without(sample_facts(), ("modes", ONE)), ended(BARE, ONE, CRASHED)),
        "only on the new side, crashed",
    ),
    "does not load": (*both(mute, ONE, ERROR), "its model predicts on neither side"),
    "nothing said": (*both(mute, ONE, {}), "its model predicts on neither side"),
    "no mapping": (*both(mute, ONE, "none"), "its model predicts on neither side"),
    "no runs": (*both(unread, ONE), "its runs cannot be read on either side"),
}
ONE_KNOWN = {
    "no model, as promised": (
        *both(ended, ONE, WITHOUT_MODEL),
        "logged no model, as promised, on both sides",
    ),
    "new": (without(sample_facts(), ("modes", ONE)), BARE, "only on the new side"),
    "gone": (sample_facts(), without(BARE, ("modes", ONE)), "only on the old side"),
    "gone, never worked": (
        *(ended(sample_facts(), ONE, CRASHED), without(BARE, ("modes", ONE))),
        "only on the old side",
    ),
    "works now": (
        *(ended(sample_facts(), ONE, CRASHED), BARE),
        "a model on the new side only",
    ),
}
