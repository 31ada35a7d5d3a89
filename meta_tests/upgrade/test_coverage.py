"""Does a verdict say which modes it rests on, and is nothing called safe that was not compared?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from fixtures.runner.outcome import LOGGED
from fixtures.upgrade import compare
from fixtures.upgrade.changes.accepted import AcceptedChange, AcceptedChanges
from fixtures.upgrade.changes.rules.rule import Level
from fixtures.upgrade.changes.verdict import Verdict
from fixtures.upgrade.profile.fact_texts import NOT_TRIED, SERVER_ENDS
from fixtures.upgrade.profile.profile import write_profile
from fixtures.upgrade.report.json import report_json
from fixtures.upgrade.report.junit import report_junit
from fixtures.upgrade.report.markdown import report_markdown
from fixtures.upgrade.report.terminal import report_lines
from meta_tests.upgrade.sample_bumps import (
    MLFLOW,
    MODES,
    NEW,
    OLD,
    bumped,
    changed,
    judged,
    sample_facts,
    without,
)

ONE, OTHER = MODES
CRASHED, SILENT, TIMED_OUT = "crashed: ValueError: no", "logged no model", "timed out"
SAFE, NOT_SAFE, NO_TELLING = 0, 1, 2
BARE = changed(sample_facts(), MLFLOW, NEW)
BETWEEN = f"from MLflow {OLD} to {NEW}"
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


@pytest.mark.parametrize("kind", NOTHING_COMPARED)
def test_where_no_model_is_compared_there_is_no_telling(kind: str) -> None:
    """No difference between two sides without a common model is no statement: exit code 2."""
    old, new, why = NOTHING_COMPARED[kind]
    verdict = judged(new, old=old)
    assert verdict.headline == f"NO TELLING: no model was compared {BETWEEN}: {why}"
    assert verdict.exit_code == NO_TELLING


ONE_UNKNOWN = {
    "crashed": (*both(ended, ONE, CRASHED), "crashed on both sides"),
    "another error": (
        *(ended(sample_facts(), ONE, CRASHED), ended(BARE, ONE, "crashed: KeyError")),
        "crashed on both sides",
    ),
    "another end": (
        *(ended(sample_facts(), ONE, CRASHED), ended(BARE, ONE, SILENT)),
        "crashed, and then logged no model",
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


KNOWN = {
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


@pytest.mark.parametrize("kind", KNOWN)
def test_a_mode_that_a_change_stands_for_is_named_beside_safe(kind: str) -> None:
    """What is new, gone or works now is a change with a level; the headline names the mode."""
    old, new, why = KNOWN[kind]
    verdict = judged(new, old=old)
    assert verdict.headline.startswith(f"SAFE for 1 of 2 modes: no breaking change {BETWEEN}")
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
        f"SAFE for 1 of 2 modes: no breaking change {BETWEEN} (1 accepted); not compared: {ONE}"
        " (a model on the old side only)"
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
    assert "no telling: mode 11: crashed on both sides" in lines


@pytest.mark.parametrize(
    ("about", "fact", "said"),
    [
        ("serving", SERVER_ENDS, "what is served is not compared: no server starts on either side"),
        (
            "contract",
            NOT_TRIED,
            "what is accepted is not compared: the model loads on neither side",
        ),
    ],
)
def test_what_was_seen_on_neither_side_is_noted(about: str, fact: str, said: str) -> None:
    """Two servers that do not start answer alike: the report says that nothing was compared."""
    place = ("modes", ONE, "model", about)
    old, new = both(changed, place, {"a": f"{fact}: ValueError", "b": f"{fact}: KeyError"})
    assert f"note: {said}: {ONE}" in report_lines(judged(new, old=old))
    seen = changed(new, (*place, "a"), "200: predictions, digest 0")
    for other in (seen, changed(new, place, {}), without(new, place)):
        assert not judged(other, old=old).notes


@pytest.fixture
def mixed() -> Verdict:
    """The verdict on three modes: compared, unknown, and gone."""
    old, new = both(ended, ONE, CRASHED)
    return judged(new, old=changed(old, ("modes", "gone"), {"outcome": LOGGED, "model": {}}))


def test_every_report_names_the_modes_that_are_left_out(mixed: Verdict) -> None:
    """Terminal, JSON, Markdown and JUnit say of each such mode why, and whether it is unknown."""
    unknown, gone = f"no telling: {ONE}: crashed on both sides", "not compared: gone: only on the "
    assert unknown in report_lines(mixed)
    assert f"{gone}old side" in report_lines(mixed)
    markdown = report_markdown(mixed).splitlines()
    assert markdown[0] == f"## {mixed.headline}"
    assert f"- {unknown}" in markdown
    assert f"- {gone}old side" in markdown
    document = json.loads(report_json(mixed))
    assert (document["fails"], document["exit_code"]) == (True, NO_TELLING)
    assert document["modes"] == [OTHER]
    assert document["left_out"] == [
        {"mode": ONE, "why": "crashed on both sides", "is_unknown": True},
        {"mode": "gone", "why": "only on the old side", "is_unknown": False},
    ]
    suite = ElementTree.fromstring(report_junit(mixed).encode())  # noqa: S314 - our own
    cases = {case.attrib["name"]: case for case in suite.iter("testcase")}
    error, skipped = cases[ONE].find("error"), cases["gone"].find("skipped")
    assert error is not None
    assert error.attrib["message"] == "no telling: crashed on both sides"
    assert skipped is not None
    assert skipped.attrib["message"] == "not compared: only on the old side"
    counts = [suite.attrib[kind] for kind in ("failures", "errors", "skipped")]
    assert counts == ["0", "1", "1"]


@pytest.mark.parametrize("kind", NOTHING_COMPARED)
def test_junit_has_an_error_where_nothing_was_compared(kind: str) -> None:
    """A CI that reads nothing but JUnit is not green either."""
    old, new, _ = NOTHING_COMPARED[kind]
    suite = ElementTree.fromstring(report_junit(judged(new, old=old)).encode())  # noqa: S314
    assert int(suite.attrib["errors"]) > 0
    assert len([*suite.iter("error")]) == int(suite.attrib["errors"])


def test_json_does_not_fail_where_all_is_known() -> None:
    """A program that reads ``fails`` sees true exactly where the exit code is not 0."""
    document = json.loads(report_json(judged(BARE)))
    assert (document["fails"], document["exit_code"], document["left_out"]) == (False, SAFE, [])
    failing = replace(judged(BARE), stale=("x",))
    assert json.loads(report_json(failing))["exit_code"] == NOT_SAFE


@pytest.mark.parametrize(
    ("sides", "code"),
    [
        (NOTHING_COMPARED["crashed"][:2], NO_TELLING),
        (NOTHING_COMPARED["one each"][:2], NO_TELLING),
        (ONE_UNKNOWN["crashed"][:2], NO_TELLING),
        (KNOWN["gone"][:2], SAFE),
    ],
)
def test_the_command_ends_with_the_verdict_s_exit_code(
    sides: tuple[dict[str, Any], ...],
    code: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``compare`` prints the report and ends with 2 where there is no telling."""
    paths = [tmp_path / name for name in ("old.json", "new.json")]
    for path, facts in zip(paths, sides, strict=True):
        write_profile(facts, path)
    assert compare.main([*map(str, paths)]) == code
    assert capsys.readouterr().out.startswith("NO TELLING" if code else "SAFE for 1 of 2 modes")


