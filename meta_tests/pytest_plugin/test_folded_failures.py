"""Equal failures are one block: same subject, same headline without case, paths and ids."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from mlflow_conformance.pytest_plugin.failure_text import (
    headline,
    in_common,
    message_of,
    move_program,
)
from mlflow_conformance.pytest_plugin.folded_failures import MOST_NAMES, folded

SUBJECT = "infer-frame-sqlite"
PROGRAM = "import x\n\nfor a in x:\n    print(a)"


def failed(test: str, message: str) -> pytest.TestReport:
    """Return the report of a failed test."""
    more: Any = {"keywords": {}, "when": "call", "outcome": "failed", "longrepr": message}
    return pytest.TestReport(nodeid=f"c/test_x.py::{test}", location=("f", 1, "t"), **more)


def shown(*reports: pytest.TestReport, subject: str | None = SUBJECT) -> list[str]:
    """Return the texts of the folded reports."""
    subjects = {} if subject is None else {report.nodeid: subject for report in reports}
    return [str(report.longrepr) for report in folded(reports, subjects)]


def test_equal_failures_are_one_block() -> None:
    """The first is shown in full, the others by name."""
    reports = [
        failed(f"test_a[{SUBJECT}-{case}]", f"{case}: rejected: no\n  where: /tmp/{case}/model")
        for case in ("ragged", "too-narrow")
    ]
    (text,) = shown(*reports)
    assert text == (
        "ragged: rejected: no\n  where: /tmp/ragged/model\nthe same error in 1 more:\n"
        f"test_a[{SUBJECT}-too-narrow]"
    )
    assert reports[0].longrepr == "ragged: rejected: no\n  where: /tmp/ragged/model"


def test_many_names_are_counted() -> None:
    """No more than the first names are listed."""
    reports = [failed(f"test_a[{SUBJECT}-{number}]", "no") for number in range(MOST_NAMES + 3)]
    (text,) = shown(*reports)
    assert text.endswith("\n… and 2 more (-vv shows all)")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("rejected: no", "rejected: yes"),
        (
            "shape\n  found: (1,)\n  should be: (2,)\n  where: x",
            "shape\n  found: (1,)\n  should be: (3,)",
        ),
    ],
)
def test_other_failures_stay(first: str, second: str) -> None:
    """Another first line, or another value that was found or should be, is another failure."""
    reports = [failed(f"test_a[{SUBJECT}]", first), failed(f"test_b[{SUBJECT}]", second)]
    assert shown(*reports) == [first, second]


def test_other_subjects_stay() -> None:
    """Equal failures of two modes, and of the suite's own tests, are not folded."""
    reports = [failed("test_a[a-sqlite]", "no"), failed("test_a[b-sqlite]", "no")]
    subjects = {reports[0].nodeid: "a-sqlite", reports[1].nodeid: "b-sqlite"}
    assert len(folded(reports, subjects)) == 2
    assert len(shown(*reports, subject=None)) == 2


@pytest.mark.parametrize("style", ["short", "long"])
@pytest.mark.parametrize("cause", [None, ValueError("before")])
def test_a_program_can_be_copied(style: Any, cause: Exception | None) -> None:
    """A program at the end of an error is shown once, without pytest's letter E before a line."""
    message = "a\n  found: b\n  where: this program:\n" + textwrap.indent(PROGRAM, "    ")
    with pytest.raises(AssertionError) as raised:
        raise AssertionError(message) from cause
    report = failed("test_a", "")
    report.longrepr = raised.getrepr(style=style)
    move_program(report)
    assert f"\n{PROGRAM}\n" in f"{report.longreprtext}\n"
    assert report.longreprtext.count("import x") == 1
    assert "  where: a program that shows it, below" in report.longreprtext
    assert message_of(report) == message


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("one line", "one line"),
        ("first\nsecond", "first"),
        ("cannot load:\n  ImportError: x\nmore", "cannot load: ImportError: x"),
        ("flavors\n  found: a\n  should be: b\n  where: c", "flavors: found: a, should be: b"),
        ("/data/x/y/MLmodel: broken", "…/MLmodel: broken"),
        ("see https://example.org/a/b", "see https://example.org/a/b"),
        ("", ""),
        ("a\n  found: b\n  should be: c\n  that is: d\n  where: e", "a: d"),
        (
            "a\n  found: b\n  should be: c\n  that is: d\n           e\n  where: f",
            "a: d and 1 more",
        ),
    ],
)
def test_a_headline_is_the_first_statement(message: str, expected: str) -> None:
    """The headline is the first line, with what was found and what should be."""
    assert headline(message) == expected


@pytest.mark.parametrize(
    "text",
    [
        "right-types: 3 differ in /a/b/model",
        "wide: 3 differ in /c/model",
        "infer-frame: 3 differ in …/model",
    ],
)
def test_names_of_cases_and_modes_are_left_out(text: str) -> None:
    """What equal failures have in common has no case, mode, path or id."""
    case = text.partition(":")[0]
    assert in_common(text, f"test_a[{SUBJECT}-{case}]", SUBJECT) == "…: 3 differ in …/model"
    for number in ("m-0123456789abcdef0123456789abcdef", "0123456789abcdef", "0x7f00aa"):
        assert in_common(f"at {number}", "test_a", SUBJECT) == "at …"


def test_the_name_of_an_assertion_error_is_left_out() -> None:
    """The message of a failure is that of the exception."""
    assert message_of(failed("test_a", "AssertionError: no")) == "no"
