"""Every mode leaves exactly one model, or none if it promises so."""

from __future__ import annotations

import pytest

from mlflow_conformance.promises.assertions import require, require_none
from mlflow_conformance.runner.outcome import Outcome
from mlflow_conformance.stores.records import Store

METRIC = "training_"


def test_mode_leaves_exactly_one_model(outcome: Outcome) -> None:
    """The script ends without an error and leaves one model in the store (L3, L5, L7, L9)."""
    require(outcome.has_model, outcome.message)


@pytest.mark.applies_to(logs_model=False)
def test_mode_leaves_no_model(outcome: Outcome, store: Store) -> None:
    """With ``model: none`` the script ends well and logs no model (MLflow: autologging)."""
    found = outcome.message or f"logged a model: {outcome.model_directory}, should log none"
    require(outcome.is_complete and not outcome.has_model, found)
    models = [f"{model.model_id} ({model.status})" for model in store.logged_models()]
    require_none(models, what="logged models", where=store.path)


@pytest.mark.applies_to(logs_model=False, autologs=True)
def test_autologging_without_a_model_logs_the_rest(store: Store) -> None:
    """``log_models=False`` leaves parameters, metrics and a finished run (MLflow: autologging)."""
    runs = store.runs()
    require(len(runs) == 1, f"{store.path}: has {len(runs)} runs, should have exactly one")
    metrics = [name for name in runs[0].metrics if name.startswith(METRIC)]
    lacking = [
        what
        for what, is_there in {
            "the status FINISHED": runs[0].status == "FINISHED",
            "parameters": bool(runs[0].params),
            f"metrics that start with {METRIC}": bool(metrics),
        }.items()
        if not is_there
    ]
    require_none(lacking, what=f"what the run {runs[0].run_id} lacks", where=store.path)
