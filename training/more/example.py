"""Log a classifier with an input example, from which MLflow infers the signature."""

from __future__ import annotations

import argparse
from importlib.metadata import version
from typing import Any

import mlflow.sklearn
import pandas as pd
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
    """Train, and log the model with the example."""
    model, features = train_model(args.training_data)
    if args.form == "array":
        model.fit(features.to_numpy(), model.predict(features))
    mlflow.sklearn.log_model(
        model,
        "model",
        input_example=example_of(features, args.form),
        serialization_format="cloudpickle",
        pip_requirements=REQUIREMENTS,
    )


def example_of(features: pd.DataFrame, form: str) -> Any:
    """Return the first rows as a DataFrame or an array, or one row as a dict of its values."""
    if form == "dict":
        return {name: column.iloc[0] for name, column in features.items()}
    rows = features.head(5)
    return rows.to_numpy() if form == "array" else rows


def train_model(path: str) -> tuple[LogisticRegression, pd.DataFrame]:
    """Return a fitted classifier, and the features (rows x 8) that it was fitted on."""
    table = pd.read_csv(path)
    features = table[FEATURES]
    return LogisticRegression(solver="liblinear").fit(features, table[LABEL]), features


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="CSV file or its address")
    parser.add_argument("--form", choices=["frame", "dict", "array"], required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
