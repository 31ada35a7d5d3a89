"""Every estimator of the installed scikit-learn can be fitted on the table, and answers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.utils import all_estimators

from mlflow_conformance.sweep.answers import LEARNED, METHODS, NoAnswer, answer
from mlflow_conformance.sweep.names import all_names
from mlflow_conformance.sweep.recipes import RECIPES, fitted
from mlflow_conformance.sweep.table import FORMS, inputs


def kinds() -> dict[str, Any]:
    """Return the class of each estimator."""
    return dict(all_estimators())


@pytest.mark.parametrize("name", all_names())
@pytest.mark.filterwarnings("ignore")
def test_every_estimator_can_be_fitted(name: str) -> None:
    """With its recipe, each estimator is fitted and gives the same answer twice."""
    estimator, given = fitted(name, kinds()[name])
    first = answer(estimator, given.rows)
    assert first.size
    assert np.array_equal(first, answer(estimator, given.rows))


def test_a_recipe_is_of_an_estimator() -> None:
    """No recipe has the name of an estimator that no supported release of scikit-learn has."""
    # The installed release need not have the newest, or the oldest, ones.
    missing = sorted(set(RECIPES) - set(all_names()))
    assert set(missing) <= {"FixedThresholdClassifier", "TunedThresholdClassifierCV"} | {
        "FrozenEstimator"
    }


@pytest.mark.parametrize("form", FORMS)
def test_inputs_are_always_the_same(form: str) -> None:
    """Two processes fit an estimator on the same rows."""
    one, two = (inputs(form).arguments for _ in range(2))
    assert repr(one) == repr(two)


def test_an_estimator_without_an_answer_is_told() -> None:
    """If nothing can be compared, that is an error, not a comparison of nothing."""
    with pytest.raises(NoAnswer, match=f"has none of {METHODS[0]}, .*{LEARNED[-1]}"):
        answer(object(), [])


def test_a_sparse_answer_is_compared_as_an_array() -> None:
    """Sparse answers have no equality of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator, given = fitted("CountVectorizer", kinds()["CountVectorizer"])
    assert isinstance(answer(estimator, given.rows), np.ndarray)
