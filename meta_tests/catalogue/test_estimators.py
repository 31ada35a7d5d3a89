"""Estimators of the catalogue: how they are created, and errors with file, entry and key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from meta_tests.end_to_end.suite_run import mode, write_catalogue
from mlflow_conformance.catalogue.estimators import Estimator, check_estimator, new_estimator
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.support.yaml_entry import ConfigurationError

LINEAR = "sklearn.linear_model"
MODULES = {
    "own_pipes.py": (
        "from sklearn.linear_model import LogisticRegression\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler\n\n\n"
        "def scaled(C=1.0):\n"
        "    return make_pipeline(StandardScaler(), LogisticRegression(C=C))\n\n\n"
        "def nothing():\n"
        "    return object()\n"
    ),
    "own_trouble.py": "raise RuntimeError('not today')\n",
}


def written(folder: Path, **entry: Any) -> Estimator:
    """Return the estimator that is read from an entry, beside the sample modules."""
    estimators = {"mine": {"parameters": {}, **entry}}
    modes = [mode("one", "model.py", estimator="mine")]
    path = write_catalogue(folder, modes, MODULES, estimators=estimators)
    refit = read_catalogue(path).mode("one").refit
    assert refit is not None
    return refit.estimator


@pytest.mark.parametrize(
    "entry",
    [
        {"class": f"{LINEAR}.LogisticRegression", "parameters": {"C": 100.0}},
        {"class": f"{LINEAR}.LogisticRegression", "kind": "classifier", "probabilities": True},
        {"class": f"{LINEAR}.RidgeClassifier", "probabilities": False},
        {"class": f"{LINEAR}.LinearRegression", "kind": "regressor"},
        {"class": f"{LINEAR}.LinearRegression", "kind": "regressor", "probabilities": False},
        {"class": "sklearn.svm.SVC", "probabilities": False},
        {"class": "own_pipes.scaled", "parameters": {"C": 2.0}},
    ],
    ids=str,
)
def test_what_is_so_is_accepted(entry: dict[str, Any], tmp_path: Path) -> None:
    """A correct entry is accepted."""
    check_estimator(written(tmp_path, **entry))


@pytest.mark.parametrize(
    ("entry", "error_message"),
    [
        ({"class": f"{LINEAR}.RidgeClasifier"}, f"class: {LINEAR} has no class or function 'Rid"),
        ({"class": "sklearn.linear.Ridge"}, "class: importing sklearn.linear: ModuleNotFoundError"),
        ({"class": "own_trouble.make"}, "class: importing own_trouble: RuntimeError: not today"),
        ({"class": "sklearn.linear_model"}, "class: sklearn has no class or function 'linear_mod"),
        ({"class": "own_pipes.nothing"}, "class: gives an object of type object, which has no fit"),
        ({"class": "sklearn.pipeline.make_pipeline"}, "type Pipeline, which has no predict"),
        (
            {"class": "sklearn.cluster.KMeans"},
            "KMeans is neither a classifier nor a regressor",
        ),
        (
            {"class": f"{LINEAR}.LogisticRegression", "parameters": {"c": 1}},
            f"parameters: {LINEAR}.LogisticRegression does not take them: TypeError: ",
        ),
        (
            {"class": f"{LINEAR}.LogisticRegression", "parameters": {"solver": "liblinaer"}},
            "does not take them: InvalidParameterError: The 'solver' parameter of LogisticRegress",
        ),
        ({"class": f"{LINEAR}.Ridge"}, "kind: should be regressor, Ridge is one"),
        (
            {"class": "own_pipes.scaled", "kind": "regressor"},
            "kind: should be classifier, Pipeline is one",
        ),
        (
            {"class": f"{LINEAR}.RidgeClassifier"},
            "probabilities: should be false, RidgeClassifier has no predict_proba",
        ),
        (
            {"class": f"{LINEAR}.LogisticRegression", "probabilities": False},
            "probabilities: should be true, LogisticRegression has a predict_proba",
        ),
    ],
)
def test_what_is_not_so_is_told_by_file_entry_and_key(
    entry: dict[str, Any], error_message: str, tmp_path: Path
) -> None:
    """A wrong class, parameter or kind is reported in one line with file, entry and key."""
    estimator = written(tmp_path, **entry)
    with pytest.raises(ConfigurationError) as caught:
        check_estimator(estimator)
    message = str(caught.value)
    assert message.startswith(f"{estimator.catalogue}: the catalogue: estimators: mine: ")
    assert error_message in message
    assert "\n" not in message


def test_modules_beside_the_catalogue_are_found_only_then(tmp_path: Path) -> None:
    """A factory beside the catalogue is found and called; ``sys.path`` stays unchanged.

    A model that lacks the module must not find it where the estimator was found.
    """
    before = list(sys.path)
    made = new_estimator(written(tmp_path, **{"class": "own_pipes.scaled", "parameters": {"C": 7}}))
    assert made.get_params()["logisticregression__C"] == 7
    assert sys.path == before
