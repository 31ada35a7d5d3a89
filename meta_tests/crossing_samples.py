"""Samples of the rules about crossings: what each explains, and a similar thing that it does not.

What crossings find stands in no profile, so the samples are differences.
"""

from __future__ import annotations

from dataclasses import dataclass

from fixtures.upgrade.crossing import crossed
from fixtures.upgrade.crossing_kinds import (
    BY_ALIAS,
    CARRIED_MODEL,
    CARRIED_OVER,
    LOADS,
    LOGS,
    NEW_CLIENT,
    NEW_MODEL,
    OLD_CLIENT,
    OLD_MODEL,
    OPENS,
    OPENS_WRONG,
    SERVES,
    WAY_BACK,
)
from fixtures.upgrade.differences import ABSENT, Difference
from fixtures.upgrade.rule import Level

WORKS = "works under MLflow 1"
ERROR = "MlflowException: no"
TOLD = "MlflowException: Detected out-of-date database schema (found version a, but expected b)"
UNTOLD = "CommandError: Can't locate revision identified by 'a'"


@dataclass(frozen=True)
class CrossingSample:
    """Differences that a rule explains, and one that ``other`` explains."""

    rule: str
    level: Level
    trips: tuple[Difference, ...]
    near: Difference
    other: str


def back(said: str) -> Difference:
    """Return the difference that the old release does not open the upgraded store."""
    return Difference(("store", WAY_BACK, OPENS), WORKS, said)


def lost(about: str, after: object) -> Difference:
    """Return the difference that something of the store is not what it was."""
    return Difference(("store", CARRIED_OVER, about), "1", after)


CROSSING_SAMPLES = (
    CrossingSample(
        "old-model-fails",
        "breaking",
        (
            crossed("one", OLD_MODEL, LOADS, WORKS, ERROR),
            crossed("one", OLD_MODEL, SERVES, WORKS, ERROR),
        ),
        near=crossed("one", NEW_MODEL, LOADS, WORKS, ERROR),
        other="no-way-back",
    ),
    CrossingSample(
        "no-way-back",
        "warning",
        (crossed("one", NEW_MODEL, LOADS, WORKS, ERROR),),
        near=crossed("one", OLD_MODEL, LOADS, WORKS, ERROR),
        other="old-model-fails",
    ),
    CrossingSample(
        "server-behind-fails",
        "breaking",
        (crossed("one", NEW_CLIENT, LOGS, WORKS, ERROR),),
        near=crossed("one", OLD_CLIENT, LOGS, WORKS, ERROR),
        other="client-behind-fails",
    ),
    CrossingSample(
        "client-behind-fails",
        "breaking",
        (crossed("one", OLD_CLIENT, LOGS, WORKS, ERROR),),
        near=crossed("one", NEW_CLIENT, LOGS, WORKS, ERROR),
        other="server-behind-fails",
    ),
    CrossingSample(
        "store-lost",
        "breaking",
        (lost("version one/2", ABSENT), lost("alias one@champion", "2")),
        near=back(UNTOLD),
        other="store-too-new-unsaid",
    ),
    CrossingSample(
        "carried-model-fails",
        "breaking",
        (crossed("one", CARRIED_MODEL, BY_ALIAS, WORKS, ERROR),),
        near=crossed("one", OLD_MODEL, LOADS, WORKS, ERROR),
        other="old-model-fails",
    ),
    CrossingSample(
        "store-no-way-back",
        "warning",
        (back(TOLD), back("MlflowException: the database was written by a newer MLflow")),
        near=back(UNTOLD),
        other="store-too-new-unsaid",
    ),
    CrossingSample(
        "store-too-new-unsaid",
        "warning",
        (back(UNTOLD), back(f"{OPENS_WRONG}predicts 1, should be 0 (schema enforced)")),
        near=back(TOLD),
        other="store-no-way-back",
    ),
)
