"""Known deviations: how they are read, when they apply, and when they are stale."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from fixtures.azure.jobs.target import AzureTarget
from fixtures.azure.records import TARGET as AZURE
from fixtures.catalogue.reader import read_catalogue
from fixtures.environments.packages import installed
from fixtures.pytest_plugin.fixtures_model import output_of
from fixtures.pytest_plugin.known_deviations import (
    KnownDeviation,
    Situation,
    read_known_deviations,
    unmatched,
)
from fixtures.pytest_plugin.options import Settings
from fixtures.pytest_plugin.parametrize import expect_known_deviations
from fixtures.pytest_plugin.planning import plan
from fixtures.pytest_plugin.xfail import (
    EXPECTED,
    OUTCOME_TEST,
    apply_late_conditions,
    deviation_of_outcome,
    has_condition,
)
from fixtures.runner.outcome import NO_MODEL, Outcome, write_outcome
from fixtures.runner.sqlite_folder import NAME as SQLITE
from fixtures.support.paths import CONFORMANCE, DEFAULT_CATALOGUE, KNOWN_DEVIATIONS
from fixtures.support.run_folder import RunFolder
from fixtures.support.yaml_entry import ConfigurationError
from fixtures.targets.sqlite import SqliteTarget
from fixtures.targets.target import Subject

DISCUSSED = (
    *("https://github.com/mlflow/mlflow/", "https://mlflow.org/"),
    "https://github.com/Azure/azure-sdk-for-python/issues/",
)
ENTRY: dict[str, Any] = {
    "tests": "conformance/test_x.py::test_y[*-sqlite]",
    "message": "cannot convert NA to integer",
    "reason": "because",
    "link": "https://example.org/1",
}
CATALOGUE = read_catalogue(DEFAULT_CATALOGUE)
MODE = CATALOGUE.modes[0]
HERE = Situation(SQLITE, MODE)
WHOLE = Settings(CATALOGUE, CATALOGUE.modes, 1.0)
PART = Settings(CATALOGUE, CATALOGUE.modes[:1], 1.0)


class Item:
    """The parts of a collected test that the selection reads."""

    def __init__(self, nodeid: str, path: Path, subject: Subject | None = None) -> None:
        """Create a test with an id and a subject."""
        self.nodeid = nodeid
        self.path = path
        self.callspec = SimpleNamespace(params={} if subject is None else {"subject": subject})
        self.fixturenames: tuple[str, ...] = ("model",)
        self.marks: list[pytest.MarkDecorator] = []
        self.stash = pytest.Stash()
        self.config = SimpleNamespace(option=SimpleNamespace(runxfail=False))

    @property
    def expected(self) -> list[int]:
        """Return the numbers of the deviations that are expected of the test."""
        return [deviation.number for deviation in self.stash.get(EXPECTED, [])]

    def add_marker(self, mark: pytest.MarkDecorator) -> None:
        """Add a marker."""
        self.marks.append(mark)

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        """Return the markers of that name."""
        return [mark.mark for mark in self.marks if mark.name == name]


def items(*tests: Item) -> list[pytest.Item]:
    """Return the tests, typed as pytest's items."""
    return [cast(pytest.Item, test) for test in tests]


def whole_collection() -> list[Item]:
    """Return one test of every module of ``conformance`` for every mode."""
    return [
        Item(f"conformance/{path.name}::test_y[{mode.name}-sqlite]", path, Subject(mode, SQLITE))
        for path in sorted(CONFORMANCE.glob("test_*.py"))
        for mode in CATALOGUE.modes
    ]


def written(folder: Path, *entries: Any) -> Path:
    """Write a file of known deviations and return its path."""
    path = folder / "known.yaml"
    path.write_text(yaml.safe_dump({"deviations": list(entries)}))
    return path


def only(folder: Path, **changes: Any) -> KnownDeviation:
    """Return the deviation that is read from one entry with changes."""
    (deviation,) = read_known_deviations(written(folder, {**ENTRY, **changes}))
    return deviation


