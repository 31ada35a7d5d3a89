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
from mlflow_conformance.upgrade.changes.accepted import AcceptedChange, AcceptedChanges
from mlflow_conformance.upgrade.changes.classify import Change
from mlflow_conformance.upgrade.changes.observed import Further
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.rules.rule import LEVELS
from mlflow_conformance.upgrade.changes.verdict import Verdict, judge
from mlflow_conformance.upgrade.compare import compared
from mlflow_conformance.upgrade.profile.differences import ABSENT
from mlflow_conformance.upgrade.report.json import report_json
from mlflow_conformance.upgrade.report.junit import report_junit
from mlflow_conformance.upgrade.report.markdown import code, report_markdown
from mlflow_conformance.upgrade.report.terminal import report_lines
from mlflow_conformance.upgrade.report.write import write_reports

UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
MOVED = ("run artifact", "logged model")
ENTRY = AcceptedChange(
    1, "model-moved", "model.location", MODES, "we use models:/", "https://x", MOVED
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
    assert "<details><summary>1 note, each in verdict.json</summary>" in lines
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
    assert len(report_markdown(verdict)) <= 60_000


MANY = 400


def test_markdown_fits_into_a_comment_and_says_what_it_leaves_out() -> None:
    """What breaks is there first; the number of what is left out, and where it is, are named."""
    rules = {rule.level: rule for rule in RULES}
    found = [
        Change(rules[level], (level, f"{number} {'x' * 100}"), "a" * 500, "b" * 500, MODES)
        for level in LEVELS
        for number in range(MANY)
    ]
    old, new = profile(sample_facts()), profile(bumped())
    text = report_markdown(judge(old, new, found, AcceptedChanges(), "breaking"))
    assert len(text) <= 60_000
    for level in ("breaking", "warning"):
        assert f"### {level}: {rules[level].name} [{rules[level].id}]" in text
    rows = [sum(f"| `{level}.{n} " in text for n in range(MANY)) for level in LEVELS]
    assert rows[LEVELS.index("info")] == 0
    assert rows[LEVELS.index("warning")] == 1
    assert rows[LEVELS.index("breaking")] > 50
    left = [MANY - rows[LEVELS.index(level)] for level in ("breaking", "warning")]
    for number in left:
        assert f"… and {number} of {MANY} changes, all in verdict.json" in text
    assert f"<details><summary>{MANY} notes, each in verdict.json</summary>" in text
    assert f"- {MANY} x {rules['info'].name} [{rules['info'].id}]" in text


def test_the_largest_shipped_comparison_fits_into_a_comment() -> None:
    """GitHub refuses comments of more than 65,536 characters; all blocks are named."""
    verdict = compared("2.8.1", "3.17.2")
    text = report_markdown(verdict)
    assert len(text) <= 60_000
    assert all(f"[{block.subject.id}]" in text for block in verdict.blocks)
    assert text.rstrip().endswith(verdict.looked_at[-1])
