"""Tests of ``azure.client.credentials``: signing in, and the message when it fails."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import proxy_bypass

import pytest

from meta_tests.azure.client.fake_clients import PUBLIC, host
from mlflow_conformance.azure.client import credentials
from mlflow_conformance.azure.client.cloud import Cloud
from mlflow_conformance.azure.client.credentials import is_interactive, sign_in
from mlflow_conformance.azure.errors import AzureMisconfigured, AzureUnreachable

identity = pytest.importorskip("azure.identity")

SECRET = "hunter2-hunter2-hunter2"  # noqa: S105


@pytest.fixture(autouse=True)
def _nobody_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove every identity of the machine; only the developer credentials are tried."""
    for name in list(os.environ):
        if name.startswith(("AZURE_", "MSI_", "IDENTITY_", "IMDS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "dev")


def refusal(kind: type[Exception]) -> str:
    """Return the error message of signing in on a build server."""
    with pytest.raises(kind) as refused:
        sign_in(PUBLIC, {"CI": "true"})
    assert "\n" not in str(refused.value)
    return str(refused.value)


def write_tool(folder: Path, name: str, script: str) -> None:
    """Write a fake executable, such as ``az``."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for az")
def test_a_signed_in_person_is_named(tmp_path: Path) -> None:
    """The first credential that returns a token is used and named."""
    answer = json.dumps({"accessToken": SECRET, "expires_on": int(time.time()) + 3600})
    write_tool(tmp_path, "az", f"echo '{answer}'")
    credential, name = sign_in(PUBLIC, {"CI": "true"})
    assert name == "AzureCliCredential"
    assert credential.get_token(PUBLIC.scope).token == SECRET


def test_each_credential_says_why(tmp_path: Path) -> None:
    """The message lists the credentials that were tried, their errors, and the way out."""
    message = refusal(AzureUnreachable)
    assert message.startswith("no token from DefaultAzureCredential; tried: ")
    assert "AzureCliCredential (Azure CLI not found on path), " in message
    assert "SharedTokenCacheCredential (No accounts were found in the cache), " in message
    assert message.endswith(
        "; sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
    )
    assert "EnvironmentCredential" not in message
    assert "https://" not in message


def test_another_cloud_is_signed_in_to_at_its_own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain gets the cloud's authority and scope; the way out sets the command line's cloud."""
    asked: dict[str, Any] = {}
    plain = identity.DefaultAzureCredential

    class Chain(plain):  # type: ignore[misc, valid-type]
        def __init__(self, **options: Any) -> None:
            asked["authority"] = options["authority"]
            super().__init__(**options)

        def get_token(self, *scopes: str, **options: Any) -> Any:
            asked["scopes"] = scopes
            return super().get_token(*scopes, **options)

    monkeypatch.setattr(identity, "DefaultAzureCredential", Chain)
    china = Cloud("AzureChinaCloud", "https://management.example/.default", "https://login.example")
    with pytest.raises(AzureUnreachable, match="; run `az cloud set --name AzureChinaCloud`, then"):
        sign_in(china, {"CI": "true"})
    assert asked == {"authority": "https://login.example", "scopes": (china.scope,)}


def test_a_variable_that_is_missing_is_no_secret_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An incomplete service principal is reported without the values of its variables."""
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    message = refusal(AzureUnreachable)
    assert "EnvironmentCredential (Environment variables are not fully configured)" in message
    assert SECRET not in message


def test_an_identity_that_refuses_ends_the_chain_and_says_how_to_leave_it_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A managed identity that fails stops the chain, and the message says how to exclude it."""
    monkeypatch.delenv("AZURE_TOKEN_CREDENTIALS")
    with host(404, b"no identity") as (address, paths):
        monkeypatch.setenv("MSI_ENDPOINT", f"http://{address}/msi")
        monkeypatch.setenv("MSI_SECRET", SECRET)
        started = time.monotonic()
        message = refusal(AzureUnreachable)
    assert paths
    assert time.monotonic() - started < 20
    assert message.endswith(
        "; the others were not tried, because ManagedIdentityCredential is set up and failed:"
        " AZURE_TOKEN_CREDENTIALS=dev tries only the developer credentials"
    )
    assert "AzureCliCredential" not in message
    assert SECRET not in message


def test_variables_that_contradict_are_the_users_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown value of AZURE_TOKEN_CREDENTIALS raises ``AzureMisconfigured``."""
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "everybody")
    message = refusal(AzureMisconfigured)
    assert message.startswith("the AZURE_* variables cannot be used: ")
    assert "AZURE_TOKEN_CREDENTIALS: everybody" in message


def test_the_clients_do_not_warn_beside_it(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The credential chain writes no warnings to standard error."""
    caplog.handler.setLevel(100)
    refusal(AzureUnreachable)
    assert capfd.readouterr().err == ""


class Browser:
    """A fake ``InteractiveBrowserCredential``."""

    authority = ""
    opened = 0
    error: Exception | None = None

    def __init__(self, *, authority: str) -> None:
        """Record the host that signs in."""
        type(self).authority = authority

    def get_token(self, scope: str) -> Any:
        """Count the call and return a token."""
        type(self).opened += 1
        if self.error is not None:
            raise self.error
        return SimpleNamespace(token=SECRET)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> type[Browser]:
    """A fake browser credential, with a terminal as input and output."""
    fake = type("Browser", (Browser,), {})
    monkeypatch.setattr(identity, "InteractiveBrowserCredential", fake)
    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(credentials, "sys", SimpleNamespace(stdin=terminal, stdout=terminal))
    return fake


def test_a_person_at_a_terminal_gets_the_browser(browser: type[Browser]) -> None:
    """In a terminal, the browser opens once if no other credential returns a token."""
    _, name = sign_in(PUBLIC, {})
    assert (browser.opened, name) == (1, "InteractiveBrowserCredential")
    assert browser.authority == PUBLIC.authority


def test_a_build_server_gets_no_browser(browser: type[Browser]) -> None:
    """With ``CI`` set, no browser opens, even in a terminal."""
    refusal(AzureUnreachable)
    assert browser.opened == 0


def test_a_browser_that_fails_says_so(browser: type[Browser]) -> None:
    """A failed browser sign-in is one line with the other ways to sign in."""
    browser.error = identity.CredentialUnavailableError(message="timed out\nwaiting")
    with pytest.raises(AzureUnreachable) as refused:
        sign_in(PUBLIC, {})
    assert str(refused.value).startswith(
        "no token from the browser: timed out waiting; sign in with"
    )


@pytest.mark.parametrize(
    ("value", "attended"), [("", True), ("0", True), ("false", True), ("true", False), ("1", False)]
)
def test_ci_has_to_say_yes(value: str, attended: bool, browser: type[Browser]) -> None:
    """``CI`` counts unless it is empty, ``0`` or ``false``."""
    assert is_interactive({"CI": value}) is attended


def test_captured_output_is_no_terminal() -> None:
    """A run with captured output is not interactive."""
    assert not sys.stdout.isatty()
    assert not is_interactive({})


def test_the_metadata_address_is_not_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests to the instance metadata service bypass the proxy."""
    for name in ("HTTP_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "localhost")
    with credentials._metadata_without_proxy():
        assert proxy_bypass("169.254.169.254")
        assert proxy_bypass("localhost")
        assert not proxy_bypass("login.microsoftonline.com")
    assert os.environ["no_proxy"] == "localhost"
    assert "NO_PROXY" not in os.environ
