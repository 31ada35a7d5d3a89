"""The changes of all releases, and who made them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from meta_tests.upgrade.atlas.sample_atlas import all_changes, all_steps
from meta_tests.upgrade.truth import neighbours
from mlflow_conformance.upgrade.atlas.changes_table import (
    ReleaseChange,
    Target,
    changes_of,
    recorded_releases,
)


def change_at(release: str, rule: str, place: str) -> ReleaseChange:
    """Return the only change of a rule at a place that a release made."""
    (found,) = (
        each
        for each in all_changes()
        if (each.release, each.change.rule.id, each.change.place) == (release, rule, place)
    )
    return found


def test_all_recorded_releases_are_there() -> None:
    """The releases are those of the comparisons of neighbours, and each but the first has some."""
    releases = recorded_releases()
    assert neighbours() == tuple(itertools.pairwise(releases))
    assert {each.release for each in all_changes()} == set(releases[1:])


def test_what_also_changes_with_the_same_packages_is_mlflows() -> None:
    """MLflow 3 stores models in another place, whatever is installed beside it."""
    moved = change_at("3.0.1", "model-moved", "model.location")
    assert moved.made_by == "MLflow"
    assert moved.packages == ()
    assert moved.root is not None
    assert moved.root.id == "logged-models"


@pytest.mark.parametrize(
    ("release", "versions"),
    [("2.22.5", ("1.6.1", "1.8.0")), ("3.7.0", ("1.7.2", "1.8.0"))],
)
def test_what_only_changes_with_its_days_packages_is_theirs(
    release: str, versions: tuple[str, str]
) -> None:
    """scikit-learn 1.8, not MLflow, took the parameter ``multi_class`` away."""
    lost = change_at(release, "param-lost", "run.params.multi_class")
    assert lost.made_by == "packages"
    assert lost.packages[0] == ("scikit-learn", *versions)
    assert "autolog-no-model" in lost.modes


def test_mlflow_brings_a_package_and_its_day_the_version() -> None:
    """MLflow 2.11 requires graphene; which one is installed depends on the day."""
    name = "environment.packages.graphene"
    changes = [c for c in all_changes() if (c.release, c.change.place) == ("2.11.4", name)]
    assert {each.made_by: each.change.after for each in changes} == {
        "MLflow": "3.4.3",
        "both": "3.3",
    }
    assert changes[1].packages == (("graphene", None, "3.3"),)


def test_what_the_same_packages_do_not_show_is_not_known() -> None:
    """Estimators are recorded with the packages of the day only; if these moved, any can be it."""
    name = ("estimator-not-logged", "estimators.AdaBoostClassifier")
    assert change_at("3.16.1", *name).made_by == "unknown"


def test_what_nothing_else_can_have_made_is_mlflows() -> None:
    """If no package moved that models or servers rest on, nothing is left but MLflow."""
    (step,) = (each for each in all_steps() if each.shared.new.mlflow == "3.16.1")
    alone = replace(step, of_their_day=replace(step.of_their_day, suspects=()))
    assert "unknown" in {each.made_by for each in changes_of(step)}
    assert "unknown" not in {each.made_by for each in changes_of(alone)}


@pytest.mark.parametrize(
    ("place", "target"),
    [
        ("model.location", "sqlite"),
        ("stores.scripts.nothing set, empty folder.", "default"),
        ("stores.scripts.file store set.", "file"),
        ("stores.databases.made by MLflow 2.", "sqlite"),
        ("probes.", ""),
        ("surface.", ""),
    ],
)
def test_a_change_has_the_target_that_was_logged_to(place: str, target: Target) -> None:
    """Modes log to SQLite; a script without a store to the default one; a probe is no logging."""
    found = {each.target for each in all_changes() if each.change.place.startswith(place)}
    assert found == {target}
