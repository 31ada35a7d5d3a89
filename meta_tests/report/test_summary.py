"""The summary in Markdown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from meta_tests.report.sample_results import MARKUP, results
from mlflow_conformance.report.results import RunResults, run_document, upgrade_document
from mlflow_conformance.report.summary import MOST_CHARACTERS, summary

VERDICT: dict[str, Any] = {
    "headline": "NOT SAFE: 1 breaking change",
    "blocks": [
        {
            "level": "breaking",
            "name": "no | way",
            "changes": [
                {"what": f"modes.{number}", "before": None, "after": "x" * 1000}
                for number in range(5)
            ],
            "way_out": "go back",
        },
        {"level": "info", "name": "a note", "changes": [1], "way_out": ""},
    ],
    "looked_at": ["looked at: 3 modes"],
}


def written(found: RunResults) -> str:
    """Return the summary of a run."""
    return summary(run_document(found).plain)


def test_the_summary_says_the_result_the_causes_and_what_was_not_looked_at() -> None:
    """The result comes first, then what was tested, the counts, each cause with its way out."""
    lines = written(results()).splitlines()
    assert lines[0] == "## all: 4 of 5 promises checked, 1 failed"
    assert "| ✕ broken | 1 |" in lines
    assert "- one-sqlite: inputs differ (1 promise: 1 failed)" in lines
    assert "  - way out: state it" in lines
    assert "- not selected: 40 of 42 modes" in lines


def test_a_breaking_change_is_told_with_before_and_after() -> None:
    """The first changes of a block are lines, the others are counted; values are cut."""
    found = upgrade_document(VERDICT).plain
    lines = summary(found).splitlines()
    first = lines.index("- **breaking**: no &#124; way (5)") + 1
    assert lines[first] == f"  - modes.0: before nothing, after {'x' * 159}…"
    assert lines[first + 3 : first + 5] == ["  - … and 2 more", "  - way out: go back"]


def test_a_partial_run_says_so() -> None:
    """The reason why a run did not reach its end is the second thing that is said."""
    assert "**Partial: it was stopped**" in written(replace(results(), partial="it was stopped"))


def test_the_summary_has_no_markup_of_others() -> None:
    """Text of scripts is never HTML, a table's cell or the mention of a user."""
    text = written(replace(results(), hazards=(MARKUP, "@somebody | `x"), last_line=MARKUP))
    assert "<script" not in text
    assert "<img" not in text
    assert "@somebody" not in text
    assert "](" not in written(replace(results(), partial="![t](https://x/y.png) [z](q)"))
    assert "`" not in text


def test_a_long_summary_is_cut_and_says_so() -> None:
    """A comment on GitHub has room for 65,536 characters."""
    lines = tuple(f"{number} " + "x" * 2000 for number in range(40))
    causes = results().causes * 2000
    found = replace(results(), causes=causes, header=lines, hazards=lines, not_looked_at=lines)
    text = written(found)
    assert "- … and 1960 more" in text
    assert len(text) <= MOST_CHARACTERS + 100
    assert text.endswith("… cut: the page has all of it\n")


def test_a_verdict_is_told_without_its_notes() -> None:
    """Breaking changes and warnings are told with their way out, notes are not."""
    text = summary(upgrade_document(VERDICT).plain)
    assert text.splitlines()[0] == "## NOT SAFE: 1 breaking change"
    assert "- **breaking**: no &#124; way (5)\n" in text
    assert "a note" not in text
    assert "- looked at: 3 modes" in text
