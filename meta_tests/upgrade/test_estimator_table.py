"""The table of estimators in profiles: what it says, and profiles without it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.upgrade.sample_profiles import profile, sample_facts, without
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.sweep.results import (
    DONE,
    FIT,
    LOG,
    NATIVE,
    EstimatorResult,
    write_result,
)
from mlflow_conformance.upgrade.profile.coverage import unseen
from mlflow_conformance.upgrade.profile.differences import differences
from mlflow_conformance.upgrade.profile.estimators import (
    BOTH_WAYS,
    FAULTY,
    NATIVELY,
    NOT_LOGGED,
    estimator_facts,
    grade,
)
from mlflow_conformance.upgrade.profile.profile import ESTIMATORS, read_profile, write_profile
from mlflow_conformance.upgrade.runs import optional_sections
from mlflow_conformance.upgrade.runs.release_run import ReleaseRun

WITH_TABLE = sample_facts()
WITHOUT = without(WITH_TABLE, (ESTIMATORS,))
BOTH_FLAVORS = ("python_function", "sklearn")


@pytest.mark.parametrize(
    ("result", "fact"),
    [
        (EstimatorResult("A", flavors=BOTH_FLAVORS), BOTH_WAYS),
        (EstimatorResult("A", flavors=("sklearn",)), NATIVELY),
        (EstimatorResult("A", problems={LOG: "no /tmp/x/y"}), f"{NOT_LOGGED}: no <folder>/y"),
        (
            EstimatorResult("A", problems={NATIVE: "no"}, unnamed=("scipy",)),
            f"{FAULTY}: load natively: no; no requirement names scipy",
        ),
    ],
    ids=["both", "natively", "refused", "faulty"],
)
def test_a_fact_says_what_became_of_an_estimator(result: EstimatorResult, fact: str) -> None:
    """A fact begins with the grade, and has the error without folders."""
    assert estimator_facts([result]) == {"A": fact}
    assert grade(fact) >= 0


def test_an_estimator_that_is_not_fitted_is_no_fact() -> None:
    """Nothing is known of it."""
    assert estimator_facts([EstimatorResult("A", problems={FIT: "no"})]) == {}


def test_the_table_is_kept_in_the_file(tmp_path: Path) -> None:
    """A profile is read as it was written, with the table or without it."""
    for facts in (WITH_TABLE, WITHOUT):
        write_profile(facts, tmp_path / "profile.json")
        assert read_profile(tmp_path / "profile.json").facts == facts


@pytest.mark.parametrize(
    ("old", "new", "notes"),
    [
        (WITHOUT, WITH_TABLE, ("estimators are not compared: not recorded on the old side",)),
        (WITH_TABLE, WITHOUT, ("estimators are not compared: not recorded on the new side",)),
        (WITHOUT, WITHOUT, ()),
        (WITH_TABLE, WITH_TABLE, ()),
    ],
    ids=["old", "new", "neither", "both"],
)
def test_a_table_that_was_not_recorded_is_no_change(
    old: dict[str, object], new: dict[str, object], notes: tuple[str, ...]
) -> None:
    """A note says which side did not record it; nothing counts as a change."""
    before, after = profile(old), profile(new, "new")
    assert differences(before, after) == ()
    assert unseen(before, after) == notes


def test_a_release_gets_its_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The results of the release's sweep are added to its profile."""
    started: Any = SimpleNamespace(launcher=None)
    run = ReleaseRun("3.0.0", RunFolder(tmp_path), {}, started)

    def sweep(sweeping: Any, launcher: Any, parallel: int, report: Any) -> None:
        sweeping.folder.estimator_results.mkdir(parents=True)
        sweeping.folder.estimator_names.write_text('["A"]')
        result = EstimatorResult("A", DONE, flavors=("sklearn",))
        write_result(result, sweeping.folder.estimator_results)

    monkeypatch.setattr(optional_sections, "created_store", lambda session: b"")
    monkeypatch.setattr(optional_sections, "sweep", sweep)
    found = optional_sections.with_sections(
        profile(WITHOUT), run, (ESTIMATORS,), 1, lambda line: None
    )
    assert found.facts == {**WITHOUT, ESTIMATORS: {"A": NATIVELY}}
