"""Tests of ``azure.shards.part_results``: each model has one result, whatever its job leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from meta_tests.azure.shards.sample_parts import MODELS, OWNER, sound, write_results
from mlflow_conformance.azure.shards.part_results import NO_RESULT, Part
from mlflow_conformance.existing.findings import NOT_CHECKED
from mlflow_conformance.existing.results import ModelResult
from mlflow_conformance.existing.summary import Summary

NAMES = [model.name for model in MODELS]
UNUSABLE = "the results of its job cannot be used: "


def told(part: Part) -> list[tuple[str, str, str]]:
    """Return name, verdict and trouble of each model of a part."""
    return [(one.name, one.verdict, one.trouble) for one in part.results()]


def test_the_results_of_a_job_are_taken(tmp_path: Path) -> None:
    """A job that has checked all its models leaves nothing unchecked, and owners stay."""
    file = write_results(tmp_path / "models.jsonl", sound(1), sound(2))
    results = list(Part(MODELS[:2], file).results())
    assert results == [sound(1), sound(2)]
    assert results[0].owner == OWNER


@pytest.mark.parametrize("problem", ["", "models-1-of-2: the job was canceled\nby somebody"])
def test_a_lost_job_leaves_its_models_unchecked(tmp_path: Path, problem: str) -> None:
    """Without a file no model counts as checked, and each says why; the run is not green."""
    part = Part(MODELS[:2], tmp_path / "models.jsonl", problem)
    because = problem.replace("\n", "\\n") or NO_RESULT
    assert told(part) == [(name, NOT_CHECKED, because) for name in NAMES[:2]]
    summary = Summary()
    for result in part.results():
        summary.add(result)
    assert summary.exit_code == 2
    assert next(iter(part.results())).owner == OWNER


def test_what_a_lost_job_has_checked_before_counts(tmp_path: Path) -> None:
    """The lines of a job that ended early are results; a line that was cut off is none."""
    file = write_results(tmp_path / "models.jsonl", sound(1), sound(2))
    file.write_bytes(file.read_bytes()[:-20])
    part = Part(MODELS[:3], file, "models-1-of-1: its node was pre-empted")
    assert told(part) == [
        (NAMES[0], "sound", ""),
        *[(name, NOT_CHECKED, "models-1-of-1: its node was pre-empted") for name in NAMES[1:3]],
    ]


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        (sound(2), "'models:/churn/2' is none of its models, or twice"),
        (sound(5), "'models:/churn/5' is none of its models, or twice"),
        (replace(sound(3), verdict="perfect"), "'perfect' is no verdict"),
        (replace(sound(3), verdict="works"), "'works' is no verdict"),
    ],
    ids=["twice", "of another part", "no verdict", "of another command"],
)
def test_no_model_counts_twice_or_by_an_invented_verdict(
    tmp_path: Path, wrong: ModelResult, because: str
) -> None:
    """A model that is executed could write into the file: after a wrong line nothing counts."""
    file = write_results(tmp_path / "models.jsonl", sound(1), sound(2), wrong, sound(4))
    assert told(Part(MODELS[:4], file)) == [
        (NAMES[0], "sound", ""),
        (NAMES[1], "sound", ""),
        *[(name, NOT_CHECKED, UNUSABLE + because) for name in NAMES[2:4]],
    ]


def test_a_file_that_is_none_of_results_is_told(tmp_path: Path) -> None:
    """What cannot be read leaves the models unchecked, with the file and the line."""
    file = write_results(tmp_path / "models.jsonl", sound(1))
    file.write_bytes(file.read_bytes() + b"{}\n")
    first, second = told(Part(MODELS[:2], file))
    assert first == (NAMES[0], "sound", "")
    assert second[1] == NOT_CHECKED
    assert second[2].startswith(f"{UNUSABLE}{file}: line 3 is no result")
