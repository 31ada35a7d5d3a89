"""The runs of a script: their names, their children, and what each of them logs."""

from __future__ import annotations

import pytest

from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require_none
from mlflow_conformance.promises.run_tree import contents, tree_of, tree_problems

pytestmark = pytest.mark.applies_to(runs=True, target="local")


def test_runs_are_the_promised_tree(model: ModelUnderTest) -> None:
    """The script makes the runs that the catalogue states, nested as stated (MLflow: tracking)."""
    problems = tree_problems(tree_of(model.runs), model.mode.runs)
    require_none(problems, what="runs that are not as promised", where=model.store.path)


def test_each_run_logs_what_it_promises(model: ModelUnderTest) -> None:
    """Each run logs the metrics, params and tags that it promises (MLflow: tracking)."""
    problems = contents(tree_of(model.runs), model.mode.runs, autologs=model.autologs)
    require_none(problems, what="what runs log and should not, or lack", where=model.store.path)
