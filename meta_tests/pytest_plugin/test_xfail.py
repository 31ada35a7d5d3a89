"""A known deviation excuses only the failure that it describes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Literal, cast

import pytest

from meta_tests.pytest_plugin.deviation_samples import SAMPLES
from mlflow_conformance.pytest_plugin.deviations_reader import read_known_deviations
from mlflow_conformance.pytest_plugin.known_deviations import KnownDeviation
from mlflow_conformance.pytest_plugin.xfail import EXPECTED, judge
from mlflow_conformance.servers.scoring_server import ServerEnded
from mlflow_conformance.support.paths import KNOWN_DEVIATIONS

KNOWN = KnownDeviation(
    number=3,
    tests="*",
    versions=(),
    of_mode={},
    known_later={},
    message=r"found: pytest==[^,\s]+\n",
    reason="the pin of a test tool",
    link="https://example.org/1",
)
PINNED = "needless\n  found: pytest==9.2.0\n  should be: none"
MORE_PINNED = "needless\n  found: pytest==9.2.0, pytest-xdist==3.8.0\n  should be: none"
When = Literal["setup", "call", "teardown"]


class Section:
    """The text of a failure, to which sections can be added, as in pytest."""

    def __init__(self) -> None:
        """Start without sections."""
        self.added: list[tuple[str, str]] = []

    def addsection(self, name: str, content: str) -> None:
        """Add a section."""
        self.added.append((name, content))


def judged(
    error: BaseException | None,
    *,
    when: When = "call",
    expected: tuple[KnownDeviation, ...] = (KNOWN,),
    run_xfail: bool = False,
    longrepr: Any = None,
) -> pytest.TestReport:
    """Return the report of a test that passed or failed with an error, after ``judge``."""
    config = SimpleNamespace(option=SimpleNamespace(runxfail=run_xfail))
    item = SimpleNamespace(stash=pytest.Stash(), config=config)
    if expected:
        item.stash[EXPECTED] = list(expected)
    outcome: Literal["passed", "failed"] = "passed" if error is None else "failed"
    report = pytest.TestReport("a::b", ("a", 1, "b"), {}, outcome, longrepr, when)
    judge(cast(pytest.Item, item), error, report)
    return report


@pytest.mark.parametrize("when", ["setup", "call"])
@pytest.mark.parametrize("kind", [AssertionError, ServerEnded])
def test_the_failure_that_is_described_is_expected(when: When, kind: type[Exception]) -> None:
    """A failed assertion with the expected message, also in a fixture, is an expected failure."""
    report = judged(kind(PINNED), when=when)
    assert (report.outcome, report.wasxfail) == ("skipped", KNOWN.reason_with_link)


@pytest.mark.parametrize("when", ["setup", "call"])
@pytest.mark.parametrize("message", [MORE_PINNED, "", "hypothesis==6.1", PINNED.upper()])
def test_another_failure_of_the_same_test_is_none_that_is_known(message: str, when: When) -> None:
    """A failure with another message fails, and says which message was expected."""
    text = Section()
    report = judged(AssertionError(message), when=when, longrepr=text)
    assert report.outcome == "failed"
    assert not hasattr(report, "wasxfail")
    ((title, said),) = text.added
    assert title == "fails, but not as known"
    assert said == rf"known deviation 3 expects the message {KNOWN.message!r}"


def test_what_was_expected_is_said_in_any_kind_of_text() -> None:
    """The expected message is also added to a failure text that a plugin made plain."""
    report = judged(AssertionError(MORE_PINNED), longrepr="their own words")
    assert str(report.longrepr).startswith("their own words\nfails, but not as known:\nknown devia")


@pytest.mark.parametrize("error", [RuntimeError(PINNED), OSError(PINNED), ValueError(PINNED)])
def test_only_assertions_are_expected_to_fail(error: Exception) -> None:
    """Only assertions can be expected failures, not errors of the infrastructure."""
    report = judged(error)
    assert report.outcome == "failed"
    assert not hasattr(report, "wasxfail")


def test_a_test_that_passes_unexpectedly_fails() -> None:
    """A test that is expected to fail but passes has failed, with the reason."""
    report = judged(None)
    assert report.outcome == "failed"
    assert report.longrepr == (
        f"[XPASS(strict)] passed, but known deviation {KNOWN.number} expects a failure"
        f" ({KNOWN.reason_with_link}): if it is fixed, remove or narrow that entry"
    )


@pytest.mark.parametrize("when", ["setup", "teardown"])
def test_only_the_test_itself_can_pass_unexpectedly(when: When) -> None:
    """Setup and teardown of a test that is expected to fail may pass."""
    assert judged(None, when=when).outcome == "passed"


def test_no_failure_of_a_teardown_is_expected() -> None:
    """A failure of the teardown is never an expected failure."""
    assert judged(AssertionError(PINNED), when="teardown").outcome == "failed"


@pytest.mark.parametrize("error", [None, AssertionError(PINNED), AssertionError(MORE_PINNED)])
@pytest.mark.parametrize("changes", [{"expected": ()}, {"run_xfail": True}], ids=str)
def test_nothing_is_expected_where_nothing_is_known(
    error: Exception | None, changes: dict[str, Any]
) -> None:
    """Without a deviation, and with ``--runxfail``, a test has its ordinary outcome."""
    text = Section()
    report = judged(error, longrepr=text, **changes)
    assert report.outcome == ("passed" if error is None else "failed")
    assert not hasattr(report, "wasxfail")
    assert not text.added


def test_of_several_deviations_the_one_that_is_described_counts() -> None:
    """Of several deviations, the one whose message is found gives the reason."""
    other = KnownDeviation(4, "*", (), {}, {}, "no attribute 'route'", "mended", "https://x")
    report = judged(AssertionError(PINNED), expected=(other, KNOWN))
    assert report.wasxfail == KNOWN.reason_with_link
    text = Section()
    assert judged(AssertionError("x"), expected=(other, KNOWN), longrepr=text).failed
    assert [line[:17] for line in text.added[0][1].splitlines()] == [
        "known deviation 4",
        "known deviation 3",
    ]


SHIPPED = read_known_deviations(KNOWN_DEVIATIONS)


@pytest.mark.parametrize("number", range(1, len(SHIPPED) + 1))
def test_a_shipped_entry_expects_what_its_reason_says_and_nothing_near_it(number: int) -> None:
    """Every shipped entry matches its own samples, and none of the similar ones."""
    if len(SAMPLES) != len(SHIPPED):
        pytest.fail(
            f"known_deviations.yaml has {len(SHIPPED)} entries, and SAMPLES in"
            f" deviation_samples.py has {len(SAMPLES)}: add the samples of the new entry, at the"
            " same place",
            pytrace=False,
        )
    known, near = SAMPLES[number - 1]
    expects = SHIPPED[number - 1].expects
    assert [text for text in known if not expects(text)] == []
    assert [text for text in near if expects(text)] == []
    others = [
        text
        for entry, (texts, _) in zip(SHIPPED, SAMPLES, strict=True)
        if entry is not SHIPPED[number - 1] and _may_meet(entry, SHIPPED[number - 1])
        for text in texts
    ]
    assert [text for text in others if expects(text)] == []


def _may_meet(one: KnownDeviation, other: KnownDeviation) -> bool:
    """Return whether the failures of two entries must differ.

    Promises about MLflow itself have few messages in common; each entry names one of them. Entries
    that ask for different words in a script's output are told apart by these.
    """
    says = {entry.known_later.get("says") for entry in (one, other)}
    if None not in says and len(says) == 2:
        return False
    return not (
        all("/test_signature_" in entry.tests for entry in (one, other))
        and one.tests != other.tests
    )
