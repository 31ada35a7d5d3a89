"""A pytest plugin that hides broken promises, in a different way for each test.

A meta test copies it into its folder and runs the suite with ``-p hostile_plugin``. It imports
nothing of the suite. Every test that it attacks would fail.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

RUNS_AGAIN = "test_flavors_are_the_promised_ones"
REPORTS_PASSED = "test_python_function_names_its_loader"
EXPECTS_FAILURE = "test_python_function_names_the_predict_function"
INVENTS_REPORT = "test_python_function_records_the_python_version"
REPORTS_SKIPPED = "test_python_function_names_its_environment_files"
RUNS_NOTHING = "test_python_function_names_an_existing_model_file"
DESELECTS = "test_sklearn_names_an_existing_model_file"
DROPS = "test_sklearn_records_the_scikit_learn_version"
COLLECTS_NOTHING = "test_sklearn_names_a_known_serialization_format"
SKIPS = "test_mode_leaves_exactly_one_model"
FAILING = (RUNS_AGAIN, REPORTS_PASSED, EXPECTS_FAILURE, REPORTS_SKIPPED)
FIRST_RUN = pytest.StashKey[bool]()


class Outermost:
    """A plugin that is registered last, so that its wrappers run last."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Change the outcome of failures in the report."""
        report = yield
        if report.when == "call" and name(item) == REPORTS_PASSED:
            report.outcome, report.longrepr = "passed", None
        elif report.when == "call" and name(item) == REPORTS_SKIPPED:
            report.outcome, report.longrepr = "skipped", (str(item.path), 1, "Skipped: never mind")
        return report


def name(item: pytest.Item) -> str:
    """Return the name of a test's function."""
    return str(getattr(item, "originalname", item.name))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Register a plugin after all others."""
    session.config.pluginmanager.register(Outermost(), "outermost")


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(name: str) -> Generator[None, Any, Any]:
    """Collect no item for one test."""
    found = yield
    return [] if name == COLLECTS_NOTHING else found


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Remove tests, deselected or silently, and mark one as an expected failure."""
    config.hook.pytest_deselected(items=[item for item in items if name(item) == DESELECTS])
    items[:] = [item for item in items if name(item) not in (DESELECTS, DROPS)]
    for item in items:
        if name(item) == EXPECTS_FAILURE:
            item.add_marker(pytest.mark.xfail(reason="this may fail"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip one test."""
    if name(item) == SKIPS:
        pytest.skip("not today")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Break promises, one of them only when it is first checked."""
    yield
    if name(item) in FAILING and item.stash.get(FIRST_RUN, True):
        item.stash[FIRST_RUN] = name(item) != RUNS_AGAIN
        raise AssertionError("broken on purpose")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run one test twice, as plugins for flaky tests do, and two tests not at all."""
    reports: list[pytest.TestReport] = []
    if name(item) in (RUNS_NOTHING, INVENTS_REPORT):
        item.session._setupstate.teardown_exact(nextitem)
    if name(item) == RUNS_NOTHING:
        return True
    if name(item) == INVENTS_REPORT:
        reports = [pytest.TestReport(item.nodeid, item.location, {}, "passed", None, "call")]
    elif name(item) == RUNS_AGAIN:
        for report in (first := runtestprotocol(item, log=False)):
            if report.failed:
                report.outcome = "rerun"  # type: ignore[assignment]
        item._initrequest()  # type: ignore[attr-defined]
        reports = [*first, *runtestprotocol(item, log=False, nextitem=nextitem)]
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True if reports else None
