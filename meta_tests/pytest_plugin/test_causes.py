"""The causes in the last lines: grouped over promises and modes, the heaviest first."""

from __future__ import annotations

import pytest

from mlflow_conformance.pytest_plugin.causes import LEAST_LINES, Cause, Causes
from mlflow_conformance.pytest_plugin.grounds import GROUNDS, NOT_RUN, SIGNATURE, ground
from mlflow_conformance.pytest_plugin.plan import Planned
from mlflow_conformance.pytest_plugin.tally import DEVIATED, FAILED, KEPT, UNCHECKED, Tally
from mlflow_conformance.support.paths import ROOT

NO_SIGNATURE = Cause("the model has no signature", SIGNATURE.name)
MODES = ("one-sqlite", "two-sqlite", "three-sqlite", "four-sqlite", "five-sqlite")


def caused(*results: tuple[str, str, str, Cause]) -> Causes:
    """Return the causes of results: test, subject, result and cause."""
    tally = Tally()
    ids = [f"{test}[{subject}]" for test, subject, _, _ in results]
    tally.plan(
        [
            Planned(test_id, result[1], "sqlite", ("one",), serves=False)
            for test_id, result in zip(ids, results, strict=True)
        ]
    )
    causes = Causes(tally)
    for test_id, (_, _, result, cause) in zip(ids, results, strict=True):
        causes.note(test_id, cause)
        tally.note(test_id, result)
    return causes


def test_an_owner_has_the_cause_of_what_needs_it() -> None:
    """The owner's failure and the unchecked promises of its mode are one cause."""
    found = caused(
        ("conformance/test_a.py::test_a", "one-sqlite", FAILED, Cause("another failure")),
        (SIGNATURE.owner, "one-sqlite", FAILED, Cause("…/MLmodel: should have both")),
        ("conformance/test_b.py::test_b", "one-sqlite", UNCHECKED, NO_SIGNATURE),
        ("conformance/test_c.py::test_c", "one-sqlite", UNCHECKED, NO_SIGNATURE),
        ("conformance/test_d.py::test_d", "one-sqlite", KEPT, Cause("")),
        ("conformance/test_e.py::test_e", "one-sqlite", DEVIATED, Cause("as known")),
    )
    assert found.lines() == [
        "CAUSE one-sqlite: the model has no signature (3 promises: 1 failed, 2 not checked)",
        f"      way out: {SIGNATURE.way_out}",
        "CAUSE one-sqlite: another failure (1 promise: 1 failed)",
    ]


def test_an_owner_that_fails_alone_has_its_own_cause() -> None:
    """If no promise lacks the ground in this mode, the owner's own message is the cause."""
    found = caused(
        (SIGNATURE.owner, "one-sqlite", FAILED, Cause("…/MLmodel: should have both")),
        ("conformance/test_b.py::test_b", "two-sqlite", UNCHECKED, NO_SIGNATURE),
    )
    assert found.lines()[0] == (
        "CAUSE one-sqlite: …/MLmodel: should have both (1 promise: 1 failed)"
    )


def test_trouble_of_the_infrastructure_is_one_cause() -> None:
    """The error of the outcome's test and what it leaves unchecked are one cause."""
    found = caused(
        (NOT_RUN.owner, "one-sqlite", UNCHECKED, Cause("error of the run: CouldNotBeRun: x")),
        ("conformance/test_b.py::test_b", "one-sqlite", UNCHECKED, Cause("no node", NOT_RUN.name)),
    )
    assert found.lines() == [
        "CAUSE one-sqlite: no node (2 promises: 2 not checked)",
        f"      way out: {NOT_RUN.way_out}",
    ]


def test_one_cause_of_several_modes_is_one_line() -> None:
    """Equal causes of several modes are folded; paths and names of modes may differ."""
    results = [
        ("test_a", mode, FAILED, Cause(f"{mode[:-7]}: {mode} is wrong in /data/{mode}/x"))
        for mode in MODES
    ]
    (line,) = caused(*results).lines()
    assert line == (
        "CAUSE in 5 modes (one-sqlite, two-sqlite, three-sqlite and 2 more):"
        " one-sqlite is wrong in /data/one-sqlite/x (5 promises: 5 failed)"
    )


@pytest.mark.parametrize("room", [0, LEAST_LINES, 9])
def test_the_causes_leave_room_for_what_follows(room: int) -> None:
    """No more lines are returned than there is room for; the lightest causes are counted."""
    letters = "abcdefghijkl"
    results = [
        (f"test_{number}", "one-sqlite", FAILED, Cause(f"failure {letter}"))
        for letter in letters
        for number in range(ord(letter) - ord("a") + 1)
    ]
    named = [(f"{test}_{cause.text[-1]}", mode, how, cause) for test, mode, how, cause in results]
    lines = caused(*named).lines(room)
    assert len(lines) == max(room, LEAST_LINES)
    assert lines[0] == "CAUSE one-sqlite: failure l (12 promises: 12 failed)"
    left = len(letters) - len(lines) + 1
    promises = sum(range(1, left + 1))
    assert lines[-1] == (
        f"CAUSE … and {left} others, of {promises} promises: see the failures above"
    )


def test_the_first_failure_s_cause_stays() -> None:
    """What follows a failure, such as an error at teardown, does not replace its cause."""
    causes = caused(("test_a", "one-sqlite", FAILED, Cause("the failure")))
    causes.note("test_a[one-sqlite]", Cause("error of the run: teardown"))
    causes.note("test_of_the_suite", Cause("no promise"))
    assert causes.lines() == ["CAUSE one-sqlite: the failure (1 promise: 1 failed)"]


def test_a_known_error_has_its_own_way_out() -> None:
    """The way out of skops's refusal is the other format, not to run the script by hand."""
    said = "x.py ended with exit code 1: MlflowException: The model references untrusted types."
    (_, advice) = caused(("test_a", "one-sqlite", UNCHECKED, Cause(said, "model"))).lines()
    assert advice.startswith('      way out: pass serialization_format="cloudpickle" ')


@pytest.mark.parametrize("name", [found.name for found in GROUNDS])
def test_every_ground_has_an_owner(name: str) -> None:
    """The owner of every ground is a test in ``conformance``."""
    found = ground(name)
    assert found is not None
    file, _, function = found.owner.partition("::")
    assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8")
