"""Tests of errors: those of the service, and 501 for what the rehearsal does not implement."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.rehearsal.jobs import WITHOUT_RUNNING, environment, submit, unique
from mlflow_conformance.rehearsal.start import Rehearsal

ARM = "https://management.azure.com"
SECONDS = 30.0


def workspace_path(rehearsed: Rehearsal) -> str:
    """Return the path of the workspace on management.azure.com."""
    return (
        f"/subscriptions/{rehearsed.subscription}/resourceGroups/{rehearsed.resource_group}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{rehearsed.workspace}"
    )


def send(method: str, url: str, **more: Any) -> httpx.Response:
    """Send a request through the proxy that the environment variables name."""
    return httpx.request(method, url, timeout=SECONDS, **more)


@pytest.fixture
def token(rehearsed: Rehearsal) -> dict[str, str]:
    """The header with a valid token."""
    from azure.identity import DefaultAzureCredential

    found = DefaultAzureCredential().get_token(f"{ARM}/.default").token
    return {"Authorization": f"Bearer {found}"}


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", f"{ARM}/subscriptions"),
        ("GET", ARM + "{workspace}/schedules"),
        ("DELETE", ARM + "{workspace}/computes/aml-cluster"),
        ("PATCH", ARM + "{workspace}"),
        ("GET", "https://westeurope.api.azureml.ms/assetstore/v1.0{workspace}"),
        ("GET", "https://login.microsoftonline.com/common/oauth2/authorize"),
        ("GET", "https://ml.azure.com/runs/one"),
    ],
)
def test_what_is_not_played_is_501_with_its_path(
    method: str, url: str, rehearsed: Rehearsal, control: Control, token: dict[str, str]
) -> None:
    """An operation that is not implemented is answered with 501, its path, and a log entry."""
    address = httpx.URL(url.format(workspace=workspace_path(rehearsed)))
    answer = send(method, str(address), headers=token)
    assert answer.status_code == 501
    assert f"{method} {address.host}{address.path}" in answer.json()["error"]["message"]
    assert [r["status"] for r in control.requests(method, address.path)] == [501]
    assert f"not rehearsed: {method} {address.host}{address.path}" in rehearsed.log.read_text()


def test_the_proxy_leads_nowhere_else(rehearsed: Rehearsal) -> None:
    """The proxy refuses other hosts, other ports and plain HTTP requests."""
    for url in ("https://example.org/simple", "https://management.azure.com:8443/"):
        with pytest.raises(httpx.ProxyError, match="403"):
            send("GET", url)
    with httpx.Client(proxy=rehearsed.variables["HTTPS_PROXY"]) as client:
        assert client.get("http://management.azure.com/").status_code == 403
    assert "refused by the proxy: CONNECT example.org:443" in rehearsed.log.read_text()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subscription": "00000000-0000-0000-0000-000000000000"}, "SubscriptionNotFound"),
        ({"resource_group": "another"}, "ResourceGroupNotFound"),
        ({"workspace": "another"}, "ResourceNotFound"),
    ],
    ids=["subscription", "resource-group", "workspace"],
)
def test_another_workspace_does_not_exist(
    changes: dict[str, str], code: str, rehearsed: Rehearsal
) -> None:
    """A wrong subscription, resource group and workspace have different ARM error codes."""
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    names = ("subscription", "resource_group", "workspace")
    settings = {name: changes.get(name, getattr(rehearsed, name)) for name in names}
    client = MLClient(DefaultAzureCredential(), *settings.values())
    with pytest.raises(HttpResponseError) as raised:
        client.workspaces.get(settings["workspace"])
    assert raised.value.status_code == 404
    assert raised.value.error is not None
    assert raised.value.error.code == code


def test_a_wrong_secret_gets_no_token(
    rehearsed: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong client secret is answered with Entra ID's error code."""
    from azure.identity import EnvironmentCredential

    monkeypatch.setenv("AZURE_CLIENT_SECRET", "wrong")
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        EnvironmentCredential().get_token(f"{ARM}/.default")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({}, "AuthenticationFailed"),
        ({"Authorization": "Bearer nonsense"}, "InvalidAuthenticationToken"),
    ],
    ids=["none", "nonsense"],
)
def test_without_a_token_nothing_opens(
    header: dict[str, str], code: str, rehearsed: Rehearsal
) -> None:
    """Neither the management API nor the data plane answers without a token."""
    path = workspace_path(rehearsed)
    for url in (ARM + path, f"https://westeurope.api.azureml.ms/history/v1.0{path}/rundata"):
        answer = send("GET", url, headers=header)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)


def test_an_unknown_compute_is_refused(
    ml_client: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """An unknown compute cannot be read or used, and no job is created."""
    with pytest.raises(HttpResponseError, match="was not found"):
        ml_client.compute.get("no-such-cluster")
    name = unique("job")
    with pytest.raises(HttpResponseError, match="Unknown compute target 'no-such-cluster'"):
        submit(ml_client, "no-such-cluster", name=name)
    with pytest.raises(HttpResponseError, match=f"Job {name} not found"):
        ml_client.jobs.get(name)


def test_an_environment_that_is_missing_is_refused(ml_client: Any, rehearsed: Rehearsal) -> None:
    """A job with an unknown environment is refused."""
    with pytest.raises(Exception, match="no-such-environment"):
        submit(ml_client, rehearsed.compute, environment="azureml:no-such-environment:1")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("azureml/environments/lab/versions/1", "name: lab, version: 1, label: "),
        ("azureml/environments/sklearn-lab/versions/8", "name: sklearn-lab, version: 8, label: "),
        ("azureml/environments/sklearn-lab/labels/old", "version: , label: old"),
        ("other/environments/sklearn-lab/versions/7", "Registry other not found"),
    ],
)
def test_an_environment_that_is_missing_in_a_registry_is_refused(
    reference: str, message: str, ml_client: Any, rehearsed: Rehearsal
) -> None:
    """A job with an unknown environment, version, label or registry is refused."""
    unknown = f"azureml://registries/{reference}"
    with pytest.raises(Exception, match=message):
        submit(ml_client, rehearsed.compute, environment=unknown)


def test_a_version_of_an_environment_stays_as_it_is(ml_client: Any) -> None:
    """An existing environment version with another image is a conflict."""
    name = unique("environment")
    ml_client.environments.create_or_update(environment(name))
    with pytest.raises(HttpResponseError, match="immutable") as raised:
        ml_client.environments.create_or_update(environment(name, image="example.org/another"))
    assert raised.value.status_code == 409


def test_the_name_of_a_job_is_taken_once(
    ml_client: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """A second job with the same name and another command is a conflict."""
    control.set(jobs={"*": WITHOUT_RUNNING})
    name = unique("job")
    submit(ml_client, rehearsed.compute, name=name)
    with pytest.raises(HttpResponseError, match="A job with this name already exists") as raised:
        submit(ml_client, rehearsed.compute, name=name, command="false")
    assert raised.value.status_code == 409
    assert ml_client.jobs.get(name).command == "true"
