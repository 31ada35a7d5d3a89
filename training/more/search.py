"""Let autologging log a grid search: the best model, and a child run for each try."""

from __future__ import annotations

import argparse

import mlflow.sklearn
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

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
    """Turn autologging on, and search for the best regularization."""
    mlflow.sklearn.autolog(max_tuning_runs=2)
    table = pd.read_csv(args.training_data)
    search = GridSearchCV(LogisticRegression(solver="liblinear"), {"C": [0.1, 10.0]}, cv=2)
    search.fit(table[FEATURES], table[LABEL])


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="CSV file or its address")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
