"""The workspace's registry registers the model from its job, and keeps and finds its versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.azure.records import (
    MODEL_TYPE,
    RUN_TAG,
    JobFacts,
    Registration,
    WorkspaceFacts,
)
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal, require_none
from mlflow_conformance.promises.registered_files import different_files
from mlflow_conformance.targets.target import Subject

pytestmark = pytest.mark.applies_to(target="azure")


def test_model_is_registered_as_an_mlflow_model(registration: Registration) -> None:
    """The job's ``model`` path is registered with the type ``mlflow_model`` (L12, L13, L15)."""
    first = registration.first
    require_equal(first.type, MODEL_TYPE, what="type", where=_version(registration, first.version))


@pytest.mark.applies_to(states="flavors")
@pytest.mark.assumes("flavors-are-read")
def test_registered_model_has_the_promised_flavors(
    registration: Registration, subject: Subject
) -> None:
    """The registered model has the flavors that its mode promises (L15; Azure: models)."""
    require_equal(
        sorted(registration.first.flavors),
        sorted(subject.mode.flavors or ()),
        what="flavors",
        where=_version(registration, registration.first.version),
    )


@pytest.mark.assumes("job-name-is-set")
def test_version_links_to_its_job(registration: Registration, job: JobFacts) -> None:
    """A version names the job that trained its model, if it is registered from the job (L15)."""
    is_of_the_job = registration.source.startswith(f"azureml://jobs/{job.name}/")
    require_equal(
        registration.first.job_name,
        job.name if is_of_the_job else None,
        what="job_name",
        where=_version(registration, registration.first.version),
    )


def test_version_has_the_tag_of_its_run(
    registration: Registration, workspace: WorkspaceFacts
) -> None:
    """Every registered version has the tag of its run (Azure: models)."""
    require_equal(
        {
            version.version: version.tags.get(RUN_TAG)
            for version in (registration.first, registration.second)
        },
        {
            version.version: workspace.run_id
            for version in (registration.first, registration.second)
        },
        what=f"tag {RUN_TAG}",
        where=registration.first.name,
    )


def test_second_registration_is_the_next_version(registration: Registration) -> None:
    """A second registration is the next version, after those of other clients (L14)."""
    first, second = int(registration.first.version), int(registration.second.version)
    # Others may have left out numbers: what counts is the last one before the second registration.
    taken = [int(number) for number in registration.between if number.isdigit()]
    last = max((first, *(number for number in taken if number < second)))
    require(
        second > first and second == last + 1,
        f"{registration.first.name}: the second registration is version {second}, should be"
        f" {last + 1}; others took {', '.join(registration.between) or 'none'} between",
    )


def test_old_version_is_intact(registration: Registration) -> None:
    """A new version does not change the old one (L14, L19)."""
    require_equal(
        registration.first_later,
        registration.first,
        what=f"version {registration.first.version} after {registration.second.version} came",
        where=registration.first.name,
    )


def test_registered_files_are_the_job_s(registration: Registration, model: ModelUnderTest) -> None:
    """The files of a registered model equal those that the job logged, byte for byte (L16, L17)."""
    downloaded = Path(registration.downloaded)
    require(any(downloaded.iterdir()), f"{downloaded}: no file of the registered model came")
    require_none(
        different_files(model.directory, downloaded),
        what="registered files that are not the job's",
        where=_version(registration, registration.first.version),
    )


def test_model_is_found_by_name(registration: Registration) -> None:
    """Both versions are found by the model's name (L18)."""
    wanted = (registration.first.version, registration.second.version)
    missing = [version for version in wanted if version not in registration.versions]
    require_none(
        missing,
        what=f"versions not among those found, {', '.join(registration.versions) or 'none'}",
        where=registration.first.name,
    )


def test_latest_is_the_newest_version(
    registration: Registration, workspace: WorkspaceFacts
) -> None:
    """The label ``latest`` resolves to the newest version (L18; Azure: models)."""
    latest = registration.latest
    numbers = [number for number in registration.versions if number.isdigit()]
    newest = max(map(int, (registration.second.version, *numbers)))
    is_own = registration.latest_run == workspace.run_id
    # Another client may have registered a version since, and named it freely: only numbers have an
    # order.
    is_later = bool(latest) and (not latest.isdigit() or int(latest) > newest)
    require(
        latest == str(newest) or (not is_own and is_later),
        f"{registration.first.name}: latest is version {latest or 'unknown'} of"
        f" {'this run' if is_own else 'another client'}, should be {newest}",
    )


def test_archived_version_is_not_listed(registration: Registration) -> None:
    """An archived version is not listed, and the other version is (L19; Azure: models)."""
    listed = registration.listed_archived
    require(
        registration.second.version not in listed and registration.first.version in listed,
        f"{registration.first.name}: while {registration.second.version} was archived, the list"
        f" was {', '.join(listed) or 'empty'}; it should be without that, and with"
        f" {registration.first.version}",
    )


def test_restored_version_is_listed_again(registration: Registration) -> None:
    """A restored version is listed again (L19; Azure: models)."""
    require(
        registration.second.version in registration.listed_restored,
        f"{registration.first.name}: {registration.second.version} was restored and is not"
        f" listed, only {', '.join(registration.listed_restored) or 'nothing'}",
    )


@pytest.mark.assumes("path-without-mlmodel-is-refused")
def test_path_without_a_model_is_refused(registration: Registration) -> None:
    """A path without an ``MLmodel`` is not registered as an MLflow model (Azure: models)."""
    require(
        registration.refusal is not None,
        f"{registration.refused_path}: was registered as {MODEL_TYPE}, should be refused: there"
        " is no MLmodel",
    )


def _version(registration: Registration, version: str) -> str:
    return f"{registration.first.name} version {version}, from {registration.source}"
