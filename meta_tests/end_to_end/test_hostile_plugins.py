"""A run fails for every promise that a plugin hides, and all counts agree."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

from meta_tests.end_to_end import hostile_plugin as hostile
from meta_tests.end_to_end.suite_run import DUE, SuiteRun, caller, mode, run, write_catalogue

MODULES = ("outcome", "flavors", "metadata")
FAILED = {
    hostile.RUNS_AGAIN: "the test failed, and passed when a plugin ran it again",
    hostile.REPORTS_PASSED: "a plugin or a conftest.py reported that it passed",
    hostile.EXPECTS_FAILURE: "expected that ('this may fail'), and no known deviation does",
    hostile.REPORTS_SKIPPED: "a plugin or a conftest.py reported that it skipped",
}
LOST = {
    f"1 of {DUE} promises deselected by hostile_plugin: no option and no setting",
    f"1 of {DUE} promises dropped by a plugin or a conftest.py after they were collected",
    f"1 of {DUE} promises not collected because of a plugin or a conftest.py: no option",
    f"good-sqlite: 3 of {DUE} promises not checked (not today)",
}


@dataclass(frozen=True)
class Attacked:
    """A run with the hostile plugin, and the tags of each test in the JUnit report."""

    run: SuiteRun
    junit: dict[str, set[str]]


@pytest.fixture(scope="module", params=["one process", "-n2"])
def attacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """A run of a good mode with the hostile plugin."""
    folder = tmp_path_factory.mktemp("attacked")
    shutil.copy(hostile.__file__, folder)
    catalogue = write_catalogue(folder, [mode("good", "model.py")], {})
    options = [] if request.param == "one process" else [request.param]
    ended = run(
        folder,
        "--catalogue",
        str(catalogue),
        "-p",
        "hostile_plugin",
        *options,
        "--junit-xml",
        str(folder / "junit.xml"),
        modules=MODULES,
        environment=caller(PYTHONPATH=str(folder)),
    )
    cases = ElementTree.parse(folder / "junit.xml").iter("testcase")  # noqa: S314 - pytest's own
    return Attacked(
        ended,
        {str(case.get("name")).partition("[")[0]: {c.tag for c in case} for case in cases},
    )


def test_a_run_beside_a_hostile_plugin_fails(attacked: Attacked) -> None:
    """The exit code is 1, whatever the plugin reports."""
    assert attacked.run.exit_code == 1, attacked.run.output


@pytest.mark.parametrize("name", FAILED)
def test_a_hidden_failure_is_a_failure(name: str, attacked: Attacked) -> None:
    """A hidden failure is in pytest's summary and in the JUnit report, with its reason."""
    section = attacked.run.output.split(f" {name}[good-sqlite] _", 1)[-1]
    assert FAILED[name] in re.split(r"^_{3,} ", section, flags=re.MULTILINE)[0], section
    assert attacked.run.lines_with(f"FAILED conformance/test_flavors.py::{name}[")
    assert attacked.junit[name] == {"failure"}


def test_an_invented_report_is_an_error(attacked: Attacked) -> None:
    """A test that a plugin only reports as passed is not checked, and is an error."""
    assert attacked.run.lines_with("reported that the test passed, and the test was not run")
    assert attacked.junit[hostile.INVENTS_REPORT] == {"error"}


@pytest.mark.parametrize("line", sorted(LOST))
def test_a_promise_that_a_plugin_takes_out_is_lost(line: str, attacked: Attacked) -> None:
    """A promise that is deselected, dropped, not collected, not run or skipped is lost."""
    assert len(attacked.run.lines_with(f"LOST {line}")) == 1, attacked.run.output


def test_all_counts_agree(attacked: Attacked) -> None:
    """The tally, pytest's summary and the JUnit report count the same failures."""
    (summary,) = attacked.run.lines_with(" 1 rerun in ")
    (account,) = attacked.run.lines_with("all: ")
    failures = sum("failure" in tags for tags in attacked.junit.values())
    assert (failures, f"{failures} failed" in summary) == (len(FAILED), True)
    assert f", {failures} failed" in account


def test_other_promises_stay_kept(attacked: Attacked) -> None:
    """Promises that the plugin does not touch are checked and kept."""
    assert attacked.junit["test_model_has_a_uuid"] == set()
    assert attacked.run.lines_with(f"good-sqlite: 12 of {DUE} promises checked, 4 failed")
