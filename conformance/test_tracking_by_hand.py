"""A script that logs one model by hand logs nothing besides that model."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mlflow_conformance.catalogue.modes import with_folders
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal, require_none
from mlflow_conformance.witness.observer import plain

# MLflow creates this experiment in every store.
DEFAULT_NAME = "Default"
OF_MODEL = " (of the logged model)"


@pytest.mark.applies_to(autologs=False, target="local", states="logs", runs=False)
def test_manual_logging_leaves_at_most_one_run(model: ModelUnderTest) -> None:
    """Logging one model by hand creates one run, from MLflow 3 on at most one (L7, L9)."""
    found = [run.run_id for run in model.runs]
    least, words = (0, "at most") if model.logged else (1, "exactly")
    require(
        least <= len(found) <= 1,
        f"{model.store.path}: has {len(found)} runs {found}, should have {words} one",
    )


@pytest.mark.applies_to(autologs=False, target="local")
def test_manual_logging_deletes_no_runs(model: ModelUnderTest) -> None:
    """Logging a model by hand deletes no run (L7, L9)."""
    require_none(
        model.other_content.deleted_runs, what="runs that are deleted", where=model.store.path
    )


@pytest.mark.applies_to(autologs=False, target="local", states="logs")
def test_manual_logging_makes_no_experiments(
    model: ModelUnderTest, experiments: tuple[str, ...]
) -> None:
    """Only the experiment that the environment names is created (L4; MLflow: tracking)."""
    known = dict.fromkeys((*experiments, DEFAULT_NAME))
    found = [name for name in model.other_content.experiments if name not in known]
    named = " and ".join(map(repr, known))
    require_none(found, what=f"experiments beside {named}", where=model.store.path)


@pytest.mark.applies_to(autologs=False, states="logs")
def test_manual_logging_logs_no_datasets(model: ModelUnderTest) -> None:
    """A script that logs a model by hand logs no datasets except promised ones (L7, L9)."""
    promised = model.mode.all_logs.datasets
    found = [
        text for text in model.other_content.datasets if text.rpartition(" (")[0] not in promised
    ]
    require_none(
        found,
        what="datasets that the catalogue does not name",
        where=model.store.path,
    )


@pytest.mark.applies_to(autologs=False, states="logs")
def test_manual_logging_logs_no_parameters(model: ModelUnderTest) -> None:
    """A script that logs a model by hand logs no parameters except promised ones (L7, L9)."""
    found = [(name, value, "") for run in model.runs for name, value in run.params.items()]
    found += [(name, value, OF_MODEL) for name, value in model.other_content.model_params]
    _require_promised(found, model.mode.all_logs.params, "parameters", model)


@pytest.mark.applies_to(autologs=False, states="logs")
def test_manual_logging_logs_no_metrics(model: ModelUnderTest) -> None:
    """A script that logs a model by hand logs no metrics except promised ones (L7, L9)."""
    found = [(name, value, "") for run in model.runs for name, value in run.metrics.items()]
    found += [(name, value, OF_MODEL) for name, value in model.other_content.model_metrics]
    _require_promised(found, model.mode.all_logs.metrics, "metrics", model)


@pytest.mark.applies_to(autologs=False, states="logs")
def test_manual_logging_sets_no_tags(model: ModelUnderTest) -> None:
    """A script that logs a model by hand sets only MLflow's and promised tags (L7, L9)."""
    found = [(name, value, "") for run in model.runs for name, value in run.tags.items()]
    found += [(name, value, OF_MODEL) for name, value in model.other_content.model_tags]
    own = [tag for tag in found if not tag[0].startswith("mlflow.")]
    _require_promised(own, model.mode.all_logs.tags, "tags", model)


@pytest.mark.applies_to(autologs=False, states="logs")
def test_manual_logging_logs_no_other_files(model: ModelUnderTest) -> None:
    """A script that logs a model by hand logs no artifacts except promised ones (L7, L9)."""
    found = [
        name
        for run in model.runs
        for name in run.artifacts
        if model.directory.resolve() not in (run.artifact_directory / name).resolve().parents
        and with_folders(name).isdisjoint(model.mode.all_logs.artifacts)
    ]
    require_none(found, what="artifacts that the catalogue does not name", where=model.store.path)


@pytest.mark.applies_to(autologs=False)
def test_manual_logging_adds_no_files_to_the_model(model: ModelUnderTest) -> None:
    """A model's folder contains only the files that its ``MLmodel`` names (L7, L9)."""
    require_none(
        model.unnamed_files,
        what="files of the model that MLmodel does not name",
        where=model.directory,
    )


@pytest.mark.applies_to(autologs=False)
def test_manual_logging_gives_no_metadata(model: ModelUnderTest) -> None:
    """A model logged by hand has the metadata that the script passes, or none (L7, L9)."""
    require_equal(
        plain(model.mlmodel.document.get("metadata")),
        plain(model.metadata),
        what="metadata of the model (stated, or passed by the script)",
        where=model.mlmodel.path,
    )


def _require_promised(
    found: Sequence[tuple[str, object, str]],
    promised: Sequence[str],
    kind: str,
    model: ModelUnderTest,
) -> None:
    """Fail unless each entry of ``found``, a name, its value and its owner, is a promised name."""
    __tracebackhide__ = True
    unexpected = [f"{name}={value}{owner}" for name, value, owner in found if name not in promised]
    require_none(
        unexpected, what=f"{kind} that the catalogue does not name", where=model.store.path
    )
