"""Tests of ``azure.client.cloud``: the clouds of the SDK's table."""

from __future__ import annotations

import ast
import sys

import pytest

from meta_tests.azure.client.fake_clients import PUBLIC
from mlflow_conformance.azure.client.cloud import find_cloud
from mlflow_conformance.azure.errors import AzureMisconfigured
from mlflow_conformance.support.paths import PACKAGE
from mlflow_conformance.targets.azure_options import PUBLIC_CLOUD

environments = pytest.importorskip("azure.ai.ml._azure_environments")
hosts = pytest.importorskip("azure.identity").AzureAuthorityHosts

# Host names of the public cloud, which are others elsewhere.
OF_PUBLIC_CLOUD = (
    *("management.azure.com", "ml.azure.com", "core.windows.net", "azureml.ms"),
    "login.microsoftonline.com",
)
AUTHORITIES = {
    "AzureCloud": hosts.AZURE_PUBLIC_CLOUD,
    "AzureChinaCloud": hosts.AZURE_CHINA,
    "AzureUSGovernment": hosts.AZURE_GOVERNMENT,
}


def test_the_public_cloud_is_the_default_of_the_sdk() -> None:
    """The default cloud is the SDK's, with the scope that azureml-mlflow requests."""
    assert environments.AzureEnvironments.ENV_DEFAULT == PUBLIC_CLOUD
    assert find_cloud(PUBLIC_CLOUD, "") == PUBLIC


@pytest.mark.parametrize("name", AUTHORITIES)
def test_each_cloud_has_its_own_scope_and_authority(name: str) -> None:
    """The scope is the one that ``MLClient`` gets, the authority azure-identity's for the cloud."""
    found = find_cloud(name, "--cloud")
    of_client = environments._get_cloud_information_from_metadata(name)
    assert [found.scope] == of_client["credential_scopes"]
    assert found.authority == f"https://{AUTHORITIES[name]}"


@pytest.mark.parametrize("name", ["AzureGermanCloud", "azurecloud", "", "a\nb"])
def test_an_unknown_cloud_is_refused_in_one_line(name: str) -> None:
    """The line names the origin and the clouds that the SDK knows; nothing is looked up."""
    with pytest.raises(AzureMisconfigured) as refused:
        find_cloud(name, "AZURE_CLOUD")
    message = str(refused.value)
    assert message.startswith("AZURE_CLOUD: azure-ai-ml ")
    assert message.endswith(
        f" does not know the cloud {name!r}; it knows AzureCloud, AzureChinaCloud,"
        " AzureUSGovernment"
    )
    assert "\n" not in message


def test_an_sdk_without_the_table_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of the SDK that has the table elsewhere is one line."""
    monkeypatch.setitem(sys.modules, "azure.ai.ml._azure_environments", None)
    with pytest.raises(AzureMisconfigured, match=r"azure-ai-ml .* has no table of clouds"):
        find_cloud(PUBLIC_CLOUD, "")


def test_no_host_of_the_public_cloud_is_written_down() -> None:
    """No module that talks to a workspace contains a host name of the public cloud."""
    found = [
        f"{file.name}: {node.value!r}"
        for file in sorted((PACKAGE / "azure").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and any(host in node.value for host in OF_PUBLIC_CLOUD)
    ]
    assert found == []
