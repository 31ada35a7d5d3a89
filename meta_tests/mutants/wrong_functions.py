"""Python functions that wrap a good model and break the data contract in one way each."""

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
    """A loaded Python function, as checks call it."""

    predict: Predict


def instead(make: Callable[[Predict], Predict]) -> Callable[[Bench], None]:
    """Return an edit that replaces the good function by one made from it."""

    def edit(bench: Bench) -> None:
        bench.pyfunc = Function(make(bench.pyfunc.predict))

    return edit


def scored_as(change: Callable[[np.ndarray[Any, Any]], Any]) -> Callable[[Bench], None]:
    """Return an edit of the good function's predictions."""
    return instead(lambda good: lambda rows: change(np.asarray(good(rows))))


def accepts_everything(good: Predict) -> Predict:
    """Accept everything: predict zeros for rejected inputs."""

    def predict(rows: Any) -> Any:
        try:
            return good(rows)
        except Exception:
            return np.zeros(3, dtype="int64")

    return predict


def rejects_with(message: str) -> Callable[[Predict], Predict]:
    """Reject the same inputs as the good function, with another message."""

    def make(good: Predict) -> Predict:
        def predict(rows: Any) -> Any:
            try:
                return good(rows)
            except Exception:
                raise ValueError(message) from None

        return predict

    return make


def rejects_everything(good: Predict) -> Predict:
    """Reject every input."""

    def predict(rows: Any) -> Any:
        raise ValueError("Failed to enforce schema. Error: nothing is good enough")

    return predict


def rejects_and_repeats_the_input(good: Predict) -> Predict:
    """Reject with a message that names no reason but repeats the input and the schema."""

    def predict(rows: Any) -> Any:
        try:
            return good(rows)
        except Exception as error:
            before, mark, _ = str(error).rpartition("Error: ")
            raise ValueError(f"{before}{mark}it is wrong") from None

    return predict


def hides_the_estimator_s_error(good: Predict) -> Predict:
    """Accept what the estimator rejects, so that its error is lost."""

    def predict(rows: Any) -> Any:
        try:
            return good(rows)
        except ValueError:
            return np.zeros(len(rows), dtype="int64")

    return predict


def rewords_the_estimator_s_error(good: Predict) -> Predict:
    """Reject what the estimator rejects, with another error."""

    def predict(rows: Any) -> Any:
        try:
            return good(rows)
        except ValueError:
            raise RuntimeError("scoring failed") from None

    return predict


def orders_columns_by_name(names: list[str]) -> Callable[[Predict], Predict]:
    """Reorder the columns of a DataFrame as in the training data; a tensor defines no order."""

    def make(good: Predict) -> Predict:
        return lambda rows: good(rows[names] if isinstance(rows, pd.DataFrame) else rows)

    return make
