"""Is signing in tried as the lab does, and does its failure say what was tried and what to do?"""

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

from fixtures.azure import credentials
from fixtures.azure.credentials import is_attended, sign_in
from fixtures.azure.refusals import AzureMisconfigured, AzureUnreachable
from meta_tests.azure.client_stand_ins import host

identity = pytest.importorskip("azure.identity")

SECRET = "hunter2-hunter2-hunter2"  # noqa: S105


@pytest.fixture(autouse=True)
def _nobody_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take away every identity of whoever runs these tests; only developers' tools are asked."""
    for name in list(os.environ):
        if name.startswith(("AZURE_", "MSI_", "IDENTITY_", "IMDS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "dev")


def refusal(kind: type[Exception]) -> str:
    """Return what signing in is refused with, away from any terminal."""
    with pytest.raises(kind) as refused:
        sign_in({"CI": "true"})
    assert "\n" not in str(refused.value)
    return str(refused.value)


def write_tool(folder: Path, name: str, script: str) -> None:
    """Write an executable in place of one of Azure's."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for az")
def test_a_signed_in_person_is_named(tmp_path: Path) -> None:
    """The first credential that gives a token is used, and the report names it."""
    answer = json.dumps({"accessToken": SECRET, "expires_on": int(time.time()) + 3600})
    write_tool(tmp_path, "az", f"echo '{answer}'")
    credential, whose = sign_in({"CI": "true"})
    assert whose == "AzureCliCredential"
    assert credential.get_token(credentials.SCOPE).token == SECRET


def test_each_credential_says_why(tmp_path: Path) -> None:
    """Who was asked, each with its reason in short, then the ways out; not who was not."""
    message = refusal(AzureUnreachable)
    assert message.startswith("no token from DefaultAzureCredential; asked were ")
    assert "AzureCliCredential (Azure CLI not found on path), " in message
    assert "SharedTokenCacheCredential (No accounts were found in the cache), " in message
    assert message.endswith(
        "; sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
    )
    assert "EnvironmentCredential" not in message
    assert "https://" not in message


def test_a_variable_that_is_missing_is_no_secret_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a service principal is said to be half, without its values."""
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    message = refusal(AzureUnreachable)
    assert "EnvironmentCredential (Environment variables are not fully configured)" in message
    assert SECRET not in message


def test_an_identity_that_refuses_ends_the_chain_and_says_how_to_leave_it_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on a compute instance: its identity answers and refuses, so ``az login`` is not asked."""
    monkeypatch.delenv("AZURE_TOKEN_CREDENTIALS")
    with host(404, b"no identity") as (address, asked):
        monkeypatch.setenv("MSI_ENDPOINT", f"http://{address}/msi")
        monkeypatch.setenv("MSI_SECRET", SECRET)
        started = time.monotonic()
        message = refusal(AzureUnreachable)
    assert asked
    assert time.monotonic() - started < 20
    assert message.endswith(
        "; the others were not asked, as ManagedIdentityCredential is set up and failed:"
        " AZURE_TOKEN_CREDENTIALS=dev asks those of developers only"
    )
    assert "AzureCliCredential" not in message
    assert SECRET not in message


def test_variables_that_contradict_are_the_users_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential that does not exist is a wrong configuration, no trouble of a service."""
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "everybody")
    message = refusal(AzureMisconfigured)
    assert message.startswith("the AZURE_* variables cannot be used: ")
    assert "AZURE_TOKEN_CREDENTIALS: everybody" in message


def test_the_clients_do_not_warn_beside_it(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the chain logs is said once, in the run's own words."""
    caplog.handler.setLevel(100)
    refusal(AzureUnreachable)
    assert capfd.readouterr().err == ""


class Browser:
    """Stands in for ``InteractiveBrowserCredential``."""

    opened = 0
    error: Exception | None = None

    def get_token(self, scope: str) -> Any:
        """Open the browser."""
        type(self).opened += 1
        if self.error is not None:
            raise self.error
        return SimpleNamespace(token=SECRET)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> type[Browser]:
    """A browser, and a person at the terminal."""
    stand_in = type("Browser", (Browser,), {})
    monkeypatch.setattr(identity, "InteractiveBrowserCredential", stand_in)
    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(credentials, "sys", SimpleNamespace(stdin=terminal, stdout=terminal))
    return stand_in


def test_a_person_at_a_terminal_gets_the_browser(browser: type[Browser]) -> None:
    """Where nothing else gives a token, the browser opens once."""
    _, whose = sign_in({})
    assert (browser.opened, whose) == (1, "InteractiveBrowserCredential")


def test_a_build_server_gets_no_browser(browser: type[Browser]) -> None:
    """Under ``CI`` nobody can answer, whatever the terminal says."""
    refusal(AzureUnreachable)
    assert browser.opened == 0


def test_a_browser_that_fails_says_so(browser: type[Browser]) -> None:
    """A sign-in that was cancelled is one line with the other ways."""
    browser.error = identity.CredentialUnavailableError(message="timed out\nwaiting")
    with pytest.raises(AzureUnreachable) as refused:
        sign_in({})
    assert str(refused.value).startswith("no token by the browser: timed out waiting; sign in with")


@pytest.mark.parametrize(
    ("value", "attended"), [("", True), ("0", True), ("false", True), ("true", False), ("1", False)]
)
def test_ci_has_to_say_yes(value: str, attended: bool, browser: type[Browser]) -> None:
    """``CI=false`` is how a person switches it off."""
    assert is_attended({"CI": value}) is attended


def test_captured_output_is_no_terminal() -> None:
    """A run whose output goes elsewhere has nobody to ask."""
    assert not sys.stdout.isatty()
    assert not is_attended({})


def test_the_metadata_address_is_not_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that answers in its place would end the chain, after half a minute."""
    for name in ("HTTP_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "localhost")
    with credentials._metadata_asked_directly():
        assert proxy_bypass("169.254.169.254")
        assert proxy_bypass("localhost")
        assert not proxy_bypass("login.microsoftonline.com")
    assert os.environ["no_proxy"] == "localhost"
    assert "NO_PROXY" not in os.environ
