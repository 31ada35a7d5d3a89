"""The tally of promises: every result is counted, and a promise without a check is lost."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fixtures.pytest_plugin import corrected_reports
from fixtures.pytest_plugin.baseline_problem import baseline_problem
from fixtures.pytest_plugin.controller import Controller
from fixtures.pytest_plugin.corrected_reports import IS_KNOWN, STAMP, correct
from fixtures.pytest_plugin.plan import Missing, Plan, Planned, read_plan, write_plan
from fixtures.pytest_plugin.tally import DEVIATED, FAILED, KEPT, NO_MODEL, UNCHECKED, Tally
from fixtures.pytest_plugin.upgrade_gate import UpgradeGate
from fixtures.pytest_plugin.upgrade_options import UpgradeSettings
from fixtures.runner.sqlite_folder import NAME as SQLITE
from fixtures.support.run_folder import RunFolder

ONE, TWO = "one-sqlite", "two-sqlite"
PLANNED = (
    Planned("test_a[one]", ONE, SQLITE, ("one",), serves=False),
    Planned("test_b[one]", ONE, SQLITE, ("one", "two"), serves=True),
    Planned("test_a[two]", TWO, SQLITE, ("two",), serves=False),
    Planned("test_of_the_suite", None, SQLITE, (), serves=False),
)
MISSING = Missing("test_c.py::test_c[one]", ONE, "-k")


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


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (KEPT, ""),
        (DEVIATED, ""),
        (FAILED, "not all promises were kept: two-sqlite"),
        (UNCHECKED, "not all promises were kept: two-sqlite"),
    ],
)
def test_a_broken_promise_spoils_a_baseline(result: str, problem: str, tally: Tally) -> None:
    """A run with a failed or unchecked promise must not become a baseline."""
    tally.note("test_a[one]", KEPT)
    tally.note("test_b[one]", KEPT)
    tally.note("test_a[two]", result)
    assert baseline_problem((), tally) == problem


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


@pytest.mark.parametrize("collector", ["main", "gw1"])
def test_a_plan_is_read_as_it_was_written(collector: str, tmp_path: Path) -> None:
    """Another process reads the plan as it was written, with its problems."""
    plan = Plan(PLANNED, (MISSING,), ("a stale entry",))
    write_plan(plan, RunFolder(tmp_path), collector)
    assert read_plan(RunFolder(tmp_path)) == plan


def test_a_plan_counts_once_for_all_workers(tmp_path: Path) -> None:
    """Every worker writes the same plan, and each promise is counted once."""
    for worker in ("gw0", "gw1", "gw2"):
        write_plan(Plan(PLANNED), RunFolder(tmp_path), worker)
    assert read_plan(RunFolder(tmp_path)) == Plan(PLANNED)


def test_no_plan_is_an_empty_one(tmp_path: Path) -> None:
    """A run without a plan has no promises and no problems."""
    assert read_plan(RunFolder(tmp_path)) == Plan()


def test_a_plan_that_is_being_written_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan is not read while another worker writes it."""
    write_plan(Plan(PLANNED), RunFolder(tmp_path), "gw1")
    seen = []

    def write(file: Path, text: str, encoding: str) -> None:
        with file.open("w", encoding=encoding):
            seen.append(read_plan(RunFolder(tmp_path)))

    monkeypatch.setattr(Path, "write_text", write)
    write_plan(Plan(), RunFolder(tmp_path), "gw0")
    assert seen == [Plan(PLANNED)]


@pytest.mark.parametrize(
    ("results", "problems", "exit_code"),
    [
        ({"test_a[one]": FAILED, "test_b[one]": KEPT, "test_a[two]": KEPT}, [], 1),
        ({"test_a[one]": KEPT, "test_b[one]": DEVIATED, "test_a[two]": KEPT}, [], 0),
        ({"test_a[one]": KEPT, "test_b[one]": KEPT}, [], 1),
        ({"test_a[one]": KEPT, "test_b[one]": KEPT, "test_a[two]": UNCHECKED}, [], 1),
        ({"test_a[one]": KEPT, "test_b[one]": KEPT, "test_a[two]": KEPT}, ["a stale entry"], 1),
    ],
    ids=["one failed", "all checked", "one never ran", "one skipped", "a stale entry"],
)
def test_a_green_run_that_lost_something_fails(
    results: dict[str, str], problems: list[str], exit_code: int, tmp_path: Path
) -> None:
    """A run without failures fails if a promise is lost or an entry is stale."""
    gate = UpgradeGate(UpgradeSettings(tmp_path / "baseline.json", tmp_path / "accepted.yaml"))
    controller = Controller(cast(pytest.Config, None), RunFolder(tmp_path), gate)
    controller._tally.plan(PLANNED)
    controller._problems = problems
    for test_id, result in results.items():
        controller._tally.note(test_id, result)
    session = SimpleNamespace(exitstatus=pytest.ExitCode.OK)
    controller.pytest_sessionfinish(cast(pytest.Session, session), pytest.ExitCode.OK)
    assert session.exitstatus == exit_code


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
