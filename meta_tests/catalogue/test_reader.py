"""What a catalogue says: its keys, their defaults, and the places that are filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from meta_tests.catalogue.test_mistakes import MODES
from meta_tests.end_to_end.suite_run import mode, write_catalogue
from mlflow_conformance.catalogue.details import NO_LOGS, Logs
from mlflow_conformance.catalogue.modes import Catalogue
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.catalogue.schema_reader import TENSOR_TYPES
from mlflow_conformance.catalogue.signature import Column, ColumnSchema, Tensor, TensorSchema
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE


def with_labels(schema: Any, folder: Path) -> Catalogue:
    """Return a catalogue whose outputs have this schema."""
    path = write_catalogue(folder, MODES, {})
    document = yaml.safe_load(path.read_text())
    document["schemas"]["labels"] = schema
    path.write_text(yaml.safe_dump(document))
    return read_catalogue(path)


def test_optional_keys_have_their_defaults(tmp_path: Path) -> None:
    """Optional keys have their documented defaults."""
    columns = {"columns": [{"name": "a", "type": "long"}]}
    one, two = with_labels(columns, tmp_path).modes
    assert (one.artifact_path, one.same_model_as, two.same_model_as) == ("model", None, "one")
    assert (one.requirements, two.requirements) == (None, "stated")
    assert (one.logged_with, two.logged_with) == ("log_model", "save_model")
    assert (one.logs, two.logs) == (NO_LOGS, Logs(metrics=("AUC",)))
    assert one.refit is not None
    assert (one.refit.estimator.kind, one.refit.estimator.probabilities) == ("classifier", True)
    assert one.inputs == TensorSchema((Tensor("float64", (-1, 2)),))
    assert one.outputs == ColumnSchema((Column("long", "a", required=True),))


@pytest.mark.parametrize("path", ["model", "deep/er/model", "..model", "a b"])
def test_a_path_inside_of_a_run_is_accepted(path: str, tmp_path: Path) -> None:
    """The model's path in the run may contain folders, dots and spaces."""
    entry = mode("one", "model.py", artifact_path=path)
    catalogue = read_catalogue(write_catalogue(tmp_path, [entry], {}))
    assert catalogue.mode("one").artifact_path == path


def test_a_schema_may_have_several_unnamed_columns(tmp_path: Path) -> None:
    """Several outputs may have no name: they are not duplicates."""
    unnamed = {"columns": [{"type": "long"}, {"type": "double"}]}
    outputs = with_labels(unnamed, tmp_path).mode("one").outputs
    assert outputs == ColumnSchema((Column("long"), Column("double")))


def test_a_column_may_be_named_by_a_number(tmp_path: Path) -> None:
    """A whole number is a name, and differs from the same digits in quotes."""
    columns = {"columns": [{"name": 1, "type": "long"}, {"name": "1", "type": "double"}]}
    outputs = with_labels(columns, tmp_path).mode("one").outputs
    assert outputs == ColumnSchema((Column("long", 1), Column("double", "1")))


def test_tensor_types_are_spelled_as_mlflow_writes_them() -> None:
    """The tensor types of a catalogue are spelled as MLflow writes them."""
    import numpy as np
    from mlflow.types.schema import TensorSpec

    specs = [TensorSpec(np.dtype(name), (-1,)).to_dict() for name in TENSOR_TYPES]
    assert tuple(spec["tensor-spec"]["dtype"] for spec in specs) == TENSOR_TYPES


def test_the_training_data_s_place_is_filled_in(tmp_path: Path) -> None:
    """``{training_data}`` in the script's arguments is replaced by the path of the data."""
    entry = mode("one", "model.py", "--data={training_data}", "{other}")
    catalogue = read_catalogue(write_catalogue(tmp_path, [entry], {}))
    assert catalogue.mode("one").command_line("/d.csv") == ("/d.csv", "--data=/d.csv", "{other}")


def test_the_folder_s_place_is_filled_in(tmp_path: Path) -> None:
    """``{folder}`` and ``{out}`` are replaced, once; other words in braces are the script's."""
    entry = mode("one", "model.py", "{folder}/x", "{out}{out}", "{{out}}", "{rows}", folder=".")
    (one,) = read_catalogue(write_catalogue(tmp_path, [entry], {})).modes
    assert one.folder == tmp_path
    words = one.command_line("{out}", folder="/{training_data}", out="/o")
    assert words == ("{out}", "/{training_data}/x", "/o/o", "{/o}", "{rows}")


def test_a_mode_that_states_everything_runs_in_an_empty_folder(tmp_path: Path) -> None:
    """Without the key, an entry with an estimator has no folder, and no variables."""
    (one,) = read_catalogue(write_catalogue(tmp_path, [mode("one", "model.py")], {})).modes
    assert (one.folder, one.environment) == (None, {})


def test_the_suite_s_own_catalogue_has_the_lab_s_modes() -> None:
    """The committed catalogue begins with the modes of the lab, and ``save-log``."""
    names = [mode.name for mode in read_catalogue(DEFAULT_CATALOGUE).modes]
    scripts = ("autolog", "sklearn", "infer", "signature")
    lab_s = [f"{script}-{form}" for script in scripts for form in ("array", "frame")]
    assert names[:9] == [*lab_s, "save-log"]
    assert len(names) == 42
