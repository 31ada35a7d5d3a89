"""Log a classifier in a serialization format that is named."""

from __future__ import annotations

import argparse
from importlib.metadata import version

import mlflow.sklearn
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.linear_model import LogisticRegression

FEATURES = [
    "Pregnancies",
    "PlasmaGlucose",
    "DiastolicBloodPressure",
    "TricepsThickness",
    "SerumInsulin",
    "BMI",
    "DiabetesPedigree",
    "Age",
]
LABEL = "Diabetic"


def main(args: argparse.Namespace) -> None:
    """Train, and log the model in the format."""
    model, features = train_model(args.training_data)
    signature = infer_signature(features, model.predict(features))
    required = ["scikit-learn", "pandas", *([args.format] if args.format != "pickle" else [])]
    mlflow.sklearn.log_model(
        model,
        "model",
        signature=signature,
        serialization_format=args.format,
        pip_requirements=[f"{name}=={version(name)}" for name in required],
    )


def train_model(path: str) -> tuple[LogisticRegression, pd.DataFrame]:
    """Return a fitted classifier, and the features (rows x 8) that it was fitted on."""
    table = pd.read_csv(path)
    features = table[FEATURES]
    return LogisticRegression(solver="liblinear").fit(features, table[LABEL]), features


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="CSV file or its address")
    parser.add_argument("--format", choices=["pickle", "cloudpickle", "skops"], required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
