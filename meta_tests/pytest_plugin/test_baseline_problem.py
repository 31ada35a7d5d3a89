"""A run with a broken promise does not become a baseline."""

from __future__ import annotations

import pytest

from meta_tests.pytest_plugin.sample_plan import PLANNED
from mlflow_conformance.pytest_plugin.baseline_problem import baseline_problem
from mlflow_conformance.pytest_plugin.tally import DEVIATED, FAILED, KEPT, UNCHECKED, Tally


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (KEPT, ""),
        (DEVIATED, ""),
        (FAILED, "not all promises were kept: two-sqlite"),
        (UNCHECKED, "not all promises were kept: two-sqlite"),
    ],
)
def test_a_broken_promise_spoils_a_baseline(result: str, problem: str) -> None:
    """A run with a failed or unchecked promise must not become a baseline."""
    tally = Tally()
    tally.plan(PLANNED)
    tally.note("test_a[one]", KEPT)
    tally.note("test_b[one]", KEPT)
    tally.note("test_a[two]", result)
    assert baseline_problem((), tally) == problem