@pytest.mark.parametrize(
    ("entry", "error_message"),
    [
        ("test_y", "deviation 2: should be a mapping"),
        ({k: v for k, v in ENTRY.items() if k != "tests"}, "deviation 2: tests: is missing"),
        ({k: v for k, v in ENTRY.items() if k != "reason"}, "deviation 2: reason: is missing"),
        ({k: v for k, v in ENTRY.items() if k != "link"}, "deviation 2: link: is missing"),
        ({k: v for k, v in ENTRY.items() if k != "message"}, "deviation 2: message: is missing"),
        ({**ENTRY, "message": ""}, "deviation 2: message: should be text, is ''"),
        ({**ENTRY, "message": None}, "deviation 2: message: should be text, is None"),
        ({**ENTRY, "message": "("}, "message: should be a regular expression: missing )"),
        ({**ENTRY, "message": "a{99999999999}"}, "message: should be a regular expression: the"),
        ({**ENTRY, "message": 9999 * "(?:" + 9999 * ")"}, "message: should be a regular expres"),
        ({**ENTRY, "reason": ""}, "deviation 2: reason: should be text, is ''"),
        ({**ENTRY, "link": "http://x"}, "deviation 2: link: should be an https address"),
        ({**ENTRY, "skip": True}, "deviation 2: skip: unknown key; known are tests, when"),
        ({**ENTRY, "when": ">=3"}, "deviation 2: when: should be a mapping"),
        ({**ENTRY, "when": {"tensorflow": ">=3"}}, "when: tensorflow: unknown key; known are mlf"),
        ({**ENTRY, "when": {"mlflow": 3}}, "deviation 2: when: mlflow: should be text, is 3"),
        ({**ENTRY, "when": {"mlflow": "3.14"}}, "when: mlflow: should be versions as in"),
        ({**ENTRY, "when": {"requirements": "told"}}, "'told' is none of inferred, stated"),
        ({**ENTRY, "when": {"target": 1}}, "deviation 2: when: target: should be text, is 1"),
        ({**ENTRY, "when": {"target": "cloud"}}, "'cloud' is none of sqlite, azure"),
        ({**ENTRY, "when": {"autologs": "yes"}}, "autologs: should be true or false, is 'yes'"),
        ({**ENTRY, "when": {"logged_with": "autolog"}}, "is none of log_model, save_model"),
        ({**ENTRY, "when": {"job_mlflow": ">=3"}}, "job_mlflow: applies to one target only; add"),
        (
            {**ENTRY, "when": {"logged_models": "missing"}},
            "logged_models: applies to one target",
        ),
        (
            {**ENTRY, "when": {"target": "azure", "logged_models": "no"}},
            "'no' is none of supported, missing",
        ),
        ({**ENTRY, "when": {"says": "("}}, "says: should be a regular expression: missing )"),
        (
            {**ENTRY, "when": {"rebuilt_from": "conda"}},
            "'conda' is none of requirements, python_env",
        ),
        ({**ENTRY, "checked_with": "x"}, "deviation 2: checked_with: should be a mapping"),
        ({**ENTRY, "checked_with": {}}, "checked_with: should have packages, options, or both"),
        ({**ENTRY, "checked_with": {"options": []}}, "should have packages, options, or both"),
        ({**ENTRY, "checked_with": {"pip": []}}, "checked_with: pip: unknown key; known are pack"),
        ({**ENTRY, "checked_with": {"options": "-x"}}, "checked_with: options: should be a list"),
        ({**ENTRY, "checked_with": {"packages": ["<1"]}}, "packages: '<1' is not a requirement"),
    ],
)
def test_a_mistake_is_told_by_file_entry_and_key(
    entry: Any, error_message: str, tmp_path: Path
) -> None:
    """A wrong entry is refused in one line with file, entry and key."""
    path = written(tmp_path, ENTRY, entry)
    with pytest.raises(ConfigurationError) as caught:
        read_known_deviations(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert error_message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "pattern",
    [
        *(".*", ".+", ".", "x*", "(?s:.*)", "^", "$", r"\A", r"\Z", r"\b", "|", "pytest|", "()"),
        *(r"[\s\S]", r"\S", r"\w+", r"\W", r"[a-z]", r"\d", "(?!pytest)", "e", "(?i)ERROR"),
        *("assert", "Assertion", "found: ", r"should be: .+\n", "where: /", "that is", "should"),
    ],
)
def test_a_message_that_any_failure_has_is_refused(pattern: str, tmp_path: Path) -> None:
    """A message that is found in failures of every kind is refused."""
    path = written(tmp_path, {**ENTRY, "message": pattern})
    with pytest.raises(ConfigurationError) as caught:
        read_known_deviations(path)
    assert f"{path}: deviation 1: message: " in str(caught.value)
    assert "is found in any failure; quote text that only this one contains" in str(caught.value)


