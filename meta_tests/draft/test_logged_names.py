"""Tests of ``draft.logged_names``: what counts as logged by the script itself."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlflow_conformance.catalogue.details import Logs
from mlflow_conformance.draft.logged_names import logs_of
from mlflow_conformance.draft.not_statable import NotStatable
from mlflow_conformance.stores.records import OtherContent, Run

NOTHING = OtherContent((), (), (), (), ())
MANY = tuple(f"plots/{number}.png" for number in range(6))
FILES = ("estimator.html", "model/MLmodel", "notes/a.txt", *MANY, "training_roc_curve.png")


def a_run(**changes: Any) -> Run:
    """Return a run as autologging leaves it, with more that a script logged."""
    found: dict[str, Any] = {
        "run_id": "1",
        "experiment": "e",
        "status": "FINISHED",
        "start_time": 0,
        "end_time": 1,
        "params": {"C": "1.0", "rows": "30"},
        "metrics": {"training_score": 1.0, "AUC": 0.5},
        "tags": {"mlflow.user": "me", "estimator_name": "X", "team": "lab"},
        "artifact_directory": Path("/run"),
        "artifacts": FILES,
    }
    return Run(**{**found, **changes})


def model(*runs: Run, autologs: bool, content: OtherContent = NOTHING) -> Any:
    """Return what ``logs_of`` asks of a model; it is in the folder ``model`` of the run."""
    return SimpleNamespace(
        runs=runs,
        autologs=autologs,
        other_content=content,
        observed=SimpleNamespace(parameters={"C": "1.0"}),
        directory=Path("/run/model"),
    )


def test_what_autologging_logs_is_not_the_script_s() -> None:
    """Parameters, metrics, tags and plots of autologging are left out; many files are a folder."""
    found = logs_of(model(a_run(), autologs=True))
    assert found == Logs(("AUC",), ("rows",), ("team",), ("notes/a.txt", "plots"))


def test_without_autologging_all_names_are_the_script_s() -> None:
    """Only MLflow's own tags and the model's files are left out."""
    found = logs_of(model(a_run(), autologs=False))
    assert found == Logs(
        metrics=("AUC", "training_score"),
        params=("C", "rows"),
        tags=("estimator_name", "team"),
        artifacts=("estimator.html", "notes/a.txt", "plots", "training_roc_curve.png"),
    )


def test_several_runs_state_what_they_log_themselves() -> None:
    """Of several runs, only the files are the mode's: each run states its own names."""
    found = logs_of(model(a_run(), a_run(run_id="2"), autologs=False))
    assert found == Logs(artifacts=("estimator.html", "notes/a.txt", "plots", FILES[-1]))


def test_datasets_are_named_without_their_digests() -> None:
    """A dataset is named; its digest is another one for other data."""
    content = OtherContent((), (), ("rows (1)", "rows (2)"), (), ())
    assert logs_of(model(a_run(), autologs=False, content=content)).datasets == ("rows",)


def test_what_only_the_logged_model_has_is_refused() -> None:
    """A name that no run has is no ``logs`` of a mode."""
    content = OtherContent((), (), (), (("depth", "3"),), ())
    with pytest.raises(NotStatable, match="has depth"):
        logs_of(model(a_run(), autologs=False, content=content))
    logs_of(model(a_run(), autologs=True, content=content))
