"""Tests of a job's environment variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from mlflow_conformance.rehearsal.documents.state import JobRecord, WorkspaceState
from mlflow_conformance.rehearsal.jobs.variables import job_variables

STATE = WorkspaceState("s", "g", "w", "westeurope", "cluster", "account", "tenant")
TOKEN = "a-token"  # noqa: S105
CONNECTION = {"HTTPS_PROXY": "http://127.0.0.1:1", "SSL_CERT_FILE": "/authority.pem"}


def variables(base: dict[str, str], **properties: Any) -> dict[str, str]:
    """Return the variables of a job "one" that is submitted with the environment ``base``."""
    job = JobRecord("one", {"experimentName": "an-experiment", **properties}, experiment_id="7")
    job.token = TOKEN
    return job_variables(
        STATE,
        job,
        base=base,
        python=Path("/built/bin/python"),
        temporary=Path("/tmp/job"),  # noqa: S108
        connection=CONNECTION,
    )


@pytest.mark.parametrize(
    "name",
    [
        *("AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZUREML_X", "MLFLOW_X", "PYTEST_CURRENT_TEST"),
        *("PYTHONPATH", "VIRTUAL_ENV", "UV_INDEX_URL", "https_proxy", "no_proxy", "PIP_X"),
    ],
)
def test_the_submitters_variables_are_not_the_jobs(name: str) -> None:
    """Credentials and settings of the submitter do not reach a job."""
    assert "a secret" not in variables({name: "a secret"}).values()


def test_other_variables_are_passed_on() -> None:
    """Other variables of the machine reach a job; its Python comes first on PATH."""
    found = variables({"HOME": "/root", "LANG": "C.UTF-8", "PATH": "/usr/bin"})
    assert (found["HOME"], found["LANG"]) == ("/root", "C.UTF-8")
    assert found["PATH"].split(os.pathsep) == ["/built/bin", "/usr/bin"]


def test_azure_says_which_run_it_is() -> None:
    """A job has the variables for the run, experiment, workspace and token."""
    found = variables({})
    assert found["MLFLOW_RUN_ID"] == found["AZUREML_RUN_ID"] == "one"
    assert found["MLFLOW_EXPERIMENT_NAME"] == "an-experiment"
    assert found["MLFLOW_EXPERIMENT_ID"] == "7"
    assert found["MLFLOW_TRACKING_TOKEN"] == TOKEN
    assert found["MLFLOW_TRACKING_URI"] == STATE.tracking_uri
    assert found["AZUREML_ARM_WORKSPACE_NAME"] == "w"


def test_the_jobs_own_variables_go_over_azures() -> None:
    """A job's own variables override Azure's, except the connection; ``None`` is ignored."""
    own = {"MLFLOW_RUN_ID": "other", "A": "1", "B": None, "HTTPS_PROXY": "elsewhere"}
    found = variables({}, environmentVariables=own)
    assert (found["MLFLOW_RUN_ID"], found["A"]) == ("other", "1")
    assert "B" not in found
    assert found["HTTPS_PROXY"] == CONNECTION["HTTPS_PROXY"]
