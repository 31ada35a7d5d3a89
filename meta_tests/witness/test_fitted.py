"""The rows that estimators are fitted on."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlflow_conformance.witness.fitted import MOST_ROWS, FittedRows, sample

X = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0) % 7}, index=np.arange(40) + 100)
Y = (X["a"] > 19).astype("int64")
ESTIMATORS: dict[str, Any] = {
    "plain": LogisticRegression(),
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
    "columns": make_pipeline(
        make_column_transformer((StandardScaler(), ["a"])), LinearRegression()
    ),
    "search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    "calibrated": CalibratedClassifierCV(LogisticRegression(), cv=2),
    "one-against-others": OneVsRestClassifier(LogisticRegression()),
    "transformed-target": TransformedTargetRegressor(LinearRegression()),
    "clusters": KMeans(2, n_init=1),
}


@pytest.fixture
def fitted() -> Iterator[FittedRows]:
    """What is observed during the test."""
    found = FittedRows()
    found.start()
    yield found
    found.stop()


class Wrapper:
    """An object of no flavor that holds an estimator, as a PythonModel does."""

    def __init__(self, inner: Any) -> None:
        """Keep the estimator."""
        self.inner = inner


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_rows_are_those_of_the_outer_fit(name: str, fitted: FittedRows) -> None:
    """An estimator's rows are those that the script passed, not those of its inner estimators."""
    estimator = clone(ESTIMATORS[name]).fit(X, Y)
    pd.testing.assert_frame_equal(fitted.rows_of(estimator), X)


def test_rows_passed_by_keyword_are_seen(fitted: FittedRows) -> None:
    """The script may name the arguments, in any order."""
    estimator = LogisticRegression().fit(y=Y, X=X)
    pd.testing.assert_frame_equal(fitted.rows_of(estimator), X)


def test_fit_transform_and_fit_predict_are_seen(fitted: FittedRows) -> None:
    """Functions that fit and do more are fits, too."""
    scaler, clusters = StandardScaler(), KMeans(2, n_init=1)
    scaler.fit_transform(X)
    clusters.fit_predict(X)
    assert len(fitted.rows_of(scaler)) == len(fitted.rows_of(clusters)) == len(X)


@pytest.mark.parametrize(
    "rows",
    [X.to_numpy(), X.to_numpy().tolist(), sparse.csr_matrix(X.to_numpy())],
    ids=["array", "list", "sparse"],
)
def test_the_rows_keep_their_kind(rows: Any, fitted: FittedRows) -> None:
    """Arrays, lists and sparse matrices stay what they are."""
    estimator = LogisticRegression().fit(rows, Y)
    found = fitted.rows_of(estimator)
    assert type(found) is type(rows)
    dense = found.toarray() if sparse.issparse(found) else np.asarray(found)
    np.testing.assert_array_equal(dense, X.to_numpy())


def test_texts_are_rows(fitted: FittedRows) -> None:
    """A list of texts, or a Series, is what a vectorizer is fitted on."""
    words = ["one two", "two three"] * 3
    pipeline = make_pipeline(CountVectorizer(), LogisticRegression())
    assert fitted.rows_of(pipeline.fit(words, [0, 1] * 3)) == words
    series = pd.Series(words, name="text")
    pd.testing.assert_series_equal(fitted.rows_of(pipeline.fit(series, [0, 1] * 3)), series)


def test_the_last_fit_counts(fitted: FittedRows) -> None:
    """An estimator that is fitted again has the rows of the last fit."""
    estimator = LogisticRegression().fit(X, Y)
    estimator.fit(X[10:30], Y[10:30])
    pd.testing.assert_frame_equal(fitted.rows_of(estimator), X[10:30])


def test_rows_are_copied(fitted: FittedRows) -> None:
    """What the script does with its rows after the fit does not change the sample."""
    rows = X.copy()
    estimator = LogisticRegression().fit(rows, Y)
    rows["a"] = 0.0
    pd.testing.assert_frame_equal(fitted.rows_of(estimator), X)


def test_an_estimator_inside_of_another_object_is_found(fitted: FittedRows) -> None:
    """The rows of an estimator in the attributes of an object are found, to some depth."""
    estimator = LogisticRegression().fit(X, Y)
    pd.testing.assert_frame_equal(fitted.rows_of(Wrapper(estimator)), X)
    pd.testing.assert_frame_equal(fitted.rows_of(Wrapper(Wrapper(estimator))), X)
    deep = Wrapper(Wrapper(Wrapper(Wrapper(estimator))))
    assert fitted.rows_of(deep) is None
    assert fitted.rows_of(Wrapper(None)) is None
    assert fitted.rows_of("text") is None


def test_an_object_that_refers_to_itself_has_no_rows(fitted: FittedRows) -> None:
    """A cycle of attributes ends."""
    one = Wrapper(None)
    one.inner = one
    assert fitted.rows_of(one) is None


def test_what_was_collected_is_forgotten(fitted: FittedRows) -> None:
    """The rows of an estimator that no longer exists are not those of another with its id."""
    for _ in range(20):
        LogisticRegression().fit(X, Y)
    gc.collect()
    kept = LogisticRegression().fit(X[:30], Y[:30])
    assert fitted.rows_of(LogisticRegression()) is None
    assert fitted.rows_of(kept) is not None


@pytest.mark.parametrize("number", [1, MOST_ROWS, MOST_ROWS + 1, 10_000])
def test_a_sample_is_spread_evenly(number: int) -> None:
    """At most 200 rows are kept, with the first and the last, in their order and without gaps."""
    frame = pd.DataFrame({"a": np.arange(number)})
    for rows in (frame, frame["a"], frame["a"].to_numpy(), frame["a"].tolist()):
        found = np.asarray(sample(rows)).ravel()
        assert len(found) == min(number, MOST_ROWS)
        assert (found[0], found[-1]) == (0, number - 1)
        steps = np.diff(found)
        assert len(steps) == 0 or steps.max() - steps.min() <= 1
        assert type(sample(rows)) is type(rows)


def test_an_own_estimator_without_validation_is_not_seen(fitted: FittedRows) -> None:
    """A ``fit`` that does not validate parameters is not noticed; it is never an error."""

    class Own(BaseEstimator):  # type: ignore[misc]
        def fit(self, rows: Any) -> Own:
            self.mean_ = np.mean(rows)
            return self

    assert fitted.rows_of(Own().fit(X)) is None


def test_tracebacks_and_signatures_show_nothing(fitted: FittedRows) -> None:
    """An error in ``fit`` has no frame of the witness, and the method is the original one."""
    with pytest.raises(ValueError, match="'C' parameter") as caught:
        LogisticRegression(C="no").fit(X, Y)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert not [
        frame for frame in frames if "witness" in frame.filename and "fixtures" in frame.filename
    ]
    assert BaseEstimator._validate_params.__module__ == "sklearn.base"


def test_nothing_is_seen_before_and_after() -> None:
    """Only fits between start and stop are seen, and the class is as it was."""
    before = vars(BaseEstimator)["_validate_params"]
    found = FittedRows()
    early = LogisticRegression().fit(X, Y)
    found.start()
    found.stop()
    late = LogisticRegression().fit(X, Y)
    assert found.rows_of(early) is None
    assert found.rows_of(late) is None
    assert vars(BaseEstimator)["_validate_params"] is before
