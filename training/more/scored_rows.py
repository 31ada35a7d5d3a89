"""Names the rows to score of a model that has no signature to make them from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

TABLE = Path(__file__).parents[1] / "diabetes.csv"
MOST_ROWS = 200


def spread() -> pd.DataFrame:
    """Return at most 200 rows of the table, spread evenly, with all of its columns."""
    table = pd.read_csv(TABLE)
    places = np.linspace(0, len(table) - 1, min(MOST_ROWS, len(table))).astype(int)
    return table.iloc[places]
