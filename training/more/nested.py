"""Let autologging log one model in each of two nested runs."""

from __future__ import annotations

import argparse

import mlflow
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


def main(args: argparse.Namespace) -> None:
    """Turn autologging on, and train two models in runs below one run."""
    mlflow.sklearn.autolog()
    table = pd.read_csv(args.training_data)
    with mlflow.start_run(run_name="both"):
        for name, strength in {"weak": 0.1, "strong": 10.0}.items():
            with mlflow.start_run(run_name=name, nested=True):
                LogisticRegression(solver="liblinear", C=strength).fit(
                    table[FEATURES], table[LABEL]
                )


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="CSV file or its address")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
