"""Tests that accepted changes are read strictly, applied exactly and written for review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.support.yaml_entry import ConfigurationError
from fixtures.upgrade.changes.accepted import Finding, read_accepted, write_accepted
from fixtures.upgrade.changes.apply_accepted import apply
from fixtures.upgrade.changes.classify import UNCLASSIFIED, Change
from meta_tests.upgrade.sample_bumps import (
    LOCATION,
    MLFLOW,
    MODES,
    NEW,
    OLD,
    PARAMETER,
    RUN_PATH,
    bumped,
    changed,
    found,
    judged,
    profile,
    sample_facts,
    without,
)

ENTRY: dict[str, Any] = {
    "rule": "model-moved",
    "what": "model.location",
    "modes": list(MODES),
    "reason": "we read models through models:/ only",
    "link": "https://example.org/1",
}
# A profile has no lone surrogates, so no change names one.
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=200)
OTHER = {**ENTRY, "what": "model.elsewhere"}
MOVED_FOR_ONE = changed(bumped(), LOCATION[1], "run artifact")


def written(folder: Path, *entries: Any, old: str = OLD, new: str = NEW) -> Path:
    """Write a file of accepted changes and return it."""
    path = folder / "accepted.yaml"
    path.write_text(yaml.safe_dump({"from": old, "to": new, "changes": list(entries)}))
    return path


def lacking(key: str) -> dict[str, Any]:
    """Return the entry without a key."""
    return {k: v for k, v in OTHER.items() if k != key}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("model-moved", "change 2: should be a mapping"),
        ({**OTHER, "mode": "x"}, "change 2: mode: unknown key; known are rule, what, modes"),
        (lacking("rule"), "change 2: rule: is missing"),
        (lacking("what"), "change 2: what: is missing"),
        (lacking("modes"), "change 2: modes: is missing"),
        (lacking("reason"), "change 2: reason: is missing; say why it is accepted"),
        (lacking("link"), "change 2: link: is missing"),
        ({**OTHER, "reason": ""}, "change 2: reason: is missing; say why it is accepted"),
        ({**OTHER, "reason": None}, "change 2: reason: is missing; say why it is accepted"),
        ({**OTHER, "reason": " \n"}, "change 2: reason: is missing; say why it is accepted"),
        ({**OTHER, "reason": 3}, "change 2: reason: should be text, is 3"),
        ({**OTHER, "link": "http://x"}, "change 2: link: should be an https address, is 'http:"),
        (
            {**OTHER, "rule": "model-move"},
            "change 2: rule: there is no rule 'model-move'; similar ids: mod",
        ),
        (
            {**OTHER, "rule": "zzzzzz"},
            "change 2: rule: there is no rule 'zzzzzz'; similar ids: none",
        ),
        ({**OTHER, "rule": 3}, "change 2: rule: should be text, is 3"),
        ({**OTHER, "what": ["a"]}, "change 2: what: should be text, is ['a']"),
        ({**OTHER, "modes": "all"}, "change 2: modes: should be a list, is 'all'"),
        ({**OTHER, "modes": [1]}, "change 2: modes: should be a list of texts"),
        (
            {**ENTRY, "modes": ["x", MODES[1]]},
            f"modes: change 1 already accepts model-moved at model.location for {MODES[1]}",
        ),
        (
            {**OTHER, "modes": ["x", "x"]},
            "change 2 already accepts model-moved at model.elsewhere for x",
        ),
    ],
)
def test_a_mistake_is_told_by_file_entry_and_key(entry: Any, message: str, tmp_path: Path) -> None:
    """A wrong entry is refused with one line that names the file, the entry and the key."""
    path = written(tmp_path, ENTRY, entry)
    with pytest.raises(ConfigurationError) as caught:
        read_accepted(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "accepted changes: should be a mapping"),
        ("from: '1'\nto: '2'\n", "accepted changes: changes: is missing"),
        ("to: '2'\nchanges: []\n", "accepted changes: from: is missing"),
        ("from: 2.22\nto: '2'\nchanges: []\n", "accepted changes: from: should be text, is 2.22"),
        ("from: '1'\nchanges: []\n", "accepted changes: to: is missing"),
        ("from: '1'\nto: '2'\nchange: []\n", "accepted changes: change: unknown key"),
        ("from: '1'\nfrom: '2'\n", "not readable in line 2: the key from is there twice"),
    ],
)
def test_a_mistake_at_the_top_is_told_by_file_and_key(
    text: str, message: str, tmp_path: Path
) -> None:
    """A file without its two releases or without changes is refused with one line."""
    path = tmp_path / "accepted.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_accepted(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_repeated_change_without_modes_is_a_mistake(tmp_path: Path) -> None:
    """A change outside modes can be accepted only once."""
    with pytest.raises(ConfigurationError, match=r"change 1 already accepts model-moved at x"):
        read_accepted(written(tmp_path, *[{**ENTRY, "what": "x", "modes": []}] * 2))


def test_without_a_file_nothing_is_accepted(tmp_path: Path) -> None:
    """Without a file, no change is accepted and no entry is stale."""
    verdict = judged(bumped(), accepted=read_accepted(tmp_path / "accepted.yaml"))
    assert verdict.fails
    assert not verdict.accepted
    assert not verdict.stale


def test_an_accepted_change_does_not_fail(tmp_path: Path) -> None:
    """An entry accepts its rule's change at its place for its modes, whatever the values are."""
    accepted = read_accepted(written(tmp_path, ENTRY))
    for value in ("logged model", "nowhere"):
        new = bumped()
        for path in LOCATION:
            new = changed(new, path, value)
        verdict = judged(new, accepted=accepted)
        assert not verdict.fails
        assert [finding.accepted for finding in verdict.accepted] == [*accepted.entries]


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
    assert verdict.notes == (f"accepted.yaml was reviewed for MLflow 3.1.4, this is {NEW}",)


