"""The runs in the tracking store: status, experiment, parameters, metrics, tags and artifacts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from mlflow_conformance.catalogue.modes import with_folders
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal, require_none
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.promises.refit import Refitted
from mlflow_conformance.stores.records import READY, Run

Logged = Mapping[str, Any]
TOLERANCE = 1e-9
# The tag of a run inside of another one.
# Autologging of a search logs the best values of the parameters under such names, too.
BEST = "best_"
PNG = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND\xaeB`\x82"
PLOTS = ("training_confusion_matrix.png",)
PLOTS_OF_TWO_CLASSES = ("training_precision_recall_curve.png", "training_roc_curve.png")


@pytest.mark.applies_to(autologs=True, target="local", runs=False)
def test_autologging_leaves_one_run(model: ModelUnderTest) -> None:
    """Fitting one estimator under autologging creates one run (L3; MLflow: autologging)."""
    found = [run.run_id for run in model.runs if run.parent is None]  # a search has children
    require(
        len(found) == 1,
        f"{model.store.path}: has {len(found)} runs {found}, should have exactly one",
    )


def test_runs_are_finished(model: ModelUnderTest) -> None:
    """Runs are finished and end after they start; models are ready (L3; MLflow: tracking)."""
    _require_run_or_model(model)
    unfinished = [
        f"{run.run_id} is {run.status}, started {run.start_time}, ended {run.end_time}"
        for run in model.runs
        if run.status != "FINISHED" or run.end_time is None or run.end_time < run.start_time
    ]
    require_none(unfinished, what="runs that are not finished", where=model.store.path)
    # From MLflow 3 on, a model logged by hand has a status of its own and may have no run.
    pending = [f"{m.model_id} is {m.status}" for m in model.logged if m.status != READY]
    require_none(pending, what="logged models that are not ready", where=model.store.path)


@pytest.mark.applies_to(states="logs")  # otherwise the script may choose one itself
def test_runs_and_models_are_in_the_experiment(
    model: ModelUnderTest, experiments: tuple[str, ...]
) -> None:
    """Runs and models are in the experiment that the environment names (L4; MLflow: tracking)."""
    _require_run_or_model(model)
    found = [(run.experiment, f"run {run.run_id}") for run in model.runs]
    found += [(logged.experiment, f"model {logged.name}") for logged in model.logged]
    elsewhere = [f"{what} in {name}" for name, what in found if name not in experiments]
    named = " and ".join(map(repr, experiments))
    require_none(elsewhere, what=f"runs and models outside of {named}", where=model.store.path)


@pytest.mark.applies_to(registers=True, target="local")
def test_the_script_registers_the_model_as_stated(model: ModelUnderTest) -> None:
    """The script registers the model, under the stated name and aliases (MLflow: registry)."""
    stated = model.mode.details.registered_as
    assert stated is not None
    found = [f"{each.name} with aliases {[*each.aliases]}" for each in model.registrations]
    is_kept = [
        each.aliases == stated.aliases and stated.name in (None, each.name)
        for each in model.registrations
    ]
    wanted = f"one, {stated.name or 'of any name'} with aliases {[*stated.aliases]}"
    require(
        is_kept == [True],
        f"registered versions of the model\n  found: {', '.join(found) or 'none'}\n"
        f"  should be: {wanted}\n  where: {model.store.path}",
    )


@pytest.mark.applies_to(logs=True)
def test_what_the_script_logs_itself_is_there(model: ModelUnderTest) -> None:
    """The store has everything that the catalogue lists under ``logs`` (MLflow: tracking)."""
    logs = model.mode.all_logs
    promised = {
        "metric": (logs.metrics, {name for run in model.runs for name in run.metrics}),
        "parameter": (logs.params, {name for run in model.runs for name in run.params}),
        "tag": (logs.tags, {name for run in model.runs for name in run.tags}),
        "artifact": (
            logs.artifacts,
            {path for run in model.runs for file in run.artifacts for path in with_folders(file)},
        ),
        "dataset": (
            logs.datasets,
            {text.rpartition(" (")[0] for text in model.other_content.datasets},
        ),
    }
    missing = [
        f"{kind} {name}"
        for kind, (names, found) in promised.items()
        for name in names
        if name not in found
    ]
    require_none(missing, what="what the script should log and does not", where=model.store.path)


@pytest.mark.applies_to(autologs=True)
def test_autologged_parameters_are_the_estimator_s(
    model: ModelUnderTest, reference: Reference
) -> None:
    """Every parameter of the estimator is logged by name and value (L3; MLflow: autologging)."""
    found, wanted = _only_run(model).params, reference.parameters
    if _is_search(model):  # the parameters of the inner estimator are those of the children
        wanted = {name: value for name, value in wanted.items() if "__" not in name}
    by_search = [name for name in found if name.startswith(BEST) and _is_search(model)]
    by_script = [*model.mode.all_logs.params, *by_search]
    _require_promised(found, wanted, by_script, "parameters", model)
    _require_values(found, wanted, "parameters that differ from the estimator's", model)


@pytest.mark.applies_to(autologs=True, refit=True)
def test_autologged_metrics_are_the_estimator_s(model: ModelUnderTest, refitted: Refitted) -> None:
    """Every training metric equals scikit-learn's on the same data (L3; MLflow: autologging)."""
    found, wanted = _only_run(model).metrics, refitted.training_metrics(model.mode.autolog)
    _require_promised(found, wanted, model.mode.all_logs.metrics, "metrics", model)
    _require_values(found, wanted, "metrics that differ from scikit-learn's", model)


