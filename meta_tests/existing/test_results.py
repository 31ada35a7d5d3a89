"""The file of results: JSON that every reader takes, whatever was found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

from mlflow_conformance.existing.findings import NOT_CHECKED, Finding
from mlflow_conformance.existing.registry import Owner
from mlflow_conformance.existing.results import FILE, ModelResult, ResultFile

FOUND = Finding("load", "note", "warns: it is old", "log it again", "score")
NAN, INFINITY = float("nan"), float("inf")


def refused(word: str) -> NoReturn:
    """Refuse what JSON does not have."""
    raise AssertionError(f"{word} is no JSON")


def test_predictions_that_are_no_numbers_are_written_as_text(tmp_path: Path) -> None:
    """JSON has neither NaN nor infinity, and other readers refuse them."""
    predictions = {"column": {"values": [NAN, INFINITY, 1.5]}}
    result = ModelResult("models:/a/1", "sound", facts={"load": {"predictions": predictions}})
    document = json.loads(result.line(), parse_constant=refused)
    assert document["facts"]["load"]["predictions"]["column"]["values"] == ["nan", "inf", 1.5]


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    """A later run has each result as it was found; what was not checked is checked again."""
    owner = Owner({"team": "risk"}, ("champion",), "Production", "ann", 7)
    whole = ModelResult("models:/a/1", "sound", (FOUND,), {"load": {"score": NAN}}, owner, 0.1)
    file = ResultFile(tmp_path / FILE, {"with": "this"})
    file.append(whole)
    file.append(ModelResult("models:/a/2", NOT_CHECKED, trouble="no room"))
    again = ResultFile(tmp_path / FILE, {"with": "this"})
    again.open()
    found = again.earlier("models:/a/1")
    assert found is not None
    assert (found.findings, found.owner, found.seconds) == ((FOUND,), owner, 0.1)
    assert again.earlier("models:/a/2") is None
    assert [result.name for result in again.results()] == ["models:/a/1", "models:/a/2"]
