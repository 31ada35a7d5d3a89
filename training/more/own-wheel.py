"""Log a classifier that requires a wheel of one's own beside what MLflow infers."""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

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
    """Train, and log the model with the wheel among its requirements."""
    model, features = train_model(args.training_data)
    signature = infer_signature(features, model.predict(features))
    mlflow.sklearn.log_model(
        model,
        "model",
        signature=signature,
        extra_pip_requirements=[str(write_wheel(Path.cwd()))],
    )


def write_wheel(folder: Path) -> Path:
    """Write a wheel with one empty module, and return its path."""
    path = folder / "clinic_tools-1.0-py3-none-any.whl"
    info = "clinic_tools-1.0.dist-info"
    files = {
        "clinic_tools.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: clinic-tools\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return path


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