@pytest.mark.applies_to(autologs=True, kind="classifier", refit=True)
def test_autologged_plots_are_pictures(model: ModelUnderTest, refitted: Refitted) -> None:
    """A classifier's plots are PNG artifacts of the run (L3; MLflow: autologging)."""
    run = _only_run(model)
    plots = [*PLOTS, *(PLOTS_OF_TWO_CLASSES if refitted.is_binary else ())]
    missing = [name for name in plots if name not in run.artifacts]
    require_none(missing, what="plots that are missing", where=run.artifact_directory)
    broken = [name for name in plots if not _is_png(run.artifact_directory / name)]
    require_none(broken, what="plots that are not PNG images", where=run.artifact_directory)


@pytest.mark.applies_to(autologs=True)
def test_autologged_run_says_what_was_fitted(model: ModelUnderTest, reference: Reference) -> None:
    """The run's tags name the estimator's class (L3; MLflow: autologging)."""
    wanted = {
        "estimator_name": reference.class_name.rpartition(".")[2],
        "estimator_class": reference.class_name,
        **({} if model.mode.autolog is None else model.mode.autolog.extra_tags),
    }
    require_equal(
        {key: _only_run(model).tags.get(key) for key in wanted},
        wanted,
        what="tags of the run",
        where=model.store.path,
    )


def _require_run_or_model(model: ModelUnderTest) -> None:
    """Fail if the store has neither a run nor a logged model: the loops would check nothing."""
    __tracebackhide__ = True
    require(model.runs or model.logged, f"{model.store.path}: has no run and no logged model")


def _is_search(model: ModelUnderTest) -> bool:
    """Return whether the run is that of a search, such as ``GridSearchCV``, with its children."""
    return any(run.parent is not None for run in model.runs)


def _only_run(model: ModelUnderTest) -> Run:
    """Return the run that logged the model; without a stated tree, it is the one at the top."""
    if model.mode.runs or model.mode.model:
        found = [run for run in model.runs if run.run_id == model.run_id]
    else:
        found = [run for run in model.runs if run.parent is None]
    require(len(found) == 1, f"{model.store.path}: has {len(found)} runs, should have one")
    return found[0]


def _require_promised(
    found: Logged, wanted: Logged, by_script: Sequence[str], kind: str, model: ModelUnderTest
) -> None:
    __tracebackhide__ = True
    unexpected = [f"{n}={value}" for n, value in found.items() if n not in {*wanted, *by_script}]
    what = f"{kind} that neither autologging nor the catalogue promises"
    require_none(unexpected, what=what, where=model.store.path)


def _require_values(found: Logged, wanted: Logged, what: str, model: ModelUnderTest) -> None:
    __tracebackhide__ = True
    different = [
        f"{name}: {found.get(name, 'missing')} (should be {value})"
        for name, value in sorted(wanted.items())
        if not _same(found.get(name), value)
    ]
    require_none(different, what=what, where=model.store.path)


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, float):
        return math.isclose(found, wanted, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(found == wanted)


def _is_png(file: Path) -> bool:
    content = file.read_bytes()
    return content.startswith(PNG) and content.endswith(PNG_END)
