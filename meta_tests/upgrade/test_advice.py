"""Tests that the advice of a rule depends on the values and on the direction."""

from __future__ import annotations

import re
from typing import Any

import pytest

from meta_tests.upgrade.sample_upgrades import MLFLOW, MODES, NEW, OLD, changed, profile
from meta_tests.upgrade.sample_upgrades import sample_facts as facts
from mlflow_conformance.upgrade.changes.classify import Change, changes, goes_back
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.wording import advice_lines
from mlflow_conformance.upgrade.profile.differences import ABSENT, Difference
from mlflow_conformance.upgrade.profile.fact_texts import (
    BY_RUN,
    CARRIED_MODEL,
    CARRIED_OVER,
    CROSSINGS,
    LOADS,
    LOGS,
    NEW_CLIENT,
    NEW_MODEL,
    OLD_CLIENT,
    OLD_MODEL,
    STORE,
)

MODE = ("modes", MODES[0])
WORKS, ERROR = "works under MLflow 1", "MlflowException: no"
SKOPS = "MlflowException: Unrecognized serialization format: skops"
CROSSED = {
    "old-model-fails": ((*MODE, CROSSINGS, OLD_MODEL, LOADS), ERROR),
    "no-way-back": ((*MODE, CROSSINGS, NEW_MODEL, LOADS), ERROR),
    "server-behind-fails": ((*MODE, CROSSINGS, NEW_CLIENT, LOGS), ERROR),
    "client-behind-fails": ((*MODE, CROSSINGS, OLD_CLIENT, LOGS), ERROR),
    "store-lost": ((STORE, CARRIED_OVER, "run 1"), ERROR),
    "carried-model-fails": ((*MODE, CROSSINGS, CARRIED_MODEL, BY_RUN), ERROR),
}
SCRIPTS, DATABASES = ("stores", "scripts"), ("stores", "databases")
IN_FILES, IN_DATABASE = "logs to the file store mlruns", "logs to the database mlflow.db"
OLD_DATABASE = (*SCRIPTS, "nothing set, mlflow.db of MLflow 3.7")
OLD_SCHEMA = "MlflowException: Detected out-of-date database schema"
LOCATION = (*MODE, "model", "location")
FLAVOR = (*MODE, "model", "flavors", "sklearn")
PROBE = ("probes", "uris", "load by uri", "notable")
# Words of an upgrade, which are wrong where MLflow goes back.
OF_UPGRADES = ("upgrade the", "under the new one", "first upgrade", "stay on the old")


def change(path: tuple[str, ...], before: Any, after: Any, *, back: bool = False) -> Change:
    """Return the one change of a difference."""
    (found,) = changes([Difference(path, before, after)], RULES, goes_back=back)
    return found


@pytest.mark.parametrize("rule", CROSSED)
def test_going_back_has_its_own_advice(rule: str) -> None:
    """A downgrade gets no advice on upgrades."""
    path, after = CROSSED[rule]
    forth, back = (change(path, WORKS, after, back=direction) for direction in (False, True))
    assert forth.rule.id == back.rule.id == rule
    assert forth.why != back.why
    assert forth.way_out != back.way_out
    assert not [words for words in OF_UPGRADES if words in f"{back.why} {back.way_out}"]


@pytest.mark.parametrize(
    ("path", "before", "after", "words"),
    [
        ((*MODE, CROSSINGS, NEW_MODEL, LOADS), WORKS, SKOPS, 'serialization_format="cloudpickle"'),
        ((*MODE, CROSSINGS, NEW_MODEL, LOADS), WORKS, ERROR, "keep one with the old release"),
        (
            (*MODE, "outcome"),
            "logged a model",
            "crashed: MlflowException: references untrusted types",
            'serialization_format="cloudpickle"',
        ),
        ((*MODE, "outcome"), "logged a model", "crashed: ValueError: no", "read the error"),
        (
            (*MODE, "model", "serving"),
            "the server starts",
            "the server ends by itself: AttributeError: 'FastAPI' object has no attribute 'route'",
            "starlette<1",
        ),
        (
            (*MODE, "model", "serving"),
            "the server starts",
            "the server ends by itself: ImportError: no",
            "read the server's error",
        ),
    ],
)
def test_a_known_error_has_its_way_out(
    path: tuple[str, ...], before: str, after: str, words: str
) -> None:
    """The way out is that of the error, not that of the rule."""
    assert words in change(path, before, after).way_out


