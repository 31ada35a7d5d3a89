"""Does a script that logs one model by hand leave that model, and nothing else?"""

from __future__ import annotations

import pytest

from fixtures.assertions import require, require_none
from fixtures.model_under_test import ModelUnderTest


@pytest.mark.applies_to(autologs=False)
def test_manual_logging_leaves_at_most_one_run(model: ModelUnderTest) -> None:
    """Logging one model by hand makes one run, or none from MLflow 3 on (L7, L9)."""
    found = [run.run_id for run in model.runs]
    require(
        len(found) <= 1, f"{model.database}: has {len(found)} runs {found}, should have at most one"
    )


@pytest.mark.applies_to(autologs=False)
def test_manual_logging_logs_no_parameters(model: ModelUnderTest) -> None:
    """A script that logs a model by hand logs no parameters (L7, L9)."""
    found = [f"{name}={value}" for run in model.runs for name, value in run.params.items()]
    require_none(found, what="parameters nobody logged", where=model.database)


@pytest.mark.applies_to(autologs=False)
def test_manual_logging_logs_no_metrics(model: ModelUnderTest) -> None:
    """A script that logs a model by hand logs no metrics (L7, L9)."""
    found = [f"{name}={value}" for run in model.runs for name, value in run.metrics.items()]
    require_none(found, what="metrics nobody logged", where=model.database)


@pytest.mark.applies_to(autologs=False)
def test_manual_logging_sets_no_tags(model: ModelUnderTest) -> None:
    """A script that logs a model by hand sets no tags but MLflow's own (L7, L9)."""
    found = [
        f"{name}={value}"
        for run in model.runs
        for name, value in run.tags.items()
        if not name.startswith("mlflow.")
    ]
    require_none(found, what="tags nobody set", where=model.database)


@pytest.mark.applies_to(autologs=False)
def test_manual_logging_logs_no_other_files(model: ModelUnderTest) -> None:
    """A script that logs a model by hand leaves no artifacts but the model (L7, L9)."""
    found = [
        name
        for run in model.runs
        for name in run.artifacts
        if model.directory.resolve() not in (run.artifact_directory / name).resolve().parents
    ]
    require_none(found, what="artifacts nobody logged", where=model.database)
