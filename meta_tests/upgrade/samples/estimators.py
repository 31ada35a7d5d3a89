"""Samples of the rules about the table of estimators."""

from __future__ import annotations

from meta_tests.upgrade.samples.all import Edit, breaking, info
from mlflow_conformance.upgrade.profile.differences import ABSENT
from mlflow_conformance.upgrade.profile.estimators import BOTH_WAYS, FAULTY, NATIVELY, NOT_LOGGED

PLACE = "estimators/Ridge"
REFUSED, REFUSED_OTHERWISE = f"{NOT_LOGGED}: MlflowException: a", f"{NOT_LOGGED}: ValueError: b"
WRONG = f"{FAULTY}: load natively: 1 of 60 predictions differ"

ESTIMATOR_SAMPLES = (
    breaking(
        "estimator-not-logged",
        Edit(PLACE, BOTH_WAYS, REFUSED),
        Edit(PLACE, WRONG, REFUSED),
        near=Edit(PLACE, BOTH_WAYS, WRONG),
        other="estimator-worse",
    ),
    breaking(
        "estimator-worse",
        Edit(PLACE, BOTH_WAYS, WRONG),
        Edit(PLACE, BOTH_WAYS, NATIVELY),
        near=Edit(PLACE, NATIVELY, REFUSED),
        other="estimator-not-logged",
    ),
    info(
        "estimator-better",
        Edit(PLACE, REFUSED, NATIVELY),
        Edit(PLACE, WRONG, BOTH_WAYS),
        near=Edit(PLACE, BOTH_WAYS, NATIVELY),
        other="estimator-worse",
    ),
    info(
        "estimator-fails-otherwise",
        Edit(PLACE, REFUSED, REFUSED_OTHERWISE),
        near=Edit(PLACE, REFUSED, WRONG),
        other="estimator-better",
    ),
    info(
        "estimators-tried-changed",
        Edit(PLACE, BOTH_WAYS, ABSENT),
        near=Edit(PLACE, BOTH_WAYS, REFUSED),
        other="estimator-not-logged",
    ),
)
