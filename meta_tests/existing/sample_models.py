"""Small models, written by hand, and edits of them that a check must notice or leave alone."""

from __future__ import annotations

import json
import pickle
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import yaml
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import FunctionTransformer

SKLEARN: Final = metadata.version("scikit-learn")
MLFLOW: Final = metadata.version("mlflow")
PYTHON: Final = platform.python_version()
LINES: Final = (f"mlflow=={MLFLOW}", f"scikit-learn=={SKLEARN}")
COLUMNS: Final = ({"name": "a", "type": "double", "required": True},)
ESTIMATOR: Final = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


@dataclass
class SampleModel:
    """A model that is about to be written: the content of ``MLmodel`` and the other files."""

    mlmodel: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def sklearn(self) -> dict[str, Any]:
        """Return the options of scikit-learn's flavor."""
        found: dict[str, Any] = self.mlmodel["flavors"]["sklearn"]
        return found

    @property
    def pyfunc(self) -> dict[str, Any]:
        """Return the options of the flavor that all models have."""
        found: dict[str, Any] = self.mlmodel["flavors"]["python_function"]
        return found

    def pickled(self, value: object) -> None:
        """Store another object as the model."""
        self.files["model.pkl"] = pickle.dumps(value)

    def write(self, folder: Path) -> Path:
        """Write the model into a folder, and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        files = {"MLmodel": yaml.safe_dump(self.mlmodel).encode(), **self.files}
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder


def sample_model() -> SampleModel:
    """Return a model in which nothing is found, as MLflow logs it."""
    signature = json.dumps(list(COLUMNS))
    sklearn = {
        "pickled_model": "model.pkl",
        "serialization_format": "cloudpickle",
        "sklearn_version": SKLEARN,
        "code": None,
    }
    pyfunc = {
        "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
        "loader_module": "mlflow.sklearn",
        "model_path": "model.pkl",
        "predict_fn": "predict",
        "python_version": PYTHON,
    }
    example = {"artifact_path": "input_example.json", "pandas_orient": "split", "type": "dataframe"}
    conda = {
        "channels": ["conda-forge"],
        "dependencies": [f"python={PYTHON}", "pip<=24", {"pip": list(LINES)}],
        "name": "mlflow-env",
    }
    environment = {
        "python": PYTHON,
        "build_dependencies": ["pip==24"],
        "dependencies": ["-r requirements.txt"],
    }
    return SampleModel(
        {
            "artifact_path": "model",
            "flavors": {"python_function": pyfunc, "sklearn": sklearn},
            "mlflow_version": MLFLOW,
            "model_uuid": "b9e715c833014f73ae0cd8a1b71bc0a3",
            "run_id": "a" * 32,
            "saved_input_example_info": example,
            "signature": {"inputs": signature, "outputs": signature, "params": None},
            "utc_time_created": "2026-01-01 00:00:00.000000",
        },
        {
            "model.pkl": pickle.dumps(ESTIMATOR),
            "requirements.txt": "\n".join(LINES).encode(),
            "conda.yaml": yaml.safe_dump(conda).encode(),
            "python_env.yaml": yaml.safe_dump(environment).encode(),
            "input_example.json": b'{"columns": ["a"], "data": [[NaN]]}',
        },
    )


def transformer(function: Callable[..., Any]) -> Any:
    """Return a fitted model that calls a function of a module."""
    return FunctionTransformer(function).fit([[1.0]])


def old_models() -> Mapping[str, SampleModel]:
    """Return models as old releases logged them, from the facts that their documentation states."""
    pickled = {"model.pkl": pickle.dumps(ESTIMATOR, 2)}
    conda = {"name": "mlflow-env", "channels": ["defaults"]}
    of_conda = {
        **conda,
        "dependencies": [f"python={PYTHON}", f"scikit-learn={SKLEARN}", {"pip": ["mlflow"]}],
    }
    first = {"pickled_model": "model.pkl", "sklearn_version": SKLEARN}
    pyfunc = {"loader_module": "mlflow.sklearn", "data": "model.pkl", "env": "conda.yaml"}
    conda_file = {"conda.yaml": yaml.safe_dump(of_conda).encode()}
    run = {"artifact_path": "model", "run_id": "1" * 32, "utc_time_created": "2018-10-01 10:00:00"}
    half = json.dumps([{"name": "a", "type": "double"}])
    return {
        # Flavors, a run and a time: no identity, no version of MLflow, no signature.
        "0.2": SampleModel({**run, "flavors": {"sklearn": first}}, pickled),
        "0.8": SampleModel(
            {**run, "flavors": {"python_function": pyfunc, "sklearn": first}},
            {**pickled, **conda_file},
        ),
        "1.0": SampleModel(
            {
                **run,
                "flavors": {
                    "python_function": {**pyfunc, "python_version": "3.6.8"},
                    "sklearn": {**first, "serialization_format": "cloudpickle"},
                },
            },
            {**pickled, **conda_file},
        ),
        # Signatures and input examples came with 1.9, identities and versions with 1.13 and 1.21.
        "1.13": SampleModel(
            {
                **run,
                "flavors": {
                    "python_function": {
                        "loader_module": "mlflow.sklearn",
                        "env": "conda.yaml",
                        "model_path": "model.pkl",
                        "python_version": PYTHON,
                    },
                    "sklearn": {**first, "serialization_format": "cloudpickle"},
                },
                "model_uuid": "2" * 32,
                "saved_input_example_info": {
                    "artifact_path": "input_example.json",
                    "type": "dataframe",
                    "pandas_orient": "split",
                },
                "signature": {"inputs": half, "outputs": half},
            },
            {**pickled, **conda_file, "input_example.json": b'{"columns": ["a"], "data": [[1]]}'},
        ),
    }
