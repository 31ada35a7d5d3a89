"""The job runs as submitted, and its model is under Outputs + logs."""

from __future__ import annotations

import pytest

from mlflow_conformance.azure.jobs.job_snapshot import COMPLETED
from mlflow_conformance.azure.records import RUN_TAG, JobFacts, WorkspaceFacts
from mlflow_conformance.model.mlmodel import FILE_NAME
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal
from mlflow_conformance.stores.records import Run
from mlflow_conformance.targets.azure_options import SERVERLESS
from mlflow_conformance.targets.target import Subject

pytestmark = pytest.mark.applies_to(target="azure")


def test_job_completes(job: JobFacts) -> None:
    """The job of a mode ends with the status Completed (L4, L6, L8, L10)."""
    require_equal(job.status, COMPLETED, what="status of the job", where=_where(job))


def test_job_has_the_promised_display_name(job: JobFacts, subject: Subject) -> None:
    """The job has the display name that its mode promises (L4, L6, L8, L10)."""
    require_equal(
        job.found.display_name, subject.mode.display_name, what="display name", where=_where(job)
    )


def test_job_is_in_the_experiment(job: JobFacts, experiment: str) -> None:
    """The job is in the experiment to which it was submitted (L4, L6, L8, L10)."""
    require_equal(job.found.experiment, experiment, what="experiment", where=_where(job))


def test_job_ran_the_command_it_was_given(job: JobFacts) -> None:
    """The command of the job is the mode's script with its arguments (L4, L6, L8, L10)."""
    require_equal(job.found.command, job.asked.command, what="command", where=_where(job))


def test_job_ran_in_the_environment_it_was_given(job: JobFacts) -> None:
    """The job runs in the environment version that it was given (Azure: environments)."""
    found, asked = job.found.environment, job.asked.environment
    name, label = asked.partition("@")[::2]
    # The service may answer a label with the version that it refers to.
    if label and found.partition(":")[0] == name:
        return
    require_equal(found, asked, what="environment", where=_where(job))


def test_job_ran_on_the_compute_it_was_given(job: JobFacts) -> None:
    """The job runs on the compute to which it was submitted (Azure: jobs)."""
    # A serverless job names no compute, and compute names are case-insensitive.
    require_equal(
        (job.found.compute or SERVERLESS).lower(),
        job.asked.compute.lower(),
        what="compute",
        where=_where(job),
    )


def test_job_keeps_its_tags(job: JobFacts, workspace: WorkspaceFacts) -> None:
    """The job has the tag of the run that submitted it (Azure: jobs)."""
    require_equal(job.tags.get(RUN_TAG), workspace.run_id, what=f"tag {RUN_TAG}", where=_where(job))


def test_model_is_among_the_job_s_outputs(
    job: JobFacts, subject: Subject, model: ModelUnderTest
) -> None:
    """``model/MLmodel`` is among the job's files, or a nested run's (L4, L6, L8, L10, L12)."""
    # What a mode leaves open, ``MLmodel`` says.
    wanted = f"{subject.mode.artifact_path or model.name}/{FILE_NAME}"
    child = _child_run(model, job)
    files = job.files if child is None else child.artifacts
    beside = [name for name in files if name.endswith(FILE_NAME)]
    where = _where(job) if child is None else f"the run {child.run_id} below {_where(job)}"
    require(
        wanted in files,
        f"Outputs + logs of {where}: {wanted} is missing, there is {beside or 'none'}",
    )


@pytest.mark.applies_to(logged_with="log_model")
def test_model_names_its_job(job: JobFacts, model: ModelUnderTest) -> None:
    """``MLmodel`` names the job, or a nested run that logged it, if it names a run (L12, L15)."""
    found = model.mlmodel
    child = _child_run(model, job)
    if child is not None:
        require(
            found.run_id == child.run_id,
            f"{found.path}: run_id is {found.run_id}, should be that of the run below the job that"
            f" has its files, {child.run_id}",
        )
        return
    # Without an active run, ``log_model`` of MLflow 3 creates a logged model and no run.
    is_of_no_run = found.run_id is None and found.model_id is not None and not model.autologs
    require(
        found.run_id == job.name or is_of_no_run,
        f"{found.path}: run_id is {found.run_id}, should be the job's name, {job.name}",
    )


def _child_run(model: ModelUnderTest, job: JobFacts) -> Run | None:
    """Return the run below that of the job which has the model's files, ``None`` for the job."""
    run = model.holding_run
    return None if run is None or run.run_id == job.name or run.parent is None else run


def _where(job: JobFacts) -> str:
    return f"job {job.name}, {job.studio_url}"
