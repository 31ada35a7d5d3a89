"""Tests of ``azure.preflight.connect`` and ``compute``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.azure.client.fake_clients import NAMED, SUBSCRIPTION
from mlflow_conformance.azure.client.retries import Clock, Retries
from mlflow_conformance.azure.errors import AzureMisconfigured, AzureUnreachable
from mlflow_conformance.azure.preflight.compute import check_compute
from mlflow_conformance.azure.preflight.connect import connect
from mlflow_conformance.azure.setup.options import AzureSettings

ml = pytest.importorskip("azure.ai.ml")
exceptions = pytest.importorskip("azure.core.exceptions")

AT_ONCE = Retries(Clock(), budget=0.0)
TRACKING = "azureml://region.api.azureml.ms/mlflow/v1.0/subscriptions/s"


def refused_with(status: int, code: str, message: str = "details") -> Exception:
    """Return the SDK's exception for an error response of the service."""
    error = exceptions.HttpResponseError(f"({code}) {message}")
    error.status_code, error.reason = status, "reason"
    error.error = SimpleNamespace(code=code, message=message)
    return error  # type: ignore[no-any-return]


def raising(error: Exception) -> Callable[..., Any]:
    """Return a method that raises the error."""

    def method(*arguments: Any) -> Any:
        raise error

    return method


def connecting(
    monkeypatch: pytest.MonkeyPatch, get: Callable[..., Any], settings: AzureSettings = NAMED
) -> Any:
    """Return the result of ``connect`` with a client whose ``workspaces.get`` is ``get``."""
    client = SimpleNamespace(workspaces=SimpleNamespace(get=get), constructed=None)

    def construct(*arguments: Any, **keywords: Any) -> Any:
        client.constructed = (arguments, keywords)
        return client

    monkeypatch.setattr(ml, "MLClient", construct)
    return connect(settings, "credential", AT_ONCE)


def test_the_client_is_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLClient gets the credential and three names, without progress bars and telemetry."""
    found = SimpleNamespace(mlflow_tracking_uri=TRACKING, location="westeurope")
    reached = connecting(monkeypatch, lambda name: found)
    arguments, keywords = reached.client.constructed
    assert arguments == ("credential", SUBSCRIPTION, "lab", "lab-workspace")
    assert keywords["cloud"] == "AzureCloud"
    assert keywords["show_progress"] is keywords["enable_telemetry"] is False
    assert (reached.tracking_uri, reached.location) == (TRACKING, "westeurope")


def test_the_client_gets_the_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLClient gets the name of another cloud, from which it takes its hosts."""
    found = SimpleNamespace(mlflow_tracking_uri=TRACKING, location="chinaeast2")
    settings = replace(NAMED, cloud="AzureChinaCloud")
    reached = connecting(monkeypatch, lambda name: found, settings)
    assert reached.client.constructed[1]["cloud"] == "AzureChinaCloud"


REFUSALS = {
    (401, "InvalidAuthenticationTokenTenant"): (
        "the workspace lab-workspace in the resource group lab: the sign-in is not accepted (HTTP"
        " 401 InvalidAuthenticationTokenTenant (details)): choose the subscription's tenant with"
        " `az login --tenant` or AZURE_TENANT_ID"
    ),
    (403, "AuthorizationFailed"): (
        "the workspace lab-workspace in the resource group lab: this identity has no access (HTTP"
        " 403 AuthorizationFailed (details)): it needs the role 'AzureML Data Scientist'"
    ),
    (404, "ResourceNotFound"): (
        "the workspace lab-workspace (from --workspace) does not exist, or this identity cannot see"
        " it (HTTP 404 ResourceNotFound (details))"
    ),
    (404, "ResourceGroupNotFound"): (
        "the resource group lab (from AZURE_RESOURCE_GROUP) does not exist, or this identity cannot"
        " see it (HTTP 404 ResourceGroupNotFound (details))"
    ),
    (404, "SubscriptionNotFound"): (
        f"the subscription {SUBSCRIPTION} does not exist, or this identity cannot see it (HTTP 404"
        " SubscriptionNotFound (details))"
    ),
}


