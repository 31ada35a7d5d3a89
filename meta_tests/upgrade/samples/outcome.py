"""Samples of the rules about outcomes, locations of models and warnings."""

from __future__ import annotations

from meta_tests.upgrade.samples.all import Edit, breaking, info, warning
from mlflow_conformance.runner.outcome import LOGGED, NO_MODEL, SEVERAL_MODELS
from mlflow_conformance.upgrade.profile.differences import ABSENT

CRASHED = "crashed: TypeError: no such argument"
OUTCOME = "modes/one/outcome"
LOCATION = "modes/one/model/location"
PATH = "modes/one/model/paths/list_artifacts"
REACHED, MISSED = "reached", "not reached: MlflowException"
WARNINGS = "modes/one/warnings"
WARNED_BY_CALL = "calls/made/start_run()/warnings"
OF_STORE = "stores/scripts/file store set/warnings"
MODE = {"outcome": CRASHED, "warnings": {}, "runs": 0}

OUTCOME_SAMPLES = (
    breaking(
        "mode-fails",
        Edit(OUTCOME, LOGGED, CRASHED),
        near=Edit(OUTCOME, LOGGED, NO_MODEL),
        other="nothing-logged",
    ),
    breaking(
        "nothing-logged",
        Edit(OUTCOME, LOGGED, NO_MODEL),
        near=Edit(OUTCOME, LOGGED, SEVERAL_MODELS),
        other="mode-fails",
    ),
    info(
        "mode-works-now",
        Edit(OUTCOME, NO_MODEL, LOGGED),
        near=Edit(OUTCOME, NO_MODEL, "timed out"),
        other="mode-fails-otherwise",
    ),
    warning(
        "mode-fails-otherwise",
        Edit(OUTCOME, CRASHED, "timed out"),
        near=Edit(OUTCOME, CRASHED, LOGGED),
        other="mode-works-now",
    ),
    warning(
        "mode-removed",
        Edit("modes/one", MODE, ABSENT),
        near=Edit("modes/one/store", "no such table", ABSENT),
        other="store-unreadable",
    ),
    info(
        "mode-added",
        Edit("modes/one", ABSENT, MODE),
        near=Edit("modes/one/anything", ABSENT, "x"),
        other="unclassified",
    ),
    breaking(
        "model-moved",
        Edit(LOCATION, "run artifact", "logged model"),
        near=Edit("modes/one/model/mlmodel/location", "run artifact", "logged model"),
        other="mlmodel-key-changed",
    ),
    breaking(
        "path-lost",
        Edit(PATH, REACHED, MISSED),
        near=Edit(PATH, "there is no such id", MISSED),
        other="path-fails-otherwise",
    ),
    info(
        "path-opened",
        Edit(PATH, MISSED, REACHED),
        near=Edit(PATH, REACHED, MISSED),
        other="path-lost",
    ),
    info(
        "path-fails-otherwise",
        Edit(PATH, MISSED, "not reached: OSError"),
        near=Edit(PATH, MISSED, REACHED),
        other="path-opened",
    ),
    warning(
        "deprecation-raised",
        Edit(f"{WARNINGS}/FutureWarning in mlflow: x", ABSENT, "raised"),
        Edit(f"{WARNED_BY_CALL}/UserWarning: x is deprecated", ABSENT, "raised"),
        Edit(f"{OF_STORE}/FutureWarning in mlflow: x", ABSENT, "raised"),
        near=Edit(f"{WARNINGS}/UserWarning in mlflow: x", ABSENT, "raised"),
        other="warning-raised",
    ),
    info(
        "warning-raised",
        Edit(f"{WARNINGS}/UserWarning in mlflow: x", ABSENT, "raised"),
        Edit(f"{WARNED_BY_CALL}/UserWarning: x", ABSENT, "raised"),
        Edit(f"{OF_STORE}/logged by mlflow.x: x", ABSENT, "raised"),
        near=Edit(f"{WARNINGS}/DeprecationWarning in mlflow: x", ABSENT, "raised"),
        other="deprecation-raised",
    ),
    info(
        "warning-gone",
        Edit(f"{WARNINGS}/FutureWarning in mlflow: x", "raised", ABSENT),
        Edit(f"{WARNED_BY_CALL}/UserWarning: x", "raised", ABSENT),
        Edit(f"{OF_STORE}/x", "raised", ABSENT),
        near=Edit(f"{WARNINGS}/UserWarning in mlflow: x", ABSENT, "raised"),
        other="warning-raised",
    ),
)
