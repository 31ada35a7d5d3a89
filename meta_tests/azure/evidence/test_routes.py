"""Tests of routes: a template has no name of anybody, and says what kind of host was asked."""

from __future__ import annotations

import pytest

from mlflow_conformance.azure.evidence.routes import kind_of, route_of

ARM = (
    "https://management.azure.com/subscriptions/31aa6452-9fed-4eaa-adbf-a2ee35287e22"
    "/resourceGroups/team-rg/providers/Microsoft.MachineLearningServices/workspaces/team-ws"
)
WORKSPACE = (
    "/subscriptions/{subscription}/resourceGroups/{group}"
    "/providers/Microsoft.MachineLearningServices/workspaces/{workspace}"
)
MLFLOW = "https://westeurope.api.azureml.ms/mlflow/v2.0" + ARM.partition(".com")[2]


@pytest.mark.parametrize(
    ("address", "host", "path"),
    [
        (f"{ARM}/jobs/my-job?api-version=2025-01-01", "management", "/jobs/{job}"),
        (f"{ARM}/jobs/my-job/cancel", "management", "/jobs/{job}/cancel"),
        (f"{ARM}/models/diabetes/versions/7", "management", "/models/{model}/versions/{version}"),
        # A user may call a model like a word of the API.
        (f"{ARM}/models/models/versions/jobs", "management", "/models/{model}/versions/{version}"),
        (f"{ARM}/models/jobs", "management", "/models/{model}"),
        (f"{ARM}/models/versions/versions", "management", "/models/{model}/versions"),
        (f"{ARM}/secretThings/of-team", "management", "/{name}/{name}"),
        (f"{MLFLOW}/api/2.0/mlflow/runs/get?run_id=my-job", "tracking", "/api/2.0/mlflow/runs/get"),
        (
            f"{MLFLOW}/api/2.0/mlflow/logged-models/m-0123",
            "tracking",
            "/api/2.0/mlflow/logged-models/{logged_model}",
        ),
    ],
)
def test_names_are_replaced(address: str, host: str, path: str) -> None:
    """Whatever is no word of the API is a placeholder; a name stays one if it is such a word."""
    route = route_of(address)
    assert route.host == host
    assert route.path.endswith(WORKSPACE + path), route.path
    assert not {"team", "diabetes", "my-job", "31aa"} & {*route.path.replace("/", " ").split()}


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (
            "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
            "/{name}/oauth2/v2.0/token",
        ),
        ("https://account.blob.core.windows.net/box", "/{container}"),
        ("https://account.blob.core.windows.net/box/a/b/jobs?sig=x", "/{container}/{blob}"),
        ("https://elsewhere.example/jobs/name", "/jobs/{job}"),
        ("https://elsewhere.example/", "/"),
    ],
)
def test_other_hosts(address: str, path: str) -> None:
    """The names of tenants, containers and blobs are replaced, too."""
    assert route_of(address).path == path


def test_a_route_knows_its_names_and_query() -> None:
    """The names are known to judges; of the query only its parameters' names are written."""
    route = route_of(f"{ARM}/jobs/my-job?api-version=1&$top=1&run_id=x&odd%20one=2")
    assert route.names["job"] == "my-job"
    assert route.names["workspace"] == "team-ws"
    assert route.below == "jobs/{job}"
    assert route.query_names == ("$top", "api-version", "run_id", "{name}")


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("management.azure.com", "management"),
        ("management.usgovcloudapi.net", "management"),
        ("management.chinacloudapi.cn", "management"),
        ("login.microsoftonline.us", "login"),
        ("team.blob.core.chinacloudapi.cn", "storage"),
        ("westeurope.api.azureml.ms", "tracking"),
        ("usgovvirginia.api.ml.azure.us", "tracking"),
        ("team.example", "other"),
    ],
)
def test_kinds_of_hosts(host: str, kind: str) -> None:
    """The kind of a host is known in every cloud; a host without one is "other"."""
    assert kind_of(host) == kind
