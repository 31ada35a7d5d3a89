"""A logged object predicts as its flavor would call it."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from mlflow_conformance.witness.kept_artifacts import MOST_BYTES, keep_artifacts, kept_artifacts
from mlflow_conformance.witness.predicting import function_name, predict_function, unnoticed
from mlflow_conformance.witness.saved import Saved

ROWS = np.asarray([[0.0], [1.0], [2.0], [3.0]])


def saved(model: Any, **passed: Any) -> Saved:
    """Return what was seen of an object that was logged with these arguments."""
    return Saved("m-1", "sklearn", model, passed, None, "log_model")


class Context:
    """Takes the context, and parameters."""

    def load_context(self, context: Any) -> None:
        """Keep what the context has."""
        self.files, self.config = context.artifacts, context.model_config

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        """Return everything."""
        return model_input, params, context.artifacts == self.files, self.config


class Short:
    """Takes only the rows, as PythonModels may since MLflow 2.20."""

    def predict(self, model_input: Any) -> Any:
        """Return the rows."""
        return model_input


class WithParams:
    """Takes the rows and parameters."""

    def predict(self, model_input: Any, params: Any = None) -> Any:
        """Return both."""
        return model_input, params


def test_an_estimator_predicts_with_the_function_that_the_script_asks_for() -> None:
    """It is ``predict``, or what ``pyfunc_predict_fn`` names."""
    model = LogisticRegression().fit(ROWS, [0, 0, 1, 1])
    usual = saved(model, pyfunc_predict_fn=None)
    other = saved(model, pyfunc_predict_fn="predict_proba")
    assert (function_name(usual, model), function_name(other, model)) == (
        "predict",
        "predict_proba",
    )
    assert predict_function(usual, model, {})(ROWS).tolist() == [0, 0, 1, 1]
    assert predict_function(other, model, {})(ROWS).shape == (4, 2)


def test_a_transformer_transforms_and_others_are_refused() -> None:
    """An object without ``predict`` transforms; without both it has no function."""
    scaler = StandardScaler().fit(ROWS)
    assert function_name(saved(scaler, pyfunc_predict_fn="predict"), scaler) == "transform"
    assert predict_function(saved(scaler), scaler, {})(ROWS).mean() == 0
    with pytest.raises(TypeError, match="object has no function predict"):
        predict_function(saved(object()), object(), {})


def test_a_python_model_gets_the_context_and_parameters_that_it_takes(tmp_path: Path) -> None:
    """The context has the artifacts and the configuration; parameters are keywords."""
    model = Context()
    ask = predict_function(
        saved(model, python_model=model, model_config={"a": 1}), model, {"file": tmp_path}
    )
    assert ask(ROWS[:1]) == (ROWS[:1], None, True, {"a": 1})
    assert ask("x", least=0.5)[1] == {"least": 0.5}
    assert model.files == {"file": str(tmp_path)}


@pytest.mark.parametrize(
    ("model", "answer"), [(Short(), "x"), (WithParams(), ("x", None)), (str.upper, "X")]
)
def test_a_python_model_may_take_less(model: Any, answer: Any) -> None:
    """The context and the parameters are optional, and a function takes the rows alone."""
    assert predict_function(saved(model, python_model=model), model, {})("x") == answer


def test_a_loader_module_loads_the_kept_data(tmp_path: Path) -> None:
    """The module is found in ``code_paths``, and loads the copy of the data."""
    code, data = tmp_path / "witness_loader.py", tmp_path / "data.txt"
    code.write_text(
        "class Constant:\n    def __init__(self, path):\n        self.text = open(path).read()\n"
        "    def predict(self, rows):\n        return [self.text] * len(rows)\n\n\n"
        "_load_pyfunc = Constant\n"
    )
    data.write_text("seven")
    found = saved(None, loader_module="witness_loader", data_path=str(data), code_paths=[str(code)])
    keep_artifacts(found, tmp_path / "kept")
    data.unlink()
    path = list(sys.path)
    try:
        ask = predict_function(found, None, kept_artifacts(found, tmp_path / "kept"))
        assert ask([1, 2]) == ["seven", "seven"]
        assert sys.path == path
    finally:
        sys.modules.pop("witness_loader", None)
    assert found.is_function


def test_artifacts_are_kept_if_they_are_small_files_and_folders(tmp_path: Path) -> None:
    """Files and folders are copied; what is not there, remote or very large is not."""
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "folder" / "inner" / "a.txt").write_text("a")
    (tmp_path / "file").write_text("b")
    with (tmp_path / "large").open("wb") as large:
        large.truncate(MOST_BYTES + 1)
    names = ("folder", "file", "large", "missing")
    artifacts = {name: f"file://{tmp_path / name}" for name in names}
    found = saved(None, artifacts={**artifacts, "remote": "s3://bucket/file"})
    keep_artifacts(found, tmp_path / "kept")
    kept = kept_artifacts(found, tmp_path / "kept")
    assert sorted(kept) == ["file", "folder"]
    assert kept["file"].read_text() == "b"
    assert (kept["folder"] / "inner" / "a.txt").read_text() == "a"


def test_nothing_is_noticed_of_what_the_object_does(capsys: pytest.CaptureFixture[str]) -> None:
    """What it prints and warns about is not shown, and both work again afterwards."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with unnoticed():
            print("inside")
            print("error", file=sys.stderr)
            warnings.warn("inside", stacklevel=1)
        warnings.warn("outside", stacklevel=1)
    print("outside")
    assert [str(one.message) for one in caught] == ["outside"]
    assert capsys.readouterr() == ("outside\n", "")
