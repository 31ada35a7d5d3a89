"""Honest models and files as people log them: no check may say more than a note of them."""

from __future__ import annotations

import argparse
import datetime
import decimal
import enum
import io
import logging
import pickle
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from os.path import basename
from pathlib import Path
from typing import Any, Final

import cloudpickle
import joblib
import numpy as np
import pandas as pd
from sklearn import cluster, ensemble, linear_model, naive_bayes, neighbors, neural_network, svm
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    PowerTransformer,
    QuantileTransformer,
    SplineTransformer,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

RANDOM: Final = np.random.default_rng(0)
X: Final = RANDOM.normal(size=(40, 3))
Y: Final = X @ [1.0, 2.0, 3.0]
CLASSES: Final = (Y > 0).astype(int)
FRAME: Final = pd.DataFrame(
    {
        "number": X[:, 0],
        "word": ["a", "b"] * 20,
        "kind": pd.Categorical(["u", "v", "w", "x"] * 10),
        "day": pd.date_range("2020-01-01", periods=40, tz="UTC"),
        "missing": pd.array([1, None] * 20, dtype="Int64"),
    }
)
WORDS: Final = [f"word{i} text{i % 7} and" for i in range(40)]


class Colour(enum.Enum):
    """An enumeration in a module."""

    RED = 1
    BLUE = "blue"


def estimators() -> Mapping[str, Any]:
    """Return fitted estimators of many kinds."""
    search = GridSearchCV(linear_model.Ridge(), {"alpha": [0.1, 1.0]}, cv=2).fit(X, Y)
    drawn = RandomizedSearchCV(
        DecisionTreeClassifier(), {"max_depth": [1, 2, 3]}, n_iter=2, cv=2, random_state=0
    ).fit(X, CLASSES)
    columns = ColumnTransformer(
        [
            ("scaled", StandardScaler(), ["number"]),
            ("coded", OneHotEncoder(handle_unknown="ignore"), ["word", "kind"]),
            ("log", FunctionTransformer(np.abs), ["number"]),
        ]
    )
    return {
        "linear": linear_model.LinearRegression().fit(X, Y),
        "logistic": linear_model.LogisticRegression().fit(X, CLASSES),
        "sgd": linear_model.SGDClassifier().fit(X, CLASSES),
        "forest": ensemble.RandomForestClassifier(5, random_state=0).fit(X, CLASSES),
        "boosting": ensemble.GradientBoostingRegressor(n_estimators=3).fit(X, Y),
        "histogram": ensemble.HistGradientBoostingClassifier(max_iter=3).fit(X, CLASSES),
        "isolation": ensemble.IsolationForest(n_estimators=3).fit(X),
        "stacked": ensemble.StackingRegressor([("r", linear_model.Ridge())], cv=2).fit(X, Y),
        "voting": ensemble.VotingClassifier([("n", naive_bayes.GaussianNB())]).fit(X, CLASSES),
        "search": search,
        "drawn search": drawn,
        "scaler": StandardScaler().fit(X),
        "power": PowerTransformer().fit(X),
        "quantile": QuantileTransformer(n_quantiles=5).fit(X),
        "spline": SplineTransformer().fit(X),
        "bins": KBinsDiscretizer(3, encode="ordinal").fit(X),
        "means": cluster.KMeans(2, n_init=1).fit(X),
        "mini means": cluster.MiniBatchKMeans(2, n_init=1).fit(X),
        "dbscan": cluster.DBSCAN().fit(X),
        "svc": svm.SVC(probability=False).fit(X, CLASSES),
        "linear svc": svm.LinearSVC().fit(X, CLASSES),
        "neighbours": neighbors.KNeighborsClassifier(3).fit(X, CLASSES),
        "ball": neighbors.KNeighborsRegressor(3, algorithm="ball_tree").fit(X, Y),
        "density": neighbors.KernelDensity().fit(X),
        "network": neural_network.MLPClassifier((3,), max_iter=5).fit(X, CLASSES),
        "process": GaussianProcessRegressor(RBF() + WhiteKernel()).fit(X[:9], Y[:9]),
        "isotonic": IsotonicRegression().fit(X[:, 0], Y),
        "imputer": SimpleImputer().fit(X),
        "neighbour imputer": KNNImputer().fit(X),
        "several": MultiOutputRegressor(linear_model.Ridge()).fit(X, X),
        "components": PCA(2).fit(X),
        "columns": columns.fit(FRAME),
        "pipeline": Pipeline([("s", StandardScaler()), ("r", linear_model.Ridge())]).fit(X, Y),
        "union": FeatureUnion([("p", PCA(1)), ("s", StandardScaler())]).fit(X),
        "words": make_pipeline(TfidfVectorizer(), TruncatedSVD(2)).fit(WORDS),
        "counts": CountVectorizer(ngram_range=(1, 2)).fit(WORDS),
        "hashes": HashingVectorizer(n_features=16).fit(WORDS),
        "numpy function": FunctionTransformer(np.log1p).fit(X),
        "method": FunctionTransformer(str.upper).fit(X),
        "partial": FunctionTransformer(partial(np.clip, a_min=0, a_max=1)).fit(X),
        "generator": DecisionTreeClassifier(random_state=np.random.RandomState(1)).fit(X, CLASSES),
    }


