"""Tests the reports of a verdict: JSON, JUnit XML, Markdown and terminal."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meta_tests.upgrade.sample_upgrades import (
    MODES,
    NEW,
    OLD,
    PARAMETER,
    TAG,
    bumped,
    judged,
    profile,
    sample_facts,
    without,
)
from mlflow_conformance.upgrade import compare
from mlflow_conformance.upgrade.changes.accepted import AcceptedChange, AcceptedChanges
from mlflow_conformance.upgrade.changes.classify import Change
from mlflow_conformance.upgrade.changes.observed import Further
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.rules.rule import LEVELS
from mlflow_conformance.upgrade.changes.verdict import Verdict, judge
from mlflow_conformance.upgrade.profile.differences import ABSENT
from mlflow_conformance.upgrade.report.json_file import report_json
from mlflow_conformance.upgrade.report.junit import report_junit
from mlflow_conformance.upgrade.report.markdown import code, report_markdown
from mlflow_conformance.upgrade.report.terminal import report_lines
from mlflow_conformance.upgrade.report.write import write_reports

UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
LOCATIONS = ("run artifact", "logged model")
ENTRY = AcceptedChange(
    1, "model-moved", "model.location", MODES, "we use models:/", "https://x", LOCATIONS
)
ACCEPTED = AcceptedChanges("accepted.yaml", OLD, NEW, (ENTRY, replace(ENTRY, what="gone")))
# A breaking change, a warning, a note, an accepted change and a stale entry.
OF_ALL_KINDS = judged(
    without(without(bumped(), PARAMETER), TAG), accepted=ACCEPTED, notes=("one | <thing>",)
)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=250)
FACTS = ANY_TEXT | st.integers() | st.floats() | st.booleans() | st.lists(ANY_TEXT, max_size=3)
VALUES = st.recursive(FACTS, lambda inner: st.dictionaries(ANY_TEXT, inner, max_size=3))
CHANGES = st.builds(
    Change,
    st.sampled_from(RULES),
    st.lists(ANY_TEXT, max_size=4).map(tuple),
    VALUES | st.just(ABSENT),
    VALUES | st.just(ABSENT),
    st.lists(ANY_TEXT, max_size=3, unique=True).map(tuple),
    st.lists(ANY_TEXT, max_size=2).map(tuple),
)


def cases(verdict: Verdict) -> dict[str, ElementTree.Element]:
    """Return the test cases of the JUnit report, by name."""
    suite = ElementTree.fromstring(report_junit(verdict).encode())  # noqa: S314 - our own
    return {case.attrib["name"]: case for case in suite.iter("testcase")}


def test_json_says_everything() -> None:
    """The JSON report has its format and version, both sides, all modes and all changes."""
    document = json.loads(report_json(OF_ALL_KINDS))
    assert document["format"] == "mlflow-logging-conformance verdict"
    assert document["schema"] == 1
    assert document["headline"] == OF_ALL_KINDS.headline
    assert document["fails"] is True
    assert document["fail_on"] == "breaking"
    assert document["old"] == {"name": f"MLflow {OLD}", "mlflow": OLD}
    assert document["modes"] == [*MODES]
    assert document["notes"] == ["one | <thing>"]
    assert len(document["stale"]) == 1
    blocks = {block["rule"]: block for block in document["blocks"]}
    assert {rule: block["fails"] for rule, block in blocks.items()} == {
        "model-moved": False,
        "parameter-lost": True,
        "tag-lost": False,
        "mlflow-moved": False,
    }
    moved = blocks["model-moved"]
    assert moved["changes"] == [
        {
            "what": "model.location",
            "modes": [*MODES],
            "before": "run artifact",
            "after": "logged model",
            "causes": [],
            "what_can_stop_working": moved["what_can_stop_working"],
            "way_out": moved["way_out"],
            "root": "logged-models",
            "accepted": {"reason": "we use models:/", "link": "https://x"},
        }
    ]
    (lost,) = blocks["parameter-lost"]["changes"]
    assert (lost["before"], lost["after"], lost["accepted"]) == ("default None", None, None)


def test_junit_fails_where_the_gate_does() -> None:
    """JUnit has a case per rule, which fails if the gate does, and one per stale entry."""
    found = cases(OF_ALL_KINDS)
    failing = {name for name, case in found.items() if case.find("failure") is not None}
    assert failing == {"a function has lost a parameter [parameter-lost]", *OF_ALL_KINDS.stale}
    assert set(found) - failing == {
        "the model is stored in another place [model-moved]",
        "a tag of the run is gone [tag-lost]",
        "MLflow is another release [mlflow-moved]",
    }
    suite = ElementTree.fromstring(report_junit(OF_ALL_KINDS).encode())  # noqa: S314 - our own
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("5", "2")


def test_junit_has_a_case_where_nothing_changed() -> None:
    """The JUnit suite is never empty, because an empty suite looks as if nothing ran."""
    assert [*cases(judged(sample_facts()))] == ["nothing changed"]


def test_markdown_has_tables_and_folds_what_does_not_matter() -> None:
    """Markdown has the headline, tables of open changes, and folded accepted changes and notes."""
    text = report_markdown(OF_ALL_KINDS)
    lines = text.splitlines()
    assert lines[0] == f"## {OF_ALL_KINDS.headline}"
    assert f"| `{'.'.join(PARAMETER)}` | `default None` | `(nothing)` |  |" in lines
    assert "- one &#124; &lt;thing&gt;" in lines
    assert text.count("<details>") == text.count("</details>") == 2
    assert "<details><summary>1 accepted</summary>" in lines
    assert "<details><summary>1 note</summary>" in lines
    open_part = text.partition("<details>")[0]
    assert "tag-lost" in open_part
    assert "mlflow-moved" not in open_part


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<estimator>", "`<estimator>`"),
        ("a|b", r"`a\|b`"),
        (r"a\|b", r"`a\ \|b`"),
        ("a `b` c", "`` a `b` c ``"),
        ("``", "``` `` ```"),
        ("a\nb", "`a b`"),
    ],
)
def test_markdown_shows_facts_as_they_are(text: str, shown: str) -> None:
    """A fact in Markdown is never markup and never ends its cell, line or code span."""
    assert code(text) == shown


def test_all_reports_are_written(tmp_path: Path) -> None:
    """The folder is created and contains exactly the three reports."""
    folder = tmp_path / "a" / "b"
    write_reports(OF_ALL_KINDS, folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "verdict.json",
        "verdict.md",
        "verdict.xml",
    ]
    assert (folder / "verdict.md").read_text(encoding="utf-8") == report_markdown(OF_ALL_KINDS)


@settings(max_examples=150, deadline=None)
@given(
    found=st.lists(CHANGES, max_size=4),
    names=st.tuples(ANY_TEXT, ANY_TEXT),
    fail_on=st.sampled_from(LEVELS),
)
def test_whatever_was_found_can_be_reported(
    found: list[Change], names: tuple[str, str], fail_on: Any
) -> None:
    """No fact, place, mode or name breaks a report."""
    old, new = profile(sample_facts(), names[0]), profile(bumped(), names[1])
    verdict = judge(old, new, found, AcceptedChanges(), fail_on, Further((names[0],)))
    assert all(len(line.splitlines()) < 2 for line in report_lines(verdict))
    "\n".join(report_lines(verdict)).encode()
    assert json.loads(report_json(verdict))["fails"] is verdict.fails
    failed = [case for case in cases(verdict).values() if case.find("failure") is not None]
    assert bool(failed) is verdict.fails
    rows = [line for line in report_markdown(verdict).splitlines() if line.startswith("|")]
    assert all(len(UNESCAPED_PIPE.findall(row)) == 5 for row in rows)
    report_markdown(verdict).encode()


def many(rule_level: str, number: int, text: str) -> list[Change]:
    """Return changes of one rule of a level, each with long values."""
    rule = next(rule for rule in RULES if rule.level == rule_level)
    return [
        Change(rule, ("place", str(at)), f"{at} {text}", f"{text} {at}", (f"mode-{at}",))
        for at in range(number)
    ]


@pytest.mark.parametrize("level", LEVELS)
def test_markdown_fits_into_a_comment_and_says_what_is_left_out(level: str) -> None:
    """However much was found, the gravest is there first, and the rest is counted."""
    found = [*many("breaking", 3, "x"), *many(level, 4000, "|" * 150), *many("info", 3, "y")]
    old, new = profile(sample_facts()), profile(bumped())
    verdict = judge(old, new, found, AcceptedChanges(), "breaking", Further(("<" * 9000,) * 90))
    text = report_markdown(verdict)
    assert len(text) < 60_000
    assert "| `place.0` | `0 x` | `x 0` | mode-0 |" in text
    (line,) = [line for line in text.splitlines() if line.startswith("**Left out here**")]
    assert line.endswith("`verdict.json` has all of it.")
    rows = sum(line.startswith("| `place") for line in text.splitlines())
    total = len(found) + len(verdict.findings) - len(found)
    counts = [int(n) for n in re.findall(r"(\d+) (?:breaking|warning|note)", line)]
    assert rows + sum(counts) == total
    assert all(len(UNESCAPED_PIPE.findall(r)) == 5 for r in text.splitlines() if r[:1] == "|")


def test_markdown_of_the_greatest_upgrade_fits_into_a_comment() -> None:
    """Every block is named, although not every row is there."""
    verdict = compare.compared("2.22.5", "3.17.2")
    text = report_markdown(verdict)
    assert len(text) < 60_000
    assert all(f"[{block.subject.id}]" in text for block in verdict.shown)
    assert "**Left out here**" in text


def test_markdown_that_has_room_leaves_nothing_out() -> None:
    """A short verdict is told whole."""
    assert "Left out here" not in report_markdown(OF_ALL_KINDS)
