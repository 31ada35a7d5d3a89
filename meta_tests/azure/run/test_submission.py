"""Tests of ``azure.jobs.submit`` and ``preflight.environment_version``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from meta_tests.azure.run.fake_workspace import (
    FACTS,
    RUN_ID,
    STUDIO,
    FakeClient,
    ManualClock,
    connection_reset,
    http_error,
    retries,
)
from mlflow_conformance.azure.client.request_errors import RequestFailed
from mlflow_conformance.azure.errors import AzureMisconfigured, AzureUnreachable
from mlflow_conformance.azure.jobs.job_snapshot import job_snapshot, plain_name
from mlflow_conformance.azure.jobs.submit import (
    BACKSTOP_SECONDS,
    JobRequest,
    SubmittedJob,
    job_name,
    submit,
)
from mlflow_conformance.azure.preflight.environment_version import create_environment
from mlflow_conformance.azure.records import JobSettings

NAME = job_name(RUN_ID, "infer-frame")
MODES = ("infer", "infer-frame", "infer_frame", "Infer-frame", "é", "è", "m" * 300, "m" * 301)
ASKED = JobSettings(
    display_name="diabetes-train",
    experiment="diabetes-training",
    command="python train.py --data diabetes.csv",
    environment="conformance:1a2b",
    compute="aml-cluster",
)


@pytest.fixture
def client() -> FakeClient:
    """A fake workspace."""
    return FakeClient(ManualClock())


def _submit(client: FakeClient) -> SubmittedJob:
    request = JobRequest(
        mode="infer-frame",
        display_name=ASKED.display_name,
        experiment=ASKED.experiment,
        command=ASKED.command,
        code=Path(__file__).parent,
        timeout=3600.0,
        environment={"OWN": "1"},
    )
    return submit(client, FACTS, request, retries(client.jobs.clock))


def test_a_job_is_asked_for_as_the_catalogue_says(client: FakeClient) -> None:
    """A job is submitted with the names, command, environment, variables, tags, limit and code."""
    submitted = _submit(client)
    job, _ = client.jobs.created[NAME]
    assert submitted.asked == ASKED
    assert submitted.studio_url == STUDIO.format(NAME)
    assert job.name == submitted.name == "conformance-infer-frame-20260301-120000-abc123"
    assert (job.display_name, job.experiment_name) == ("diabetes-train", "diabetes-training")
    assert job.environment == "azureml:conformance:1a2b"
    assert job.tags == {"conformance-run": RUN_ID, "conformance-mode": "infer-frame"}
    assert job.limits.timeout == 3600 + BACKSTOP_SECONDS
    assert Path(job.code) == Path(__file__).parent
    assert job.environment_variables == {"OWN": "1"}


def test_what_was_found_can_be_compared_with_what_was_asked(client: FakeClient) -> None:
    """The settings found in the workspace are equal to those that were submitted."""
    _submit(client)
    assert job_snapshot(client.jobs.get(NAME)).found == ASKED


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("azureml:conformance:1a2b", "conformance:1a2b"),
        ("conformance:1a2b", "conformance:1a2b"),
        ("azureml:/subscriptions/s/workspaces/w/environments/e/versions/3", "e:3"),
        ("/subscriptions/s/resourcegroups/G/workspaces/w/Environments/e/versions/3", "e:3"),
        ("azureml://registries/r/environments/e/versions/3", "e:3"),
        ("azureml://registries/r/environments/e/labels/latest", "e@latest"),
        ("azureml:e@latest", "e@latest"),
        ("/subscriptions/s/workspaces/w/computes/aml-cluster", "aml-cluster"),
        ("aml-cluster", "aml-cluster"),
        (None, ""),
    ],
)
def test_ids_are_reduced_to_names(reference: str | None, name: str) -> None:
    """References and ARM ids are reduced to names."""
    assert plain_name(reference) == name


def test_an_answer_that_is_lost_does_not_submit_twice(client: FakeClient) -> None:
    """If the response to a submission is lost, the job is found and not submitted again."""
    client.faults.after["submit"] = [connection_reset()]
    assert _submit(client).name == NAME
    assert client.jobs.puts == [NAME]


def test_a_job_that_never_arrived_is_submitted_again(client: FakeClient) -> None:
    """If a submission fails, the job is submitted again under the same name."""
    client.faults.before["submit"] = [
        connection_reset(),
        http_error(503),
        http_error(429, Retry_After="3"),
    ]
    assert _submit(client).studio_url == STUDIO.format(NAME)
    assert client.jobs.puts == [NAME]


def test_a_refused_job_is_said_in_one_line(client: FakeClient) -> None:
    """A refused job raises ``RequestFailed`` with the job's name and the error."""
    client.faults.before["submit"] = [http_error(400, "UserError", "no such compute")]
    with pytest.raises(RequestFailed) as failure:
        _submit(client)
    assert str(failure.value) == (
        f"infer-frame: submitting the job {NAME}: HTTP 400 UserError (no such compute) [GET"
        " management.azure.com/…/w/jobs/x]"
    )


def test_the_environment_is_made_once(client: FakeClient) -> None:
    """An environment with the same name and version is reused."""
    held = retries(client.jobs.clock)
    assert create_environment(client, FACTS.environment, held)
    assert not create_environment(client, FACTS.environment, held)
    (created,) = client.created
    assert (created.name, created.version, created.image) == ("conformance", "1a2b", "image:1")
    assert "mlflow==2.22.5" in str(created.conda_file)


@pytest.mark.parametrize(
    ("error", "refusal", "words"),
    [
        (
            http_error(403, "Forbidden"),
            AzureMisconfigured,
            "creating the environment conformance:1a",
        ),
        (
            http_error(503, "ServerBusy"),
            AzureUnreachable,
            "creating the environment conformance:1a",
        ),
    ],
)
def test_without_an_environment_nothing_is_submitted(
    client: FakeClient,
    error: Exception,
    refusal: type[Exception],
    words: str,
) -> None:
    """If the environment cannot be created, the error says that no job was submitted."""
    client.faults.before["create environment"] = [error] * 100
    with pytest.raises(refusal, match=words) as failure:
        create_environment(client, FACTS.environment, retries(client.jobs.clock))
    assert str(failure.value).endswith("; no job was submitted")
    assert "\n" not in str(failure.value)


def test_no_job_s_name_begins_with_another_s() -> None:
    """Job names are unique, and none is a prefix of another."""
    names = [job_name(RUN_ID, mode) for mode in MODES]
    assert not [(a, b) for a in names for b in names if a != b and b.startswith(a)]
    assert len(set(names)) == len(MODES)
    assert f"conformance-infer-frame-{RUN_ID}" == NAME
    for name in names:
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,254}", name)
