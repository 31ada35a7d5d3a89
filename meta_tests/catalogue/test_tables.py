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
    """A column that the table does not have is named, before the run and when it is split."""
    file = tmp_path / "data.parquet"
    TABLE.drop(columns="b").to_parquet(file)
    with pytest.raises(ConfigurationError, match=r"data\.parquet: has no column b$"):
        check_training_data(data_in(file), (), "--training-data")
    with pytest.raises(ValueError, match=r"^the data has no column b$"):
        split(data_in(file))


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.parquet", b"", "cannot be read: ArrowInvalid: "),
        ("a.feather", b"words", "cannot be read: "),
        ("a.json", b'{"a": 1}\n{"a": 2}\n', "cannot be read: "),
        ("a.json", b"5", "cannot be read: "),
        ("a.json", b"[]", "has no column a, b, y"),
        ("a.json", b'[{"a": 1, "b": 2, "y": 0}]', "has too few rows, 1: test_size 0.5 makes"),
    ],
)
def test_a_table_without_a_use_is_one_line(
    name: str, content: bytes, problem: str, tmp_path: Path
) -> None:
    """A table that cannot be read or split is refused before anything starts, like a CSV."""
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        check_training_data(data_in(file), (), "--training-data")
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"--training-data: {file}: {problem}")


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ([0, 0, 0, 0], "has too few classes: y is 0 in 4 of 4 rows;"),
        ([0, None, 1, 0], "y is empty"),
    ],
)
def test_labels_of_a_table_are_looked_at(
    labels: list[int | None], problem: str, tmp_path: Path
) -> None:
    """One class, or a row without a label, is refused like in a CSV."""
    file = tmp_path / "data.parquet"
    TABLE.assign(y=pd.Series(labels)).to_parquet(file)
    with pytest.raises(ConfigurationError) as refused:
        check_training_data(data_in(file), (), "modes.yaml")
    assert str(refused.value).startswith(f"modes.yaml: {file}: {problem}")
