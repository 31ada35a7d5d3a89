"""The tally of promises: every result is counted, and a promise without a check is lost."""

from __future__ import annotations

import itertools

import pytest

from meta_tests.pytest_plugin.sample_plan import MISSING, PLANNED
from mlflow_conformance.pytest_plugin.plan import Missing, Planned
from mlflow_conformance.pytest_plugin.tally import (
    DEVIATED,
    DOES_NOT_APPLY,
    FAILED,
    KEPT,
    NO_GROUND,
    NO_MODEL,
    UNCHECKED,
    Tally,
)


@pytest.fixture
def tally() -> Tally:
    """A tally of three planned promises of two modes."""
    tally = Tally()
    tally.plan(PLANNED)
    return tally


def test_what_never_ran_is_lost(tally: Tally) -> None:
    """A planned promise without a result is not checked."""
    assert tally.lines() == [
        "one-sqlite: 0 of 2 promises checked",
        "two-sqlite: 0 of 1 promises checked",
        "all: 0 of 3 promises checked",
    ]
    assert tally.lost() == [
        "one-sqlite: 2 of 2 promises not checked",
        "two-sqlite: 1 of 1 promises not checked",
    ]


def test_every_result_is_counted(tally: Tally) -> None:
    """Kept, failed and deviating promises count as checked; failed and deviating ones are named."""
    tally.note("test_a[one]", KEPT)
    tally.note("test_b[one]", DEVIATED)
    tally.note("test_a[two]", FAILED)
    assert tally.lines() == [
        "one-sqlite: 2 of 2 promises checked, 1 deviated as known",
        "two-sqlite: 1 of 1 promises checked, 1 failed",
        "all: 3 of 3 promises checked, 1 failed, 1 deviated as known",
    ]
    assert tally.lost() == []


def test_what_does_not_apply_is_neither_due_nor_lost(tally: Tally) -> None:
    """A promise about something that the script does not do is told apart, once."""
    tally.note("test_a[one]", KEPT)
    for _ in range(2):
        tally.note("test_b[one]", DOES_NOT_APPLY, "about something that the script does not do")
    tally.note("test_a[two]", KEPT)
    assert tally.lines() == [
        "one-sqlite: 1 of 1 promises checked",
        "two-sqlite: 1 of 1 promises checked",
        "skipped: 1 test: about something that the script does not do",
        "all: 2 of 2 promises checked",
    ]
    assert tally.lost() == []


def test_a_lost_promise_has_its_reason(tally: Tally) -> None:
    """A skipped promise is lost, with the first reason for its mode."""
    tally.note("test_a[one]", UNCHECKED, "one-sqlite crashed")
    tally.note("test_b[one]", UNCHECKED, "something that came of it")
    tally.note("test_a[two]", KEPT)
    assert tally.lost() == ["one-sqlite: 2 of 2 promises not checked (one-sqlite crashed)"]


def test_a_promise_lost_after_it_was_kept_is_lost(tally: Tally) -> None:
    """An error after a successful check makes the promise lost."""
    tally.note("test_a[two]", KEPT)
    tally.note("test_a[two]", UNCHECKED, "error of the run")
    assert "two-sqlite: 1 of 1 promises not checked (error of the run)" in tally.lost()


@pytest.mark.parametrize("later", [KEPT, DEVIATED, UNCHECKED, FAILED])
def test_a_failure_is_never_overwritten(later: str, tally: Tally) -> None:
    """A failed promise stays failed, whatever result follows."""
    tally.note("test_a[two]", FAILED)
    tally.note("test_a[two]", later, "a reason")
    assert "two-sqlite: 1 of 1 promises checked, 1 failed" in tally.lines()


@pytest.mark.parametrize(
    "order", list(itertools.permutations([KEPT, UNCHECKED, FAILED])), ids=" then ".join
)
def test_a_failure_counts_in_any_order(order: tuple[str, ...], tally: Tally) -> None:
    """One failure among several results of a test makes it failed, in any order."""
    for result in order:
        tally.note("test_a[two]", result)
    assert "two-sqlite: 1 of 1 promises checked, 1 failed" in tally.lines()


def test_promises_of_a_mode_known_to_leave_no_model_are_counted_apart(tally: Tally) -> None:
    """A promise without a model, as known, is neither checked nor lost."""
    tally.note("test_a[one]", DEVIATED, "no logged models")
    tally.note("test_b[one]", NO_MODEL, "no logged models")
    tally.note("test_a[two]", KEPT)
    assert tally.lines() == [
        "one-sqlite: 1 of 2 promises checked, 1 deviated as known, 1 without a model, as known",
        "two-sqlite: 1 of 1 promises checked",
        "all: 2 of 3 promises checked, 1 deviated as known, 1 without a model, as known",
    ]
    assert tally.lost() == []
    assert tally.deviations == {"no logged models": 2}
    assert tally.deviated("test_a[one]")
    assert not tally.deviated("test_b[one]")


def test_promises_that_need_what_is_gone_as_known_are_counted_apart(tally: Tally) -> None:
    """A promise that lacks something, as known, is neither checked nor lost."""
    tally.note("test_a[one]", DEVIATED, "no signature")
    tally.note("test_b[one]", NO_GROUND, "no signature")
    tally.note("test_a[two]", KEPT)
    assert tally.lines()[0] == (
        "one-sqlite: 1 of 2 promises checked, 1 deviated as known, 1 not checked, as known"
    )
    assert tally.lost() == []
    assert tally.deviations == {"no signature": 2}


def test_the_reason_of_most_promises_is_named() -> None:
    """A mode's lost promises are explained by the commonest reason, if there is one."""
    tally = Tally()
    tests = [f"test_{number}[one]" for number in range(6)]
    tally.plan([Planned(test, "one", "sqlite", ("one",), serves=False) for test in tests])
    reasons = [*["error of the run"] * 3, "not checked: a", *["not checked: b"] * 2]
    for test, reason in zip(tests, reasons, strict=True):
        tally.note(test, UNCHECKED, reason)
    assert tally.lost() == ["one: 6 of 6 promises not checked (b)"]


def test_the_suite_s_own_tests_are_no_promises(tally: Tally) -> None:
    """Tests of the suite itself and unplanned tests are not counted."""
    tally.note("test_of_the_suite", FAILED)
    tally.note("test_unheard_of", FAILED)
    assert tally.lines()[-1] == "all: 0 of 3 promises checked"


def test_nothing_planned_loses_nothing() -> None:
    """A run without planned promises has lost none."""
    tally = Tally()
    tally.plan(PLANNED[3:])
    assert (tally.lines(), tally.lost()) == (["all: 0 of 0 promises checked"], [])


def test_what_is_not_selected_is_counted(tally: Tally) -> None:
    """Due promises that are not planned are part of the total, and do not fail the run."""
    tally.plan(PLANNED, (MISSING, MISSING, Missing("test_d.py::test_d[three]", "three", "")))
    for test in ("test_a[one]", "test_b[one]"):
        tally.note(test, KEPT)
    assert tally.lines() == [
        "one-sqlite: 2 of 4 promises checked, 2 not selected",
        "two-sqlite: 0 of 1 promises checked",
        "all: 2 of 6 promises checked, 3 not selected",
    ]
    assert tally.lost() == ["two-sqlite: 1 of 1 promises not checked"]
