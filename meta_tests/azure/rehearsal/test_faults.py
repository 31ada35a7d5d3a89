"""Tests of the rehearsal's control: injected faults, the request log and the issued secrets."""

from __future__ import annotations

import time
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError

from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.rehearsal.jobs import WITHOUT_RUNNING, client_of, submit, unique
from mlflow_conformance.rehearsal.start import Rehearsal

WORKSPACE = r"management\.azure\.com/.*/workspaces/[^/]+$"


@pytest.fixture
def client_without_retries(rehearsed: Rehearsal) -> Any:
    """A client without retries."""
    return client_of(rehearsed, retry_total=0)


def test_a_status_comes_as_often_as_asked(
    client_without_retries: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """A fault with ``times: 2`` answers two requests with its status and body, not the third."""
    body = {"error": {"code": "ServerBusy", "message": "of the rule"}}
    control.set(faults=[{"path": WORKSPACE, "status": 500, "body": body, "times": 2}])
    for _ in range(2):
        with pytest.raises(HttpResponseError, match="of the rule"):
            client_without_retries.workspaces.get(rehearsed.workspace)
    assert client_without_retries.workspaces.get(rehearsed.workspace)
    assert [r["status"] for r in control.requests("GET", "/workspaces/")] == [500, 500, 200]


def test_a_throttled_client_waits_as_told(
    ml_client: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """The SDK retries after 429 and waits for the seconds of Retry-After."""
    rule = {"path": WORKSPACE, "status": 429, "headers": {"Retry-After": "1"}}
    control.set(faults=[rule])
    started = time.monotonic()
    assert ml_client.workspaces.get(rehearsed.workspace)
    assert time.monotonic() - started >= 1
    assert [r["status"] for r in control.requests("GET", "/workspaces/")] == [429, 200]


def test_a_connection_is_reset(
    client_without_retries: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """A fault with ``reset`` resets the TCP connection once; the next request succeeds."""
    control.set(faults=[{"path": WORKSPACE, "reset": True}])
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        client_without_retries.workspaces.get(rehearsed.workspace)
    assert [r["status"] for r in control.requests("GET", "/workspaces/")] == [0]
    assert client_without_retries.workspaces.get(rehearsed.workspace)


def test_an_answer_is_lost_after_the_work_was_done(
    ml_client: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """A job is created although its response is lost; the SDK's retry creates no second job."""
    name = unique("job")
    rule = {"method": "PUT", "path": f"/jobs/{name}$", "reset": True, "after": True}
    control.set(faults=[rule], jobs={"*": WITHOUT_RUNNING})
    assert submit(ml_client, rehearsed.compute, name=name).name == name
    assert [r["status"] for r in control.requests("PUT", f"/jobs/{name}")] == [0, 200]


def test_a_request_is_kept_waiting(ml_client: Any, rehearsed: Rehearsal, control: Control) -> None:
    """A fault with ``delay`` delays the usual response."""
    control.set(faults=[{"path": WORKSPACE, "delay": 0.7}])
    started = time.monotonic()
    assert ml_client.workspaces.get(rehearsed.workspace)
    assert time.monotonic() - started >= 0.7


@pytest.mark.parametrize("kind", ["corrupt", "truncate", "drop"])
def test_a_download_comes_damaged(
    kind: str, rehearsed: Rehearsal, control: Control, finished_job: str
) -> None:
    """A blob's body is corrupt, truncated, or ends with a reset connection."""
    from azure.storage.blob import BlobClient

    blob = BlobClient(
        "https://rehearsal.blob.core.windows.net",
        "azureml",
        f"ExperimentRun/dcid.{finished_job}/outputs/model/data.bin",
        credential=_account_key(rehearsed),
        retry_total=0,
    )
    whole = bytes(range(256))
    assert blob.download_blob().readall() == whole
    control.set(faults=[{"method": "GET", "path": "data.bin$", kind: True, "times": None}])
    if kind == "drop":
        with pytest.raises((ServiceResponseError, HttpResponseError)):
            blob.download_blob().readall()
        return
    content = blob.download_blob().readall()
    assert content != whole
    # The client requests the rest of a short response, which is short again.
    assert (len(content) == len(whole)) == (kind == "corrupt")


def _account_key(rehearsed: Rehearsal) -> str:
    store = client_of(rehearsed).datastores.get("workspaceartifactstore", include_secrets=True)
    return str(store.credentials.account_key)


def test_tokens_live_as_long_as_told(rehearsed: Rehearsal, control: Control) -> None:
    """An expired token is refused with the service's error code."""
    import httpx
    from azure.identity import DefaultAzureCredential

    control.set(token_seconds=1)
    credential = DefaultAzureCredential()
    token = credential.get_token("https://management.azure.com/.default")
    assert token.expires_on <= time.time() + 2
    time.sleep(2.1)
    answer = httpx.get(
        f"https://management.azure.com/subscriptions/{rehearsed.subscription}",
        headers={"Authorization": f"Bearer {token.token}"},
    )
    error = answer.json()["error"]["code"]
    assert (answer.status_code, error) == (401, "ExpiredAuthenticationToken")


def test_every_secret_is_known_and_none_is_logged(
    ml_client: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """The control returns all tokens, keys and signatures; no log contains one of them."""
    submit_without_running(ml_client, rehearsed, control)
    secrets = control.secrets()
    assert rehearsed.variables["AZURE_CLIENT_SECRET"] in secrets
    assert any(secret.startswith("eyJ") for secret in secrets)
    assert _account_key(rehearsed) in control.secrets()
    logged = str(control.requests()) + rehearsed.log.read_text()
    assert not [secret for secret in control.secrets() if secret in logged]


def submit_without_running(ml_client: Any, rehearsed: Rehearsal, control: Control) -> None:
    """Submit a job that completes without running its script."""
    control.set(jobs={"*": WITHOUT_RUNNING})
    submit(ml_client, rehearsed.compute)


@pytest.mark.parametrize(
    "document",
    [
        {"faults": [{"status": 500}]},
        {"faults": [{"path": "("}]},
        {"faults": [{"path": "x", "teapot": True}]},
        {"jobs": {"*": {"dance": True}}},
    ],
    ids=["no-path", "no-expression", "unknown-key", "unknown-job-fault"],
)
def test_nonsense_is_refused_by_the_control(document: dict[str, Any], control: Control) -> None:
    """An invalid fault is refused with an error message."""
    with pytest.raises(ValueError, match=r"rule|expression|unknown keys of a job"):
        control.set(**document)
