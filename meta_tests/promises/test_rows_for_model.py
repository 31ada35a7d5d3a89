"""Tests of ``promises.rows_for_model``: rows that a mode states, for a model nobody observed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow.sklearn
import numpy as np
import pandas as pd
import pytest
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

from mlflow_conformance.promises.observed_rows import main, rows_of
from mlflow_conformance.promises.rows import read_rows, write_rows

FEATURES = pd.DataFrame({"a": range(6), "b": range(6)}, dtype="float64")
# What a file of a team has: a label and a number beside the features, and another order.
STATED = FEATURES.assign(label=1, id=range(6))[["id", "b", "a", "label"]]


def written(folder: Path, stated: pd.DataFrame, *, fitted: Any, signature: Any = None) -> Any:
    """Save a model, state rows, and return the rows that are scored with it."""
    model, rows = folder / "model", folder / "rows.json"
    estimator = LogisticRegression().fit(fitted, [0, 1] * 3)
    kept = {"serialization_format": "cloudpickle", "pip_requirements": ["scikit-learn"]}
    mlflow.sklearn.save_model(estimator, str(model), signature=signature, **kept)
    write_rows(rows_of(stated, None), rows)
    main(str(model), str(folder / "nobody"), str(rows))
    return read_rows(rows).trained


@pytest.mark.parametrize("is_signed", [True, False])
def test_a_model_scores_the_columns_that_it_names(is_signed: bool, tmp_path: Path) -> None:
    """Those of the signature or, without one, of the estimator, in its order."""
    signature = infer_signature(FEATURES) if is_signed else None
    scored = written(tmp_path, STATED, fitted=FEATURES, signature=signature)
    pd.testing.assert_frame_equal(scored, FEATURES)


def test_an_estimator_without_names_scores_an_array(tmp_path: Path) -> None:
    """It was fitted on an array with as many columns."""
    scored = written(tmp_path, FEATURES, fitted=FEATURES.to_numpy())
    np.testing.assert_array_equal(scored, FEATURES.to_numpy())


def test_rows_that_lack_a_column_stay_without_it(tmp_path: Path) -> None:
    """Scoring then says which one is missing, in the words of MLflow or scikit-learn."""
    scored = written(tmp_path, STATED[["b", "label"]], fitted=FEATURES)
    assert list(scored.columns) == ["b"]
    stays = written(tmp_path / "other", STATED[["label"]], fitted=FEATURES)
    assert list(stays.columns) == ["label"]
