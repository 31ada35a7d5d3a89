"""The metadata in ``MLmodel``: ids, name, run, creation time, size and MLflow version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import pytest

from mlflow_conformance.model.code_paths import FOLDER as CODE_FOLDER
from mlflow_conformance.model.environment_files import CONDA, CONSTRAINTS, PYTHON_ENV, REQUIREMENTS
from mlflow_conformance.model.mlmodel import FILE_NAME, MalformedModel
from mlflow_conformance.model.model_under_test import ModelUnderTest, logged_files
from mlflow_conformance.promises.assertions import (
    require,
    require_equal,
    require_none,
    require_present,
)
from mlflow_conformance.stores.records import LocalStore

TOLERANCE_SECONDS = 2.0
# MLflow measures the model's size before it writes these files.
NOT_MEASURED = frozenset({FILE_NAME, CONDA, PYTHON_ENV, REQUIREMENTS, CONSTRAINTS})
# MLflow copies these of a uv project into the model's folder then, too.
OF_UV = frozenset({Path("uv.lock"), Path("pyproject.toml"), Path(".python-version")})


@pytest.mark.applies_to(needs="files")
def test_mlmodel_can_be_read(model: ModelUnderTest) -> None:
    """``MLmodel`` is plain YAML, and its keys have the documented types (MLflow: models)."""
    try:
        found = model.mlmodel
    except MalformedModel as error:
        raise AssertionError(str(error)) from None
    require(found.flavors, f"{found.path}: no flavors")


def test_mlflow_version_is_the_installed_one(model: ModelUnderTest) -> None:
    """The recorded MLflow version is the one that logged the model (MLflow: models)."""
    require_equal(
        model.mlmodel.mlflow_version,
        model.logging_environment.version("mlflow"),
        what="mlflow_version",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(needs="files")
def test_model_has_a_uuid(model: ModelUnderTest, uuids: Mapping[str, str]) -> None:
    """A model has a uuid that no other model has (MLflow: models)."""
    found = model.mlmodel.model_uuid
    require(
        found is not None and re.fullmatch("(m-)?[0-9a-f]{32}", found),
        f"{model.mlmodel.path}: model_uuid is {found!r}, should be 32 hexadecimal digits",
    )
    require_none(
        [other for other, uuid in uuids.items() if uuid == found and other != model.outcome.id],
        what=f"other models with the model_uuid {found}",
        where=model.mlmodel.path,
    )


def test_model_id_is_the_uuid(model: ModelUnderTest) -> None:
    """From MLflow 3 on, the store has the logged model under its model_uuid (MLflow: tracking)."""
    found = model.mlmodel
    require(
        found.model_id in (None, found.model_uuid),
        f"{found.path}: model_id {found.model_id!r} should be the model_uuid {found.model_uuid!r}",
    )
    require_equal(
        found.model_id,
        found.model_uuid if model.logged else None,
        what="model_id (MLflow has them where the store has logged models)",
        where=found.path,
    )
    # There is no promise about what a workspace records of a model that MLflow 2 logged.
    is_promised = isinstance(model.store, LocalStore) or bool(model.logged)
    is_promised = is_promised and model.logged_with is not None
    should_be_in_store = model.logged_with == "log_model"
    require(
        model.is_in_store == should_be_in_store or not is_promised,
        f"{model.store.path}: knows {'no' if should_be_in_store else 'a'} logged model with the"
        f" model_uuid {found.model_uuid!r} of {found.path}",
    )


@pytest.mark.applies_to(states="name")
def test_model_has_the_promised_name(model: ModelUnderTest) -> None:
    """The model has the name that its script gave it (MLflow: tracking)."""
    require(
        model.name == model.mode.artifact_path,
        f"{model.mlmodel.path}: the model's name is {model.name}, should be"
        f" {model.mode.artifact_path} (artifact_path)",
    )


@pytest.mark.applies_to(target="local")  # test_azure_job.py checks jobs
def test_run_id_is_the_run_s(model: ModelUnderTest) -> None:
    """A model that a run logged names that run, and no other (L12; MLflow: models)."""
    require_equal(
        model.mlmodel.run_id,
        model.logging_run,
        what="run_id (of the run that logged the model)",
        where=model.mlmodel.path,
    )
    runs = [run.run_id for run in model.runs]
    require(
        model.mlmodel.run_id in [None, *runs],
        f"{model.mlmodel.path}: run_id {model.mlmodel.run_id} is none of the store's runs {runs}",
    )
    # From MLflow 3 on, log_model needs no active run; save_model never belongs to a run.
    may_have_no_run = model.logged_with in ("save_model", None) or (
        bool(model.logged) and not model.autologs
    )
    require(
        model.mlmodel.run_id is not None or may_have_no_run,
        f"{model.mlmodel.path}: names no run, should name the one that logged the model, of {runs}",
    )


@pytest.mark.applies_to(logged_with="save_model")
def test_saved_model_names_no_run(model: ModelUnderTest) -> None:
    """A saved model has neither a run_id nor a model_id (MLflow: models)."""
    require_equal(
        {"run_id": model.mlmodel.run_id, "model_id": model.mlmodel.model_id},
        {"run_id": None, "model_id": None},
        what="run_id and model_id of a saved model",
        where=model.mlmodel.path,
    )


@pytest.mark.applies_to(needs="files")
def test_time_created_is_utc_and_within_the_training(model: ModelUnderTest) -> None:
    """The creation time is in UTC, between the script's start and end (MLflow: models)."""
    created = require_present(
        model.mlmodel.utc_time_created, f"{model.mlmodel.path}: utc_time_created is missing"
    )
    seconds = created.replace(tzinfo=created.tzinfo or timezone.utc).timestamp()
    started, ended = (
        model.outcome.started - TOLERANCE_SECONDS,
        model.outcome.ended + TOLERANCE_SECONDS,
    )
    require(
        started <= seconds <= ended,
        f"{model.mlmodel.path}: utc_time_created is {created}, should lie between"
        f" {_utc(started)} and {_utc(ended)} (UTC)",
    )


@pytest.mark.applies_to(needs="files")
def test_size_is_that_of_the_model_s_files(model: ModelUnderTest) -> None:
    """The recorded size is that of the model's own files, in bytes (MLflow: models)."""
    found = model.mlmodel.model_size_bytes
    logged = [file for file in logged_files(model.directory) if file not in OF_UV]
    files = [file for file in logged if file.name not in NOT_MEASURED]
    sizes = {file: (model.directory / file).stat().st_size for file in files}
    wanted = sum(sizes.values())
    of_code = sum(size for file, size in sizes.items() if file.parts[0] == CODE_FOLDER)
    # MLflow copies the code of a model without another flavor after it has measured the size.
    if "sklearn" not in model.mlmodel.flavors and found == wanted - of_code:
        wanted -= of_code
    require_equal(
        found,
        wanted,
        what="model_size_bytes",
        where=model.mlmodel.path,
    )


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)