@pytest.mark.parametrize(
    "named", [("2.22.5", "2.22.5"), ("a.json", "a.json"), ("a.json", "x/../a.json")]
)
def test_a_recording_is_not_compared_with_itself(
    named: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same release or file twice is a slip that could only ever be safe: exit code 4."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").mkdir()
    write_profile(sample_facts(), tmp_path / "a.json")
    assert compare.main([*named]) == 4
    said = capsys.readouterr()
    problem = f"OLD and NEW are the same: {named[1]}: nothing to compare"
    assert (said.out, said.err) == ("", f"{problem}; name two recordings\n")


def test_an_earlier_verdict_does_not_pass_for_this_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing can be compared, the folder has no verdict of the run before."""
    write_profile(sample_facts(), tmp_path / "a.json")
    write_profile(BARE, tmp_path / "b.json")
    verdict = ["--verdict", str(tmp_path / "v")]
    assert compare.main([str(tmp_path / "a.json"), str(tmp_path / "b.json"), *verdict]) == SAFE
    assert (tmp_path / "v" / "verdict.json").is_file()
    (tmp_path / "b.json").write_text("{")
    assert compare.main([str(tmp_path / "a.json"), str(tmp_path / "b.json"), *verdict]) == 2
    assert not [*(tmp_path / "v").iterdir()]


@pytest.mark.parametrize("name", ["file", "file/below", "dangling", "full", "x" * 300])
def test_a_folder_that_cannot_be_written_is_told_at_once(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A verdict that could not be written in the end is refused before anything is read."""
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "full" / "verdict.md").mkdir(parents=True)
    folder = tmp_path / name
    assert compare.main(["no.json", "such.json", "--verdict", str(folder)]) == NO_TELLING
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"--verdict: {folder}")
    assert line.endswith("; name another folder")
    assert (tmp_path / "full" / "verdict.md").is_dir()
