"""Log a model from code: a file instead of an object."""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path

import mlflow.pyfunc
import pandas as pd
from mlflow.models.signature import infer_signature

# Stated, so that MLflow need not load the model to find out what it imports.
REQUIREMENTS = [f"{name}=={version(name)}" for name in ("pandas",)]


def main(args: argparse.Namespace) -> None:
    """Log the file with a signature; the model itself is not known here."""
    features = pd.read_csv(args.training_data)[["Plan"]]
    signature = infer_signature(features, pd.Series([12.5], name="Plan"))
    mlflow.pyfunc.log_model(
        "model",
        python_model=str(Path(__file__).with_name("plan_model.py")),
        signature=signature,
        input_example=features.head(),
        pip_requirements=REQUIREMENTS,
    )


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="customers.csv")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
