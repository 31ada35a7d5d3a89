"""Tests of the verdict: which changes make it fail, and how it is worded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from meta_tests.upgrade.sample_upgrades import (
    LOCATION,
    MLFLOW,
    MODES,
    NEW,
    OLD,
    PARAMETER,
    RUN_PATH,
    TAG,
    bumped,
    changed,
    found,
    judged,
    profile,
    sample_facts,
    without,
)
from mlflow_conformance.support.paths import SHARED_BASELINES
from mlflow_conformance.upgrade.changes.accepted import AcceptedChange, AcceptedChanges
from mlflow_conformance.upgrade.changes.classify import Change
from mlflow_conformance.upgrade.changes.probe_words import probe_words
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.rules.rule import Level, Rule
from mlflow_conformance.upgrade.changes.verdict import Verdict, judge
from mlflow_conformance.upgrade.changes.wording import LONGEST, change_line, sides
from mlflow_conformance.upgrade.profile.baselines import find_baseline
from mlflow_conformance.upgrade.profile.differences import ABSENT
from mlflow_conformance.upgrade.profile.profile import FactPath
from mlflow_conformance.upgrade.report.terminal import report_lines

SAFE = "SAFE for what was observed, 2 of 2 modes"
PACKAGES = ("environment", "packages")
MOVED_TOO = "other packages that changed and may be the cause:"
BARE = changed(sample_facts(), MLFLOW, NEW)
WARNED = without(BARE, TAG)
TWO_BREAK = without(bumped(), PARAMETER)
LOCATIONS = ("run artifact", "logged model")
ALL_MOVED = AcceptedChanges(
    "accepted.yaml",
    OLD,
    NEW,
    (
        AcceptedChange(
            1, "model-moved", "model.location", MODES, "we use models:/", "https://x", LOCATIONS
        ),
    ),
)
STALE = replace(ALL_MOVED, entries=(replace(ALL_MOVED.entries[0], what="x"),))


@pytest.mark.parametrize(
    ("new", "accepted", "fail_on", "headline"),
    [
        (
            BARE,
            None,
            "breaking",
            f"{SAFE}: no breaking change from MLflow {OLD} to {NEW}",
        ),
        (
            BARE,
            None,
            "warning",
            f"{SAFE}: no breaking change, no warning from MLflow {OLD} to {NEW}",
        ),
        (BARE, None, "info", f"NOT SAFE: 1 note from MLflow {OLD} to {NEW}"),
        (WARNED, None, "breaking", f"{SAFE}: no breaking change from * (1 warning)"),
        (WARNED, None, "warning", "NOT SAFE: 1 warning from *"),
        (bumped(), None, "breaking", "NOT SAFE: 1 breaking change from *"),
        (TWO_BREAK, None, "breaking", "NOT SAFE: 2 breaking changes from *"),
        (without(TWO_BREAK, TAG), None, "breaking", "NOT SAFE: 2 breaking changes from *"),
        (without(TWO_BREAK, TAG), None, "warning", "NOT SAFE: 2 breaking changes and 1 warning *"),
        (
            bumped(),
            ALL_MOVED,
            "breaking",
            f"{SAFE}: no breaking change from * (1 accepted)",
        ),
        (
            without(bumped(), TAG),
            ALL_MOVED,
            "breaking",
            f"{SAFE}: no breaking change from * (1 warning, 1 accepted)",
        ),
        (TWO_BREAK, ALL_MOVED, "breaking", "NOT SAFE: 1 breaking change from *"),
        (BARE, STALE, "breaking", "NOT SAFE: no breaking change from *; stale: 1 accepted change"),
        (bumped(), STALE, "breaking", "NOT SAFE: 1 breaking change *; stale: 1 accepted change"),
        (
            without(sample_facts(), PARAMETER),
            None,
            "breaking",
            f"NOT SAFE: 1 breaking change between two environments of MLflow {OLD}",
        ),
    ],
)
def test_the_headline_says_what_fails(
    new: dict[str, Any], accepted: AcceptedChanges | None, fail_on: Level, headline: str
) -> None:
    """The verdict fails on what is open at its level or above, or stale; the headline counts it."""
    verdict = judged(new, accepted=accepted, fail_on=fail_on)
    between = f"MLflow {OLD} to {NEW}"
    wanted = headline.replace("from *", f"from {between}").replace(" *", f" from {between}")
    assert verdict.headline == wanted
    assert verdict.fails is headline.startswith("NOT")


def rule(identity: str) -> Rule:
    """Return a rule by its id."""
    return next(known for known in RULES if known.id == identity)


def test_one_rule_is_one_block() -> None:
    """All that one rule found counts once, with a line for each place and each pair of sides."""
    new = bumped()
    for place, where in zip(LOCATION, ("nowhere", "elsewhere"), strict=True):
        new = changed(new, place, where)
    verdict = judged(new)
    (block,) = verdict.shown
    assert verdict.headline.startswith("NOT SAFE: 1 breaking change ")
    assert [change_line(change, verdict.modes) for change in block.open] == [
        f"model.location: run artifact -> nowhere ({MODES[0]})",
        f"model.location: run artifact -> elsewhere ({MODES[1]})",
    ]


def test_the_report_reads_from_the_gravest_to_the_least() -> None:
    """Breaking changes come first, then warnings, then what is accepted, then counts of notes."""
    new = changed(without(TWO_BREAK, TAG), (*PACKAGES, "pandas"), "3.1.1")
    new = changed(new, (*PACKAGES, "skops"), "0.16.0")
    verdict = judged(new, accepted=ALL_MOVED, notes=("one thing",))
    tag_is_gone = "a tag of the run is gone [tag-lost]: run.tags.mlflow.autologging: sklearn ->"
    tag_is_gone += " (nothing) (autolog-array)"
    assert report_lines(verdict) == [
        f"NOT SAFE: 1 breaking change from MLflow {OLD} to {NEW}",
        f"compared: MLflow {OLD} with MLflow {NEW}, 2 modes; fails on: breaking",
        f"{MOVED_TOO} pandas 2.3.3 -> 3.1.1",
        "packages on the new side only: skops",
        "note: one thing",
        "",
        "breaking: a function has lost a parameter [parameter-lost]",
        f"  {'.'.join(PARAMETER)}: default None -> (nothing)",
        "  what can stop working: scripts that pass it fail with a TypeError",
        "  way out: remove it from the scripts",
        "  see: https://mlflow.org/docs/latest/api_reference/python_api/",
        "",
        f"warning: {tag_is_gone}; way out: {rule('tag-lost').way_out}",
        "",
        "accepted: model-moved: model.location (all 2 modes): we use models:/ (https://x)",
        "3 notes: 2 x another package changed; 1 x MLflow is another release",
        "",
        *verdict.looked_at,
    ]


@pytest.mark.parametrize(
    ("path", "after", "named"),
    [
        (("modes", MODES[0], "run", "params", "C"), None, "pandas 2.3.3 -> 3.1.1"),
        (
            ("modes", MODES[0], "model", "serving"),
            {"a": "400: no"},
            "pandas 2.3.3 -> 3.1.1, starlette 0.50 -> 1.0",
        ),
        (PARAMETER, None, ""),
        (LOCATION[0], "logged model", ""),
    ],
)
def test_other_packages_are_named_where_they_may_be_the_cause(
    path: FactPath, after: Any, named: str
) -> None:
    """A breaking change that another package may have caused says which: only the gate knows."""
    old, new = changed(sample_facts(), (*PACKAGES, "starlette"), "0.50"), BARE
    old = changed(old, ("modes", MODES[0], "model", "serving"), {"a": "200: 1"})
    new = changed(old, MLFLOW, NEW)
    # The new MLflow brings skops: that the old side lacks it explains nothing.
    for package, version in (("starlette", "1.0"), ("pandas", "3.1.1"), ("skops", "0.16")):
        new = changed(new, (*PACKAGES, package), version)
    new = without(new, path) if after is None else changed(new, path, after)
    lines = [line for line in report_lines(judged(new, old=old)) if "perhaps not" in line]
    assert lines == ([f"  perhaps not MLflow: {named}"] if named else [])


def test_changes_of_probes_are_told_by_what_is_probed() -> None:
    """They are told in one line: nobody knows whether a script does what the probes do."""

    def probed(facts: dict[str, Any], said: str) -> dict[str, Any]:
        cases = {"server": ("hosts: a", "hosts: b", "origins: a"), "uris": ("read: a",)}
        found = {name: {case: {"relied on": said} for case in cases[name]} for name in cases}
        return changed(facts, ("probes",), found)

    old, new = probed(sample_facts(), "works"), probed(BARE, "raises ValueError")
    (line,) = [x for x in report_lines(judged(new, old=old)) if "[probe-raises]" in x]
    assert line.startswith("breaking: MLflow itself: what worked raises an error [probe-raises]: ")
    assert "]: Ask under host names of every kind (a): works -> raises ValueError; and 3" in line
    assert "probes." not in line
    assert "; and 3 more: server: hosts, server: origins, uris: read; way out: " in line


PROBED = changed(sample_facts(), ("probes",), {"server": {"hosts: a": {"relied on": "works"}}})
IN_COMPARED = f"in the compared modes, stores and scripts from MLflow {OLD} to {NEW}"
KIND = "1 kind of breaking changes of MLflow itself"
NEED_NOT = f"{KIND} that your scripts may not use"
LOOK = f"{KIND}: look whether your scripts do what these name"


@pytest.mark.parametrize(
    ("new", "fail_on", "code", "headline"),
    [
        (BARE, "breaking", 1, f"NOT SAFE: no breaking change {IN_COMPARED}, but {LOOK}"),
        (TWO_BREAK, "breaking", 1, f"NOT SAFE: 2 breaking changes {IN_COMPARED}; and {NEED_NOT}"),
        (WARNED, "warning", 1, f"NOT SAFE: 1 warning {IN_COMPARED}; and {NEED_NOT}"),
    ],
)
def test_what_mlflow_itself_answers_is_counted_apart(
    new: dict[str, Any], fail_on: Level, code: int, headline: str
) -> None:
    """It fails as well, but the headline says that scripts need not do it."""
    broken = {"server": {"hosts: a": {"relied on": "raises ValueError"}}}
    verdict = judged(changed(new, ("probes",), broken), old=PROBED, fail_on=fail_on)
    assert verdict.headline == headline
    assert verdict.exit_code == code


def test_a_warning_of_mlflow_itself_is_counted_apart() -> None:
    """It does not fail, and is named behind the warnings that are certain."""
    gone = {"server": {"hosts: a": {"relied on": "not there"}}}
    verdict = judged(changed(WARNED, ("probes",), gone), old=PROBED)
    assert verdict.headline.endswith(" (1 warning, 1 kind of warnings of MLflow itself)")


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (("uris", "split uri: a", "relied on"), "Split URIs of models into model and path (a)"),
        (("uris", "split uri", "notable"), "Split URIs of models into model and path"),
        (
            ("uris", "split uri: a: b", "warnings", "FutureWarning"),
            "Split URIs of models into model and path (a: b), warning FutureWarning",
        ),
        (("uris", "of another suite: a", "relied on"), "of another suite (a)"),
        (("../x", "y: a", "relied on"), "y (a)"),
    ],
)
def test_a_probe_is_told_by_what_it_does(what: FactPath, words: str) -> None:
    """The sentence of the probe and the case, not a path of the profile."""
    assert probe_words(("probes", *what)) == words


def test_every_probe_says_what_it_does() -> None:
    """Every answer in a shipped baseline has its probe's sentence, which begins with a verb."""
    asked = find_baseline("3.17.2", SHARED_BASELINES).facts["probes"]
    for subject, answers in asked.items():
        for name in answers:
            words = probe_words(("probes", subject, name, "relied on"))
            assert not words.startswith(name.partition(":")[0])
            assert words[0].isupper()


