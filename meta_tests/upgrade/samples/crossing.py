"""Samples of the rules about cross-checks: differences that a rule explains, and near misses.

The samples are differences, because profiles do not contain the results of cross-checks.
"""

from __future__ import annotations

from meta_tests.upgrade.samples.all import DifferenceSample
from mlflow_conformance.upgrade.profile.differences import ABSENT, Difference
from mlflow_conformance.upgrade.profile.fact_texts import (
    BY_ALIAS,
    CARRIED_IN_POSTGRES,
    CARRIED_MODEL,
    CARRIED_OVER,
    GROWTH,
    LOADS,
    LOGS,
    NEW_CLIENT,
    NEW_MODEL,
    OLD_CLIENT,
    OLD_MODEL,
    OPENS,
    OPENS_WRONG,
    POSTGRES_STORE,
    SERVES,
    STORE,
    UPGRADE_MEMORY,
    UPGRADE_SECONDS,
    WAY_BACK,
)
from mlflow_conformance.upgrade.runs.recorded_release import failed_step

WORKS = "works under MLflow 1"
ERROR = "MlflowException: no"
NAMES_CAUSE = (
    "MlflowException: Detected out-of-date database schema (found version a, but expected b)"
)
HIDES_CAUSE = "CommandError: Can't locate revision identified by 'a'"


def rollback(error: str, store: str = STORE) -> Difference:
    """Return the difference of an old release that does not open the upgraded store."""
    return Difference((store, WAY_BACK, OPENS), WORKS, error)


def lost(about: str, after: object, store: str = STORE) -> Difference:
    """Return the difference of an entry of the store that is gone or changed."""
    return Difference((store, CARRIED_OVER, about), "1", after)


def grown(kind: str) -> Difference:
    """Return the difference of an upgrade whose cost grows faster than the store."""
    return Difference((POSTGRES_STORE, GROWTH, kind), "grows as the rows", "grows faster")


CROSSING_SAMPLES = (
    DifferenceSample(
        "old-model-fails",
        "breaking",
        (
            failed_step("one", OLD_MODEL, LOADS, WORKS, ERROR),
            failed_step("one", OLD_MODEL, SERVES, WORKS, ERROR),
        ),
        near=failed_step("one", NEW_MODEL, LOADS, WORKS, ERROR),
        other="no-way-back",
    ),
    DifferenceSample(
        "no-way-back",
        "warning",
        (failed_step("one", NEW_MODEL, LOADS, WORKS, ERROR),),
        near=failed_step("one", OLD_MODEL, LOADS, WORKS, ERROR),
        other="old-model-fails",
    ),
    DifferenceSample(
        "server-behind-fails",
        "breaking",
        (failed_step("one", NEW_CLIENT, LOGS, WORKS, ERROR),),
        near=failed_step("one", OLD_CLIENT, LOGS, WORKS, ERROR),
        other="client-behind-fails",
    ),
    DifferenceSample(
        "client-behind-fails",
        "breaking",
        (failed_step("one", OLD_CLIENT, LOGS, WORKS, ERROR),),
        near=failed_step("one", NEW_CLIENT, LOGS, WORKS, ERROR),
        other="server-behind-fails",
    ),
    DifferenceSample(
        "store-lost",
        "breaking",
        (
            lost("version one/2", ABSENT),
            lost("alias one@champion", "2"),
            lost("tag: several", "7 gone, such as run one: tag team: x", POSTGRES_STORE),
        ),
        near=rollback(HIDES_CAUSE),
        other="store-too-new-unsaid",
    ),
    DifferenceSample(
        "store-upgrade-grows",
        "warning",
        (grown(UPGRADE_SECONDS), grown(UPGRADE_MEMORY)),
        near=lost("tag: several", "7 gone, such as run one: tag team: x", POSTGRES_STORE),
        other="store-lost",
    ),
    DifferenceSample(
        "carried-model-fails",
        "breaking",
        (
            failed_step("one", CARRIED_MODEL, BY_ALIAS, WORKS, ERROR),
            failed_step("one", CARRIED_IN_POSTGRES, BY_ALIAS, WORKS, ERROR),
        ),
        near=failed_step("one", OLD_MODEL, LOADS, WORKS, ERROR),
        other="old-model-fails",
    ),
    DifferenceSample(
        "store-no-way-back",
        "warning",
        (
            rollback(NAMES_CAUSE),
            rollback("MlflowException: the database was written by a newer MLflow"),
            rollback(NAMES_CAUSE, POSTGRES_STORE),
        ),
        near=rollback(HIDES_CAUSE),
        other="store-too-new-unsaid",
    ),
    DifferenceSample(
        "store-too-new-unsaid",
        "warning",
        (
            rollback(HIDES_CAUSE),
            rollback(HIDES_CAUSE, POSTGRES_STORE),
            rollback(f"{OPENS_WRONG}predicts 1, should be 0 (schema enforced)"),
        ),
        near=rollback(NAMES_CAUSE),
        other="store-no-way-back",
    ),
)
