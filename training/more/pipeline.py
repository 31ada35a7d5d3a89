"""Log a pipeline over text, categories, numbers and dates, some of them missing."""

from __future__ import annotations

import argparse
from importlib.metadata import version

import mlflow.sklearn
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

# Stated, so that MLflow need not load the model to find out what it imports.
REQUIREMENTS = [f"{name}=={version(name)}" for name in ("scikit-learn", "pandas", "cloudpickle")]


def main(args: argparse.Namespace) -> None:
    """Train on the customers who said yes or no, infer the signature, and log the pipeline."""
    table = read_data(args.training_data)
    features = table[["Comment", "City", "Plan", "Newsletter", "Since", "Age", "Income", "Visits"]]
    model = build_model().fit(features, table["Churned"])
    signature = infer_signature(features, model.predict(features))
    mlflow.sklearn.log_model(
        model,
        "model",
        signature=signature,
        serialization_format="cloudpickle",
        pip_requirements=REQUIREMENTS,
    )


def build_model() -> Pipeline:
    """Return the pipeline, not fitted: each kind of column is prepared in its own way."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categories = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    prepared = ColumnTransformer(
        [
            ("text", CountVectorizer(), "Comment"),
            ("categories", categories, ["City", "Plan"]),
            ("numbers", numbers, ["Age", "Income", "Visits"]),
            ("dates", FunctionTransformer(days), ["Since"]),
        ]
    )
    return make_pipeline(prepared, StandardScaler(with_mean=False), LogisticRegression())


def days(dates: pd.DataFrame) -> pd.DataFrame:
    """Return how many days after the first of 2018 each date is."""
    return (dates - pd.Timestamp("2018-01-01")) / pd.Timedelta(days=1)


def read_data(path: str) -> pd.DataFrame:
    """Return the customers' table, with the day since when one is a customer as a date."""
    return pd.read_csv(path, parse_dates=["Since"])


def parse_args() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--training_data", required=True, help="customers.csv")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse_args())