def test_brackets_in_a_pattern_are_brackets(tmp_path: Path) -> None:
    """In a pattern only ``*`` is special; brackets and dots are literal."""
    deviation = only(tmp_path)
    assert deviation.covers("conformance/test_x.py::test_y[one-sqlite]")
    assert deviation.covers("conformance/test_x.py::test_y[a\nb-sqlite]")
    for other in ("test_y[one-sqlite]-x", "test_yo", "test_yone-sqlite", "test_y[one-azure]"):
        assert not deviation.covers(f"conformance/test_x.py::{other}")
    assert not deviation.covers("conformance/test_x_py::test_y[one-sqlite]")


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({}, True),
        ({"mlflow": ">=2"}, True),
        ({"mlflow": "<2"}, False),
        ({"mlflow": f"=={installed('mlflow')}"}, True),
        ({"mlflow": ">=2", "python": "<3"}, False),
        ({"mlflow": ">=2", "python": ">=3.10"}, True),
        ({"target": SQLITE}, True),
        ({"target": AZURE}, False),
        ({"target": SQLITE, "pandas": "<0.1"}, False),
    ],
    ids=str,
)
def test_a_condition_holds_where_all_of_it_does(
    when: dict[str, str], holds: bool, tmp_path: Path
) -> None:
    """An entry applies if all conditions on versions and target hold."""
    assert only(tmp_path, when=when).applies(HERE) is holds


def test_an_entry_may_be_about_inferred_requirements_alone(tmp_path: Path) -> None:
    """A condition on ``requirements`` can exclude scripts that state them."""
    inferred = only(tmp_path, when={"requirements": "inferred"})
    stated = Situation(SQLITE, replace(MODE, requirements="stated"))
    assert inferred.applies(HERE)
    assert not inferred.applies(stated)
    assert only(tmp_path).applies(stated)


def test_an_entry_may_be_about_scripts_that_log_in_one_way(tmp_path: Path) -> None:
    """Conditions on ``autologs`` and ``logged_with`` select scripts by how they log."""
    entry = only(tmp_path, when={"autologs": False, "logged_with": "log_model"})
    by_hand, saved = CATALOGUE.mode("infer-array"), CATALOGUE.mode("save-log")
    assert [entry.applies(Situation(SQLITE, m)) for m in (MODE, by_hand, saved)] == [0, 1, 0]


def test_an_entry_may_be_about_the_mlflow_of_jobs(tmp_path: Path) -> None:
    """``job_mlflow`` is the version that a job installs, not the one installed here."""
    entry = only(tmp_path, when={"target": AZURE, "job_mlflow": ">=3"})
    assert entry.applies(Situation(AZURE, MODE, {"job_mlflow": "3.15.0"}))
    assert not entry.applies(Situation(AZURE, MODE, {"job_mlflow": "2.22.5"}))
    assert not entry.applies(HERE)


def test_an_entry_may_be_about_what_environments_are_rebuilt_from(tmp_path: Path) -> None:
    """A condition on ``rebuilt_from`` excludes environments with build tools."""
    alone = only(tmp_path, when={"rebuilt_from": "requirements"})
    assert alone.applies(HERE)
    assert not alone.applies(replace(HERE, rebuilt_from="python_env"))


def test_what_is_known_later_decides_later(tmp_path: Path) -> None:
    """A condition on ``logged_models`` is decided when the workspace has answered."""
    test_id = "conformance/test_x.py::test_y[a-azure]"
    test = Item(test_id, CONFORMANCE, Subject(MODE, AZURE))
    when = {"target": AZURE, "logged_models": "missing"}
    path = written(tmp_path, {**ENTRY, "tests": "*::test_y[*", "when": when})
    both = replace(WHOLE, targets=(SqliteTarget(), AzureTarget()))
    expect_known_deviations(items(test), both, path)
    (item,) = items(test)
    assert not test.expected
    apply_late_conditions(item, {})
    apply_late_conditions(item, {"logged_models": "supported"})
    assert not test.expected
    apply_late_conditions(item, {"logged_models": "missing"})
    apply_late_conditions(item, {"logged_models": "missing"})
    assert test.expected == [1]


