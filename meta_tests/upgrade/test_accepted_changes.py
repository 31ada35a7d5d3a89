"""Tests that accepted changes are applied exactly, and that stale ones fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta_tests.upgrade.sample_accepted import (
    ENTRY,
    MOVED_FOR_ONE,
    OTHER,
    WITH_VALUES,
    written,
)
from meta_tests.upgrade.sample_upgrades import (
    LOCATION,
    MLFLOW,
    MODES,
    NEW,
    OLD,
    bumped,
    changed,
    found,
    judged,
    sample_facts,
    without,
)
from mlflow_conformance.upgrade.changes.accepted import read_accepted
from mlflow_conformance.upgrade.changes.accepted_values import value_text
from mlflow_conformance.upgrade.profile.differences import ABSENT


def test_without_a_file_nothing_is_accepted(tmp_path: Path) -> None:
    """Without a file, no change is accepted and no entry is stale."""
    verdict = judged(bumped(), accepted=read_accepted(tmp_path / "accepted.yaml"))
    assert verdict.fails
    assert not verdict.accepted
    assert not verdict.stale


def test_an_accepted_change_does_not_fail(tmp_path: Path) -> None:
    """An entry without values accepts its rule's change at its place for its modes, any value."""
    accepted = read_accepted(written(tmp_path, ENTRY))
    for value in ("logged model", "nowhere"):
        new = bumped()
        for path in LOCATION:
            new = changed(new, path, value)
        verdict = judged(new, accepted=accepted)
        assert not verdict.fails
        assert [finding.accepted for finding in verdict.accepted] == [*accepted.entries]
        assert verdict.notes == (
            (
                "accepted.yaml: 1 of 1 entries have no values (before, after), so they accept any;"
                f" `pytest -m local --baseline {OLD} --accept` adds them, reasons stay"
            ),
        )


def test_an_entry_with_values_accepts_only_these(tmp_path: Path) -> None:
    """Another change of the same fact is told again, and the entry says what it was made for."""
    accepted = read_accepted(written(tmp_path, WITH_VALUES))
    verdict = judged(bumped(), accepted=accepted)
    assert not verdict.fails
    assert verdict.notes == ()
    new = bumped()
    for path in LOCATION:
        new = changed(new, path, "nowhere")
    verdict = judged(new, accepted=accepted)
    assert verdict.headline.startswith("NOT SAFE: 1 breaking change")
    assert not verdict.accepted
    assert verdict.stale == (
        (
            f"accepted.yaml: change 1: model-moved at model.location for {', '.join(MODES)}: run"
            " artifact -> logged model was accepted, now it is run artifact -> nowhere; look at it,"
            " then remove it"
        ),
    )


def test_changes_of_another_package_can_be_accepted(tmp_path: Path) -> None:
    """With one MLflow on both sides, entries with values accept; settled ones are not stale."""
    accepted = read_accepted(written(tmp_path, WITH_VALUES, new=OLD))
    new = changed(bumped(), MLFLOW, OLD)
    verdict = judged(new, accepted=accepted)
    assert len(verdict.accepted) == 1
    assert not verdict.fails
    settled = judged(new, old=new, accepted=accepted)
    assert not settled.fails
    assert settled.notes == (
        "accepted.yaml: 1 of 1 entries match no change: already in this baseline?",
    )
    again = changed(new, LOCATION[0], "nowhere")
    assert judged(again, old=new, accepted=accepted).fails


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=120),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(one=VALUES, other=VALUES)
def test_different_values_have_different_texts(one: Any, other: Any) -> None:
    """No change of a value hides behind the text of another one; texts are short lines."""
    assert (value_text(one) == value_text(other)) == (repr(one) == repr(other))
    assert len(value_text(one)) < 500
    assert "\n" not in value_text(one)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("run artifact", "run artifact"),
        ("1", '"1"'),
        (1, "1"),
        (True, "true"),
        ("", '""'),
        (ABSENT, "(nothing)"),
        ("(nothing)", '"(nothing)"'),
        ("x" * 81, "x" * 40 + "… (sha256 "),
    ],
)
def test_values_are_named_in_short(value: Any, text: str) -> None:
    """A reviewer reads the value itself; a long one is cut, and its hash tells it apart."""
    assert value_text(value).startswith(text)
    assert len(value_text(value)) <= 80


def test_one_entry_accepts_what_looks_different_in_each_mode(tmp_path: Path) -> None:
    """One entry matches two changes of one rule at one place in different modes."""
    accepted = read_accepted(written(tmp_path, ENTRY))
    verdict = judged(changed(bumped(), LOCATION[0], "nowhere"), accepted=accepted)
    assert len(verdict.accepted) == 2
    assert not verdict.fails


