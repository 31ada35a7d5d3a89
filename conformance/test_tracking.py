"""Does the tracking store hold what was logged, by name and value?"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from fixtures.assertions import require, require_equal, require_none
from fixtures.model_under_test import ModelUnderTest
from fixtures.reference import Reference
from fixtures.run_store import Run

TOLERANCE = 1e-9
PNG = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND\xaeB`\x82"
PLOTS = ("training_confusion_matrix.png",)
PLOTS_OF_TWO_CLASSES = ("training_precision_recall_curve.png", "training_roc_curve.png")


@pytest.mark.applies_to(autologs=True)
def test_autologging_leaves_one_run(model: ModelUnderTest) -> None:
    """Fitting one estimator under autologging makes one run (L3; MLflow: autologging)."""
    found = [run.run_id for run in model.runs]
    require(
        len(found) == 1, f"{model.database}: has {len(found)} runs {found}, should have exactly one"
    )


def test_runs_are_finished(model: ModelUnderTest) -> None:
    """Every run the script left is finished, with an end after its start (L3; MLflow: tracking)."""
    unfinished = [
        f"{run.run_id} is {run.status}, started {run.start_time}, ended {run.end_time}"
        for run in model.runs
        if run.status != "FINISHED" or run.end_time is None or run.end_time < run.start_time
    ]
    require_none(unfinished, what="runs that are not finished", where=model.database)


def test_runs_are_in_the_experiment(model: ModelUnderTest, experiment: str) -> None:
    """Runs land in the experiment that the environment names (L4; MLflow: tracking)."""
    elsewhere = [run.experiment for run in model.runs if run.experiment != experiment]
    require_none(elsewhere, what=f"runs outside of {experiment!r}", where=model.database)


@pytest.mark.applies_to(autologs=True)
def test_autologged_parameters_are_the_estimator_s(
    model: ModelUnderTest, reference: Reference
) -> None:
    """Every parameter of the estimator is logged by name and value (L3; MLflow: autologging)."""
    found, wanted = dict(_only_run(model).params), dict(reference.parameters())
    different = [
        f"{name}: {found.get(name, 'missing')} (should be {wanted.get(name, 'absent')})"
        for name in sorted({*found, *wanted})
        if found.get(name) != wanted.get(name)
    ]
    require_none(
        different, what="parameters that differ from the estimator's", where=model.database
    )


@pytest.mark.applies_to(autologs=True)
def test_autologged_metrics_are_the_estimator_s(
    model: ModelUnderTest, reference: Reference
) -> None:
    """Every training metric equals scikit-learn's on the same data (L3; MLflow: autologging)."""
    found, wanted = _only_run(model).metrics, reference.training_metrics()
    different = [
        f"{name}: {found.get(name, 'missing')} (should be {wanted.get(name, 'absent')})"
        for name in sorted({*found, *wanted})
        if not _close(found.get(name), wanted.get(name))
    ]
    require_none(different, what="metrics that differ from scikit-learn's", where=model.database)


@pytest.mark.applies_to(autologs=True, kind="classifier")
def test_autologged_plots_are_pictures(model: ModelUnderTest, reference: Reference) -> None:
    """A classifier's plots are among the run's artifacts (L3; MLflow: autologging)."""
    run = _only_run(model)
    plots = [*PLOTS, *(PLOTS_OF_TWO_CLASSES if reference.is_binary else ())]
    missing = [name for name in plots if name not in run.artifacts]
    require_none(missing, what="plots that are missing", where=run.artifact_directory)
    broken = [name for name in plots if not _is_png(run.artifact_directory / name)]
    require_none(broken, what="plots that are no PNG pictures", where=run.artifact_directory)


@pytest.mark.applies_to(autologs=True)
def test_autologged_run_says_what_was_fitted(model: ModelUnderTest, reference: Reference) -> None:
    """The run's tags name the estimator's class (L3; MLflow: autologging)."""
    kind = type(reference.estimator)
    require_equal(
        {key: _only_run(model).tags.get(key) for key in ("estimator_name", "estimator_class")},
        {
            "estimator_name": kind.__name__,
            "estimator_class": f"{kind.__module__}.{kind.__name__}",
        },
        what="tags of the run",
        where=model.database,
    )


def _only_run(model: ModelUnderTest) -> Run:
    require(len(model.runs) == 1, f"{model.database}: has {len(model.runs)} runs, should have one")
    return model.runs[0]


def _close(found: float | None, wanted: float | None) -> bool:
    if found is None or wanted is None:
        return False
    return math.isclose(found, wanted, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _is_png(file: Path) -> bool:
    content = file.read_bytes()
    return content.startswith(PNG) and content.endswith(PNG_END)
