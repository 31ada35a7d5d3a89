"""Tests of datastores without credentials: clients read the blobs with their own sign-in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.storage.blob import ContainerClient

from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.rehearsal.test_recorded_fields import Management
from meta_tests.azure.run.fake_workspace import ManualClock, retries
from mlflow_conformance.azure.results.downloads import BlobStores, outputs_of
from mlflow_conformance.rehearsal.start import Rehearsal

STORE = "/datastores/workspaceartifactstore"
ACCOUNT = "https://rehearsal.blob.core.windows.net"
SECONDS = 30.0


@pytest.fixture
def without_credentials(control: Control) -> None:
    """Datastores without credentials."""
    control.set(credentials="None")


def secrets_of(rehearsed: Rehearsal, body: dict[str, Any]) -> httpx.Response:
    """Return the answer to a request for the secrets of a datastore."""
    return Management(rehearsed).send("POST", f"{STORE}/listSecrets", json=body)


@pytest.mark.usefixtures("without_credentials")
def test_there_are_no_secrets_of_none(rehearsed: Rehearsal) -> None:
    """``listSecrets`` is answered with the recorded 400."""
    found = Management(rehearsed).properties(STORE)
    assert found["credentials"] == {"credentialsType": "None"}
    answer = secrets_of(rehearsed, {"expirableSecret": True, "expireAfterHours": 1})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "No secrets for credentials of type None."


def test_a_request_for_secrets_may_say_when_they_expire(rehearsed: Rehearsal) -> None:
    """``expirableSecret`` and ``expireAfterHours`` are accepted; other types are refused."""
    accepted: list[dict[str, Any]] = [{}, {"expirableSecret": True, "expireAfterHours": 1}]
    for body in accepted:
        answer = secrets_of(rehearsed, body)
        assert (answer.status_code, answer.json()["secretsType"]) == (200, "AccountKey")
    refused: list[dict[str, Any]] = [{"expirableSecret": "yes"}, {"expireAfterHours": 0}]
    for body in refused:
        assert secrets_of(rehearsed, body).status_code == 400


@pytest.mark.usefixtures("without_credentials")
def test_the_suite_reads_with_its_own_sign_in(
    ml_client: Any, finished_job: str, control: Control, tmp_path: Path
) -> None:
    """The outputs of a job are downloaded with the credential; no secret is asked for."""
    from azure.identity import DefaultAzureCredential

    stores = BlobStores(ml_client, DefaultAzureCredential(), retries(ManualClock()))
    found = stores.download(outputs_of(finished_job), tmp_path / "outputs")
    stores.close()
    assert {"outputs/model/MLmodel", "user_logs/std_log.txt"} <= set(found)
    content = (tmp_path / "outputs" / "outputs" / "model" / "data.bin").read_bytes()
    assert content == bytes(range(256))
    assert control.requests("POST", "/listSecrets") == []


@pytest.mark.usefixtures("without_credentials")
def test_the_client_downloads_with_its_own_sign_in(
    ml_client: Any, finished_job: str, tmp_path: Path
) -> None:
    """``jobs.download`` of the unchanged client works without secrets."""
    ml_client.jobs.download(finished_job, download_path=tmp_path, all=True)
    (file,) = tmp_path.rglob("data.bin")
    assert file.read_bytes() == bytes(range(256))


def test_a_token_for_another_service_opens_no_blob(rehearsed: Rehearsal) -> None:
    """The storage account refuses a token for the management API."""
    url = f"{ACCOUNT}/azureml?restype=container&comp=list"
    answer = httpx.get(url, headers=Management(rehearsed).headers, timeout=SECONDS)
    assert answer.status_code == 401
    assert answer.headers["x-ms-error-code"] == "InvalidAuthenticationInfo"


def test_a_token_for_storage_writes_and_reads(rehearsed: Rehearsal) -> None:
    """With a token for the storage account, a blob is written, read, listed and deleted."""
    from azure.identity import DefaultAzureCredential

    with ContainerClient(ACCOUNT, "azureml", credential=DefaultAzureCredential()) as container:
        container.upload_blob("by token/file.txt", b"text", overwrite=True)
        assert container.download_blob("by token/file.txt").readall() == b"text"
        assert list(container.list_blob_names(name_starts_with="by token/")) == [
            "by token/file.txt"
        ]
        container.delete_blob("by token/file.txt")
