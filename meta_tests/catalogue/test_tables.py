"""Tests of ``catalogue.tables`` and of training data that is no CSV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from meta_tests.pytest_plugin.sample_items import CATALOGUE
from mlflow_conformance.catalogue.modes import Data
from mlflow_conformance.catalogue.tables import read_table
from mlflow_conformance.catalogue.training_data import check_training_data
from mlflow_conformance.promises.refit import split
from mlflow_conformance.support.yaml_entry import ConfigurationError

TABLE = pd.DataFrame({"a": [1, 2, 3, 4], "b": [0.5, 1.5, 2.5, 3.5], "y": [0, 1, 0, 1]})
WRITERS: dict[str, Callable[[Path], object]] = {
    ".csv": lambda file: TABLE.to_csv(file, index=False),
    ".txt": lambda file: TABLE.to_csv(file, index=False),
    ".parquet": TABLE.to_parquet,
    ".feather": TABLE.to_feather,
    ".json": TABLE.to_json,
    ".PARQUET": TABLE.to_parquet,
}


def data_in(file: Path) -> Data:
    """Return the data of a catalogue that is in a file."""
    assert CATALOGUE.data is not None
    return replace(CATALOGUE.data, file=file, features=("a", "b"), label="y", test_size=0.5)


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_every_known_format_is_read(suffix: str, tmp_path: Path) -> None:
    """A table is read by the suffix of its file, and split."""
    file = tmp_path / f"data{suffix}"
    WRITERS[suffix](file)
    pd.testing.assert_frame_equal(read_table(file), TABLE)
    check_training_data(data_in(file), (), "modes.yaml")
    assert len(split(data_in(file)).test_features) == 2


@pytest.mark.parametrize("name", ["data.xlsx", "data.csv.gz", "data.tsv"])
def test_an_unknown_format_is_one_line(name: str, tmp_path: Path) -> None:
    """Another format is refused, and the known ones are named."""
    file = tmp_path / name
    file.write_bytes(b"PK")
    with pytest.raises(ConfigurationError) as refused:
        check_training_data(data_in(file), (), "modes.yaml")
    assert str(refused.value) == (
        f"modes.yaml: {file}: is no file of a known format: CSV (.csv), parquet (.parquet), JSON"
        " (.json) or Feather (.feather)"
    )


def test_a_table_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """A missing file is named, whatever its format."""
    with pytest.raises(ConfigurationError, match=r"^modes\.yaml: .*data\.parquet: "):
        check_training_data(data_in(tmp_path / "data.parquet"), (), "modes.yaml")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    """A column that the table does not have is named when it is split."""
    file = tmp_path / "data.parquet"
    TABLE.drop(columns="b").to_parquet(file)
    with pytest.raises(ValueError, match=r"^the data has no column b$"):
        split(data_in(file))
