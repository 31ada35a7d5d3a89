"""The plan: what each collected test needs, and how it reaches the controller."""

from __future__ import annotations

from pathlib import Path

import pytest

from meta_tests.pytest_plugin.sample_items import CATALOGUE, Item, items
from meta_tests.pytest_plugin.sample_plan import MISSING, PLANNED
from mlflow_conformance.pytest_plugin.plan import Plan, read_plan, write_plan
from mlflow_conformance.pytest_plugin.planning import plan
from mlflow_conformance.runner.sqlite_folder import NAME as SQLITE
from mlflow_conformance.support.paths import CONFORMANCE
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.targets.target import Subject


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
