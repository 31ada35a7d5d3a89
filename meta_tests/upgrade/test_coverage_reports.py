"""Tests that every report names the modes that were not compared."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from meta_tests.upgrade.sample_coverage import (
    BARE,
    CRASHED,
    NO_TELLING,
    NOT_SAFE,
    NOTHING_COMPARED,
    ONE,
    OTHER,
    SAFE,
    both,
    ended,
)
from meta_tests.upgrade.sample_upgrades import changed, judged
from mlflow_conformance.runner.outcome import LOGGED
from mlflow_conformance.upgrade.changes.verdict import Verdict
from mlflow_conformance.upgrade.report.json_file import report_json
from mlflow_conformance.upgrade.report.junit import report_junit
from mlflow_conformance.upgrade.report.markdown import report_markdown
from mlflow_conformance.upgrade.report.terminal import report_lines


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
