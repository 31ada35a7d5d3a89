"""Tests that the shipped baselines are complete, comparable and show the known changes."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from meta_tests.exercise import WHOLE
from mlflow_conformance.catalogue.modes import GATE
from mlflow_conformance.environments.releases import TABLE
from mlflow_conformance.support import strict_yaml
from mlflow_conformance.support.gzip_text import read_text
from mlflow_conformance.support.strict_json import MAXIMUM_BYTES
from mlflow_conformance.upgrade.changes.classify import Change, changes
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.profile.baselines import baseline_file, find_baseline, shipped
from mlflow_conformance.upgrade.profile.differences import differences
from mlflow_conformance.upgrade.profile.profile import ESTIMATORS, read_profile, write_profile
from mlflow_conformance.upgrade.profile.recording import data_facts
from mlflow_conformance.upgrade.record_baselines import by_minor

FILES = [baseline_file(str(version)) for version in shipped()]
NEIGHBOURS = [(str(old), str(new)) for old, new in pairwise(shipped())]
# 3.18.0 requires a version of an MLflow package that was never published.
DOES_NOT_INSTALL = {"3.18"}
# The scikit-learn of MLflow 2.8.1 has fewer than later ones.
FEWEST_ESTIMATORS = 200
# Folders and hosts of the machine that recorded a file.
PRIVATE = re.compile(
    r"/home/|/root/|/tmp/|/work/|/Users/|https?://(?!mlflow\.org|sqlalche\.me|github\.com|www\.tensorflow\.org)[\w.-]+"
)


def found(old: str, new: str) -> tuple[Change, ...]:
    """Return the changes between two shipped baselines."""
    return changes(differences(find_baseline(old), find_baseline(new)), RULES)


def rules(old: str, new: str, level: str = "breaking") -> set[str]:
    """Return the ids of the rules of one level that explain a change."""
    return {change.rule.id for change in found(old, new) if change.rule.level == level}


def test_every_minor_release_has_a_baseline() -> None:
    """Each minor release since 2.8 that installs has one baseline."""
    minors = [".".join(group[0].split(".")[:2]) for group in by_minor(strict_yaml.load(TABLE))]
    there = [".".join(map(str, version.release[:2])) for version in shipped()]
    assert there == [minor for minor in minors if minor not in DOES_NOT_INSTALL]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_baseline_is_as_it_would_be_written(path: Path, tmp_path: Path) -> None:
    """A baseline is named after its release, and writing it again changes no character."""
    profile = read_profile(path)
    assert path == baseline_file(profile.mlflow)
    write_profile(profile.facts, tmp_path / path.name)
    assert read_text(tmp_path / path.name, MAXIMUM_BYTES) == read_text(path, MAXIMUM_BYTES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_baseline_tells_nothing_of_the_machine(path: Path) -> None:
    """A baseline contains no folder or host of the machine that recorded it."""
    assert not PRIVATE.findall(read_text(path, MAXIMUM_BYTES))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_baseline_can_be_compared_with_a_run(path: Path) -> None:
    """A baseline has today's data, every mode that applies to its release, and all estimators."""
    profile = read_profile(path)
    assert profile.facts["data"] == data_facts(WHOLE)
    assert set(profile.modes) == {
        mode.name
        for mode in WHOLE.modes
        if mode.is_default_at(GATE) and not mode.releases.problem(profile.mlflow)
    }
    assert len(profile.facts[ESTIMATORS]) >= FEWEST_ESTIMATORS


@pytest.mark.parametrize(("old", "new"), NEIGHBOURS)
def test_rules_know_all_that_changed_between_neighbours(old: str, new: str) -> None:
    """No change between two consecutive minor releases is unclassified."""
    unknown = [change.place for change in found(old, new) if change.rule.id == "unclassified"]
    assert unknown == []


def test_mlflow_3_moved_the_models_out_of_the_runs() -> None:
    """MLflow 3 moves models out of the runs, so paths and runs are lost."""
    assert {"model-moved", "path-lost", "run-lost"} <= rules("2.22", "3.1")


def test_a_release_in_between_that_changed_the_format_is_named() -> None:
    """Since 3.14, scikit-learn models that are logged by hand are stored with skops."""
    assert "serialization-changed" in rules("3.13", "3.14")
    assert "serialization-changed" not in rules("3.12", "3.13")


def test_estimators_that_can_no_longer_be_logged_are_named() -> None:
    """Since 3.14, the default format refuses forests, neighbours and others."""
    assert "estimator-not-logged" in rules("3.13", "3.14")
    assert "estimator-not-logged" not in rules("3.12", "3.13")


def test_a_server_that_does_not_start_is_named() -> None:
    """MLflow 2.22.5 with packages of its time cannot serve models; 3.1.4 can."""
    assert "serving-fails" in rules("2.19", "2.22")
    assert "serving-works-now" in rules("2.22", "3.1", "info")


def test_the_deprecated_name_of_a_parameter_is_a_warning() -> None:
    """MLflow 3 deprecates ``artifact_path`` in favour of ``name``."""
    assert "deprecation-raised" in rules("2.22", "3.1", "warning")
