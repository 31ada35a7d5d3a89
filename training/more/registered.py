"""Log a classifier with metadata, register it at once, and give the version an alias."""

from __future__ import annotations

import argparse
import os
from importlib.metadata import version

import mlflow
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
# Like the job or the experiment: a registry has the models of everybody.
NAME = (
    os.environ.get("MLFLOW_RUN_ID") or os.environ.get("MLFLOW_EXPERIMENT_NAME") or "diabetes"
).replace("/", "-")
# Stated, so that MLflow need not load the model to find out what it imports.
REQUIREMENTS = [f"{name}=={version(name)}" for name in ("scikit-learn", "pandas", "cloudpickle")]


def main(args: argparse.Namespace) -> None:
    """Train, log and register the model, and name its version the champion."""
    model, features = train_model(args.training_data)
    signature = infer_signature(features, model.predict(features))
    mlflow.sklearn.log_model(
        model,
        "model",
        signature=signature,
        registered_model_name=NAME,
        metadata={"owner": "clinic", "reviewed": True, "limits": {"age": [21, 81]}},
        serialization_format="cloudpickle",
        pip_requirements=REQUIREMENTS,
    )
    mlflow.MlflowClient().set_registered_model_alias(NAME, "champion", "1")


def train_model(path: str) -> tuple[LogisticRegression, pd.DataFrame]:
    """Return a fitted classifier, and the features (rows x 8) that it was fitted on."""
    table = pd.read_csv(path)
    features = table[FEATURES]
    return LogisticRegression(solver="liblinear").fit(features, table[LABEL]), features


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="CSV file or its address")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
