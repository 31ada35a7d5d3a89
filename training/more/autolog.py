"""Let autologging log a classifier, with the options that change what it logs."""

from __future__ import annotations

import argparse
from contextlib import nullcontext

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
    """Turn autologging on, and train: inside of a run of one's own, if there is a name for it."""
    mlflow.sklearn.autolog(
        log_input_examples=args.example, log_models=not args.no_model, pos_label=args.pos_label
    )
    table = pd.read_csv(args.training_data)
    with mlflow.start_run(run_name=args.run_name) if args.run_name else nullcontext():
        LogisticRegression(solver="liblinear").fit(table[FEATURES], table[LABEL])


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="CSV file or its address")
    parser.add_argument("--example", action="store_true", help="log an input example")
    parser.add_argument("--no_model", action="store_true", help="log everything but the model")
    parser.add_argument("--pos_label", type=int, help="the label that metrics are about")
    parser.add_argument("--run_name", help="the name of the run that the script starts")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
