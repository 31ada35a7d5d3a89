"""Tests of ``azure.jobs.failure_cause``: failed scripts and failed infrastructure."""

from __future__ import annotations

from typing import Any

import pytest

from mlflow_conformance.azure.jobs.failure_cause import (
    failure_words,
    infrastructure,
    logged_models_error,
)
from mlflow_conformance.runner.ways_out import NO_LOGGED_MODELS, way_out

# Messages of the service, as users quote them in public issues.
SCRIPT = "Execution failed. User process 'python' exited with status code 1. Please check log file"


def _error(code: str, message: str, **inner: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "details": [], **inner}}


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(_error("UserError", f"{SCRIPT} 'user_logs/std_log.txt'"), id="user-process"),
        pytest.param(
            _error("UserError", f"{SCRIPT}. Error: OSError: no space left; image build; quota"),
            id="quoting-the-script",
        ),
        pytest.param(
            _error(
                "UserError",
                "AzureMLCompute job failed. JobFailed: Submitted script failed with a non-zero"
                " exit code; see the driver log file for details.",
            ),
            id="older",
        ),
        pytest.param(
            _error(
                "UserError",
                '{"NonCompliant":"Process \'worker\' exited with code 1 and error message"}',
            ),
            id="json-in-the-message",
        ),
        pytest.param(_error("UserError", "something"), id="unknown-words-of-a-user-error"),
    ],
)
def test_a_script_that_failed_is_a_script_that_failed(error: Any) -> None:
    """A message about the script's exit code means that the script failed, whatever it quotes."""
    assert infrastructure(error, has_printed=True) is None


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        pytest.param(
            _error(
                "UserError",
                "Image build failed. For more details, check log file"
                " azureml-logs/20_image_build_log.txt.",
            ),
            "the job's image could not be built",
            id="image",
        ),
        pytest.param(
            _error(
                "UserError",
                "AzureMLCompute job failed. PreemptionError: Nodes of this job got pre-empted.",
            ),
            "its node was pre-empted",
            id="preempted",
        ),
        pytest.param(
            _error(
                "UserError",
                "AzureMLCompute job failed. AggregatedUnauthorizedAccessError: Failed to pull"
                " Docker image x. This error may occur because the compute could not authenticate",
            ),
            "its image could not be pulled",
            id="pull",
        ),
        pytest.param(_error("SystemError", "Node lost"), "its node was lost", id="node"),
        pytest.param(
            _error("ServiceError", "Oops"), "an error of the Azure service: run again", id="service"
        ),
        pytest.param(
            _error("UserError", "x", innerError={"code": "SystemError"}),
            "an error of the Azure service: run again",
            id="inner",
        ),
        pytest.param(
            _error("UserError", "Exceeded the quota of cores"), "no node was available", id="quota"
        ),
    ],
)
def test_what_a_script_ran_on_is_not_its_fault(error: Any, meaning: str) -> None:
    """An infrastructure failure is recognised by its message, even with the code UserError."""
    assert str(infrastructure(error, has_printed=True)).startswith(meaning)


@pytest.mark.parametrize("error", [None, {}, {"error": None}, _error("UserError", "")])
def test_a_job_that_left_nothing_is_no_failed_script(error: Any) -> None:
    """Without a message and a log, the failure counts as one before the script ran."""
    assert infrastructure(error, has_printed=False) == (
        "it failed before its script printed anything: look at its page in the studio"
    )


def test_words_are_one_line_without_secrets() -> None:
    """The message is one line without secrets."""
    error = _error("UserError", "see\nhttps://a.blob.core.windows.net/f?sv=1&sig=aBc%3D")
    assert failure_words(error) == ("UserError: see https://a.blob.core.windows.net/f?sv=1&sig=***")


REFUSED = "API request to endpoint /api/2.0/mlflow/logged-models failed with error code"


def test_logged_models_that_are_missing_are_said_with_their_way_out() -> None:
    """A log with MLflow's 404 for logged models gives the words that the way out is found by."""
    log = f"WARNING autologging failed: {REFUSED} 404 != 200. Response body: ''\nmore\n"
    words = logged_models_error(log)
    assert words == ("; its log says: /api/2.0/mlflow/logged-models failed with error code 404")
    assert way_out(f"churn: train.py failed in the job x (UserError{words})") == NO_LOGGED_MODELS


@pytest.mark.parametrize(
    "log",
    [
        f"{REFUSED} 500 != 200",
        "API request to endpoint /api/2.0/mlflow/runs/get failed with error code 404 != 200",
        "",
    ],
)
def test_other_errors_of_the_api_are_not_said_to_be_missing_logged_models(log: str) -> None:
    """Another status, another endpoint and an empty log say nothing about logged models."""
    assert logged_models_error(log) == ""
