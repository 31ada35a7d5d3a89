"""Log a PythonModel that returns booleans, with an artifact and with parameters."""

from __future__ import annotations

import argparse
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import pandas as pd
from mlflow.models.signature import infer_signature

# Stated, so that MLflow need not load the model to find out what it imports.
REQUIREMENTS = [f"{name}=={version(name)}" for name in ("pandas", "cloudpickle")]


def main(args: argparse.Namespace) -> None:
    """Write the limit, half of the customers spend more, and log the model with it."""
    features = pd.read_csv(args.training_data)[["Spending"]]
    limit = Path("limit.json")
    limit.write_text(json.dumps(features["Spending"].median()))
    signature = infer_signature(features, features["Spending"] > 0, params={"factor": 1.0})
    mlflow.pyfunc.log_model(
        "model",
        python_model=Threshold(),
        artifacts={"limit": str(limit)},
        signature=signature,
        input_example=features.head(),
        pip_requirements=REQUIREMENTS,
    )


class Threshold(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Says whether customers spend more than a limit, times a factor that requests can choose."""

    def load_context(self, context: Any) -> None:
        """Read the limit."""
        self.limit = json.loads(Path(context.artifacts["limit"]).read_text())

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.Series:
        """Return a boolean for each row."""
        factor = (params or {}).get("factor", 1.0)
        return model_input["Spending"] > self.limit * factor


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="customers.csv")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