def test_stale_entries_are_told_before_anything_else() -> None:
    """What fails although nothing is open is told below the headline."""
    lines = report_lines(judged(BARE, accepted=STALE))
    assert lines[2].startswith("stale: accepted.yaml: change 1: no change matches model-moved at x")
    assert lines[3:5] == ["", "1 note: 1 x MLflow is another release"]


def test_notes_that_fail_are_told_in_full() -> None:
    """Whoever fails on notes gets to read them."""
    lines = report_lines(judged(BARE, fail_on="info"))
    assert "info: MLflow is another release [mlflow-moved]" in lines
    assert f"  environment.packages.mlflow: {OLD} -> {NEW}" in lines
    assert "1 note: 1 x MLflow is another release" not in lines


def with_causes(*causes: tuple[str, ...]) -> Verdict:
    """Return the verdict on a bump of which each lost parameter has causes."""
    new = without(bumped(), PARAMETER)
    new = without(new, (*PARAMETER[:-1], "artifact_path"))
    old = sample_facts()
    changes = [change for change in found(old, new) if change.rule.id == "parameter-lost"]
    blamed = [replace(c, causes=said) for c, said in zip(changes, causes, strict=True)]
    return judge(profile(old), profile(new), blamed, AcceptedChanges(), "breaking")


