"""Tests that the shipped baselines are complete, comparable and show the known changes."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from meta_tests.exercise import WHOLE
from mlflow_conformance.catalogue.modes import GATE
from mlflow_conformance.environments.packages import MLFLOW_PACKAGES
from mlflow_conformance.environments.releases import TABLE
from mlflow_conformance.support import strict_yaml
from mlflow_conformance.support.gzip_text import read_text
from mlflow_conformance.support.paths import SHARED_BASELINES
from mlflow_conformance.support.strict_json import MAXIMUM_BYTES
from mlflow_conformance.upgrade.causes.pinned_environment import shared_packages
from mlflow_conformance.upgrade.changes.classify import Change, changes
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.profile.baselines import baseline_file, find_pair, shipped
from mlflow_conformance.upgrade.profile.differences import differences
from mlflow_conformance.upgrade.profile.profile import (
    ESTIMATORS,
    PROBES,
    STORES,
    read_profile,
    write_profile,
)
from mlflow_conformance.upgrade.profile.recording import data_facts
from mlflow_conformance.upgrade.record_baselines import by_minor

OF_THEIR_DAY = [baseline_file(str(version)) for version in shipped()]
SHARED = [baseline_file(str(version), SHARED_BASELINES) for version in shipped()]
FILES = [*OF_THEIR_DAY, *SHARED]
NEIGHBOURS = [(str(old), str(new)) for old, new in pairwise(shipped())]
# 3.18.0 requires a version of an MLflow package that was never published.
DOES_NOT_INSTALL = {"3.18"}
# The scikit-learn of MLflow 2.8.1 has fewer than later ones.
FEWEST_ESTIMATORS = 200
# Folders of the machine that recorded a file, and hosts.
FOLDERS = re.compile(r"/home/|/root/|/tmp/|/work/|/Users/")
HOSTS = re.compile(r"https?://(?:[\w.-]+:[^/@\s]+@)?([\w.-]+…?)")
# Hosts in messages of MLflow, also cut short, and those that probes invent.
KNOWN_HOSTS = {
    *("mlflow.org", "sqlalche.me", "github.com", "www.tensorflow.org", "www.sqlite.org"),
    *("legal.anaconda.com", "ml…", "github.co…"),
    *("dash.example", "example.com", "h", "host", "localhost", "evil.localhost", "127.0.0.1"),
    *("192.168.1.4", "user"),
}


def name_of(path: Path) -> str:
    """Return the id of a baseline in tests."""
    return f"{path.parent.name}-{path.name.removesuffix('.json.gz')}"


def found(old: str, new: str, *, of_their_day: bool = True) -> tuple[Change, ...]:
    """Return the changes between two shipped baselines."""
    both = find_pair(old, new, of_their_day=of_their_day)
    return changes(differences(*both), RULES)


def rules(old: str, new: str, level: str = "breaking") -> set[str]:
    """Return the ids of the rules of one level that explain a change."""
    return {change.rule.id for change in found(old, new) if change.rule.level == level}


def test_every_minor_release_has_a_baseline() -> None:
    """Each minor release since 2.8 that installs has one baseline."""
    minors = [".".join(group[0].split(".")[:2]) for group in by_minor(strict_yaml.load(TABLE))]
    there = [".".join(map(str, version.release[:2])) for version in shipped()]
    assert there == [minor for minor in minors if minor not in DOES_NOT_INSTALL]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_baseline_is_as_it_would_be_written(path: Path, tmp_path: Path) -> None:
    """A baseline is named after its release, and writing it again changes no character."""
    profile = read_profile(path)
    assert path == baseline_file(profile.mlflow, path.parent)
    write_profile(profile.facts, tmp_path / path.name)
    assert read_text(tmp_path / path.name, MAXIMUM_BYTES) == read_text(path, MAXIMUM_BYTES)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_baseline_tells_nothing_of_the_machine(path: Path) -> None:
    """A baseline contains no folder or host of the machine that recorded it."""
    text = read_text(path, MAXIMUM_BYTES)
    assert not FOLDERS.findall(text)
    assert set(HOSTS.findall(text)) - KNOWN_HOSTS == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_baseline_can_be_compared_with_a_run(path: Path) -> None:
    """A baseline has today's data, every mode that applies to its release, and its sections."""
    profile = read_profile(path)
    assert profile.facts["data"] == data_facts(WHOLE)
    assert set(profile.modes) == {
        mode.name
        for mode in WHOLE.modes
        if mode.is_default_at(GATE) and not mode.releases.problem(profile.mlflow)
    }
    if path in SHARED:
        assert profile.facts.keys() >= {STORES, PROBES}
    else:
        assert len(profile.facts[ESTIMATORS]) >= FEWEST_ESTIMATORS


@pytest.mark.parametrize("path", SHARED, ids=name_of)
def test_baselines_of_the_second_set_differ_in_mlflow_alone(path: Path) -> None:
    """Beside MLflow they have only packages that all releases allow, in these versions."""
    shared, there = shared_packages(), read_profile(path).packages
    assert {n: v for n, v in there.items() if n not in MLFLOW_PACKAGES and shared.get(n) != v} == {}
    assert {"pip", "setuptools"} <= there.keys()


@pytest.mark.parametrize("of_their_day", [True, False])
@pytest.mark.parametrize(("old", "new"), NEIGHBOURS)
def test_rules_know_all_that_changed_between_neighbours(
    old: str, new: str, *, of_their_day: bool
) -> None:
    """No change between two consecutive minor releases is unclassified."""
    all_changes = found(old, new, of_their_day=of_their_day)
    assert [change.place for change in all_changes if change.rule.id == "unclassified"] == []


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
    """MLflow 2.22.5 with packages of its time cannot serve models, so nothing is compared then."""
    assert "server-ends" in rules("2.19", "2.22")
    assert not [rule for rule in rules("2.22", "3.1", "info") if "serv" in rule]


def test_the_deprecated_name_of_a_parameter_is_a_warning() -> None:
    """MLflow 3 deprecates ``artifact_path`` in favour of ``name``."""
    assert "deprecation-raised" in rules("2.22", "3.1", "warning")
