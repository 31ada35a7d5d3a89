"""A drafted catalogue reads back as what was observed, whatever the names are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from mlflow_conformance.catalogue.details import NO_LOGS, Logs
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.catalogue.signature import (
    Column,
    ColumnSchema,
    Signature,
    Tensor,
    TensorSchema,
)
from mlflow_conformance.draft.facts import Facts
from mlflow_conformance.draft.request import DraftRequest, read_request
from mlflow_conformance.draft.text import catalogue_text
from mlflow_conformance.draft.write import WrongDraft, write_draft
from mlflow_conformance.draft.yaml_text import value

# Names that YAML could read as something else, or that could break a line or a comment.
NAMES = ("12:30", "no", "null", "1e3", "a: b", "# x", "é", "a\nb", "{x}", "- y", "'", '"', "\u202e")
INPUTS = ColumnSchema(
    (
        *(Column("double", name, required=place % 2 == 0) for place, name in enumerate(NAMES)),
        Column("long", 0),
    )
)
FACTS = Facts(
    experiment="churn: 12:30",
    flavors=("python_function", "sklearn"),
    autologs=False,
    logs=Logs(metrics=NAMES, artifacts=("a b/c.txt",)),
    signature=Signature(INPUTS, TensorSchema((Tensor("float64", (-1, 2)),))),
    origin="inferred",
    requirements="stated",
    logged_with="save_model",
    artifact_path="deep/model",
    broken=("it\nbreaks # this: ",),
    estimator="sklearn.linear_model._logistic.LogisticRegression",
    trains_on="frame",
    features=NAMES,
)
OPEN = replace(
    FACTS,
    autologs=None,
    logs=NO_LOGS,
    signature=None,
    origin=None,
    artifact_path=None,
    left_out={"signature": "it is\nodd"},
    broken=(),
)


@pytest.fixture
def request_(tmp_path: Path) -> DraftRequest:
    """A request for a script with one data file."""
    for name in ("train it.py", "rows.csv"):
        (tmp_path / name).touch()
    return read_request(tmp_path / "train it.py", ("rows.csv", "--x=1: 2"), tmp_path)


@pytest.mark.parametrize("facts", [FACTS, OPEN], ids=["all stated", "much left open"])
def test_a_draft_reads_back_as_the_facts(request_: DraftRequest, facts: Facts) -> None:
    """Every fact is stated; no line is longer than the limit unless a value is."""
    text = catalogue_text(request_, facts, ["MLFLOW_X"])
    write_draft(request_, facts, text)  # reads it back itself
    mode = read_catalogue(request_.file).modes[0]
    assert (mode.signature, mode.logs, mode.autologs) == (
        facts.signature,
        facts.logs,
        facts.autologs,
    )
    assert mode.arguments == ("{training_data}", "--x=1: 2")
    assert "environment: {MLFLOW_X: value}" in text
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert all(len(line) <= 100 for line in comments if "estimators:" not in line)


def test_public_names_of_classes_are_written(request_: DraftRequest) -> None:
    """The hint names the class as scikit-learn's documentation does."""
    text = catalogue_text(request_, FACTS, [])
    assert "class: sklearn.linear_model.LogisticRegression" in text


def test_a_draft_that_reads_back_otherwise_is_removed(request_: DraftRequest) -> None:
    """The check notices a text that does not state the facts, and leaves no file."""
    text = catalogue_text(request_, FACTS, [])
    with pytest.raises(WrongDraft):
        write_draft(request_, replace(FACTS, logged_with="log_model"), text)
    with pytest.raises(WrongDraft):
        write_draft(request_, FACTS, "modes: [")
    assert not request_.file.exists()


@pytest.mark.parametrize("found", [*NAMES, True, 1, -1, list(NAMES), {"name": "a\nb"}, [], {}])
def test_values_are_one_line(found: object) -> None:
    """A value reads back as itself, and takes one line."""
    written = value(found)
    assert "\n" not in written
    assert yaml.safe_load(f"key: {written}") == {"key": found}
