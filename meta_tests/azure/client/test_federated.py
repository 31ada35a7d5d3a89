"""Tests of ``azure.client.federated``: a pipeline signs in without a secret, again and again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from meta_tests.azure.client.fake_clients import PUBLIC
from meta_tests.azure.rehearsal.control import Control
from mlflow_conformance.azure.client.cloud import find_cloud
from mlflow_conformance.azure.client.credentials import (
    STORAGE_SCOPE,
    sign_in,
    storage_problem,
)
from mlflow_conformance.azure.client.federated import GitHubTokens, advice, federated_credential
from mlflow_conformance.azure.errors import AzureUnreachable
from mlflow_conformance.rehearsal.start import Rehearsal

SERVERS = ("github", "azure")
ID_TOKEN_SECONDS = 4.0
EXPIRED = "AADSTS700024"


@pytest.fixture
def job_of(rehearsed: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the environment of a job of a build server: it has no secret."""

    def variables(server: str) -> Mapping[str, str]:
        own = {**rehearsed.variables, **rehearsed.pipelines[server], "CI": "true"}
        for name, value in own.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AZURE_CLIENT_SECRET")
        return {name: value for name, value in own.items() if name != "AZURE_CLIENT_SECRET"}

    return variables


@pytest.mark.parametrize(
    ("server", "name"),
    [("github", "ClientAssertionCredential"), ("azure", "AzurePipelinesCredential")],
)
def test_a_pipeline_signs_in_as_itself(server: str, name: str, job_of: Any) -> None:
    """With the variables of a build server and no secret, its id token is exchanged."""
    credential, said = sign_in(PUBLIC, job_of(server))
    assert said == name
    assert credential.get_token(PUBLIC.scope).token


@pytest.mark.parametrize("server", SERVERS)
def test_another_scope_is_got_after_the_first_id_token_has_expired(
    server: str, job_of: Any, control: Control
) -> None:
    """Each exchange gets a fresh id token, so an expired one does no harm."""
    control.set(id_token_seconds=ID_TOKEN_SECONDS)
    credential, _ = sign_in(PUBLIC, job_of(server))
    time.sleep(1.5 * ID_TOKEN_SECONDS)
    control.set(id_token_seconds=60)  # the first one has expired; a fresh one lives long enough
    assert storage_problem(credential) is None
    assert credential.get_token(STORAGE_SCOPE).token


