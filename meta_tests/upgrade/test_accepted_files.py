"""Tests that files of accepted changes are read strictly and written for review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from meta_tests.upgrade.sample_accepted import (
    ENTRY,
    MOVED_FOR_ONE,
    OTHER,
    WITH_VALUES,
    written,
)
from meta_tests.upgrade.sample_upgrades import (
    MODES,
    NEW,
    OLD,
    PARAMETER,
    RUN_PATH,
    bumped,
    changed,
    judged,
    profile,
    sample_facts,
    without,
)
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.upgrade.changes.accepted import Finding, read_accepted, write_accepted
from mlflow_conformance.upgrade.changes.apply_accepted import apply
from mlflow_conformance.upgrade.changes.classify import UNCLASSIFIED, Change

# A profile has no lone surrogates, so no change names one.
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=200)


def lacking(key: str) -> dict[str, Any]:
    """Return the entry without a key."""
    return {k: v for k, v in OTHER.items() if k != key}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("model-moved", "change 2: should be a mapping"),
        ({**OTHER, "mode": "x"}, "change 2: mode: unknown key; known are rule, what, modes"),
        (lacking("rule"), "change 2: rule: is missing"),
        ({**OTHER, "before": "a"}, "change 2: after: is missing"),
        ({**OTHER, "before": 1, "after": "b"}, "change 2: before: should be text, is 1"),
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
        (
            {**OTHER, "rule": "skops-by-default"},
            "change 2: rule: skops-by-default is a block of several changes, each of which",
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
    assert [(e["rule"], e["what"], e["modes"], e["after"]) for e in document["changes"]] == [
        ("model-moved", "model.location", [*MODES], "logged model"),
        *[
            ("path-lost", "model.paths.artifact_uri/NAME", [mode], after)
            for mode, after in zip(
                MODES, ("not reached: MlflowException", "there is no such id"), strict=True
            )
        ],
        ("parameter-lost", ".".join(PARAMETER), [], "(nothing)"),
    ]
    assert all(entry["link"].startswith("https://") for entry in document["changes"])
    assert path.read_text().count("  reason: ''  # to be filled in by whoever accepts it\n") == 4
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
    assert first == {**WITH_VALUES, "modes": [MODES[0]]}
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
    assert entry == {**WITH_VALUES, "modes": [MODES[0]]}


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
