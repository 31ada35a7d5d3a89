"""Which of the collected tests are expected to fail, and which entries match none of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from meta_tests.pytest_plugin.sample_entries import ENTRY, written
from meta_tests.pytest_plugin.sample_items import (
    CATALOGUE,
    MODE,
    PART,
    WHOLE,
    Item,
    items,
    whole_collection,
)
from mlflow_conformance.azure.records import TARGET as AZURE
from mlflow_conformance.pytest_plugin.parametrize import expect_known_deviations
from mlflow_conformance.runner.sqlite_folder import NAME as SQLITE
from mlflow_conformance.support.paths import CONFORMANCE
from mlflow_conformance.targets.target import Subject


def test_an_entry_about_a_workspace_is_not_stale_where_none_is_asked(tmp_path: Path) -> None:
    """Without ``-m azure``, an entry about a workspace is not stale."""
    path = written(tmp_path, {**ENTRY, "tests": "*-azure]", "when": {"target": AZURE}})
    assert expect_known_deviations(items(*whole_collection()), WHOLE, path) == []


def test_a_mode_s_own_requirements_are_looked_at(tmp_path: Path) -> None:
    """A test is expected to fail depending on the ``requirements`` of its mode."""
    inferred = replace(MODE, requirements="inferred")
    stated = replace(MODE, name="stated", requirements="stated")
    tests = [
        Item(f"conformance/test_x.py::test_y[{number}-sqlite]", CONFORMANCE, Subject(mode, SQLITE))
        for number, mode in enumerate((inferred, stated))
    ]
    entry = {**ENTRY, "when": {"requirements": "inferred"}}
    expect_known_deviations(items(*tests), WHOLE, written(tmp_path, entry))
    assert [len(test.expected) for test in tests] == [1, 0]


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
        "known.yaml: deviation 1: no test matches '*::test_gone'; remove or correct it"
    ]
    assert expect_known_deviations(items(*collection[: -len(CATALOGUE.modes)]), WHOLE, path) == []
    assert expect_known_deviations(items(*collection), PART, path) == []


def test_a_module_whose_promises_apply_to_no_mode_was_collected(tmp_path: Path) -> None:
    """Promises about several stores have no test in a run with one: it is a whole run, too."""
    path = written(tmp_path, {**ENTRY, "tests": "*::test_gone"})
    about_stores = CONFORMANCE / "test_stores.py"
    collection = [item for item in whole_collection() if item.path != about_stores]
    modules = {about_stores, *(item.path for item in collection)}
    assert expect_known_deviations(items(*collection), WHOLE, path) == []
    assert len(expect_known_deviations(items(*collection), WHOLE, path, modules)) == 1


def test_an_entry_about_promises_of_some_modes_is_not_stale(tmp_path: Path) -> None:
    """What needs a package index is checked for some modes only."""
    scoring = "conformance/test_azure_scoring.py"
    path = written(tmp_path, {**ENTRY, "tests": f"{scoring}::test_y[no-such-mode-*"})
    collection = whole_collection()
    assert len(expect_known_deviations(items(*collection), WHOLE, path)) == 1
    for item in collection:
        if item.nodeid.startswith(scoring):
            item.marks.append(pytest.mark.package_index)
    assert expect_known_deviations(items(*collection), WHOLE, path) == []
