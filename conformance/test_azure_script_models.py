"""A script that registers its model over MLflow's API does so in the workspace's registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.azure.records import MODEL_TYPE, JobFacts, ScriptVersion
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal, require_none
from mlflow_conformance.promises.registered_files import different_files

pytestmark = pytest.mark.applies_to(target="azure", registers=True)


@pytest.mark.assumes("script-model-is-of-its-run")
def test_script_registers_a_model_of_the_workspace(
    script_versions: tuple[ScriptVersion, ...], model: ModelUnderTest, job: JobFacts
) -> None:
    """A script's model is an MLflow model of the workspace, registered from its job (L13, L15)."""
    stated = model.mode.details.registered_as
    assert stated is not None
    wanted = [(stated.name, MODEL_TYPE, job.name)]
    found = [
        (each.name if stated.name else None, each.found.type, each.found.job_name)
        for each in script_versions
    ]
    require_equal(
        found, wanted, what="name, type and job of what the script registered", where=_of(job)
    )


def test_files_that_the_script_registers_are_the_job_s(
    script_versions: tuple[ScriptVersion, ...], model: ModelUnderTest, job: JobFacts
) -> None:
    """The files of a version that a script registers equal those of its job (L16, L17)."""
    require(script_versions, f"{_of(job)}: its script has registered no model")
    for each in script_versions:
        require_none(
            different_files(model.directory, Path(each.downloaded)),
            what="files of the script's version that are not the job's",
            where=f"{each.name} version {each.version}, {_of(job)}",
        )


def test_version_of_the_script_is_resolved(
    script_versions: tuple[ScriptVersion, ...], model: ModelUnderTest, job: JobFacts
) -> None:
    """MLflow resolves ``models:/NAME/VERSION`` to the job's model (L18; MLflow: registry)."""
    require(script_versions, f"{_of(job)}: its script has registered no model")
    path = model.directory.relative_to(job.outputs).as_posix()
    wanted = f"/runs/{job.name}/artifacts/{path}"
    for each in script_versions:
        require(
            each.address.rstrip("/").endswith(wanted),
            f"models:/{each.name}/{each.version} is resolved to {each.address}, should be"
            f" …{wanted}",
        )


def _of(job: JobFacts) -> str:
    return f"job {job.name}, {job.studio_url}"
