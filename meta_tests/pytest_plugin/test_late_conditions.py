"""Conditions that are known only after training, and modes that are known to leave no model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from meta_tests.pytest_plugin.sample_entries import ENTRY, written
from meta_tests.pytest_plugin.sample_items import CATALOGUE, MODE, WHOLE, Item, items
from mlflow_conformance.azure.jobs.target import AzureTarget
from mlflow_conformance.azure.records import TARGET as AZURE
from mlflow_conformance.pytest_plugin.fixtures_model import output_of
from mlflow_conformance.pytest_plugin.grounds import MODEL
from mlflow_conformance.pytest_plugin.parametrize import expect_known_deviations
from mlflow_conformance.pytest_plugin.xfail import (
    apply_late_conditions,
    deviation_of_owner,
    has_condition,
)
from mlflow_conformance.runner.outcome import NO_MODEL, Outcome, write_outcome
from mlflow_conformance.runner.sqlite_folder import NAME as SQLITE
from mlflow_conformance.support.paths import CONFORMANCE
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.targets.sqlite import SqliteTarget
from mlflow_conformance.targets.target import Subject


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


def test_what_a_model_requires_decides_later(tmp_path: Path) -> None:
    """A condition on ``lacks`` holds if the model's requirements do not name the distribution."""
    test = Item("conformance/test_x.py::test_y[a-sqlite]", CONFORMANCE, Subject(MODE, SQLITE))
    path = written(tmp_path, {**ENTRY, "when": {"lacks": "azureml-ai-monitoring"}})
    expect_known_deviations(items(test), WHOLE, path)
    (item,) = items(test)
    assert has_condition(item, "lacks")
    apply_late_conditions(item, {"lacks": frozenset({"mlflow", "azureml-ai-monitoring"})})
    assert not test.expected
    apply_late_conditions(item, {"lacks": frozenset({"mlflow"})})
    assert test.expected == [1]


def test_a_mode_that_is_known_to_leave_no_model_is_known_to_all_its_promises(
    tmp_path: Path,
) -> None:
    """A known deviation of a mode's outcome applies to all promises of this mode, and no other."""
    when = {"target": AZURE, "logged_models": "missing", "autologs": True}
    path = written(tmp_path, {**ENTRY, "tests": f"{MODEL.owner}[*-azure]", "when": when})
    tests = [
        Item(f"conformance/test_x.py::test_y[{mode.name}-{at}]", CONFORMANCE, Subject(mode, at))
        for mode, at in ((MODE, AZURE), (MODE, SQLITE), (CATALOGUE.mode("save-log"), AZURE))
    ]
    expect_known_deviations(
        items(*tests), replace(WHOLE, targets=(SqliteTarget(), AzureTarget())), path
    )
    missing, there = {"logged_models": "missing"}, {"logged_models": "supported"}
    said = "cannot convert NA to integer"
    found = [deviation_of_owner(item, MODEL, missing, said) for item in items(*tests)]
    assert [failure is not None for failure in found] == [True, False, False]
    first = items(*tests)[0]
    assert deviation_of_owner(first, MODEL, there, said) is None
    assert deviation_of_owner(first, MODEL, missing, "was killed by signal 9") is None
    tests[0].config.option.runxfail = True
    assert deviation_of_owner(first, MODEL, missing, said) is None
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
    path = written(tmp_path, {**ENTRY, "tests": f"{MODEL.owner}[*-azure]", "when": when})
    of_mode = Item(f"{MODEL.owner}[{MODE.name}-azure]", CONFORMANCE, Subject(MODE, AZURE))
    other = Item("conformance/test_x.py::test_y[a-azure]", CONFORMANCE, Subject(MODE, AZURE))
    both = replace(WHOLE, targets=(SqliteTarget(), AzureTarget()))
    expect_known_deviations(items(of_mode, other), both, path)
    facts = {"logged_models": "missing", "says": said}
    for item in items(of_mode, other):
        assert has_condition(item, "says")
        assert not has_condition(item, "serialization_format")
        apply_late_conditions(item, facts)
        known = deviation_of_owner(item, MODEL, facts, str(ENTRY["message"]))
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
