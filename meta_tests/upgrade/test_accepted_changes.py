"""Tests that accepted changes are applied exactly, and that stale ones fail."""

from __future__ import annotations

from pathlib import Path

from meta_tests.upgrade.sample_accepted import ENTRY, MOVED, MOVED_FOR_ONE, OTHER, written
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


def test_without_a_file_nothing_is_accepted(tmp_path: Path) -> None:
    """Without a file, no change is accepted and no entry is stale."""
    verdict = judged(bumped(), accepted=read_accepted(tmp_path / "accepted.yaml"))
    assert verdict.fails
    assert not verdict.accepted
    assert not verdict.stale


def test_an_accepted_change_does_not_fail(tmp_path: Path) -> None:
    """An entry accepts its rule's change at its place for its modes, with its values."""
    accepted = read_accepted(written(tmp_path, {**ENTRY, **MOVED}))
    verdict = judged(bumped(), accepted=accepted)
    assert not verdict.fails
    assert [finding.accepted for finding in verdict.accepted] == [*accepted.entries]
    assert verdict.notes == ()


def test_another_change_of_an_accepted_fact_is_told_again(tmp_path: Path) -> None:
    """If the fact has another value than the accepted one, it fails, and both are named."""
    accepted = read_accepted(written(tmp_path, {**ENTRY, **MOVED}))
    verdict = judged(changed(bumped(), LOCATION[0], "nowhere"), accepted=accepted)
    assert verdict.fails
    (block,) = verdict.shown
    assert [(change.modes, change.after) for change in block.open] == [((MODES[0],), "nowhere")]
    assert verdict.stale == (
        (
            f"accepted.yaml: change 1: model-moved at model.location for {MODES[0]} was accepted as"
            " run artifact -> logged model, and is run artifact -> nowhere: review it again"
        ),
    )


def test_values_are_written_as_the_verdict_has_them(tmp_path: Path) -> None:
    """Numbers, lists and nothing may be copied from ``verdict.json``."""
    for place, value, plain in (
        ("params", None, None),
        ("metrics", 1.5, 1.5),
        ("tags", ["a"], ["a"]),
    ):
        path = ("modes", MODES[0], "run", place, "it")
        old = changed(sample_facts(), path, 3)
        new = without(old, path) if value is None else changed(old, path, value)
        (change,) = found(old, new)
        entry = {**ENTRY, "rule": change.rule.id, "what": change.place, "modes": [MODES[0]]}
        file = written(tmp_path, {**entry, "before": 3, "after": plain}, new=OLD)
        assert not judged(new, old=old, accepted=read_accepted(file), fail_on="info").fails


def test_a_file_without_values_accepts_all_and_says_how_to_renew_it(tmp_path: Path) -> None:
    """Older files are read as before; a note says that ``--accept`` adds the values."""
    accepted = read_accepted(written(tmp_path, ENTRY))
    new = bumped()
    for path in LOCATION:
        new = changed(new, path, "nowhere")
    verdict = judged(new, accepted=accepted)
    assert not verdict.fails
    assert verdict.notes == (
        (
            "accepted.yaml: change 1: no values are named, so any later change of these facts is"
            " accepted; to renew: `--accept`, or add before and after as verdict.json has them"
        ),
    )


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


def test_another_package_can_be_accepted(tmp_path: Path) -> None:
    """Between environments of one release, entries with values accept exactly these changes."""
    moved = changed(bumped(), MLFLOW, OLD)
    accepted = read_accepted(written(tmp_path, {**ENTRY, **MOVED}, new=OLD))
    assert not judged(moved, accepted=accepted).fails
    later = changed(moved, LOCATION[0], "nowhere")
    assert judged(later, accepted=accepted).fails
    settled = judged(moved, old=moved, accepted=accepted)
    assert (settled.fails, len(settled.notes)) == (False, 1)
    again = judged(later, old=moved, accepted=accepted)
    assert again.fails
    assert not again.accepted


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
    assert verdict.notes[-1:] == (f"accepted.yaml was reviewed for MLflow 3.1.4, this is {NEW}",)


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
