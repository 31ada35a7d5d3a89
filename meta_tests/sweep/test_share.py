"""One estimator on its way through the stages, with an MLflow that does something wrong."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlflow
import mlflow.sklearn
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from mlflow_conformance.support.paths import PACKAGE
from mlflow_conformance.sweep import share
from mlflow_conformance.sweep.results import (
    DONE,
    FIT,
    LOG,
    NATIVE,
    PYFUNC,
    READ,
    EstimatorResult,
    read_results,
)

Swept = Callable[..., EstimatorResult]


class Negated(Ridge):  # type: ignore[misc]
    """Predicts something else than it did before it was logged."""

    def predict(self, rows: Any) -> Any:
        """Return the negated predictions."""
        return -super().predict(rows)


class Exits(Ridge):  # type: ignore[misc]
    """Ends the interpreter when it is fitted."""

    def fit(self, rows: Any, targets: Any) -> Any:
        """Exit."""
        raise SystemExit(7)


@pytest.fixture
def swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Swept:
    """Return a function that sweeps an estimator with replaced stages of ``Sweep``."""
    monkeypatch.setattr(mlflow, "start_run", nullcontext)

    def run(
        kind: Any = Ridge, loaded: Any = None, error: str = "", pyfunc: Any = None
    ) -> EstimatorResult:
        kept: list[Any] = []

        def log_model(estimator: Any, name: str) -> Any:
            if error:
                raise RuntimeError(error)
            kept.append(estimator)
            return SimpleNamespace(model_uri="uri")

        def read(self: Any) -> None:
            flavors = (
                ("python_function", "sklearn") if self.result.defines_predict else ("sklearn",)
            )
            self.result = replace(self.result, flavors=flavors)

        def load(uri: str) -> Any:
            return kept[0] if loaded is None else loaded(kept[0])

        monkeypatch.setattr(mlflow.sklearn, "log_model", log_model)
        monkeypatch.setattr(mlflow.sklearn, "load_model", load)
        monkeypatch.setattr(importlib.import_module("mlflow.pyfunc"), "load_model", pyfunc or load)
        monkeypatch.setattr(share.Sweep, "_read", read)
        share.Sweep(tmp_path, EstimatorResult(kind.__name__)).run(kind)
        return read_results(tmp_path, [kind.__name__])[kind.__name__]

    return run


def test_a_good_estimator_has_no_problem(swept: Swept) -> None:
    """All stages are reached."""
    found = swept()
    assert (found.stage, found.problems, found.defines_predict) == (DONE, {}, True)


def test_a_transformer_is_loaded_natively_alone(swept: Swept) -> None:
    """Without ``predict`` there is no Python function to load."""
    found = swept(StandardScaler)
    assert (found.problems, found.defines_predict, found.flavors) == ({}, False, ("sklearn",))


def test_a_lost_python_function_is_a_problem_of_loading_it(
    swept: Swept,
) -> None:
    """An estimator that predicts is loaded as a Python function, whatever the flavors say."""

    def load(uri: str) -> Any:
        raise ValueError("no flavor")

    assert swept(pyfunc=load).problems == {PYFUNC: "ValueError: no flavor"}


def test_a_refusal_is_the_problem_of_logging(swept: Swept) -> None:
    """What was not logged is not loaded."""
    assert swept(error="no such type").problems == {LOG: "RuntimeError: no such type"}


def test_other_answers_are_problems_of_both_ways(swept: Swept) -> None:
    """A loaded model that answers otherwise is told with the first difference."""
    problems = swept(loaded=_negated).problems
    assert set(problems) == {NATIVE, PYFUNC}
    assert problems[NATIVE].startswith("60 of 60 predictions differ found: ")


def _negated(kept: Any) -> Any:
    other = Negated()
    other.__dict__.update(kept.__dict__)
    return other


def test_an_estimator_that_exits_is_one_result(swept: Swept) -> None:
    """SystemExit does not end the sweep."""
    found = swept(Exits)
    assert found.problems == {FIT: "SystemExit: 7"}
    assert found.stage == DONE


def test_a_model_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swept: Swept
) -> None:
    """Without one readable ``MLmodel`` nothing is said of flavors."""
    monkeypatch.chdir(tmp_path)
    one = share.Sweep(tmp_path, EstimatorResult("Ridge"))
    assert one._goes(READ, one._read) is False
    assert READ in one.result.problems


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="the system has no such signal")
def test_an_estimator_that_hangs_is_ended(tmp_path: Path) -> None:
    """The system ends the process, whatever it runs; the result says how far it was."""
    code = f"""
import sys
from pathlib import Path
from mlflow_conformance.sweep import results, share
results.MOST_SECONDS = 1
class Hangs:
    def __init__(self): sum(range(10**12))
share.all_estimators = lambda: [("Hangs", Hangs)]
share.main(Path({str(tmp_path)!r}), ["Hangs"])
"""
    path = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    ended = subprocess.run([sys.executable, "-c", code], env=path, cwd=tmp_path, check=False)
    assert ended.returncode == -signal.SIGALRM
    assert read_results(tmp_path, ["Hangs"])["Hangs"].stage == FIT