def test_a_mode_that_is_known_to_leave_no_model_is_known_to_all_its_promises(
    tmp_path: Path,
) -> None:
    """A known deviation of a mode's outcome applies to all promises of this mode, and no other."""
    when = {"target": AZURE, "logged_models": "missing", "autologs": True}
    path = written(tmp_path, {**ENTRY, "tests": f"{OUTCOME_TEST}[*-azure]", "when": when})
    tests = [
        Item(f"conformance/test_x.py::test_y[{mode.name}-{at}]", CONFORMANCE, Subject(mode, at))
        for mode, at in ((MODE, AZURE), (MODE, SQLITE), (CATALOGUE.mode("save-log"), AZURE))
    ]
    expect_known_deviations(
        items(*tests), replace(WHOLE, targets=(SqliteTarget(), AzureTarget())), path
    )
    missing, there = {"logged_models": "missing"}, {"logged_models": "supported"}
    said = "cannot convert NA to integer"
    found = [deviation_of_outcome(item, missing, said) for item in items(*tests)]
    assert [failure is not None for failure in found] == [True, False, False]
    first = items(*tests)[0]
    assert deviation_of_outcome(first, there, said) is None
    assert deviation_of_outcome(first, missing, "was killed by signal 9") is None
    tests[0].config.option.runxfail = True
    assert deviation_of_outcome(first, missing, said) is None
    assert not any(test.expected for test in tests)


MISSING = "API request to endpoint /api/2.0/mlflow/logged-models failed with error code 404"


@pytest.mark.parametrize(
    ("said", "is_known"),
    [(MISSING, True), ("ImportError: no module named lab", False), (None, False)],
)
def test_a_mode_that_fails_for_another_reason_is_not_known_to_fail(
    tmp_path: Path, said: str | None, is_known: bool
) -> None:
    """A condition on ``says`` does not hold for a crash with another message."""
    when = {"target": AZURE, "logged_models": "missing", "says": "logged-models failed .* 404"}
    path = written(tmp_path, {**ENTRY, "tests": f"{OUTCOME_TEST}[*-azure]", "when": when})
    of_mode = Item(f"{OUTCOME_TEST}[{MODE.name}-azure]", CONFORMANCE, Subject(MODE, AZURE))
    other = Item("conformance/test_x.py::test_y[a-azure]", CONFORMANCE, Subject(MODE, AZURE))
    both = replace(WHOLE, targets=(SqliteTarget(), AzureTarget()))
    expect_known_deviations(items(of_mode, other), both, path)
    facts = {"logged_models": "missing", "says": said}
    for item in items(of_mode, other):
        assert has_condition(item, "says")
        assert not has_condition(item, "serialization_format")
        apply_late_conditions(item, facts)
        known = deviation_of_outcome(item, facts, str(ENTRY["message"]))
        assert (known is not None) == is_known
    assert [len(of_mode.expected), len(other.expected)] == [is_known, 0]


def test_what_a_mode_says_is_its_word_and_all_that_it_printed(tmp_path: Path) -> None:
    """``says`` is searched for in the outcome's message and in the whole log."""
    folder = RunFolder(tmp_path)
    folder.outcomes.mkdir()
    log = tmp_path / "std_log.txt"
    log.write_text("the warning\n" + 1000 * "line\n", encoding="utf-8")
    ended = Outcome(
        mode=MODE.name,
        target=AZURE,
        verdict=NO_MODEL,
        message="logged no model",
        output=str(log),
        started=0.0,
        ended=1.0,
        seconds=1.0,
        peak_kib=0,
        model_directory=None,
        database="",
        elsewhere=None,
    )
    write_outcome(ended, folder)
    said = output_of(Subject(MODE, AZURE), folder)
    assert said.startswith("logged no model\nthe warning\nline\n")
    log.unlink()
    assert output_of(Subject(MODE, AZURE), folder) == "logged no model"


def test_an_entry_about_a_workspace_is_not_stale_where_none_is_asked(tmp_path: Path) -> None:
    """Without ``-m azure``, an entry about a workspace is not stale."""
    path = written(tmp_path, {**ENTRY, "tests": "*-azure]", "when": {"target": AZURE}})
    assert expect_known_deviations(items(*whole_collection()), WHOLE, path) == []