def test_causes_are_told_where_they_were_established() -> None:
    """What one cause explains is told in a line; several causes are told with their places."""

    def told(*causes: tuple[str, ...]) -> list[str]:
        return [line for line in report_lines(with_causes(*causes)) if "comes from" in line]

    function = "calls.parameters.mlflow.sklearn.log_model"
    assert told((), ()) == []
    assert told(("mlflow",), ("mlflow",)) == ["  comes from: mlflow"]
    assert told(("not separable", "pandas", "numpy"), ()) == [
        f"  comes from: not separable, pandas, numpy ({function}.artifact_path)"
    ]
    (line,) = told(("mlflow",), ("scikit-learn",))
    mlflow, _, sklearn = line.partition("; ")
    assert mlflow == f"  comes from: mlflow ({function}.artifact_path)"
    assert sklearn == f"scikit-learn ({function}.registered_model_name)"


def test_the_likeliest_causes_are_named_first() -> None:
    """What models require and servers run on is named in full, of the others the first eight."""
    old, new = BARE, BARE
    suspects = ("scikit-learn", "pandas", "numpy", "flask", "starlette")
    for name in (*suspects, *"abcdefghij"):
        old = changed(old, (*PACKAGES, name), "8")
        new = changed(new, (*PACKAGES, name), "9")
    new = changed(new, (*PACKAGES, "mlflow-skinny"), NEW)
    verdict = judged(new, old=old)
    assert verdict.suspects == suspects
    assert [name for name, _, _ in verdict.moved] == [*suspects, *"abcdefghij"]
    (line,) = [line for line in report_lines(verdict) if line.startswith(MOVED_TOO)]
    assert line == f"{MOVED_TOO} {', '.join(f'{name} 8 -> 9' for name in suspects)}"
    others = ", ".join(f"{name} 8 -> 9" for name in "abcdefgh")
    assert f"further packages that changed: {others} and 2 more" in report_lines(verdict)


