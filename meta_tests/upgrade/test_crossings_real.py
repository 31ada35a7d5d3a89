"""Tests that the cross-checks find the known failures between 2.22.5 and the installed MLflow."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from packaging.version import Version

from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.environments.releases import build_release
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.support.run_folder import DATABASE
from mlflow_conformance.upgrade.changes.classify import rule_for
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.rules.crossing import CROSSING_RULES
from mlflow_conformance.upgrade.crossings.carried_store import fill, sqlite_store, upgrade
from mlflow_conformance.upgrade.crossings.cross import cross
from mlflow_conformance.upgrade.crossings.load_models import Direction, load
from mlflow_conformance.upgrade.crossings.store_snapshot import snapshot
from mlflow_conformance.upgrade.crossings.store_upgrade import losses
from mlflow_conformance.upgrade.profile.differences import ABSENT, Difference
from mlflow_conformance.upgrade.profile.fact_texts import LOADS, OLD_MODEL
from mlflow_conformance.upgrade.runs.recorded_release import RecordedRelease
from mlflow_conformance.upgrade.runs.side_by_side import RecordingOptions, Side, recorded

pytestmark = pytest.mark.package_index

OLD = "2.22.5"
AUTOLOGGED = "autolog-array"
BY_HAND = {"infer-frame", "signature-array"}
MODES = {AUTOLOGGED, *BY_HAND}
SECONDS = 170.0
KNOWN_FROM = Version("3.14")
GRACE_SECONDS = 15.0


@dataclass(frozen=True)
class Crossed:
    """Both releases, with running launchers, and the differences between them."""

    old: RecordedRelease
    new: RecordedRelease
    found: tuple[Difference, ...]

    def modes(self, rule: str) -> set[str]:
        """Return the modes with a difference that the rule explains."""
        of_rule = (d for d in self.found if rule_for(d, RULES).id == rule)
        return {str(difference.mode) for difference in of_rule}


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crossed]:
    """Record some modes under both releases and run all cross-checks."""
    catalogue = read_catalogue(DEFAULT_CATALOGUE)
    some = tuple(mode for mode in catalogue.modes if mode.name in MODES)
    catalogue = replace(catalogue, modes=some)
    sides = [
        Side(OLD, build_release(OLD)),
        Side(str(installed("mlflow")), Path(sys.executable), note=", installed"),
    ]
    root = tmp_path_factory.mktemp("crossings")
    options = RecordingOptions(catalogue, root, SECONDS, parallel=1, report=lambda line: None)
    with recorded(sides, options) as both:
        old, new = both
        found = cross(old, new, parallel=2, timeout=SECONDS, report=lambda line: None)
        yield Crossed(old, new, found.differences)
    assert not processes_in([root])
    shutil.rmtree(root)


@pytest.fixture
def known() -> None:
    """Skip the test on releases older than ``KNOWN_FROM``."""
    if Version(str(installed("mlflow"))) < KNOWN_FROM:
        pytest.skip(f"known from MLflow {KNOWN_FROM} on")


def test_everything_found_is_a_crossings_rule(crossed: Crossed) -> None:
    """A rule about cross-checks explains each difference."""
    assert {rule_for(d, RULES).id for d in crossed.found} <= {rule.id for rule in CROSSING_RULES}


def test_old_models_work(crossed: Crossed) -> None:
    """Models of 2.22.5 are loaded, scored, served and read from the upgraded store."""
    assert crossed.old.models.keys() == MODES
    for rule in ("old-model-fails", "carried-model-fails", "store-lost", "client-behind-fails"):
        assert crossed.modes(rule) == set(), rule


@pytest.mark.usefixtures("known")
def test_only_autologged_models_have_a_way_back(crossed: Crossed) -> None:
    """2.22.5 cannot load models logged by hand, because they are stored with skops."""
    assert crossed.modes("no-way-back") == BY_HAND
    found = [d for d in crossed.found if rule_for(d, RULES).id == "no-way-back"]
    assert {d.path[-1] for d in found} == {LOADS}
    assert all("Unrecognized serialization format: skops" in d.after for d in found)


@pytest.mark.usefixtures("known")
def test_an_old_server_gets_no_models_of_new_clients(crossed: Crossed) -> None:
    """A server of 2.22.5 gets no models; a script with autologging still ends without an error."""
    assert crossed.modes("server-behind-fails") == MODES
    errors = {d.mode: d.after for d in crossed.found if "new client, old server" in d.path}
    assert errors[AUTOLOGGED].startswith("ended without an error, with 0 models on the server")
    assert all("logged-models failed with error code 404" in error for error in errors.values())


@pytest.mark.usefixtures("known")
def test_the_way_back_of_a_store_ends_without_a_word(crossed: Crossed) -> None:
    """The error of 2.22.5 on an upgraded store does not say that the database is too new."""
    (found,) = (d for d in crossed.found if d.path[0] == "store")
    assert rule_for(found, RULES).id == "store-too-new-unsaid"
    assert "Can't locate revision" in found.after


def test_a_model_that_is_broken_on_the_way_is_reported(crossed: Crossed, tmp_path: Path) -> None:
    """A model with a truncated estimator is reported; the other models are not."""
    broken = tmp_path / "model"
    shutil.copytree(crossed.old.models[AUTOLOGGED], broken)
    file = broken / "model.pkl"
    file.write_bytes(file.read_bytes()[:100])
    outcomes = tuple(
        replace(outcome, model_directory=str(broken)) if outcome.mode == AUTOLOGGED else outcome
        for outcome in crossed.old.outcomes
    )
    writer = replace(crossed.old, outcomes=outcomes)
    found = [d for f in load(Direction(OLD_MODEL, writer, crossed.new), 2) for d in f.differences()]
    assert [(d.mode, rule_for(d, RULES).id) for d in found] == [(AUTOLOGGED, "old-model-fails")]


def test_a_version_that_an_upgrade_loses_is_reported(crossed: Crossed) -> None:
    """A deleted model version is the only difference."""
    store = sqlite_store(crossed.old, crossed.new)
    fill(store)
    before = snapshot(store.database)
    upgraded = upgrade(store)
    assert losses(store, before, upgraded) == ()
    with closing(sqlite3.connect(store.folder / DATABASE)) as database, database:
        database.execute("DELETE FROM model_versions WHERE name = ? AND version = 2", (AUTOLOGGED,))
    (found,) = losses(store, before, upgraded)
    assert found.path == ("store", "carried over", f"version {AUTOLOGGED}/2")
    assert found.after is ABSENT
    assert rule_for(found, RULES).id == "store-lost"


def test_nothing_of_the_crossings_runs_on(crossed: Crossed) -> None:
    """All processes of the cross-checks have ended."""
    deadline = time.monotonic() + GRACE_SECONDS
    folders = [side.run.folder.crossings for side in (crossed.old, crossed.new)]
    while (left := processes_in(folders)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left


def processes_in(folders: Sequence[Path]) -> set[Path]:
    """Return the working directories, below the folders, of running processes."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            found.add(entry.readlink())
    return {place for place in found if any(place.is_relative_to(f) for f in folders)}
