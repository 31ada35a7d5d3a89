"""Known deviations: which tests they cover, and where they apply."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from meta_tests.pytest_plugin.sample_entries import ENTRY, only, written
from meta_tests.pytest_plugin.sample_items import CATALOGUE, MODE
from mlflow_conformance.azure.records import TARGET as AZURE
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.pytest_plugin.deviations_reader import read_known_deviations
from mlflow_conformance.pytest_plugin.known_deviations import Situation, unmatched
from mlflow_conformance.runner.sqlite_folder import NAME as SQLITE
from mlflow_conformance.support.paths import KNOWN_DEVIATIONS

HERE = Situation(SQLITE, MODE)


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
        ({"target": "local"}, True),
        ({"target": "file"}, False),
        ({"script": "train-model-autolog.py"}, True),
        ({"script": "more/forest.py"}, False),
        ({"target": SQLITE, "pandas": "<0.1"}, False),
    ],
    ids=str,
)
def test_a_condition_holds_where_all_of_it_does(
    when: dict[str, str], holds: bool, tmp_path: Path
) -> None:
    """An entry applies if all conditions on versions and target hold."""
    assert only(tmp_path, when=when).applies(HERE) is holds


def test_a_script_of_the_same_name_is_another_script(tmp_path: Path) -> None:
    """An entry about one of the suite's own scripts says nothing of a user's."""
    entry = only(tmp_path, when={"script": "more/forest.py"})
    assert entry.applies(Situation(SQLITE, CATALOGUE.mode("forest")))
    own = replace(CATALOGUE.mode("forest"), script=tmp_path / "more" / "forest.py")
    assert not entry.applies(Situation(SQLITE, own))


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


def test_an_entry_waits_for_the_mlflow_that_a_target_chooses(tmp_path: Path) -> None:
    """Where the version is not known yet, it is a condition that is decided later."""
    entry = only(tmp_path, when={"target": AZURE, "job_mlflow": ">=3", "python": ">=3"})
    situation = Situation(AZURE, MODE, {"job_mlflow": None})
    assert entry.applies(situation)
    later = entry.of(situation)
    assert set(later.known_later) == {"job_mlflow"}
    assert later.holds({"job_mlflow": "3.15.0"})
    assert later.holds({"job_mlflow": "3.18.0rc1"})
    assert not later.holds({"job_mlflow": "2.22.5"})
    assert not later.holds({"job_mlflow": None})
    known = Situation(AZURE, MODE, {"job_mlflow": "3.15.0"})
    assert entry.of(known) == entry


def test_an_entry_may_be_about_what_environments_are_rebuilt_from(tmp_path: Path) -> None:
    """A condition on ``rebuilt_from`` excludes environments with build tools."""
    alone = only(tmp_path, when={"rebuilt_from": "requirements"})
    assert alone.applies(HERE)
    assert not alone.applies(replace(HERE, rebuilt_from="python_env"))


def test_a_package_that_is_not_there_has_no_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A condition on a package that is not installed does not hold."""
    monkeypatch.setattr(
        "mlflow_conformance.pytest_plugin.known_deviations.installed", lambda name: None
    )
    assert not only(tmp_path, when={"starlette": ">=0"}).applies(HERE)


def test_a_pre_release_is_within_its_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release candidate satisfies a condition like any other version."""
    monkeypatch.setattr(
        "mlflow_conformance.pytest_plugin.known_deviations.installed", lambda name: "4.0.0rc1"
    )
    assert only(tmp_path, when={"mlflow": ">=3.14"}).applies(HERE)


def test_stale_entries_are_found(tmp_path: Path) -> None:
    """An entry that matches no test is stale; the others are not."""
    stale = {**ENTRY, "tests": "conformance/test_x.py::test_gone[*"}
    deviations = read_known_deviations(written(tmp_path, ENTRY, stale))
    ids = ["conformance/test_x.py::test_y[one-sqlite]"]
    assert [deviation.number for deviation in unmatched(deviations, ids)] == [2]
    assert unmatched(deviations, []) == deviations


OUTCOME = "conformance/test_outcome.py::test_mode_leaves_exactly_one_model"
ROUND_TRIP = "conformance/test_round_trip.py::test_python_function_predicts_as_the_estimator_did"


@pytest.mark.parametrize(
    ("test", "mode", "target", "job_mlflow", "number"),
    [
        (OUTCOME, "forest", SQLITE, None, 1),
        (OUTCOME, "forest", AZURE, "2.22.5", 0),
        (OUTCOME, "forest", AZURE, "3.15.0", 1),
        (ROUND_TRIP, "nullable", SQLITE, None, 1),
        (ROUND_TRIP, "nullable", AZURE, "2.22.5", 0),
        (OUTCOME, "set-signature", SQLITE, None, 0),
        (OUTCOME, "set-signature", AZURE, "2.22.5", 1),
        (OUTCOME, "set-signature", AZURE, "3.15.0", 1),
    ],
)
def test_a_shipped_entry_about_a_script_holds_only_where_it_is_true(
    test: str, mode: str, target: str, job_mlflow: str | None, number: int
) -> None:
    """What one script meets on this machine is not expected in a workspace, nor the reverse."""
    situation = Situation(target, CATALOGUE.mode(mode), {"job_mlflow": job_mlflow})
    about = [
        entry
        for entry in read_known_deviations(KNOWN_DEVIATIONS)
        if "script" in entry.of_mode
        and entry.is_about(situation)
        and entry.covers(f"{test}[{mode}-{target}]")
    ]
    assert len(about) == number
