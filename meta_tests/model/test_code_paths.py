"""Modules in a model's code paths: each model is loaded with its own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlflow_conformance.model.code_paths import CodePaths

# A module of this name is in each model; it determines the predictions.
MODULE = "own_rule"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Restore ``sys.path`` and ``sys.modules`` after the test."""
    path, modules = list(sys.path), dict(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - set(modules):
        if name.startswith(MODULE):
            del sys.modules[name]


def module(folder: Path, answer: int) -> Path:
    """Write the module into a folder and return its file."""
    folder.mkdir(parents=True)
    file = folder / f"{MODULE}.py"
    file.write_text(
        "import numpy\nfrom sklearn.base import BaseEstimator\n\n\n"
        f"class Rule(BaseEstimator):\n    def predict(self, rows):\n"
        f"        return numpy.full(len(rows), {answer})\n",
        encoding="utf-8",
    )
    return file


def saved(folder: Path, answer: int) -> Path:
    """Return a model with the module, whose predictions are all ``answer``."""
    import mlflow.sklearn

    source = module(folder / "source", answer)
    code = CodePaths(folder)
    source.parent.rename(folder / "code")
    with code.in_use():
        rule = importlib.import_module(MODULE).Rule()
        mlflow.sklearn.save_model(
            rule,
            str(folder / "model"),
            code_paths=[str(folder / "code" / source.name)],
            serialization_format="cloudpickle",
            pip_requirements=["mlflow"],
        )
    return folder / "model"


def test_two_models_with_a_module_of_the_same_name_keep_apart(tmp_path: Path) -> None:
    """Two models with modules of the same name are each loaded with their own, in any order."""
    import mlflow.pyfunc

    models = [saved(tmp_path / str(answer), answer) for answer in (1, 2)]
    codes = [CodePaths(model) for model in models]
    loaded: list[Any] = []
    for model, code in zip(models, codes, strict=True):
        with code.in_use():
            loaded.append(mlflow.pyfunc.load_model(str(model)))
        assert MODULE not in sys.modules
        assert not any(str(model) in folder for folder in sys.path)
    for number in (0, 1, 0):
        with codes[number].in_use():
            again = mlflow.pyfunc.load_model(str(models[number]))
            for found in (loaded[number], again):
                assert found.predict(np.zeros((2, 1))).tolist() == [number + 1] * 2


def test_a_module_that_was_there_before_is_there_again(tmp_path: Path) -> None:
    """A module of the same name that was imported before is hidden from the model and restored."""
    sys.path.insert(0, str(module(tmp_path / "mine", 1).parent))
    mine = importlib.import_module(MODULE)
    module(tmp_path / "code", 2)
    importlib.invalidate_caches()
    code = CodePaths(tmp_path)
    with code.in_use():
        first = importlib.import_module(MODULE)
        assert first is not mine
    assert sys.modules[MODULE] is mine
    with code.in_use():
        assert importlib.import_module(MODULE) is first


def test_a_model_without_code_changes_nothing(tmp_path: Path) -> None:
    """A model without a code folder changes neither ``sys.path`` nor ``sys.modules``."""
    before = list(sys.path), set(sys.modules)
    with CodePaths(tmp_path).in_use():
        assert (list(sys.path), set(sys.modules)) == before
