"""Log a classifier with a signature whose outputs are a Series, or truly boolean."""

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
# Stated, so that MLflow need not load the model to find out what it imports.
REQUIREMENTS = [f"{name}=={version(name)}" for name in ("scikit-learn", "pandas", "cloudpickle")]


def main(args: argparse.Namespace) -> None:
    """Train on the labels as numbers or as booleans, infer the signature, and log the model."""
    table = pd.read_csv(args.training_data)
    features, labels = table[FEATURES], table[LABEL]
    if args.outputs == "boolean":
        labels = labels == 1
    model = LogisticRegression(solver="liblinear").fit(features, labels)
    outputs = model.predict(features)
    if args.outputs == "series":
        outputs = pd.Series(outputs, name=LABEL)
    signature = infer_signature(features, outputs)
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
    parser.add_argument("--training_data", required=True, help="CSV file or its address")
    parser.add_argument("--outputs", choices=["series", "boolean"], required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
