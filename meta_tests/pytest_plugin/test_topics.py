"""Promises that are about no mode: which are checked, how they are counted, and wrong marks."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from meta_tests.pytest_plugin.sample_entries import ENTRY, only, written
from meta_tests.pytest_plugin.sample_items import CATALOGUE, WHOLE, Item, items, whole_collection
from mlflow_conformance.pytest_plugin import due_promises as due
from mlflow_conformance.pytest_plugin import planning, topics
from mlflow_conformance.pytest_plugin.due_promises import due_promises, key_of, of_topic
from mlflow_conformance.pytest_plugin.known_deviations import Situation
from mlflow_conformance.pytest_plugin.options import Settings
from mlflow_conformance.pytest_plugin.parametrize import expect_known_deviations
from mlflow_conformance.pytest_plugin.plan import Missing
from mlflow_conformance.pytest_plugin.tally import KEPT, Tally
from mlflow_conformance.support.paths import CONFORMANCE
from mlflow_conformance.support.yaml_entry import ConfigurationError

ESTIMATORS = topics.topic("estimators")
CASES = [SimpleNamespace(name="Lasso"), SimpleNamespace(name="Ridge")]
EACH = pytest.mark.each_case(of=lambda: CASES)
HERE = Situation(None, None)


def module(*marks: Any, name: str = "conformance.test_lasso") -> ModuleType:
    """Return a module of promises with marks and two tests, one of them with cases."""

    def test_one() -> None:
        """Check one thing."""

    @EACH
    def test_each(case: Any) -> None:
        """Check one thing of each case."""

    found = ModuleType(name)
    for test in (test_one, test_each):
        test.__module__ = name
        setattr(found, test.__name__, test)
    if marks:
        found.pytestmark = marks[0] if len(marks) == 1 else list(marks)  # type: ignore[attr-defined]
    return found


def promise(test: str, case: Any = None, topic: str = "estimators") -> Item:
    """Return a collected promise about a topic."""
    name = "" if case is None else f"[{case.name}]"
    found = Item(f"conformance/test_lasso.py::{test}{name}", CONFORMANCE / "test_lasso.py")
    found.callspec = SimpleNamespace(params={} if case is None else {"case": case})
    found.originalname = test  # type: ignore[attr-defined]
    found.add_marker(pytest.mark.about(topic))
    return found


@pytest.mark.parametrize(
    ("expression", "are_named", "expected"),
    [
        ("", False, ("mlflow",)),
        ("", True, ()),
        ("local", False, ("mlflow",)),
        ("local", True, ()),
        ("azure", False, ()),
        ("package_index", False, ("mlflow",)),
        ("local and estimators", False, ("estimators",)),
        ("estimators", True, ("estimators",)),
        ("local or estimators", False, ("mlflow", "estimators")),
        ("estimators and azure", False, ()),
        ("not estimators", False, ("mlflow",)),
        ("local and not mlflow", False, ()),
        ("local and myestimators", False, ("mlflow",)),
    ],
)
def test_a_topic_is_checked_by_default_or_by_name(
    expression: str, are_named: bool, expected: tuple[str, ...]
) -> None:
    """A topic that is not checked by default has to be named, by a whole word."""
    assert topics.asked_for(expression, modes_are_chosen=are_named) == expected


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ((pytest.mark.about,), r"about\(\): should be one topic, such as about\('mlflow'\)$"),
        ((pytest.mark.about("a", "b"),), r"about\('a', 'b'\): should be one topic"),
        ((pytest.mark.about(topic="mlflow"),), r"about\(topic='mlflow'\): should be one topic"),
        ((pytest.mark.about(3),), r"about\(3\): should be one topic"),
        (
            (pytest.mark.about("estimator"),),
            r"about\('estimator'\): there is no topic 'estimator'; did you mean estimators\? ",
        ),
        (
            (pytest.mark.about("mlflow"), pytest.mark.about("estimators")),
            "has two marks about: a module has one topic",
        ),
    ],
    ids=["none", "two", "keyword", "number", "unknown", "twice"],
)
def test_a_wrong_mark_is_one_line(marks: tuple[Any, ...], message: str) -> None:
    """A mark that names no topic is an error that names the module and the mark."""
    with pytest.raises(ConfigurationError, match=rf"^test_lasso\.py: {message}"):
        topics.of_module(module(*marks))


def test_a_module_without_a_mark_is_about_modes() -> None:
    """Without the mark, and with others, promises are about modes."""
    assert topics.of_module(module()) is None
    assert topics.of_module(module(pytest.mark.package_index)) is None
    assert topics.of_module(module(pytest.mark.about("estimators"))) == ESTIMATORS


@pytest.mark.parametrize(
    ("marks", "asked", "message"),
    [
        ((), ("subject",), r"^its module is about\('estimators'\), and it asks for a mode: "),
        ((pytest.mark.applies_to(autologs=True),), (), "and it asks for a mode"),
        ((pytest.mark.each_case(of=list),), ("case",), "^each_case: there is no case"),
    ],
    ids=["subject", "applies_to", "no-case"],
)
def test_a_promise_about_a_topic_asks_for_no_mode(
    marks: tuple[Any, ...], asked: tuple[str, ...], message: str
) -> None:
    """A promise about a topic that needs a mode, or has no case, is refused."""
    assert ESTIMATORS is not None
    with pytest.raises(ConfigurationError, match=message):
        of_topic(ESTIMATORS, [mark.mark for mark in marks], asked)


@pytest.mark.parametrize(
    ("expression", "number"),
    [("local and estimators", 3), ("estimators", 3), ("local or estimators", 3), ("azure", 0)],
)
def test_promises_about_a_topic_are_due(
    expression: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each test, and each of its cases, is a promise of the topic, if the expression selects it."""
    asked = topics.asked_for(expression, modes_are_chosen=False)
    settings = Settings(CATALOGUE, CATALOGUE.modes, 1.0, topics=asked, checks_modes=False)
    monkeypatch.setattr(due, "_imported", lambda file: module(pytest.mark.about("estimators")))
    monkeypatch.setattr(
        due, "CONFORMANCE", SimpleNamespace(glob=lambda pattern: [Path("test_lasso.py")])
    )
    found = due_promises(settings, expression)
    assert len(found) == number
    assert {promise.subject for promise in found} <= {"estimators"}
    tests = [promise("test_one"), *(promise("test_each", case) for case in CASES)]
    monkeypatch.undo()
    if number:
        assert {one.key for one in found} == {key_of(item) for item in items(*tests)}


