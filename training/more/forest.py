"""Log a random forest as the release does it by default."""

from __future__ import annotations

import argparse

import mlflow.sklearn
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.ensemble import RandomForestClassifier

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
    """Train, and log the model."""
    table = pd.read_csv(args.training_data)
    features = table[FEATURES]
    model = RandomForestClassifier(n_estimators=5, max_depth=4, random_state=0)
    model.fit(features, table[LABEL])
    signature = infer_signature(features, model.predict(features))
    mlflow.sklearn.log_model(model, "model", signature=signature)


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="CSV file or its address")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
