"""Log a regressor of one number, or of two."""

from __future__ import annotations

import argparse
from importlib.metadata import version

import mlflow.sklearn
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.linear_model import LinearRegression

# Stated, so that MLflow need not load the model to find out what it imports.
REQUIREMENTS = [f"{name}=={version(name)}" for name in ("scikit-learn", "pandas", "cloudpickle")]


def main(args: argparse.Namespace) -> None:
    """Train on the named columns, infer the signature, and log the model."""
    table = pd.read_csv(args.training_data).dropna()
    features = table[["Age", "Visits"]]
    model = LinearRegression().fit(features, table[args.labels].squeeze())
    signature = infer_signature(features, model.predict(features))
    mlflow.sklearn.log_model(
        model,
        "model",
        signature=signature,
        serialization_format="cloudpickle",
        pip_requirements=REQUIREMENTS,
    )


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="customers.csv")
    parser.add_argument("--labels", nargs="+", required=True, help="columns to predict")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
