"""Python functions in front of a good one that break the data contract in one way each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from meta_tests.mutants.harness import Bench

Predict = Callable[[Any], Any]


@dataclass(frozen=True)
class Function:
    """What checks call as a loaded Python function."""

    predict: Predict


def instead(make: Callable[[Predict], Predict]) -> Callable[[Bench], None]:
    """Put a function made from the good one in its place."""

    def edit(bench: Bench) -> None:
        bench.pyfunc = Function(make(bench.pyfunc.predict))

    return edit


def scored_as(change: Callable[[np.ndarray[Any, Any]], Any]) -> Callable[[Bench], None]:
    """Change the good function's predictions."""
    return instead(lambda good: lambda rows: change(np.asarray(good(rows))))


def accepts_everything(good: Predict) -> Predict:
    """Score whatever comes: zeros for what the good function refuses."""

    def predict(rows: Any) -> Any:
        try:
            return good(rows)
        except Exception:
            return np.zeros(3, dtype="int64")

    return predict


def rejects_with(message: str) -> Callable[[Predict], Predict]:
    """Refuse what the good function refuses, with a message of one's own."""

    def make(good: Predict) -> Predict:
        def predict(rows: Any) -> Any:
            try:
                return good(rows)
            except Exception:
                raise ValueError(message) from None

        return predict

    return make


def rejects_everything(good: Predict) -> Predict:
    """Refuse whatever comes."""

    def predict(rows: Any) -> Any:
        raise ValueError("Failed to enforce schema. Error: nothing is good enough")

    return predict


def rejects_and_repeats_the_input(good: Predict) -> Predict:
    """Refuse without a reason, but repeat input and schema, in which every name is found."""

    def predict(rows: Any) -> Any:
        try:
            return good(rows)
        except Exception as error:
            before, mark, _ = str(error).rpartition("Error: ")
            raise ValueError(f"{before}{mark}it is wrong") from None

    return predict


def hides_the_estimator_s_error(good: Predict) -> Predict:
    """Score what the estimator itself refuses: no error comes through."""

    def predict(rows: Any) -> Any:
        try:
            return good(rows)
        except ValueError:
            return np.zeros(len(rows), dtype="int64")

    return predict


def rewords_the_estimator_s_error(good: Predict) -> Predict:
    """Refuse what the estimator refuses, in other words."""

    def predict(rows: Any) -> Any:
        try:
            return good(rows)
        except ValueError:
            raise RuntimeError("scoring failed") from None

    return predict


def orders_columns_by_name(names: list[str]) -> Callable[[Predict], Predict]:
    """Bring a DataFrame's columns in the training data's order, which a tensor does not know."""

    def make(good: Predict) -> Predict:
        return lambda rows: good(rows[names] if isinstance(rows, pd.DataFrame) else rows)

    return make
