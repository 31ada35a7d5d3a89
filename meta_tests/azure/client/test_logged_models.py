"""Tests of ``azure.preflight.logged_models`` over HTTPS."""

from __future__ import annotations

import ssl
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.azure.client.fake_clients import host
from mlflow_conformance.azure.client.retries import Clock, Retries
from mlflow_conformance.azure.preflight.logged_models import NO_MODEL, probe

pytest.importorskip("azure.core")
trustme = pytest.importorskip("trustme")

SCOPE = "https://management.example/.default"
AT_ONCE = Retries(Clock(), budget=0.0)
WORKSPACE = "subscriptions/s/resourceGroups/g/providers/p/workspaces/w"


class Credential:
    """A fake credential with a token that is valid for an hour."""

    def get_token(self, *scopes: str, **keywords: Any) -> Any:
        """Return the token, and record the scopes."""
        self.scopes = scopes
        return SimpleNamespace(token="token", expires_on=int(time.time()) + 3600)  # noqa: S106


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The TLS context of a local server that the client trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(found)
    return found


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}', "supported"),
        (404, b"", "missing"),
        (404, b"<html>not found</html>", "missing"),
        (404, b'{"error": {"code": "UserError"}}', "unknown"),
        (404, b"[]", "unknown"),
        (200, b'{"model": {}}', "unknown"),
        (403, b'{"error_code": "PERMISSION_DENIED"}', "unknown"),
        (500, b"", "unknown"),
    ],
    ids=["mlflow", "empty", "page", "azure", "list", "found", "forbidden", "broken"],
)
def test_the_answer_decides(
    status: int, body: bytes, expected: str, context: ssl.SSLContext
) -> None:
    """A 404 with MLflow's error means supported, one without JSON means missing."""
    with host(status, body, context) as (address, paths):
        tracking = f"azureml://{address}/mlflow/v1.0/{WORKSPACE}?"
        credential = Credential()
        assert probe(tracking, credential, SCOPE, AT_ONCE) == expected
    assert credential.scopes == (SCOPE,)
    assert paths == [f"/mlflow/v2.0/{WORKSPACE}/api/2.0/mlflow/logged-models/{NO_MODEL}"]


def test_no_answer_is_unknown(context: ssl.SSLContext) -> None:
    """A server that does not answer gives "unknown"."""
    with host(404, b"", context) as (address, _):
        pass
    assert (
        probe(f"azureml://{address}/mlflow/v1.0/{WORKSPACE}", Credential(), SCOPE, AT_ONCE)
        == "unknown"
    )


@pytest.mark.parametrize("address", ["https://host/mlflow", "azureml://host/mlflow", ""])
def test_an_address_of_another_kind_is_unknown(address: str) -> None:
    """A tracking URI of another form gives "unknown"."""
    assert probe(address, Credential(), SCOPE, AT_ONCE) == "unknown"