def test_a_topic_is_one_line() -> None:
    """The last lines count the promises about a topic as one subject; one can be lost."""
    collected = items(promise("test_one"), promise("test_each", CASES[0]))
    tally = Tally()
    tally.plan(
        planning.plan(collected), [Missing("test_lasso.py::test_each[Ridge]", "estimators", "")]
    )
    tally.note(collected[0].nodeid, KEPT)
    assert tally.lines()[0] == "estimators: 1 of 3 promises checked, 1 not selected"
    assert tally.lost() == ["estimators: 1 of 3 promises not checked"]


def test_an_entry_may_be_about_some_cases(tmp_path: Path) -> None:
    """``case`` must match the whole name of a case; the versions count as for modes."""
    tests = [promise("test_one"), *(promise("test_each", case) for case in CASES)]
    entries = [
        {**ENTRY, "tests": "conformance/test_lasso.py::*", "when": when}
        for when in ({"case": "Las+o|Elastic.*"}, {"case": "Rid"}, {"case": ".*", "mlflow": "<1"})
    ]
    expect_known_deviations(items(*tests), WHOLE, written(tmp_path, *entries))
    assert [test.expected for test in tests] == [[], [1], []]


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        ({}, True),
        ({"target": "local"}, True),
        ({"target": "sqlite"}, False),
        ({"autologs": False}, False),
        ({"requirements": "inferred"}, False),
        ({"script": "more/forest.py"}, False),
        ({"rebuilt_from": "requirements"}, True),
    ],
    ids=str,
)
def test_a_condition_on_modes_is_not_met(
    when: dict[str, Any], applies: bool, tmp_path: Path
) -> None:
    """A topic has no mode, and no store of its own."""
    entry = only(tmp_path, when=when)
    assert entry.applies(HERE) is applies
    assert entry.of(HERE) == entry


def test_a_wrong_expression_for_cases_is_one_line(tmp_path: Path) -> None:
    """``case`` is a regular expression."""
    with pytest.raises(ConfigurationError, match=r"case: should be a regular expression: "):
        only(tmp_path, when={"case": "("})


def test_an_entry_about_a_module_that_was_left_out_is_not_stale(tmp_path: Path) -> None:
    """A run that collects no promise about estimators knows nothing of entries about them."""
    (file, *_), collection = sorted(CONFORMANCE.glob("test_*.py")), whole_collection()
    settings = Settings(CATALOGUE, CATALOGUE.modes, 1.0, checks_modes=False)
    entry = {**ENTRY, "tests": f"conformance/{file.name}::test_gone"}
    path = written(tmp_path, entry)
    rest = [item for item in collection if item.path != file]
    assert expect_known_deviations(items(*rest), settings, path) == []
    assert len(expect_known_deviations(items(*collection), settings, path)) == 1
