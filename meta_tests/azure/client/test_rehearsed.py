"""Tests of the preflight with the unmodified SDK and a rehearsal."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from meta_tests.azure.rehearsal.control import Control
from meta_tests.end_to_end.suite_run import mode, write_catalogue
from mlflow_conformance.azure.errors import AzureMisconfigured, AzureUnreachable
from mlflow_conformance.azure.preflight import checks as steps
from mlflow_conformance.azure.preflight.checks import Connected, JobsRequest, preflight
from mlflow_conformance.azure.records import JobEnvironment
from mlflow_conformance.azure.setup.environment_reference import read_reference
from mlflow_conformance.azure.setup.options import AzureSettings
from mlflow_conformance.catalogue.modes import Catalogue
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.rehearsal.start import Rehearsal, rehearsal
from mlflow_conformance.support.run_folder import RunFolder

WORKSPACE = r"management\.azure\.com/subscriptions/.*/workspaces/[^/]+$"
COMPUTE = r"/computes/"


@pytest.fixture(autouse=True)
def _resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace resolving, which has its own tests and needs a package index."""
    pins = {"mlflow": "3.15.0", "azureml-mlflow": "1.62.0"}
    environment = JobEnvironment("name", "1", "image", "3.11", pins)
    monkeypatch.setattr(steps, "resolve", lambda *arguments: environment)
    monkeypatch.setattr(steps, "BUDGET_SECONDS", 5.0)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """A catalogue of one mode."""
    (tmp_path / "mine").mkdir()
    return read_catalogue(write_catalogue(tmp_path / "mine", [mode("good", "model.py")], {}))


def settings_of(service: Rehearsal) -> AzureSettings:
    """Return settings for a rehearsal's workspace."""
    return AzureSettings(
        is_rehearsal=True,
        subscription=service.subscription,
        resource_group=service.resource_group,
        workspace=service.workspace,
        compute=service.compute,
        job_mlflow="3.15.0",
    )


def run(settings: AzureSettings, catalogue: Catalogue, root: Path) -> tuple[Connected, list[str]]:
    """Return the result of a preflight and the lines that it reports."""
    lines: list[str] = []
    request = JobsRequest(settings, catalogue, catalogue.modes, RunFolder(root), lines.append)
    return preflight(request), lines