def test_an_id_token_that_is_kept_is_refused(job_of: Any, control: Control) -> None:
    """The rehearsal refuses an expired id token as Entra ID does: what is mended would show."""
    from azure.identity import ClientAssertionCredential

    control.set(id_token_seconds=ID_TOKEN_SECONDS)
    own = job_of("github")
    tokens = GitHubTokens(
        own["ACTIONS_ID_TOKEN_REQUEST_URL"], own["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    )
    kept = tokens.fetch()
    stale = ClientAssertionCredential(
        own["AZURE_TENANT_ID"], own["AZURE_CLIENT_ID"], func=lambda: kept
    )
    assert stale.get_token(PUBLIC.scope).token
    time.sleep(1.5 * ID_TOKEN_SECONDS)
    problem = storage_problem(stale)
    assert problem is not None
    assert EXPIRED in problem
    assert "\n" not in problem


def test_a_secret_that_is_set_is_used(rehearsed: Rehearsal) -> None:
    """A job with a client secret signs in with it."""
    own = {**rehearsed.variables, **rehearsed.pipelines["github"]}
    assert federated_credential(PUBLIC, own) is None
    assert sign_in(PUBLIC, own)[1] == "EnvironmentCredential"


AUDIENCES = {
    "AzureCloud": "api://AzureADTokenExchange",
    "AzureUSGovernment": "api://AzureADTokenExchangeUSGov",
    "AzureChinaCloud": "api://AzureADTokenExchangeChina",
}


@pytest.mark.parametrize("name", AUDIENCES)
def test_a_pipeline_signs_in_to_the_cloud_of_the_workspace(
    name: str, job_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id token has the cloud's audience, and is exchanged at the cloud's authority."""
    from azure import identity

    cloud = find_cloud(name, "--cloud")
    given: dict[str, Any] = {}

    def credential(*arguments: Any, **options: Any) -> str:
        given.update(options, arguments=arguments)
        return "credential"

    monkeypatch.setattr(identity, "ClientAssertionCredential", credential)
    monkeypatch.setattr(identity, "AzurePipelinesCredential", credential)
    assert federated_credential(cloud, job_of("github")) == "credential"
    assert given["authority"] == cloud.authority
    assert given["arguments"][2].__self__.audience == AUDIENCES[name]
    given.clear()
    own = {k: v for k, v in job_of("azure").items() if not k.startswith("ACTIONS_")}
    assert federated_credential(cloud, own) == "credential"
    assert given["authority"] == cloud.authority


@pytest.mark.parametrize(
    ("server", "variable", "said"),
    [
        ("github", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GitHub gives no id token"),
        ("azure", "SYSTEM_ACCESSTOKEN", "AzurePipelinesCredential"),
    ],
)
def test_a_job_without_permission_is_told_in_one_line(
    server: str, variable: str, said: str, job_of: Any, control: Control
) -> None:
    """If the build server gives no id token, one line says so, without secrets."""
    own = {**job_of(server), variable: "hunter2-hunter2"}
    with pytest.raises(AzureUnreachable) as refused:
        sign_in(PUBLIC, own)
    message = str(refused.value)
    assert said in message
    assert message.startswith("no token for this pipeline from ")
    assert "\n" not in message
    assert not [secret for secret in ("hunter2", *control.secrets()) if secret in message]


def test_a_subject_that_is_not_known_is_told_with_the_way_out(
    job_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If Entra ID refuses the id token, the message names what to check."""
    from mlflow_conformance.azure.client import federated

    monkeypatch.setattr(federated, "AUDIENCE", "https://github.com/somebody")
    with pytest.raises(AzureUnreachable) as refused:
        sign_in(PUBLIC, job_of("github"))
    assert "AADSTS700212" in str(refused.value)
    assert "check the federated credential of the application AZURE_CLIENT_ID" in str(refused.value)


NO_PERMISSION = {"GITHUB_ACTIONS": "true", "AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": "t"}
PERMITTED = {
    "GITHUB_ACTIONS": "true",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "u",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
}
TASK = {
    "TF_BUILD": "True",
    "AZURESUBSCRIPTION_CLIENT_ID": "c",
    "AZURESUBSCRIPTION_TENANT_ID": "t",
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "s",
}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, ""),
        (NO_PERMISSION, "in GitHub Actions: give the job the permission `id-token: write`"),
        (PERMITTED, "in GitHub Actions: set AZURE_CLIENT_ID and AZURE_TENANT_ID"),
        (
            {"GITHUB_ACTIONS": "true"},
            (
                "in GitHub Actions: give the job the permission `id-token: write`, and set"
                " AZURE_CLIENT_ID and AZURE_TENANT_ID"
            ),
        ),
        (TASK, "in Azure Pipelines: set SYSTEM_ACCESSTOKEN: $(System.AccessToken)"),
        (
            {"TF_BUILD": "True"},
            (
                "in Azure Pipelines: run this in a task AzureCLI@2 with a service connection, with"
                " SYSTEM_ACCESSTOKEN: $(System.AccessToken) in its env"
            ),
        ),
        ({**TASK, "SYSTEM_ACCESSTOKEN": "t"}, ""),
    ],
)
def test_a_pipeline_that_is_not_set_up_is_told_what_is_missing(
    environment: dict[str, str], said: str
) -> None:
    """The advice names what the job lacks."""
    assert advice(environment) == said


def test_the_advice_ends_the_message_of_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that cannot sign in is told what its build server needs."""
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AzureUnreachable) as refused:
        sign_in(PUBLIC, {"CI": "true", **NO_PERMISSION})
    assert str(refused.value).endswith("the permission `id-token: write`")