def test_a_mode_that_is_not_named_is_not_accepted(tmp_path: Path) -> None:
    """A change is accepted for the modes that the entry names, and fails for the others."""
    verdict = judged(
        bumped(), accepted=read_accepted(written(tmp_path, {**ENTRY, "modes": [MODES[0]]}))
    )
    (block,) = verdict.shown
    assert [change.modes for change in block.open] == [(MODES[1],)]
    assert [finding.change.modes for finding in verdict.accepted] == [(MODES[0],)]
    assert verdict.fails
    assert not verdict.stale


def test_an_entry_accepts_only_its_own_rule_and_place(tmp_path: Path) -> None:
    """An entry does not accept another rule's change, or a change at another place."""
    for entry in (OTHER, {**ENTRY, "rule": "path-lost"}, {**ENTRY, "modes": []}):
        verdict = judged(bumped(), accepted=read_accepted(written(tmp_path, entry)))
        assert not verdict.accepted
        assert len(verdict.stale) == 1


def test_a_stale_entry_fails_and_is_named(tmp_path: Path) -> None:
    """An entry that matches no change makes the gate fail, and the message says to remove it."""
    entries = (ENTRY, OTHER, {**OTHER, "what": "x", "modes": []})
    verdict = judged(bumped(), accepted=read_accepted(written(tmp_path, *entries)))
    assert verdict.fails
    matches = "no change matches model-moved at"
    assert verdict.stale == (
        f"accepted.yaml: change 2: {matches} model.elsewhere for {', '.join(MODES)}; remove it",
        f"accepted.yaml: change 3: {matches} x; remove it",
    )


def test_a_stale_mode_fails_and_is_named(tmp_path: Path) -> None:
    """A mode of an entry that matches no change makes the gate fail; the others stay accepted."""
    verdict = judged(MOVED_FOR_ONE, accepted=read_accepted(written(tmp_path, ENTRY)))
    assert verdict.fails
    (line,) = verdict.stale
    matches = f"no change matches model-moved at model.location for {MODES[1]}"
    assert line == f"accepted.yaml: change 1: {matches}; remove {MODES[1]}"
    assert len(verdict.accepted) == 1


def test_entries_are_settled_against_the_baseline_they_led_to(tmp_path: Path) -> None:
    """With a baseline of their second release, entries are neither applied nor stale."""
    accepted = read_accepted(written(tmp_path, ENTRY, OTHER))
    unchanged = judged(bumped(), old=bumped(), accepted=accepted)
    assert not unchanged.fails
    assert unchanged.notes == (
        "accepted.yaml is not applied: its changes are already part of this baseline",
    )
    again = changed(bumped(), LOCATION[0], "nowhere")
    assert judged(again, old=bumped(), accepted=accepted).fails


def test_entries_between_environments_of_one_release_are_settled(tmp_path: Path) -> None:
    """Entries for two environments of one release do not hide later changes."""
    accepted = read_accepted(written(tmp_path, ENTRY, new=OLD))
    new = changed(bumped(), MLFLOW, OLD)
    verdict = judged(new, accepted=accepted)
    assert verdict.fails
    assert not verdict.stale


def test_entries_judged_against_another_baseline_are_stale(tmp_path: Path) -> None:
    """With a baseline of neither release, each entry is stale."""
    accepted = read_accepted(written(tmp_path, ENTRY, OTHER, old="2.16.2", new="2.20.0"))
    verdict = judged(bumped(), accepted=accepted)
    assert not verdict.accepted
    assert verdict.stale == tuple(
        f"accepted.yaml: change {number}: is for a baseline of MLflow 2.16.2, this baseline is of"
        f" {OLD}; remove it"
        for number in (1, 2)
    )


def test_entries_applied_to_another_release_are_told(tmp_path: Path) -> None:
    """Entries for another new release are applied, with a note."""
    verdict = judged(bumped(), accepted=read_accepted(written(tmp_path, ENTRY, new="3.1.4")))
    assert not verdict.fails
    assert verdict.notes[0] == f"accepted.yaml was reviewed for MLflow 3.1.4, this is {NEW}"


def test_a_mode_as_a_whole_can_be_accepted(tmp_path: Path) -> None:
    """The entry for a removed mode has an empty place."""
    new = without(sample_facts(), ("modes", MODES[0]))
    entry = {**ENTRY, "rule": "mode-removed", "what": "", "modes": [MODES[0]]}
    accepted = read_accepted(written(tmp_path, entry))
    verdict = judged(changed(new, MLFLOW, NEW), accepted=accepted, fail_on="warning")
    assert not verdict.fails
    assert len(verdict.accepted) == 1


def test_the_change_that_is_judged_is_the_one_that_was_found() -> None:
    """Splitting changes by mode keeps every mode of every change exactly once."""
    changes = found(sample_facts(), bumped())
    findings = judged(bumped()).findings
    assert [finding.change for finding in findings] == [*changes]
