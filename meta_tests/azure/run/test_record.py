"""Tests of ``azure.results.fetch_record``, and of the file that a record is kept in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlflow_conformance.azure.results.fetch_record import FetchedRun, fetch_record
from mlflow_conformance.stores.records import LoggedModel, Run, UnreadableStore
from mlflow_conformance.stores.run_record import Record, read_record, write_record


class Documents:
    """Fake responses of MLflow's REST API."""

    def run(self, run_id: str, *, has_metrics: bool) -> dict[str, Any]:
        """Return a run with two values of one metric, the later one first, and a NaN metric."""
        metrics = [("loss", 0.25, 2), ("loss", 0.5, 1), ("strange", "NaN", 0)]
        return {
            "info": {
                "run_id": run_id,
                "experiment_id": 7,
                "status": "FINISHED",
                "start_time": "1700000000000",
                "end_time": 1700000001000,
            },
            "data": {
                "params": [{"key": "C", "value": "1.0"}],
                "metrics": [
                    {"key": key, "value": value, "timestamp": 1, "step": step}
                    for key, value, step in metrics
                ],
                "tags": [{"key": "estimator_name", "value": "LogisticRegression"}],
            },
            "inputs": {"dataset_inputs": [{"dataset": {"name": "lab", "digest": "1a"}}]},
        }

    def experiment(self, experiment_id: str) -> dict[str, Any]:
        """Return an experiment."""
        return {"name": f"experiment {experiment_id}"}

    def logged_model(self, model_id: str) -> dict[str, Any]:
        """Return a logged model."""
        info = {"name": "model", "experiment_id": "7", "source_run_id": "job-1"}
        tags = [{"key": "lab", "value": "8"}]
        params = [{"key": "C", "value": "1.0"}]
        return {"info": {"model_id": model_id, "tags": tags, **info}, "data": {"params": params}}


def test_a_run_is_read_back_as_it_was_fetched(tmp_path: Path) -> None:
    """A record that was written and read has the same run, logged models and datasets."""
    files = ["b.txt", "a/MLmodel"]
    fetched = FetchedRun("job-1", tmp_path, files, has_metrics=True)
    found = fetch_record(Documents(), [fetched], ["m-1"])
    write_record(tmp_path / "x.run.json", found)
    expected = Run(
        run_id="job-1",
        experiment="experiment 7",
        status="FINISHED",
        start_time=1700000000000,
        end_time=1700000001000,
        params={"C": "1.0"},
        metrics={"loss": 0.25, "strange": None},  # type: ignore[dict-item]
        tags={"estimator_name": "LogisticRegression"},
        artifact_directory=tmp_path,
        artifacts=("a/MLmodel", "b.txt"),
    )
    assert read_record(tmp_path / "x.run.json") == Record(
        runs=(expected,),
        models=(LoggedModel("m-1", "model", "experiment 7", "job-1"),),
        datasets=("lab (1a)",),
        model_params=(("C", "1.0"),),
        model_tags=(("lab", "8"),),
    )


def test_a_record_that_is_missing_is_said(tmp_path: Path) -> None:
    """A missing record raises ``UnreadableStore`` with the file's name."""
    with pytest.raises(UnreadableStore, match=r"x\.run\.json: cannot read the record of a run"):
        read_record(tmp_path / "x.run.json")