def test_a_mode_s_own_requirements_are_looked_at(tmp_path: Path) -> None:
    """A test is expected to fail depending on the ``requirements`` of its mode."""
    stated = replace(MODE, name="stated", requirements="stated")
    tests = [
        Item(f"conformance/test_x.py::test_y[{number}-sqlite]", CONFORMANCE, Subject(mode, SQLITE))
        for number, mode in enumerate((MODE, stated))
    ]
    entry = {**ENTRY, "when": {"requirements": "inferred"}}
    expect_known_deviations(items(*tests), WHOLE, written(tmp_path, entry))
    assert [len(test.expected) for test in tests] == [1, 0]


def test_a_package_that_is_not_there_has_no_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A condition on a package that is not installed does not hold."""
    monkeypatch.setattr("fixtures.pytest_plugin.known_deviations.installed", lambda name: None)
    assert not only(tmp_path, when={"starlette": ">=0"}).applies(HERE)


def test_a_pre_release_is_within_its_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release candidate satisfies a condition like any other version."""
    monkeypatch.setattr(
        "fixtures.pytest_plugin.known_deviations.installed", lambda name: "4.0.0rc1"
    )
    assert only(tmp_path, when={"mlflow": ">=3.14"}).applies(HERE)


def test_stale_entries_are_found(tmp_path: Path) -> None:
    """An entry that matches no test is stale; the others are not."""
    stale = {**ENTRY, "tests": "conformance/test_x.py::test_gone[*"}
    deviations = read_known_deviations(written(tmp_path, ENTRY, stale))
    ids = ["conformance/test_x.py::test_y[one-sqlite]"]
    assert [deviation.number for deviation in unmatched(deviations, ids)] == [2]
    assert unmatched(deviations, []) == deviations


def test_only_a_promise_that_is_covered_is_expected_to_fail(tmp_path: Path) -> None:
    """Only tests in ``conformance`` that match the pattern are expected to fail."""
    covered = Item("conformance/test_x.py::test_y[a-sqlite]", CONFORMANCE, Subject(MODE, SQLITE))
    other = Item("conformance/test_x.py::test_z[a-sqlite]", CONFORMANCE, Subject(MODE, SQLITE))
    own = Item("conformance/test_x.py::test_y[b-sqlite]", CONFORMANCE)
    assert (
        expect_known_deviations(items(covered, other, own), WHOLE, written(tmp_path, ENTRY)) == []
    )
    assert [test.expected for test in (covered, other, own)] == [[1], [], []]


def test_an_entry_that_does_not_apply_expects_nothing(tmp_path: Path) -> None:
    """An entry whose condition does not hold is ignored, and is not stale."""
    collection = whole_collection()
    entry = {**ENTRY, "tests": "*::test_y[*", "when": {"mlflow": "<1"}}
    assert expect_known_deviations(items(*collection), WHOLE, written(tmp_path, entry)) == []
    assert not any(item.expected for item in collection)


def test_a_stale_entry_is_told_when_everything_was_collected(tmp_path: Path) -> None:
    """A stale entry is only reported if everything was collected."""
    path = written(tmp_path, {**ENTRY, "tests": "*::test_gone"})
    collection = whole_collection()
    assert expect_known_deviations(items(*collection), WHOLE, path) == [
        "known.yaml: deviation 1: no test matches '*::test_gone'; remove it"
    ]
    assert expect_known_deviations(items(*collection[: -len(CATALOGUE.modes)]), WHOLE, path) == []
    assert expect_known_deviations(items(*collection), PART, path) == []


def test_a_plan_names_every_mode_that_a_test_needs() -> None:
    """The plan lists the mode and the twin of a promise, and the marked modes of other tests."""
    twin = CATALOGUE.mode("sklearn-array")
    promise = Item("a", CONFORMANCE, Subject(twin, SQLITE))
    promise.fixturenames = ("server",)
    own = Item("b", CONFORMANCE)
    own.add_marker(pytest.mark.needs_modes("infer-array", "infer-frame"))
    first, second = plan(items(promise, own))
    assert (first.subject, first.modes, first.serves) == (
        "sklearn-array-sqlite",
        ("sklearn-array", "autolog-array"),
        True,
    )
    assert (second.subject, second.modes, second.serves) == (
        None,
        ("infer-array", "infer-frame"),
        False,
    )


def test_the_suite_s_own_deviations_are_readable() -> None:
    """The committed file is readable, and every entry has a reason and a link."""
    for deviation in read_known_deviations(KNOWN_DEVIATIONS):
        assert deviation.tests.startswith("conformance/test_")
        assert deviation.reason
        assert deviation.link.startswith(DISCUSSED)
