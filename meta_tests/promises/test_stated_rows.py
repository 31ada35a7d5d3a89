"""Rows that a catalogue names are read from files and functions; mistakes are one line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mlflow_conformance.catalogue.modes import StatedRows
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.promises.stated_rows import read_stated_rows
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.support.yaml_entry import ConfigurationError

MODE = read_catalogue(DEFAULT_CATALOGUE).modes[0]
ROWS = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_a_file_is_read(suffix: str, tmp_path: Path) -> None:
    """A CSV and a JSON file give the rows that were written."""
    file = tmp_path / f"rows.{suffix}"
    file.write_text(ROWS.to_csv(index=False) if suffix == "csv" else ROWS.to_json())
    found = read_stated_rows(replace(MODE, rows=StatedRows(file=file)), tmp_path / "modes.yaml")
    pd.testing.assert_frame_equal(found.frame, ROWS)


def test_a_function_beside_the_catalogue_is_called(tmp_path: Path) -> None:
    """A function in a module beside the catalogue returns the rows."""
    (tmp_path / "own_rows_of_test.py").write_text(
        "import pandas\ndef rows():\n    return pandas.DataFrame({'a': [1, 2], 'b': ['x', 'y']})\n"
    )
    stated = StatedRows(function="own_rows_of_test.rows")
    found = read_stated_rows(replace(MODE, rows=stated), tmp_path / "modes.yaml")
    pd.testing.assert_frame_equal(found.frame, ROWS)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rows.csv", "a,b\n", r"rows\.csv has no rows; nothing could be scored$"),
        ("rows.csv", "", r"rows\.csv gives no rows: EmptyDataError: "),
        ("rows.json", "{", r"rows\.json gives no rows: ValueError: "),
        ("rows.parquet", "no", r"rows\.parquet gives no rows: \w+: "),
    ],
)
def test_a_file_without_rows_is_one_line(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    """A file that has no rows, or is of another format, is named with the reason."""
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=message) as caught:
        read_stated_rows(replace(MODE, rows=StatedRows(file=file)), tmp_path / "modes.yaml")
    assert "\n" not in str(caught.value)


def test_a_missing_function_is_one_line(tmp_path: Path) -> None:
    """A module that does not exist is named."""
    stated = replace(MODE, rows=StatedRows(function="no_such_module.rows"))
    with pytest.raises(ConfigurationError, match=r"rows: no_such_module\.rows gives no rows: Mod"):
        read_stated_rows(stated, tmp_path / "modes.yaml")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("sys.exit(0)", "SystemExit"),
        ("return numpy.zeros((2, 2, 2))", "ValueError: rows of 3 dimensions are no table"),
        ("return [object()]", "NotWritable: "),
        ("return 7", "TypeError: "),
    ],
)
def test_a_function_without_rows_is_one_line(body: str, message: str, tmp_path: Path) -> None:
    """Whatever a function does instead of returning rows is named, and ends nothing else."""
    name = f"own_{abs(hash(body))}"
    (tmp_path / f"{name}.py").write_text(f"import sys\nimport numpy\ndef rows():\n    {body}\n")
    stated = replace(MODE, rows=StatedRows(function=f"{name}.rows"))
    with pytest.raises(ConfigurationError, match=rf"rows: {name}\.rows gives no rows: {message}"):
        read_stated_rows(stated, tmp_path / "modes.yaml")
