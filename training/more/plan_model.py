"""A model from code: MLflow logs this file and runs it to load the model."""

from __future__ import annotations

from typing import Any

import mlflow
import pandas as pd


class Price(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """Says what a customer's plan costs."""

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.Series:
        """Return a price for each row."""
        return model_input["Plan"].map({"basic": 5.0, "family": 8.0, "premium": 12.5})


mlflow.models.set_model(Price())