def by_value() -> Mapping[str, Any]:
    """Return objects that cloudpickle stores with their code: what a notebook defines."""
    offset = 3

    def shifted(values: Any) -> Any:
        return values + offset

    def opens(path: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            name = basename(path)  # noqa: PTH119 - a function of os.path
            return shutil.copy(path, f"{folder}/{name}") + logging.getLogger().name

    def recursive(number: int) -> int:
        return 1 if number < 2 else recursive(number - 1)

    class Model:
        """A class with state, a method, a class attribute and a property."""

        DEFAULT = re.compile("a+")

        def __init__(self) -> None:
            self.settings = argparse.Namespace(depth=3, kind=Colour.RED)
            self.buffer = io.BytesIO(b"abc")
            self.method = self.predict
            self.helper = opens

        def predict(self, context: Any, model_input: Any) -> Any:
            return shifted(model_input) if context else super().__init__()

        @property
        def one(self) -> int:
            return recursive(1)

        @staticmethod
        def two() -> Callable[..., Any]:
            return lambda text: Path(text).read_text()

    for made in (Model, Colour):
        made.__module__ = "__main__" if made is Model else made.__module__
    for function in (shifted, opens, recursive):
        function.__module__ = "__main__"
    return {
        "lambda": FunctionTransformer(lambda values: np.log1p(values) + offset).fit(X),
        "function": shifted,
        "files": opens,
        "recursive": recursive,
        "class": Model,
        "object": Model(),
        "partial": partial(shifted, values=1),
        "bound": Model().predict,
        "vectorized": np.vectorize(lambda value: value + 1),
    }


def values() -> Mapping[str, Any]:
    """Return plain values, frames and arrays, as artifacts have them."""
    return {
        "frame": FRAME,
        "series": FRAME["number"],
        "index": pd.MultiIndex.from_frame(FRAME[["number", "word"]]),
        "grouped": FRAME.groupby("word").agg({"number": "mean"}),
        "interval": pd.cut(FRAME["number"], 3),
        "period": pd.period_range("2020-01", periods=3, freq="M"),
        "timedelta": pd.Series(pd.to_timedelta([1, 2], unit="s")),
        "timestamp": [pd.Timestamp("2020-01-01"), pd.NaT, pd.NA],
        "sparse": pd.Series(pd.arrays.SparseArray([0, 0, 1])),
        "text": pd.Series(["a", None], dtype="string"),
        "array": X,
        "objects": np.array([{"a": 1}, "b", None], dtype=object),
        "texts": np.array(["abc", "d"]),
        "structured": np.zeros(3, dtype=[("a", "f8"), ("b", "i4")]),
        "days": np.array(["2020-01-01"], dtype="datetime64[D]"),
        "scalars": [np.float64(1.5), np.int64(3), np.bool_(True), np.str_("x")],
        "fortran": np.asfortranarray(X),
        "generator": RANDOM,
        "state": np.random.RandomState(1),
        "polynomial": np.polynomial.Polynomial([1, 2]),
        "masked": np.ma.masked_array([1.0, 2.0], mask=[True, False]),
        "ufunc": np.add,
        "times": [
            datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc),
            datetime.timedelta(1),
            datetime.date(2020, 1, 1),
        ],
        "numbers": [decimal.Decimal("1.5"), 1j, 2**80, -(2**40), 1.5, None, True, b"\x00"],
        "pattern": re.compile("a+", re.IGNORECASE),
        "enum": Colour.BLUE,
        "path": Path("a/b"),
        "logger": logging.getLogger("a"),
        "error": ValueError("no"),
        "collections": [{1, 2}, frozenset({3}), {"a": (1, [2])}, range(3), slice(1, 2)],
        "vocabulary": {f"word{number}": number for number in range(3000)},
    }


def pickles() -> Mapping[str, bytes]:
    """Return the content of pickles, by the name of a file that has it."""
    found: dict[str, bytes] = {}
    for name, value in {**estimators(), **values()}.items():
        for protocol in (2, 4, pickle.HIGHEST_PROTOCOL):
            found[f"{name}-{protocol}.pkl"] = pickle.dumps(value, protocol)
        for compress in (0, 3, ("gzip", 3), ("xz", 1), ("bz2", 1)):
            opened = io.BytesIO()
            joblib.dump(value, opened, compress=compress)
            kind = compress[0] if isinstance(compress, tuple) else compress
            found[f"{name}-{kind}.joblib"] = opened.getvalue()
    for name, value in by_value().items():
        found[f"by value {name}.pkl"] = cloudpickle.dumps(value)
    return found