def test_packages_that_come_and_go_are_told_apart_from_those_that_moved() -> None:
    """What the new MLflow needs and the old one did not can hardly be the cause of a change."""
    new = without(changed(BARE, (*PACKAGES, "skops"), "0.16.0"), (*PACKAGES, "numpy"))
    lines = report_lines(judged(new))
    assert "packages on the new side only: skops" in lines
    assert "packages on the old side only: numpy" in lines


def test_nothing_is_said_of_packages_that_stayed() -> None:
    """Where MLflow alone moved, no other package is named."""
    assert judged(bumped()).moved == ()
    assert not [line for line in report_lines(judged(bumped())) if "packages" in line]


def a_change(before: Any, after: Any, what: FactPath = ("model", "x")) -> Change:
    """Return a change of a mode, with these two sides."""
    return Change(Rule("r", "n", "info", ("**",), "w", "o", "l"), what, before, after, ("a",))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("a", ABSENT, ("a", "(nothing)")),
        (True, False, ("true", "false")),
        (1, "1", ("1", "'1'")),
        (1, 1.0, ("1", "1.0")),
        ("", ABSENT, ("''", "(nothing)")),
        ("a b", "a  b", ("'a b'", "'a  b'")),
        ("a\nb", "c\x1b[0m\ud800", ("a b", "c\\x1b[0m\\ud800")),
        (["a", "b"], [], ("[a, b]", "[]")),
        ({"a": {"b": 1}}, "text", ("there", "text")),
        ("(nothing)", ABSENT, ("'(nothing)'", "(nothing)")),
        ("x" * 300, "y", ("x" * (LONGEST - 1) + "…", "y")),
        ("x" * 200 + "a", "x" * 200 + "b", ("…" + "x" * 30 + "a", "…" + "x" * 30 + "b")),
        ("x" * 200, "x" * 201, ("…" + "x" * 30, "…" + "x" * 31)),
    ],
)
def test_both_sides_are_told_in_a_line_each(before: Any, after: Any, said: tuple[str, str]) -> None:
    """Both sides are short, printable, and different where they differ."""
    assert sides(a_change(before, after)) == said


def test_a_run_is_told_by_what_it_has() -> None:
    """Of a run that is gone as a whole, it is told what it had."""
    new = BARE
    for mode in MODES:
        new = without(new, ("modes", mode, "run"))
    assert any(
        line == "  run: a run with experiment, status, params, metrics, tags -> (nothing)"
        " (all 2 modes)"
        for line in report_lines(judged(new))
    )
    assert sides(a_change({"tags": {}}, ABSENT, ("run",)))[0] == "a run with nothing"


def test_a_mode_as_a_whole_is_told_as_such() -> None:
    """Where a mode is gone, its place is the mode itself, and only the others were compared."""
    new = changed(without(sample_facts(), ("modes", MODES[0])), RUN_PATH[1], "not reached")
    lines = report_lines(judged(new))
    gone = "a mode is only on the old side [mode-removed]"
    said = f"warning: {gone}: the mode itself: there -> (nothing) (autolog-array); way out: "
    assert [line for line in lines if line.startswith(said)]
    assert "  model.paths.artifact_uri/NAME: reached -> not reached (signature-frame)" in lines
    assert any(line.endswith(", 1 mode; fails on: breaking") for line in lines)
