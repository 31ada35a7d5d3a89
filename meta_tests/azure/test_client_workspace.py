"""Is a workspace or compute that jobs cannot use named, with what a person can do?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.azure.compute import check_compute
from fixtures.azure.patience import Clock, Patience
from fixtures.azure.refusals import AzureMisconfigured, AzureUnreachable
from fixtures.azure.workspace import connect
from meta_tests.azure.client_stand_ins import NAMED, SUBSCRIPTION

ml = pytest.importorskip("azure.ai.ml")
exceptions = pytest.importorskip("azure.core.exceptions")

AT_ONCE = Patience(Clock(), budget=0.0)
TRACKING = "azureml://region.api.azureml.ms/mlflow/v1.0/subscriptions/s"


def refused_with(status: int, code: str, said: str = "said so") -> Exception:
    """Return what the SDK raises for an answer of the service."""
    error = exceptions.HttpResponseError(f"({code}) {said}")
    error.status_code, error.reason = status, "reason"
    error.error = SimpleNamespace(code=code, message=said)
    return error  # type: ignore[no-any-return]


def raising(error: Exception) -> Callable[..., Any]:
    """Return a method that raises."""

    def method(*arguments: Any) -> Any:
        raise error

    return method


def connecting(monkeypatch: pytest.MonkeyPatch, get: Callable[..., Any]) -> Any:
    """Return what connecting gives with a client whose ``workspaces.get`` is ``get``."""
    client = SimpleNamespace(workspaces=SimpleNamespace(get=get), constructed=None)

    def construct(*arguments: Any, **keywords: Any) -> Any:
        client.constructed = (arguments, keywords)
        return client

    monkeypatch.setattr(ml, "MLClient", construct)
    return connect(NAMED, "credential", AT_ONCE)


def test_the_client_is_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLClient gets the credential and the three names; progress bars and telemetry are off."""
    found = SimpleNamespace(mlflow_tracking_uri=TRACKING, location="westeurope")
    reached = connecting(monkeypatch, lambda name: found)
    arguments, keywords = reached.client.constructed
    assert arguments == ("credential", SUBSCRIPTION, "lab", "lab-workspace")
    assert keywords["show_progress"] is keywords["enable_telemetry"] is False
    assert (reached.tracking_uri, reached.location) == (TRACKING, "westeurope")


REFUSALS = {
    (401, "InvalidAuthenticationTokenTenant"): (
        "the workspace lab-workspace in the resource group lab: the sign-in is not accepted (HTTP"
        " 401 InvalidAuthenticationTokenTenant (said so)): is it of the tenant that the"
        " subscription is in? `az login --tenant`, or AZURE_TENANT_ID, names another"
    ),
    (403, "AuthorizationFailed"): (
        "the workspace lab-workspace in the resource group lab: this identity may not use it (HTTP"
        " 403 AuthorizationFailed (said so)): it needs the role 'AzureML Data Scientist' there"
    ),
    (404, "ResourceNotFound"): (
        "there is no workspace lab-workspace (from --workspace) that this identity sees (HTTP 404"
        " ResourceNotFound (said so))"
    ),
    (404, "ResourceGroupNotFound"): (
        "there is no resource group lab (from AZURE_RESOURCE_GROUP) that this identity sees (HTTP"
        " 404 ResourceGroupNotFound (said so))"
    ),
    (404, "SubscriptionNotFound"): (
        f"there is no subscription {SUBSCRIPTION} that this identity sees (HTTP 404"
        " SubscriptionNotFound (said so))"
    ),
}


@pytest.mark.parametrize(("status", "code"), REFUSALS, ids=lambda part: str(part))
def test_a_workspace_that_is_refused_is_named(
    status: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer of the service becomes a line a person can act on."""
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
    """What nobody configured wrongly is an error of the run."""
    with pytest.raises(AzureUnreachable) as refused:
        connecting(monkeypatch, raising(error))
    assert str(refused.value).startswith("reading the workspace lab-workspace: ")
    assert "\n" not in str(refused.value)


def test_a_workspace_without_mlflow_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs log to the address that the workspace names."""
    found = SimpleNamespace(mlflow_tracking_uri=None, location="westeurope")
    with pytest.raises(AzureUnreachable, match="lab-workspace names no address for MLflow"):
        connecting(monkeypatch, lambda name: found)


def compute(kind: str, **facts: Any) -> SimpleNamespace:
    """Return a compute as the SDK does."""
    return SimpleNamespace(name="c", type=kind, provisioning_state="Succeeded", **facts)


def checked(found: Any, name: str = "c") -> str:
    """Return what checking the compute gives; ``found`` is one, or an error."""
    get = raising(found) if isinstance(found, Exception) else lambda name: found
    others = [compute("amlcompute"), compute("synapsespark")]
    client = SimpleNamespace(compute=SimpleNamespace(get=get, list=lambda: others))
    return check_compute(client, replace(NAMED, compute=name), AT_ONCE)


def test_computes_that_run_jobs_are_described() -> None:
    """Clusters, running instances, Kubernetes and serverless compute will do."""
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
                "cannot be looked at (HTTP 403 AuthorizationFailed (said so)): the role"
                " 'AzureML Data Scientist' may"
            ),
        ),
        (
            compute("synapsespark"),
            "is synapsespark, which runs no command jobs; name a compute cluster",
        ),
        (
            compute("amlcompute", max_instances=0),
            "has a maximum of 0 nodes, so that jobs would wait for ever; raise it",
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
    """The line names the compute, what is wrong with it, and the way out."""
    with pytest.raises(AzureMisconfigured) as refused:
        checked(found)
    assert str(refused.value) == f"--compute c: {problem}"


def test_advice_is_no_trouble_of_its_own() -> None:
    """Where the other computes cannot be listed, the missing one is still named."""
    missing = raising(refused_with(404, "ResourceNotFound"))
    client = SimpleNamespace(
        compute=SimpleNamespace(get=missing, list=raising(refused_with(403, "AuthorizationFailed")))
    )
    with pytest.raises(
        AzureMisconfigured, match="there is no such compute; the workspace has others, or"
    ):
        check_compute(client, NAMED, AT_ONCE)
