"""Promises that rest on an assumption which no real workspace has confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mlflow_conformance.azure.evidence.assumptions import Assumption
from mlflow_conformance.azure.jobs.target import AzureTarget
from mlflow_conformance.azure.setup.options import AzureSettings
from mlflow_conformance.pytest_plugin import observed_promises
from mlflow_conformance.pytest_plugin.observed_promises import pytest_pyfunc_call
from mlflow_conformance.pytest_plugin.options import SETTINGS
from mlflow_conformance.pytest_plugin.tally import DOES_NOT_APPLY, Tally

ASSUMPTIONS = {
    "open": Assumption("open", "a sentence", is_promised=False),
    "confirmed": Assumption("confirmed", "a sentence", is_promised=False, confirmed_by=("a.json",)),
    "promised": Assumption("promised", "a sentence"),
}
FAILURE = AssertionError("job_name: found None\nshould be: the job")
COUNTED = "observed, not promised: not as assumed (open)"


@pytest.fixture(autouse=True)
def _assumptions(monkeypatch: pytest.MonkeyPatch) -> None:
    def read() -> Mapping[str, Assumption]:
        return ASSUMPTIONS

    monkeypatch.setattr(observed_promises, "read_assumptions", read)


def item_of(assumes: str | None, *, is_rehearsal: bool = False) -> pytest.Function:
    """Return a test with the mark, in a workspace or in a rehearsal."""
    stash = pytest.Stash()
    targets = (AzureTarget(AzureSettings(is_rehearsal=is_rehearsal)),)
    stash[SETTINGS] = cast(Any, SimpleNamespace(targets=targets))
    mark = None if assumes is None else pytest.mark.assumes(assumes).mark
    item = SimpleNamespace(
        nodeid="conformance/a.py::test_a",
        user_properties=[],
        config=SimpleNamespace(stash=stash),
        get_closest_marker=lambda name: mark if name == "assumes" else None,
    )
    return cast(pytest.Function, item)


def call(item: pytest.Function, error: BaseException | None) -> object:
    """Run the hook around a test that fails with an error, or passes."""
    hook = pytest_pyfunc_call(item)
    next(hook)
    try:
        if error is None:
            hook.send(True)
        else:
            hook.throw(error)
    except StopIteration as ended:
        return ended.value
    raise RuntimeError("the hook goes on")


def test_an_open_assumption_is_observed() -> None:
    """In a workspace, what is not as assumed is a skip that says what was found."""
    item = item_of("open")
    with pytest.raises(pytest.skip.Exception) as skipped:
        call(item, FAILURE)
    assert str(skipped.value).startswith("observed, not promised: job_name: found None")
    assert item.user_properties == [(DOES_NOT_APPLY, COUNTED)]


@pytest.mark.parametrize(
    ("assumes", "is_rehearsal"),
    [("open", True), ("confirmed", False), ("promised", False), (None, False)],
)
def test_every_other_promise_fails(assumes: str | None, is_rehearsal: bool) -> None:
    """It fails in a rehearsal, if a bundle confirms the assumption, and without a mark."""
    item = item_of(assumes, is_rehearsal=is_rehearsal)
    # A skip would end this test without a failure.
    with pytest.raises((AssertionError, pytest.skip.Exception), match="found None") as raised:
        call(item, FAILURE)
    assert raised.type is AssertionError
    assert item.user_properties == []


@pytest.mark.parametrize("error", [RuntimeError("lost"), pytest.skip.Exception("not checked")])
def test_errors_of_the_run_are_no_observation(error: BaseException) -> None:
    """Only a broken promise is observed: what could not be checked stays what it is."""
    with pytest.raises(type(error)):
        call(item_of("open"), error)


def test_a_promise_that_is_kept_passes() -> None:
    """What is as assumed counts as kept."""
    assert call(item_of("open"), None) is True


def test_an_unknown_assumption_is_an_error() -> None:
    """A mark that names nothing is an error, never an excuse."""
    with pytest.raises(ValueError, match="there is no such assumption"):
        call(item_of("another"), FAILURE)


def test_the_last_lines_count_them() -> None:
    """Observations are one line with their number, beside what was skipped."""
    tally = Tally()
    tally.planned = {"a": "x", "b": "x", "c": "x"}
    tally.note("a", DOES_NOT_APPLY, COUNTED)
    tally.note("b", DOES_NOT_APPLY, COUNTED)
    tally.note("c", DOES_NOT_APPLY, "about something else")
    assert tally.lines()[:2] == [f"{COUNTED}: 2 tests", "skipped: 1 test: about something else"]
