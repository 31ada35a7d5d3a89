"""Mutants of the checks of a job: the job differs from what was requested."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import test_azure_job as azure_job
from meta_tests.mutants.fake_workspace import with_found, with_job
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from meta_tests.mutants.model_edits import Break, with_key, without_key
from mlflow_conformance.azure.records import JobFacts, JobSettings
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.stores.records import PARENT, Run
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.targets.target import Subject

MODE = "autolog-array"
OTHER_ID = 32 * "0"
CATALOGUE = read_catalogue(DEFAULT_CATALOGUE)


def after_the_job(break_: Break) -> Break:
    """Return an edit that changes the model but not the job."""

    def edit(bench: Bench) -> None:
        bench.job = replace(bench.job)
        break_(bench)

    return edit


def with_open_path(bench: Bench) -> None:
    """Let the mode leave open to which path the model is logged."""
    bench.model = replace(bench.model, mode=replace(bench.model.mode, artifact_path=None))


def in_environments(asked: str, found: str) -> Break:
    """Return an edit of the environment that was asked for, and of the one that was found."""

    def edit(bench: Bench) -> None:
        bench.job = replace(
            bench.job,
            asked=replace(bench.job.asked, environment=asked),
            found=replace(bench.job.found, environment=found),
        )

    return edit


MUTANTS = (
    Mutant(
        "failed-job",
        MODE,
        azure_job.test_job_completes,
        with_job(status="Failed"),
        r"^status of the job\n  found: Failed\n  should be: Completed\n  where: job \w+, https",
    ),
    Mutant(
        "canceled-job",
        MODE,
        azure_job.test_job_completes,
        with_job(status="Canceled"),
        r"^status of the job\n  found: Canceled\n",
    ),
    Mutant(
        "job-of-another-display-name",
        MODE,
        azure_job.test_job_has_the_promised_display_name,
        with_found(display_name="calm_river_7"),
        r"^display name\n  found: calm_river_7\n  should be: diabetes-train-autolog\n",
    ),
    Mutant(
        "job-in-another-experiment",
        MODE,
        azure_job.test_job_is_in_the_experiment,
        with_found(experiment="Default"),
        r"^experiment\n  found: Default\n",
    ),
    Mutant(
        "job-with-another-command",
        MODE,
        azure_job.test_job_ran_the_command_it_was_given,
        with_found(command="python other.py"),
        r"^command\n  found: python other\.py\n",
    ),
    Mutant(
        "job-in-another-environment",
        MODE,
        azure_job.test_job_ran_in_the_environment_it_was_given,
        with_found(environment="lab:2"),
        r"^environment\n  found: lab:2\n  should be: lab:1\n",
    ),
    Mutant(
        "job-in-an-environment-of-another-name-than-the-label-s",
        MODE,
        azure_job.test_job_ran_in_the_environment_it_was_given,
        in_environments(asked="lab@latest", found="lab-2:1"),
        r"^environment\n  found: lab-2:1\n  should be: lab@latest\n",
    ),
    Mutant(
        "job-in-another-label-of-its-environment",
        MODE,
        azure_job.test_job_ran_in_the_environment_it_was_given,
        in_environments(asked="lab@latest", found="lab@old"),
        r"^environment\n  found: lab@old\n  should be: lab@latest\n",
    ),
    Mutant(
        "job-on-another-compute",
        MODE,
        azure_job.test_job_ran_on_the_compute_it_was_given,
        with_found(compute="serverless"),
        r"^compute\n  found: serverless\n  should be: cluster\n",
    ),
    Mutant(
        "job-without-a-compute",
        MODE,
        azure_job.test_job_ran_on_the_compute_it_was_given,
        with_found(compute=""),
        r"^compute\n  found: serverless\n  should be: cluster\n",
    ),
    Mutant(
        "job-without-its-tag",
        MODE,
        azure_job.test_job_keeps_its_tags,
        with_job(tags={}),
        r"^tag conformance-run\n  found: None\n",
    ),
    Mutant(
        "model-not-among-the-outputs",
        MODE,
        azure_job.test_model_is_among_the_job_s_outputs,
        with_job(files=("user_logs/std_log.txt",)),
        r"^Outputs \+ logs of job .*: model/MLmodel is missing, there is none$",
    ),
    Mutant(
        "model-elsewhere-among-the-outputs",
        MODE,
        azure_job.test_model_is_among_the_job_s_outputs,
        with_job(files=("outputs/model/MLmodel",)),
        r"model/MLmodel is missing, there is \['outputs/model/MLmodel'\]$",
    ),
    Mutant(
        "model-elsewhere-than-it-says",
        MODE,
        azure_job.test_model_is_among_the_job_s_outputs,
        with_job(files=("outputs/model/MLmodel",)),
        r"model/MLmodel is missing, there is \['outputs/model/MLmodel'\]$",
        prepare=with_open_path,
    ),
    Mutant(
        "model-of-another-run-than-the-job",
        MODE,
        azure_job.test_model_names_its_job,
        after_the_job(with_key("run_id", OTHER_ID)),
        r"MLmodel: run_id is 0{32}, should be the job's name, \w+$",
    ),
    Mutant(
        "model-of-no-run",
        MODE,
        azure_job.test_model_names_its_job,
        after_the_job(without_key("run_id")),
        r"MLmodel: run_id is None, should be the job's name, \w+$",
    ),
)


@pytest.mark.parametrize(
    ("asked", "found"), [("serverless", ""), ("serverless", "serverless"), ("Cluster", "cluster")]
)
def test_computes_are_told_apart_as_azure_does(asked: str, found: str) -> None:
    """A serverless job names no compute, and compute names are not case-sensitive."""
    job = job_of(JobSettings("name", "experiment", "command", "lab:1", asked), compute=found)
    azure_job.test_job_ran_on_the_compute_it_was_given(job)


@pytest.mark.parametrize("found", ["lab@latest", "lab:1", "lab:2"])
def test_a_label_stands_for_any_version(found: str) -> None:
    """A job that names a label may be returned with the label, or with the version it has."""
    wanted = JobSettings("name", "experiment", "command", "lab@latest", "cluster")
    azure_job.test_job_ran_in_the_environment_it_was_given(job_of(wanted, environment=found))


def nested(artifacts: tuple[str, ...], run_id: str) -> Any:
    """Return a model among the files of a run below that of a job."""
    tags = {PARENT: "job"}
    run = Run("child", "lab", "FINISHED", 1, 2, {}, {}, tags, Path("/files"), artifacts)
    document = SimpleNamespace(run_id=run_id, model_id=None, path=Path("/files/model/MLmodel"))
    return SimpleNamespace(name="model", holding_run=run, mlmodel=document, autologs=True)


def test_a_model_of_a_nested_run_is_among_its_files() -> None:
    """A model of a run below the job is looked for among the files of that run."""
    asked = JobSettings("name", "experiment", "command", "lab:1", "cluster")
    subject = Subject(replace(CATALOGUE.mode("nested"), artifact_path=None), "azure")
    check = azure_job.test_model_is_among_the_job_s_outputs
    check(job_of(asked), subject, nested(("model/MLmodel",), "child"))
    message = (
        r"^Outputs \+ logs of the run child below job job, : model/MLmodel is missing, there is"
    )
    with pytest.raises(AssertionError, match=message):
        check(job_of(asked), subject, nested(("plot.png",), "child"))


def test_a_model_of_a_nested_run_names_that() -> None:
    """``MLmodel`` of a run below the job names that run, not the job."""
    asked = JobSettings("name", "experiment", "command", "lab:1", "cluster")
    azure_job.test_model_names_its_job(job_of(asked), nested(("model/MLmodel",), "child"))
    message = r"run_id is job, should be that of the run below the job that has its files, child$"
    with pytest.raises(AssertionError, match=message):
        azure_job.test_model_names_its_job(job_of(asked), nested(("model/MLmodel",), "job"))


def job_of(asked: JobSettings, **found: str) -> JobFacts:
    """Return the record of a job whose settings were found changed."""
    return JobFacts(
        mode=MODE,
        name="job",
        status="Completed",
        studio_url="",
        asked=asked,
        found=replace(asked, **found),
        tags={},
        outputs="",
        files=(),
    )


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """The check that owns the broken thing fails, and its message says what is wrong."""
    require_caught(mutant, bench)