@pytest.mark.parametrize(
    ("path", "before", "after", "forth", "back"),
    [
        (
            (*MODE, "outcome"),
            "logged a model",
            "crashed: ValueError: no",
            "before you upgrade MLflow",
            "before you go back to the older release",
        ),
        (
            (*DATABASES, "made by MLflow 2.13.2"),
            "works, upgraded without being asked",
            f"refused until mlflow db upgrade has run: {OLD_SCHEMA}",
            "with the new release; the old release refuses it afterwards",
            "with the older release; if the newer release has opened or upgraded the database,",
        ),
        (
            (*DATABASES, "made by MLflow 2.13.2"),
            "works",
            "works, upgraded without being asked",
            "before the new release opens the store, and upgrade all",
            "make a backup before the older release opens the store",
        ),
        (
            (*OLD_DATABASE, "log_model"),
            f"{IN_DATABASE}, old records are seen",
            f"fails: {OLD_SCHEMA}",
            "`mlflow db upgrade sqlite:///mlflow.db` with the new release",
            "`mlflow db upgrade URI` with the older release",
        ),
        (
            (*OLD_DATABASE, "autologging"),
            f"{IN_DATABASE}, old records are seen",
            "logs nothing, exit code 0",
            "`mlflow db upgrade sqlite:///mlflow.db` with the new release",
            "`mlflow db upgrade URI` with the older release",
        ),
        (PROBE, "works", "not there", "use what took its place", "run without it before you go"),
        *(
            (
                ("surface", kind, "x"),
                "there",
                ABSENT,
                "what takes its place",
                "run without it before",
            )
            for kind in ("names", "variables", "commands")
        ),
        (
            (*FLAVOR, "serialization_format"),
            "cloudpickle",
            "joblib",
            "until everything that loads the models is upgraded",
            "to one that everything that loads the models knows",
        ),
        (
            (*MODE, "model", "signature", "text", "inputs"),
            '[{"type": "long"}]',
            '[{"type": "long", "required": true}]',
            "first upgrade everything that loads the models",
            "check that everything that loads the models knows the key, before you go back",
        ),
        (
            (*MODE, "model", "predictions", "native"),
            "ndarray, digest 0",
            "ndarray, digest 1",
            "stay on the old release until the cause is known",
            "stay on the newer release until the cause is known",
        ),
    ],
)
def test_the_way_out_depends_on_the_direction(
    path: tuple[str, ...], before: str, after: Any, forth: str, back: str
) -> None:
    """The release that goes and the one that comes have other places when MLflow goes back."""
    assert forth in change(path, before, after).way_out
    going_back = change(path, before, after, back=True)
    assert back in going_back.way_out
    said = f"{going_back.why} {going_back.way_out}"
    assert not re.search(r"\b(old|new) release|rollback|upgrade MLflow|upgrade all", said)


@pytest.mark.parametrize(
    ("path", "before", "after", "why", "way_out"),
    [
        (LOCATION, "run artifact", "logged model", "list a run's artifacts", "models:/MODEL_ID"),
        (LOCATION, "logged model", "run artifact", "take models:/MODEL_ID", "runs:/RUN_ID/NAME"),
        (
            (*SCRIPTS, "nothing set, empty folder", "log_model"),
            IN_FILES,
            IN_DATABASE,
            "jobs that keep the folder mlruns keep no runs",
            "MLFLOW_TRACKING_URI=./mlruns, or for a database",
        ),
        (
            (*SCRIPTS, "nothing set, empty folder", "log_model"),
            IN_DATABASE,
            IN_FILES,
            "what reads the database mlflow.db finds no new runs",
            "MLFLOW_TRACKING_URI=sqlite:///mlflow.db, if this release can open that database",
        ),
        (
            (*FLAVOR, "serialization_format"),
            "cloudpickle",
            "skops",
            "a rollback may be impossible",
            "serialization_format='cloudpickle'",
        ),
        (
            (*FLAVOR, "pickled_model"),
            "model.skops",
            "model.pkl",
            "load nothing but skops, no longer find it",
            "where MLflow knows skops (3.9 or later)",
        ),
    ],
)
def test_the_advice_depends_on_both_sides(
    path: tuple[str, ...], before: str, after: str, why: str, way_out: str
) -> None:
    """What moves back has the opposite consequences of what moves forth."""
    found = change(path, before, after)
    assert why in found.why
    assert way_out in found.way_out


def test_different_ways_out_are_told_with_their_places() -> None:
    """Two errors of one rule may need two ways out."""
    place = (*MODE, CROSSINGS, NEW_MODEL)
    both = (change((*place, LOADS), WORKS, SKOPS), change((*place, "scores"), WORKS, ERROR))
    why, one, other = advice_lines(both)
    assert why.startswith("what can stop working: ")
    assert one.startswith(f"way out (crossings.{NEW_MODEL}.loads): first upgrade")
    assert other.startswith(f"way out (crossings.{NEW_MODEL}.scores): first upgrade")


@pytest.mark.parametrize(
    ("old", "new", "back"), [(OLD, NEW, False), (NEW, OLD, True), ("2.9.2", "2.10.0", False)]
)
def test_the_direction_is_that_of_the_versions(old: str, new: str, *, back: bool) -> None:
    """2.9 is older than 2.10, whatever the order of the letters."""
    before, after = (profile(changed(facts(), MLFLOW, version)) for version in (old, new))
    assert goes_back(before, after) is back
    assert not goes_back(before, before)
