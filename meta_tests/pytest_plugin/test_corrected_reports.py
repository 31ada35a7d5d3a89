"""Reports of tests: how they count, and how they are corrected after other plugins."""

from __future__ import annotations

from typing import Any

import pytest

from mlflow_conformance.pytest_plugin import corrected_reports
from mlflow_conformance.pytest_plugin.causes import Cause
from mlflow_conformance.pytest_plugin.corrected_reports import CAUSE, IS_KNOWN, STAMP, correct
from mlflow_conformance.pytest_plugin.tally import (
    DEVIATED,
    FAILED,
    KEPT,
    NO_GROUND,
    NO_MODEL,
    UNCHECKED,
)


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ({"when": "call", "outcome": "passed"}, (KEPT, "")),
        ({"when": "call", "outcome": "failed"}, (FAILED, "")),
        ({"when": "call", "outcome": "skipped", "wasxfail": "known"}, (DEVIATED, "known")),
        ({"when": "call", "outcome": "passed", "wasxfail": "known"}, (FAILED, "")),
        (
            {
                "when": "setup",
                "outcome": "skipped",
                "wasxfail": "reason: no model",
                "user_properties": [(NO_MODEL, 1)],
            },
            (NO_MODEL, "no model"),
        ),
        (
            {
                "when": "setup",
                "outcome": "skipped",
                "wasxfail": "reason: no signature",
                "user_properties": [(NO_GROUND, 1)],
            },
            (NO_GROUND, "no signature"),
        ),
        (
            {"when": "setup", "outcome": "skipped", "wasxfail": "not served"},
            (DEVIATED, "not served"),
        ),
        ({"when": "setup", "outcome": "failed"}, (UNCHECKED, "error of the run")),
        (
            {"when": "call", "outcome": "skipped", "longrepr": ("f", 1, "Skipped: no data")},
            (UNCHECKED, "no data"),
        ),
        ({"when": "teardown", "outcome": "failed"}, (UNCHECKED, "error of the run")),
        (
            {"when": "setup", "outcome": "skipped", "longrepr": ("f", 1, "Skipped: no model")},
            (UNCHECKED, "no model"),
        ),
    ],
)
def test_a_report_becomes_a_result(report: dict[str, Any], expected: tuple[str, str]) -> None:
    """Only a passed call keeps a promise; an error or a skip leaves it unchecked."""
    assert corrected_reports.result(reported(**report)) == expected


def reported(**facts: Any) -> pytest.TestReport:
    """Return a report of a test with these attributes."""
    given = {"nodeid": "t", "location": ("f", 1, "t"), "keywords": {}, "longrepr": None, **facts}
    return pytest.TestReport(**given)


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"when": "call", "outcome": "passed", STAMP: "passed"}, "passed"),
        ({"when": "setup", "outcome": "passed"}, "passed"),
        ({"when": "call", "outcome": "passed"}, "failed"),
        ({"when": "call", "outcome": "passed", STAMP: "failed"}, "failed"),
        ({"when": "setup", "outcome": "passed", STAMP: "failed"}, "failed"),
        ({"when": "teardown", "outcome": "passed", STAMP: "failed"}, "failed"),
        ({"when": "call", "outcome": "skipped", STAMP: "failed"}, "failed"),
        ({"when": "call", "outcome": "skipped", STAMP: "skipped"}, "skipped"),
        (
            {
                "when": "call",
                "outcome": "skipped",
                STAMP: "failed",
                "wasxfail": "a",
                IS_KNOWN: True,
            },
            "skipped",
        ),
        (
            {
                "when": "setup",
                "outcome": "skipped",
                STAMP: "skipped",
                "wasxfail": "",
                IS_KNOWN: True,
            },
            "skipped",
        ),
        ({"when": "call", "outcome": "skipped", STAMP: "failed", "wasxfail": "other"}, "failed"),
        ({"when": "setup", "outcome": "skipped", STAMP: "skipped", "wasxfail": ""}, "failed"),
        ({"when": "call", "outcome": "rerun", STAMP: "failed"}, "rerun"),
    ],
)
def test_a_report_of_a_plugin_is_corrected(facts: dict[str, Any], outcome: str) -> None:
    """The result of the test itself counts, and only known deviations can expect a failure."""
    report = reported(**facts)
    correct(report)
    assert report.outcome == outcome


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"when": "call", "longrepr": "AssertionError: no\nmore"}, Cause("no")),
        ({"when": "setup", "longrepr": "OSError: no"}, Cause("error of the run: OSError: no")),
        ({"when": "setup", "longrepr": ("f", 1, "Skipped: not today")}, Cause("not today")),
        (
            {"when": "setup", "longrepr": ("f", 1, "Skipped: x"), CAUSE: ("model", "crashed")},
            Cause("crashed", "model"),
        ),
    ],
)
def test_a_report_has_a_cause(facts: dict[str, Any], expected: Cause) -> None:
    """The cause is that of the ground that is gone, or else the first line of the message."""
    assert corrected_reports.cause(reported(outcome="failed", **facts)) == expected
