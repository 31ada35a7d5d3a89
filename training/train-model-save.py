"""Train the lab's classifier, save it to a folder, and log that folder as artifacts of the run."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import mlflow
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

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
    """Train, save the model with an inferred signature, and log its files as artifacts."""
    features, labels = read_data(args.training_data, as_frame=args.as_frame)
    train_features, test_features, train_labels, test_labels = train_test_split(
        features, labels, test_size=0.30, random_state=0
    )
    model = train_model(train_features, train_labels, reg_rate=args.reg_rate)
    predictions = model.predict(test_features)
    print("Accuracy:", np.average(predictions == test_labels))
    signature = infer_signature(train_features, predictions)
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "model"
        mlflow.sklearn.save_model(model, str(saved), signature=signature)
        mlflow.log_artifacts(str(saved), "model")


def read_data(path: str, *, as_frame: bool) -> tuple[Any, Any]:
    """Return features (rows x 8) and labels (rows), as arrays or as DataFrame and Series."""
    table = pd.read_csv(path)
    features, labels = table[FEATURES], table[LABEL]
    return (features, labels) if as_frame else (features.values, labels.values)


def train_model(features: Any, labels: Any, *, reg_rate: float) -> LogisticRegression:
    """Return a logistic regression fitted to the features; ``reg_rate`` is 1 / C."""
    return LogisticRegression(C=1 / reg_rate, solver="liblinear").fit(features, labels)


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="CSV file or its address")
    parser.add_argument("--reg_rate", type=float, default=0.01, help="regularization rate, 1 / C")
    parser.add_argument("--as_frame", action="store_true", help="train on a DataFrame")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
