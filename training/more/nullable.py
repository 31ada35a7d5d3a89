"""Log a classifier of integer columns with missing values."""

from __future__ import annotations

import argparse
from importlib.metadata import version

import mlflow.sklearn
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

# Stated, so that MLflow need not load the model to find out what it imports.
REQUIREMENTS = [f"{name}=={version(name)}" for name in ("scikit-learn", "pandas", "cloudpickle")]


def main(args: argparse.Namespace) -> None:
    """Train on integers as pandas reads them, or as nullable integers, and log the model."""
    table = pd.read_csv(args.training_data)
    features = table[["Age", "Visits"]]
    if args.as_nullable:
        features = features.astype("Int64")
    model = make_pipeline(SimpleImputer(), LogisticRegression()).fit(features, table["Churned"])
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
    parser.add_argument("--as_nullable", action="store_true", help="keep integers as integers")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
