"""Tests of the modes that a verdict is about: what was not compared is never called safe."""

from __future__ import annotations

from typing import Any

import pytest

from meta_tests.upgrade.sample_coverage import (
    BARE,
    CRASHED,
    NO_TELLING,
    NOT_SAFE,
    NOTHING_COMPARED,
    ONE,
    ONE_KNOWN,
    ONE_UNKNOWN,
    OTHER,
    SAFE,
    both,
    ended,
)
from meta_tests.upgrade.sample_upgrades import (
    MODES,
    NEW,
    OLD,
    bumped,
    changed,
    judged,
    sample_facts,
    without,
)
from mlflow_conformance.upgrade.changes.accepted import AcceptedChange, AcceptedChanges
from mlflow_conformance.upgrade.changes.rules.rule import Level
from mlflow_conformance.upgrade.profile.fact_texts import NOT_TRIED, SERVER_ENDS
from mlflow_conformance.upgrade.report.terminal import report_lines

BETWEEN = f"from MLflow {OLD} to {NEW}"


@pytest.mark.parametrize("kind", NOTHING_COMPARED)
def test_where_no_model_is_compared_there_is_no_telling(kind: str) -> None:
    """No difference between two sides without a common model is no statement: exit code 2."""
    old, new, why = NOTHING_COMPARED[kind]
    verdict = judged(new, old=old)
    assert verdict.headline == f"NO TELLING: no model was compared {BETWEEN}: {why}"
    assert verdict.exit_code == NO_TELLING


@pytest.mark.parametrize("kind", ONE_UNKNOWN)
def test_a_mode_of_which_nothing_is_known_is_not_safe(kind: str) -> None:
    """However well the others do, one mode that nobody can tell of makes it exit code 2."""
    old, new, why = ONE_UNKNOWN[kind]
    verdict = judged(new, old=old)
    head, _, rest = verdict.headline.partition("; for the rest: ")
    assert head == f"NO TELLING for 1 of 2 modes: {ONE} ({why})"
    assert rest.startswith(f"no breaking change {BETWEEN}")
    assert verdict.exit_code == NO_TELLING
    assert verdict.modes == (OTHER,)


@pytest.mark.parametrize("kind", ONE_KNOWN)
def test_a_mode_that_a_change_stands_for_is_named_beside_safe(kind: str) -> None:
    """What is new, gone or works now is a change with a level; the headline names the mode."""
    old, new, why = ONE_KNOWN[kind]
    verdict = judged(new, old=old)
    safe = f"SAFE for what was observed, 1 of 2 modes: no breaking change {BETWEEN}"
    assert verdict.headline.startswith(safe)
    assert verdict.headline.endswith(f"; not compared: {ONE} ({why})")
    assert verdict.exit_code == SAFE


def fails_now(*modes: str) -> dict[str, Any]:
    """Return the facts of a bump that makes modes crash."""
    facts = BARE
    for mode in modes:
        facts = ended(facts, mode, CRASHED)
    return facts


def accepting(*modes: str) -> AcceptedChanges:
    """Return the entries that accept that modes crash."""
    entry = AcceptedChange(1, "mode-fails", "outcome", modes, "we drop it", "https://x")
    return AcceptedChanges("accepted.yaml", OLD, NEW, (entry,))


def test_what_was_found_counts_more_than_what_is_unknown() -> None:
    """A breaking change is not safe, exit code 1, and the unknown mode is named behind it."""
    old, new = ended(sample_facts(), ONE, CRASHED), ended(bumped(), ONE, CRASHED)
    verdict = judged(new, old=old)
    assert verdict.headline == (
        f"NOT SAFE: 1 breaking change {BETWEEN}; no telling of {ONE} (crashed on both sides)"
    )
    assert verdict.exit_code == NOT_SAFE
    assert judged(fails_now(*MODES)).exit_code == NOT_SAFE


def test_a_reviewed_failure_is_known() -> None:
    """A mode whose failure was accepted does not keep the others from being safe."""
    verdict = judged(fails_now(ONE), accepted=accepting(ONE))
    assert verdict.headline == (
        f"SAFE for what was observed, 1 of 2 modes: no breaking change {BETWEEN} (1 accepted);"
        f" not compared: {ONE} (a model on the old side only)"
    )
    assert verdict.exit_code == SAFE


def test_accepting_all_failures_leaves_nothing_to_compare() -> None:
    """Who accepts that every mode fails has no model left that anything could be said of."""
    verdict = judged(fails_now(*MODES), accepted=accepting(*MODES))
    assert verdict.headline.startswith(f"NO TELLING: no model was compared {BETWEEN}: {ONE}, ")
    assert verdict.exit_code == NO_TELLING


@pytest.mark.parametrize("fail_on", ["breaking", "warning"])
def test_many_modes_are_told_in_a_line(fail_on: Level) -> None:
    """Of many modes the first are named in the headline, in one line whatever they are called."""
    old, new = sample_facts(), BARE
    for number in range(12):
        old = ended(old, f"mode\n{number:02}", CRASHED)
        new = ended(new, f"mode\n{number:02}", CRASHED)
    verdict = judged(new, old=old, fail_on=fail_on)
    assert verdict.headline.startswith("NO TELLING for 12 of 14 modes: mode 00, mode 01, ")
    assert "mode 07 and 4 more (crashed on both sides)" in verdict.headline
    lines = report_lines(verdict)
    assert all(len(line.splitlines()) < 2 for line in lines)
    assert lines[2].endswith(", mode 10, mode 11: crashed on both sides")


def test_what_was_accepted_on_neither_side_is_noted() -> None:
    """Two models that do not load reject alike: the report says that nothing was compared."""
    place = ("modes", ONE, "model", "contract")
    old, new = both(changed, place, {"a": f"{NOT_TRIED}: ValueError", "b": f"{NOT_TRIED}: no"})
    said = "what is accepted is not compared: the model loads on neither side"
    assert f"note: {said}: {ONE}" in report_lines(judged(new, old=old))
    seen = changed(new, (*place, "a"), "accepted: predictions, digest 0")
    for other in (seen, changed(new, place, {}), without(new, place)):
        assert not judged(other, old=old).notes


SERVED = ("modes", ONE, "model", "serving")
DEAD = {"a": f"{SERVER_ENDS}: ImportError: no", "b": f"{SERVER_ENDS}: ImportError: no"}
ALIVE = {"a": "200: predictions, digest 0", "b": "400: no"}


@pytest.mark.parametrize(("after", "where"), [(DEAD, "either"), (ALIVE, "the old")])
def test_a_server_that_never_started_is_not_compared(after: dict[str, str], where: str) -> None:
    """Without a server on the old side nothing was answered or refused, so nothing changed."""
    verdict = judged(changed(BARE, SERVED, after), old=changed(sample_facts(), SERVED, DEAD))
    assert not verdict.shown
    why = f"no server starts on {where} side (ImportError: no)"
    assert verdict.notes == (f"what is served is not compared: {why}: {ONE}",)


def test_a_server_that_no_longer_starts_is_one_change() -> None:
    """It is said once, not once for each request."""
    verdict = judged(changed(BARE, SERVED, DEAD), old=changed(sample_facts(), SERVED, ALIVE))
    (block,) = verdict.shown
    (change,) = block.open
    assert (change.rule.id, change.place) == ("server-ends", "model.serving")
    assert (change.before, change.after) == ("the server starts", DEAD["a"])
