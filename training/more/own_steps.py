"""A transformer of one's own, which ``own-transformer.py`` logs with the model."""

from __future__ import annotations

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin


class Ratio(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Adds the ratio of two columns as a third."""

    def __init__(self, above: str, below: str) -> None:
        """Keep the names of the columns."""
        self.above = above
        self.below = below

    def fit(self, features: pd.DataFrame, labels: object = None) -> Ratio:
        """Return itself: there is nothing to learn."""
        self.is_fitted_ = True
        return self

    def transform(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return the features with the ratio."""
        return features.assign(ratio=features[self.above] / (features[self.below] + 1))
