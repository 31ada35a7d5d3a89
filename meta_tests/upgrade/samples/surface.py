"""Samples of the rules about what MLflow offers: differences, because profiles do not have it."""

from __future__ import annotations

from meta_tests.upgrade.samples.all import DifferenceSample
from mlflow_conformance.upgrade.profile.differences import ABSENT, Difference
from mlflow_conformance.upgrade.profile.fact_texts import (
    MUST_BE_GIVEN,
    NOT_USED,
    SURFACE,
    SURFACE_COMMANDS,
    SURFACE_CONSTANTS,
    SURFACE_NAMES,
    SURFACE_PARAMETERS,
    SURFACE_POSITIONS,
    SURFACE_VARIABLES,
    UNUSED_ADDED,
    UNUSED_COMMANDS,
    UNUSED_DEFAULTS,
    UNUSED_DEPRECATED,
    UNUSED_NAMES,
    UNUSED_PARAMETERS,
    UNUSED_REQUIREMENTS,
    UNUSED_VARIABLES,
)

USED = "there; used at train.py:3"


def gone(kind: str, name: str = "mlflow.x") -> Difference:
    """Return the difference of something that scripts use and that is gone."""
    return Difference((SURFACE, kind, name), USED, ABSENT)


def otherwise(kind: str) -> Difference:
    """Return the difference of something that scripts use and that changed."""
    return Difference((SURFACE, kind, "mlflow.x"), USED, "other")


def listed(kind: str) -> Difference:
    """Return the difference that lists what no script uses."""
    return Difference((SURFACE, NOT_USED, kind), ABSENT, ["mlflow.x", "mlflow.y"])


def parameter(rule: str, after: object) -> Difference:
    """Return the difference of a parameter that is named after its rule."""
    return Difference((SURFACE, SURFACE_PARAMETERS, "mlflow.x", rule), "default 1", after)


# The rules of observed parameters explain those that scripts use.
PARAMETERS = (
    parameter("parameter-lost", ABSENT),
    parameter("parameter-required", MUST_BE_GIVEN),
    parameter("parameter-default-changed", "default 2"),
)
# Each is about another kind of thing that scripts use; its neighbour is of the next kind.
BREAKING = (
    ("name-gone", gone(SURFACE_NAMES)),
    ("argument-moved", otherwise(SURFACE_POSITIONS)),
    ("constant-changed", otherwise(SURFACE_CONSTANTS)),
    ("variable-gone", gone(SURFACE_VARIABLES)),
    ("command-gone", gone(SURFACE_COMMANDS, "mlflow gc --x")),
)
LISTS = (
    ("unused-names-gone", UNUSED_NAMES),
    ("unused-parameters-changed", UNUSED_PARAMETERS),
    ("unused-defaults-changed", UNUSED_DEFAULTS),
    ("names-deprecated", UNUSED_DEPRECATED),
    ("commands-changed", UNUSED_COMMANDS),
    ("variables-changed", UNUSED_VARIABLES),
    ("requirements-changed", UNUSED_REQUIREMENTS),
    ("names-added", UNUSED_ADDED),
)
SURFACE_SAMPLES: tuple[DifferenceSample, ...] = (
    *(
        DifferenceSample(rule, "breaking", (trip,), near, other)
        for (rule, trip), (other, near) in zip(BREAKING, (*BREAKING[1:], BREAKING[0]), strict=True)
    ),
    *(
        DifferenceSample(
            rule,
            "info" if kind == UNUSED_ADDED else "warning",
            (listed(kind),),
            listed(near),
            other,
        )
        for (rule, kind), (other, near) in zip(LISTS, (*LISTS[1:], LISTS[0]), strict=True)
    ),
)
