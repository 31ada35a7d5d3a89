"""What a bump does to an existing model, from its results before and after."""

from __future__ import annotations

from typing import Any

import pytest

from mlflow_conformance.existing.compare import KEEP, REPAIRED, UNUSABLE, compared, is_scored
from mlflow_conformance.existing.findings import (
    BREAKS,
    NOT_CHECKED,
    WARNS,
    WORKS,
    Finding,
    verdict_of,
)
from mlflow_conformance.existing.results import ModelResult
from mlflow_conformance.existing.ways_out import LOAD_ELSEWHERE

BROKEN = Finding("load", "damaged", "cannot be loaded: ValueError: no", LOAD_ELSEWHERE)
OTHER = Finding("load", "damaged", "cannot be loaded: KeyError: 'a'", "log it again")
WARNING = Finding("load", "note", "warns: FutureWarning: soon")


def array(*values: object, dtype: str = "int64") -> dict[str, Any]:
    """Return a document of predictions."""
    return {
        "kind": "array",
        "shape": [len(values)],
        "column": {"dtype": dtype, "values": list(values)},
    }


def result(*findings: Finding, load: object = None, serve: object = None) -> ModelResult:
    """Return the result of a model with these findings and predictions."""
    facts = {
        "load": {"pyfunc": {}, "predictions": array(0, 1) if load is None else load},
        "serve": {"predictions": [0, 1] if serve is None else serve},
    }
    return ModelResult("models:/a/1", verdict_of(findings), findings, facts)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (result(), result(), WORKS),
        (result(WARNING), result(WARNING), WORKS),
        (result(), result(WARNING), WARNS),
        (result(), result(BROKEN), BREAKS),
        (result(BROKEN), result(BROKEN), UNUSABLE),
        (result(BROKEN), result(OTHER), UNUSABLE),
        (result(BROKEN), result(), REPAIRED),
        (result(), ModelResult("models:/a/1", NOT_CHECKED, trouble="no room"), NOT_CHECKED),
        (ModelResult("models:/a/1", NOT_CHECKED, trouble="no room"), result(), NOT_CHECKED),
    ],
)
def test_the_verdict_depends_on_both_sides(
    before: ModelResult, after: ModelResult, verdict: str
) -> None:
    """What was broken before is not the bump's doing; what was not looked at is no verdict."""
    assert compared(before, after).verdict == verdict


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (array(0, 1), array(0, 1), WORKS),
        (array(0.5), array(0.5 + 1e-9), WORKS),
        (array(float("nan")), array(float("nan")), WORKS),
        (array(0, 1), array(0, 1, dtype="int32"), WARNS),
        (array(0, 1), array(0, 0), BREAKS),
        (array(0.5), array(0.51), BREAKS),
        (array("a"), array("b"), BREAKS),
        (array(True), array(1), BREAKS),
        (array(0, 1), array(0), BREAKS),
        (array(0), {"kind": "plain", "value": [0]}, BREAKS),
    ],
)
def test_other_predictions_break(old: object, new: object, verdict: str) -> None:
    """Other values break, rounding does not, and other types are a warning."""
    found = compared(result(load=old), result(load=new))
    assert found.verdict == verdict, found.findings


def test_what_was_not_loaded_is_not_said_to_work() -> None:
    """A model of a flavor that is not loaded here says nothing of the bump."""
    foreign = ModelResult("models:/a/1", "doubtful", facts={"load": {"predictions": None}})
    found = compared(foreign, foreign)
    assert found.verdict == NOT_CHECKED
    assert found.trouble.startswith("was not loaded: it has neither the flavor python_function")


def test_the_first_difference_is_told() -> None:
    """The place, and the values before and after, are in the finding."""
    (finding,) = compared(result(), result(load=array(0, 7))).findings
    assert finding.what == "gives other predictions for the same rows"
    assert finding.where == "column.values[1]: 1 before, 7 now"


def test_other_answers_over_http_break() -> None:
    """What a server answers is compared, too."""
    (finding,) = compared(result(), result(serve=[0, 0])).findings
    assert finding.what == "gives other predictions over HTTP for the same rows"


def test_the_way_out_of_a_bump_names_both_ways() -> None:
    """A model that no longer loads can stay in its own environment, or be logged again."""
    assert compared(result(), result(BROKEN)).findings[0].way_out == KEEP
    assert compared(result(), result(OTHER)).findings[0].way_out == "log it again"


def test_whether_it_was_scored_is_known() -> None:
    """A model without rows has no predictions."""
    assert is_scored(result())
    assert not is_scored(ModelResult("a", "sound", facts={"load": {"predictions": None}}))
    assert not is_scored(ModelResult("a", "sound"))
