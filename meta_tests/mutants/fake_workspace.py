"""Records of a fake Azure workspace whose job logged a local model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow_conformance.azure.records import (
    MODEL_TYPE,
    RUN_TAG,
    JobEnvironment,
    JobFacts,
    JobSettings,
    ModelVersion,
    Registration,
    ScriptVersion,
    WorkspaceFacts,
)
from mlflow_conformance.model.model_under_test import ModelUnderTest, logged_files

if TYPE_CHECKING:
    from meta_tests.mutants.harness import Bench

RUN = "20260101-000000-abcdef"
NAME = "mlflow-diabetes"


def good_workspace() -> WorkspaceFacts:
    """Return the record of a workspace."""
    environment = JobEnvironment("lab", "1", "image", "3.11", {"mlflow": "2.22.5"})
    return WorkspaceFacts("s", "g", "w", "cluster", RUN, NAME, "supported", environment)


def good_job(model: ModelUnderTest, experiment: str) -> JobFacts:
    """Return the record of a job that logged the model."""
    asked = JobSettings(model.mode.display_name, experiment, "python train.py", "lab:1", "cluster")
    path = model.mode.artifact_path or model.name
    files = [f"{path}/{file.as_posix()}" for file in logged_files(model.directory)]
    return JobFacts(
        mode=model.mode.name,
        name=str(model.mlmodel.run_id),
        status="Completed",
        studio_url="https://ml.azure.com/runs/job",
        asked=asked,
        found=asked,
        tags={RUN_TAG: RUN},
        outputs=str(model.directory.parent),
        files=(*sorted(files), "user_logs/std_log.txt"),
    )


def good_registration(model: ModelUnderTest, folder: Path) -> Registration:
    """Return the result of registering the model as versions 7 and 9; another user has 8 and 10."""
    downloaded = folder / "registered"
    if not downloaded.exists():
        shutil.copytree(model.directory, downloaded)
    job = str(model.mlmodel.run_id)
    first = ModelVersion(
        name=NAME,
        version="7",
        type=MODEL_TYPE,
        path=f"azureml://datastores/artifacts/paths/{job}/model",
        job_name=job,
        flavors=model.mode.flavors or (),
        tags={RUN_TAG: RUN},
    )
    logs = f"azureml://jobs/{job}/outputs/artifacts/paths/user_logs/"
    return Registration(
        source=f"azureml://jobs/{job}/outputs/artifacts/paths/model/",
        first=first,
        first_later=first,
        second=replace(first, version="9"),
        between=("8",),
        versions=("7", "9"),
        latest="10",
        latest_run="of-another-run",
        listed_archived=("7",),
        listed_restored=("7", "9"),
        downloaded=str(downloaded),
        refused_path=logs,
        refusal="no MLmodel",
    )


def good_script_version(model: ModelUnderTest, folder: Path) -> ScriptVersion:
    """Return version 1 of a model of the script's own, which it has registered from its job."""
    registration = good_registration(model, folder)
    job, name = str(model.mlmodel.run_id), "of-the-script"
    where = f"experiments/lab/runs/{job}/artifacts/{model.mode.artifact_path}"
    return ScriptVersion(
        name=name,
        version="1",
        found=replace(registration.first, name=name, version="1", tags={}),
        address=f"azureml://westeurope.api.azureml.ms/mlflow/v2.0/subscriptions/s/{where}",
        downloaded=registration.downloaded,
    )


def with_script_version(**changes: Any) -> Callable[[Bench], None]:
    """Return an edit of the version that the script registered."""

    def edit(bench: Bench) -> None:
        bench.script_versions = tuple(replace(one, **changes) for one in bench.script_versions)

    return edit


def with_job(**changes: Any) -> Callable[[Bench], None]:
    """Return an edit of the job's record."""

    def edit(bench: Bench) -> None:
        bench.job = replace(bench.job, **changes)

    return edit


def with_found(**changes: Any) -> Callable[[Bench], None]:
    """Return an edit of the job's actual settings, so that they differ from the requested ones."""

    def edit(bench: Bench) -> None:
        bench.job = replace(bench.job, found=replace(bench.job.found, **changes))

    return edit


def with_registration(**changes: Any) -> Callable[[Bench], None]:
    """Return an edit of the registration's result."""

    def edit(bench: Bench) -> None:
        bench.registration = replace(bench.registration, **changes)

    return edit


def with_first(**changes: Any) -> Callable[[Bench], None]:
    """Return an edit of the first registered version."""

    def edit(bench: Bench) -> None:
        first = replace(bench.registration.first, **changes)
        bench.registration = replace(bench.registration, first=first)

    return edit