def test_a_mode_as_a_whole_can_be_accepted(tmp_path: Path) -> None:
    """The entry for a removed mode has an empty place."""
    new = without(sample_facts(), ("modes", MODES[0]))
    entry = {**ENTRY, "rule": "mode-removed", "what": "", "modes": [MODES[0]]}
    accepted = read_accepted(written(tmp_path, entry))
    verdict = judged(changed(new, MLFLOW, NEW), accepted=accepted, fail_on="warning")
    assert not verdict.fails
    assert len(verdict.accepted) == 1


def accept(path: Path, new: dict[str, Any], *, kept: Path | None = None) -> None:
    """Write the entries that accept the upgrade to other facts."""
    entries = read_accepted(path.with_name("none") if kept is None else kept)
    verdict = judged(new, accepted=entries)
    write_accepted(path, profile(sample_facts()), profile(new), verdict.findings, "breaking")


def test_what_is_written_waits_for_a_reason(tmp_path: Path) -> None:
    """A new entry has place, modes and link but no reason, and is refused when it is read."""
    path = tmp_path / "accepted.yaml"
    new = changed(bumped(), RUN_PATH[0], "not reached: MlflowException")
    new = without(changed(new, RUN_PATH[1], "there is no such id"), PARAMETER)
    new = changed(new, ("modes", MODES[0], "run", "params", "C"), "1.0")
    accept(path, new)
    document = yaml.safe_load(path.read_text())
    assert (document["from"], document["to"]) == (OLD, NEW)
    entries = {(e["rule"], e["what"]): e for e in document["changes"]}
    assert {key: entry["modes"] for key, entry in entries.items()} == {
        ("model-moved", "model.location"): list(MODES),
        ("path-lost", "model.paths.artifact_uri/NAME"): list(MODES),
        ("parameter-lost", ".".join(PARAMETER)): [],
    }
    assert all(entry["link"].startswith("https://") for entry in document["changes"])
    assert path.read_text().count("  reason: ''  # to be filled in by whoever accepts it\n") == 3
    with pytest.raises(
        ConfigurationError, match="change 1: reason: is missing; say why it is accep"
    ):
        read_accepted(path)
    path.write_text(path.read_text().replace("reason: ''", "reason: seen"))
    accepted = read_accepted(path)
    assert not judged(new, accepted=accepted).fails
    assert not judged(new, old=new, accepted=accepted).fails


def test_reasons_are_kept_for_what_still_fits(tmp_path: Path) -> None:
    """Entries that still match keep reason and link; new entries have an empty reason."""
    kept = written(tmp_path, {**ENTRY, "modes": [MODES[0]]}, OTHER)
    accept(tmp_path / "new.yaml", bumped(), kept=kept)
    first, second = yaml.safe_load((tmp_path / "new.yaml").read_text())["changes"]
    assert first == {**ENTRY, "modes": [MODES[0]]}
    assert (second["rule"], second["modes"], second["reason"]) == ("model-moved", [MODES[1]], "")


def test_what_is_accepted_below_the_level_is_kept(tmp_path: Path) -> None:
    """An entry for a warning is written again although only breaking changes fail."""
    new = changed(bumped(), ("modes", MODES[0], "run", "params", "C"), "1.0")
    entry = {**ENTRY, "rule": "param-changed", "what": "run.params.C", "modes": [MODES[0]]}
    path = written(tmp_path, {**entry, "reason": "die Größe ändert sich"})
    accept(path, new, kept=path)
    rules = [entry["rule"] for entry in yaml.safe_load(path.read_text())["changes"]]
    assert rules == ["model-moved", "param-changed"]
    assert "reason: die Größe ändert sich\n" in path.read_text(encoding="utf-8")


def test_a_stale_mode_is_not_written_again(tmp_path: Path) -> None:
    """Only the modes of an entry that still match are written."""
    path = written(tmp_path, ENTRY)
    accept(path, MOVED_FOR_ONE, kept=path)
    (entry,) = yaml.safe_load(path.read_text())["changes"]
    assert entry == {**ENTRY, "modes": [MODES[0]]}


def test_entries_are_written_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If writing fails, the old file stays and no partial file is left."""
    path = written(tmp_path, ENTRY)
    before = path.read_bytes()

    def full(self: Path, *arguments: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        accept(path, MOVED_FOR_ONE)
    assert path.read_bytes() == before
    assert [*tmp_path.iterdir()] == [path]


@settings(max_examples=50, deadline=None)
@given(
    what=st.tuples(ANY_TEXT, ANY_TEXT),
    modes=st.lists(ANY_TEXT, max_size=3, unique=True),
)
def test_whatever_is_written_is_read_back_and_fits(
    what: tuple[str, str], modes: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any place and any mode name are read back as they were written."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    change = Change(UNCLASSIFIED, what, 1, 2, tuple(modes))
    old, new = profile(sample_facts()), profile(bumped())
    write_accepted(path, old, new, [Finding(change, None)], "breaking")
    assert read_accepted(path).entries == ()
    write_accepted(path, old, new, [Finding(change, None)], "warning")
    path.write_text(path.read_text(encoding="utf-8").replace("\n  reason: ''", "\n  reason: a"))
    applied = apply(read_accepted(path), OLD, NEW, [change])
    assert applied.stale == ()
    assert [finding.accepted is None for finding in applied.findings] == [False]


def test_the_change_that_is_judged_is_the_one_that_was_found() -> None:
    """Splitting changes by mode keeps every mode of every change exactly once."""
    changes = found(sample_facts(), bumped())
    findings = judged(bumped()).findings
    assert [finding.change for finding in findings] == [*changes]