@pytest.mark.parametrize(("status", "code"), REFUSALS, ids=lambda part: str(part))
def test_a_workspace_that_is_refused_is_named(
    status: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each refusal of the service becomes a message with the resource and the way out."""
    with pytest.raises(AzureMisconfigured) as refused:
        connecting(monkeypatch, raising(refused_with(status, code)))
    assert str(refused.value) == REFUSALS[status, code]


@pytest.mark.parametrize(
    "error",
    [
        refused_with(503, "ServiceUnavailable"),
        refused_with(429, "TooManyRequests"),
        exceptions.ServiceRequestError("Connection refused"),
    ],
    ids=["unavailable", "throttled", "no-connection"],
)
def test_trouble_of_the_service_is_no_mistake(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service error raises ``AzureUnreachable`` with a one-line message."""
    with pytest.raises(AzureUnreachable) as refused:
        connecting(monkeypatch, raising(error))
    assert str(refused.value).startswith("reading the workspace lab-workspace: ")
    assert "\n" not in str(refused.value)


def test_a_workspace_without_mlflow_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace without a tracking URI raises ``AzureUnreachable``."""
    found = SimpleNamespace(mlflow_tracking_uri=None, location="westeurope")
    with pytest.raises(AzureUnreachable, match="lab-workspace has no MLflow tracking URI"):
        connecting(monkeypatch, lambda name: found)


def compute(kind: str, **fields: Any) -> SimpleNamespace:
    """Return a compute with the fields of the SDK's class."""
    return SimpleNamespace(name="c", type=kind, provisioning_state="Succeeded", **fields)


def checked(found: Any, name: str = "c") -> str:
    """Return the result of ``check_compute``; ``found`` is a compute or an exception."""
    get = raising(found) if isinstance(found, Exception) else lambda name: found
    others = [compute("amlcompute"), compute("synapsespark")]
    client = SimpleNamespace(compute=SimpleNamespace(get=get, list=lambda: others))
    return check_compute(client, replace(NAMED, compute=name), AT_ONCE)


def test_computes_that_run_jobs_are_described() -> None:
    """Clusters, running instances, Kubernetes and serverless compute are accepted."""
    assert checked(compute("amlcompute", max_instances=4, size="D2")) == "amlcompute of D2"
    assert checked(compute("ComputeInstance", state="Running")) == "computeinstance"
    assert checked(compute("kubernetes")) == "kubernetes"
    assert checked(None, name="serverless") == "serverless compute"


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (
            refused_with(404, "ResourceNotFound"),
            "there is no such compute; the workspace has c, 'serverless'",
        ),
        (
            refused_with(403, "AuthorizationFailed"),
            (
                "cannot be read (HTTP 403 AuthorizationFailed (details)): this identity needs the"
                " role 'AzureML Data Scientist'"
            ),
        ),
        (
            compute("synapsespark"),
            "is synapsespark, which runs no command jobs; name a compute cluster",
        ),
        (
            compute("amlcompute", max_instances=0),
            "has a maximum of 0 nodes, so jobs would stay queued; raise it",
        ),
        (
            SimpleNamespace(type="amlcompute", provisioning_state="Failed", max_instances=1),
            "is in the state Failed; look at it in the studio",
        ),
        (
            compute("computeinstance", state="Stopped"),
            (
                "is a compute instance that is stopped; start it in the studio, or with: az ml"
                " compute start --name c --workspace-name lab-workspace --resource-group lab"
            ),
        ),
        (
            compute("computeinstance", state="Unusable"),
            "is in the state Unusable; look at it in the studio",
        ),
    ],
    ids=["missing", "forbidden", "spark", "no-nodes", "failed", "stopped", "unusable"],
)
def test_a_compute_that_cannot_run_jobs_is_refused(found: Any, problem: str) -> None:
    """The message names the compute, the problem and the way out."""
    with pytest.raises(AzureMisconfigured) as refused:
        checked(found)
    assert str(refused.value) == f"--compute c: {problem}"


def test_advice_is_no_trouble_of_its_own() -> None:
    """If the computes cannot be listed, the message still names the missing one."""
    missing = raising(refused_with(404, "ResourceNotFound"))
    client = SimpleNamespace(
        compute=SimpleNamespace(get=missing, list=raising(refused_with(403, "AuthorizationFailed")))
    )
    with pytest.raises(
        AzureMisconfigured, match="there is no such compute; the workspace has others, or"
    ):
        check_compute(client, NAMED, AT_ONCE)
