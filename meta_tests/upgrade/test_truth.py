"""Tests that the measure of the gate counts what is told, what is missed, and what is made up."""

from __future__ import annotations

from typing import Any

import pytest

from meta_tests.upgrade import truth
from meta_tests.upgrade.sample_upgrades import (
    MLFLOW,
    NEW,
    OLD,
    PARAMETER,
    bumped,
    changed,
    judged,
    sample_facts,
    without,
)
from meta_tests.upgrade.test_published_changes import ENTRIES, says_of

LATER = "3.99.0"
SHOWN = [entry for entry in ENTRIES if says_of(entry)]
QUIET = judged(changed(sample_facts(), MLFLOW, NEW))
BROKEN = judged(without(bumped(), PARAMETER))


def entry(identity: str, *says: str, pair: tuple[str, str] = (OLD, NEW), **more: Any) -> Any:
    """Return an entry of the table of published changes."""
    facts = {"id": identity, "pair": pair, "area": "api", "level": "breaking", "what": "gone"}
    return {**facts, "says": list(says), **more}


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> truth.Measured:
    """Two pairs of neighbours: a parameter is lost and the model moves in one, nothing in both."""
    entries = [
        entry("told", "parameter-lost calls.parameters.mlflow.sklearn.log_model"),
        entry("half-told", "parameter-lost", "flavor-lost"),
        entry("missed", "flavor-lost"),
        entry("unseen", unseen="nobody looks"),
        entry("quiet", "package-moved", pair=(NEW, LATER), level="info"),
    ]
    verdicts = {(OLD, NEW): BROKEN, (NEW, LATER): QUIET}
    monkeypatch.setattr(truth, "ENTRIES", entries)
    monkeypatch.setattr(truth, "neighbours", lambda: tuple(verdicts))
    monkeypatch.setattr(truth, "verdict_on", verdicts.__getitem__)
    return truth.measure()


def test_an_entry_is_told_if_all_its_words_are(measured: truth.Measured) -> None:
    """Half of the words, or none, is not told; without words nothing is."""
    assert [found["id"] for found in measured.told] == ["told"]
    assert [found["id"] for found in measured.missed] == ["half-told", "missed", "unseen", "quiet"]


def test_a_breaking_block_is_explained_by_an_entry_or_not(measured: truth.Measured) -> None:
    """What no entry is about is listed: it may be false."""
    assert [block.subject.id for _, block in measured.explained] == ["parameter-lost"]
    assert [block.subject.id for _, block in measured.unexplained] == ["logged-models"]


def test_a_pair_without_a_published_break_should_be_quiet(measured: truth.Measured) -> None:
    """Pairs with a published break are neither quiet nor noisy."""
    assert (measured.quiet, measured.noisy) == (((NEW, LATER),), ())


def test_the_report_has_numbers_and_names(measured: truth.Measured) -> None:
    """Recall, precision and quiet pairs are printed, and on demand what was missed."""
    lines = truth.lines_of(measured, with_missed=True)
    assert "recall: 1 of 5 (20 %)" in lines
    assert lines[-2].startswith(
        "precision: 1 of 2 breaking blocks between neighbours are published"
    )
    assert lines[-1] == "quiet: 1 of 1 pairs without a published break have none"
    assert f"told and not published: {OLD} -> {NEW}: logged-models" in lines
    assert len([line for line in lines if line.startswith("missed: ")]) == 4
    assert not [x for x in truth.lines_of(measured, with_missed=False) if x.startswith("missed")]


@pytest.mark.parametrize("published", SHOWN, ids=lambda published: str(published["id"]))
def test_what_the_shipped_baselines_show_is_told(published: Any) -> None:
    """Each published change that the suite can see is in the verdict on the two baselines."""
    assert truth.is_told(published), says_of(published)
