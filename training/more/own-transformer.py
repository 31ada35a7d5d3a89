"""Log a pipeline with a transformer of one's own, and its code."""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path

import mlflow.sklearn
import pandas as pd
from mlflow.models.signature import infer_signature
from own_steps import Ratio
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

# Stated, so that MLflow need not load the model to find out what it imports.
REQUIREMENTS = [f"{name}=={version(name)}" for name in ("scikit-learn", "pandas", "cloudpickle")]


def main(args: argparse.Namespace) -> None:
    """Train, infer the signature, and log the model with the module that defines its step."""
    table = pd.read_csv(args.training_data)
    features = table[["Age", "Spending"]]
    model = make_pipeline(Ratio("Spending", "Age"), LinearRegression())
    model.fit(features, table["Churned"] == "yes")
    signature = infer_signature(features, model.predict(features))
    mlflow.sklearn.log_model(
        model,
        "model",
        signature=signature,
        serialization_format="cloudpickle",
        code_paths=[str(Path(__file__).with_name("own_steps.py"))],
        pip_requirements=REQUIREMENTS,
    )


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="customers.csv")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
