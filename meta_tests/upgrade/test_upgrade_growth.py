"""Tests of how the growth of an upgrade's cost is told, and when it is a difference."""

from __future__ import annotations

import pytest

from mlflow_conformance.upgrade.changes.classify import rule_for
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.crossings.store_size import Size
from mlflow_conformance.upgrade.crossings.upgrade_growth import (
    Cost,
    confirmed,
    growth_differences,
    growth_lines,
)

SIZES = (Size(200), Size(800), Size(3200))
LEAST = Cost(Size(0), 2.0, 270.0, 6.0)


def costs(seconds: tuple[float, ...], mib: tuple[float, ...] = (0, 0, 0)) -> list[Cost]:
    """Return the costs of three upgrades, with what the rows cost beyond ``LEAST``."""
    return [
        Cost(size, LEAST.seconds + more, LEAST.process_mib + memory, LEAST.postgres_mib)
        for size, more, memory in zip(SIZES, seconds, mib, strict=True)
    ]


@pytest.mark.parametrize(
    "seconds",
    [
        (5, 20, 80),  # linear
        (5, 20, 110),  # linear, with a slow moment in the last step
        (5, 22, 97),  # as sorting
        (0.1, 0.3, 4.9),  # too short to tell
        (5, 80, 300),  # only an earlier step is steep
        (0, 0, 7.5),  # what is not seen before may be as much as chance
        (1, 1, 1),
        (-0.2, 0.1, -0.1),
    ],
)
def test_what_grows_with_the_rows_is_no_difference(seconds: tuple[float, ...]) -> None:
    """A growth in proportion, give or take, is no difference."""
    assert growth_differences(LEAST, costs(seconds)) == []


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ((1, 16, 256), "grows from 18 to 258 s for 4 times the rows, to the power of 2.0"),
        ((1, 4, 40), "grows from 6 to 42 s for 4 times the rows, to the power of 1.7"),
        ((0, 0, 9), "grows from 2 to 11 s for 4 times the rows, to the power of 1.6"),
    ],
)
def test_time_that_grows_faster_is_a_warning(seconds: tuple[float, ...], told: str) -> None:
    """A growth of the time beyond the margin is one difference with its own rule."""
    (found,) = growth_differences(LEAST, costs(seconds))
    assert found.path == ("PostgreSQL store", "growth", "seconds of the upgrade")
    assert found.after == told
    assert (rule_for(found, RULES).id, rule_for(found, RULES).level) == (
        "store-upgrade-grows",
        "warning",
    )


def test_memory_that_grows_faster_is_a_warning() -> None:
    """The memory of the process and of PostgreSQL is judged in the same way."""
    (found,) = growth_differences(LEAST, costs((1, 4, 16), (10, 100, 1600)))
    assert found.path[-1] == "memory of the upgrade"
    assert found.after == "grows from 376 to 1876 MiB for 4 times the rows, to the power of 2.0"
    assert growth_differences(LEAST, costs((1, 4, 16), (100, 400, 1600))) == []


def test_what_grows_by_chance_is_measured_again() -> None:
    """The lower of two measurements of the last two sizes counts; others are not measured."""
    quiet, slow = costs((1, 4, 16)), costs((1, 4, 60))
    asked: list[Size] = []

    def measure(size: Size) -> Cost:
        asked.append(size)
        return {cost.size: cost for cost in quiet}[size]

    assert confirmed(LEAST, quiet, measure) == quiet
    assert asked == []
    assert confirmed(LEAST, slow, measure) == quiet
    assert asked == list(SIZES[1:])
    assert confirmed(LEAST, slow, lambda size: None) == slow


def test_each_step_is_told_with_its_growth() -> None:
    """A line for each step has both factors and exponents; what can be chance is not told."""
    first, second = growth_lines(LEAST, costs((2, 8, 64), (2, 20, 80)))
    seconds, memory = "seconds of the upgrade", "memory of the upgrade"
    assert first == (
        f"from 30,000 to 120,000 metric rows: {seconds} x 4.0 (exponent 1.0), {memory} too small"
        " to tell"
    )
    assert second == (
        f"from 120,000 to 480,000 metric rows: {seconds} x 8.0 (exponent 1.5), {memory} x 4.0"
        " (exponent 1.0)"
    )


def test_a_cost_is_told_in_one_line() -> None:
    """The line has the time and both memories; without /proc that of PostgreSQL is left out."""
    assert str(LEAST) == "2.0 s, at most 270 MiB and PostgreSQL 6 MiB"
    assert str(Cost(Size(1), 2.0, 270.0, 0.0)) == "2.0 s, at most 270 MiB"


def test_a_size_is_told_with_what_the_release_has() -> None:
    """A release without traces is not said to have some."""
    told = "200 runs, 30,000 metric rows, 50 model versions"
    assert str(Size(200)) == f"{told}, 1,000 traces"
    assert str(Size(200, has_traces=False)) == told