def test_an_environment_that_exists(
    rehearsed: Rehearsal, control: Control, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The label is resolved with GET requests only, and the conda file says which MLflow it has."""
    reference = read_reference("azureml:team-lab@latest")
    settings = replace(settings_of(rehearsed), job_environment=reference, job_mlflow=None)
    before = len(control.requests())
    connected, reported = run(settings, catalogue, tmp_path)
    assert connected.facts.environment.reference == "azureml:team-lab:2"
    assert connected.mlflow == "2.22.5"
    requests = control.requests()[before:]
    assert {request["method"] for request in requests if "login" not in request["host"]} == {"GET"}
    assert any(" which exists; " in line for line in reported)


@pytest.mark.parametrize("text", ["azureml:nothing@latest", "azureml:team-lab:3"])
def test_an_environment_that_does_not_exist(
    text: str, rehearsed: Rehearsal, catalogue: Catalogue, tmp_path: Path
) -> None:
    """A name and a version that the workspace does not have are refused in one line."""
    settings = replace(settings_of(rehearsed), job_environment=read_reference(text))
    with pytest.raises(AzureMisconfigured) as caught:
        run(settings, catalogue, tmp_path)
    assert str(caught.value).startswith(
        f"--job-environment: the workspace has no environment {text} ("
    )
    assert "\n" not in str(caught.value)


def test_a_workspace_without_logged_models(
    rehearsed: Rehearsal,
    control: Control,
    catalogue: Catalogue,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The preflight sends only GET requests, prints nothing and reports no secret."""
    before = len(control.requests())
    connected, reported = run(settings_of(rehearsed), catalogue, tmp_path)
    assert connected.facts.logged_models == "missing"
    assert "preflight: signed in by EnvironmentCredential" in reported
    requests = control.requests()[before:]
    assert {request["method"] for request in requests if "login" not in request["host"]} == {"GET"}
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
    assert not [secret for secret in control.secrets() if secret in "\n".join(reported)]


def test_a_workspace_with_logged_models(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow's tracking server answers with its error, which means "supported"."""
    with rehearsal(tmp_path / "service", os.environ, logged_models=True) as service:
        for name, value in service.variables.items():
            monkeypatch.setenv(name, value)
        connected, reported = run(settings_of(service), catalogue, tmp_path)
    assert connected.facts.logged_models == "supported"
    assert reported[-1] == "preflight: this workspace supports MLflow 3's logged models"


def error(status: int, code: str) -> dict[str, Any]:
    """Return a permanent fault with an error response of Azure."""
    body = {"error": {"code": code, "message": "from the service"}}
    return {"status": status, "body": body, "times": None}


MISCONFIGURED: dict[str, tuple[dict[str, Any], str]] = {
    "expired": (
        {"path": WORKSPACE, **error(401, "ExpiredAuthenticationToken")},
        "the sign-in is not accepted (HTTP 401 ExpiredAuthenticationToken (from the service))",
    ),
    "forbidden": (
        {"path": WORKSPACE, **error(403, "AuthorizationFailed")},
        "this identity has no access (HTTP 403 AuthorizationFailed (from the service)): it needs",
    ),
    "no-group": (
        {"path": WORKSPACE, **error(404, "ResourceGroupNotFound")},
        "the resource group rehearsal does not exist, or this identity cannot see it (HTTP 404",
    ),
    "no-compute-right": (
        {"path": COMPUTE, **error(403, "AuthorizationFailed")},
        ": cannot be read (HTTP 403 AuthorizationFailed (from the service)): this identity needs",
    ),
}
UNREACHABLE: dict[str, tuple[dict[str, Any], str]] = {
    "login-down": (
        {"path": "login.microsoftonline.com", **error(503, "down")},
        "no token from DefaultAzureCredential; tried: EnvironmentCredential (",
    ),
    "storm": (
        {"path": WORKSPACE, "headers": {"Retry-After": "1"}, **error(429, "TooManyRequests")},
        ": HTTP 429 TooManyRequests (from the service) ",
    ),
    "broken": (
        {"path": WORKSPACE, **error(500, "InternalServerError")},
        ": HTTP 500 InternalServerError (from the service) ",
    ),
    "reset": ({"path": COMPUTE, "reset": True, "times": None}, "reading the compute "),
}


def refused(
    kind: type[Exception],
    fault: dict[str, Any],
    call: Callable[[], Any],
    control: Control,
) -> str:
    """Return the error message under a fault: one line without secrets."""
    control.set(faults=[fault])
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    assert not [secret for secret in control.secrets() if secret in message]
    return message


@pytest.mark.parametrize("name", MISCONFIGURED)
def test_what_a_person_has_to_change_is_said(
    name: str, rehearsed: Rehearsal, control: Control, catalogue: Catalogue, tmp_path: Path
) -> None:
    """A 401, 403 or 404 raises ``AzureMisconfigured``."""
    fault, expected = MISCONFIGURED[name]
    settings = settings_of(rehearsed)
    message = refused(
        AzureMisconfigured, fault, lambda: run(settings, catalogue, tmp_path), control
    )
    assert expected in message


@pytest.mark.parametrize("name", UNREACHABLE)
def test_trouble_of_the_service_is_an_error_of_the_run(
    name: str, rehearsed: Rehearsal, control: Control, catalogue: Catalogue, tmp_path: Path
) -> None:
    """An error that lasts beyond the retry budget raises ``AzureUnreachable``."""
    fault, expected = UNREACHABLE[name]
    settings = settings_of(rehearsed)
    message = refused(AzureUnreachable, fault, lambda: run(settings, catalogue, tmp_path), control)
    assert expected in message


def test_trouble_that_passes_is_not_told_twice(
    rehearsed: Rehearsal, control: Control, catalogue: Catalogue, tmp_path: Path
) -> None:
    """A lost connection and a 500 are retried, and the preflight succeeds."""
    control.set(
        faults=[
            {"path": WORKSPACE, "reset": True},
            {"path": COMPUTE, "status": 500, "body": {}},
        ]
    )
    connected, _ = run(settings_of(rehearsed), catalogue, tmp_path)
    assert connected.facts.compute == rehearsed.compute


def test_a_compute_that_is_not_there(
    rehearsed: Rehearsal, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The message for an unknown compute lists the existing ones."""
    settings = replace(settings_of(rehearsed), compute="no-such-cluster")
    with pytest.raises(AzureMisconfigured) as caught:
        run(settings, catalogue, tmp_path)
    assert str(caught.value).startswith(
        "--compute no-such-cluster: there is no such compute; the workspace has"
    )
    assert rehearsed.compute in str(caught.value)


def test_a_workspace_that_is_not_there(
    rehearsed: Rehearsal, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The message for an unknown workspace contains its name."""
    settings = replace(settings_of(rehearsed), workspace="no-such-workspace")
    with pytest.raises(AzureMisconfigured, match="the workspace no-such-workspace does not exist"):
        run(settings, catalogue, tmp_path)
