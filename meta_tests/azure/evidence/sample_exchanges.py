"""Exchanges as a workspace would answer, for tests of judges."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from mlflow_conformance.azure.evidence.exchanges import BYTES, JSON, NOTHING, Body, Exchange
from mlflow_conformance.azure.evidence.routes import route_of

NO_QUERY: Mapping[str, str] = MappingProxyType({})
HOST = "https://management.azure.com"
WORKSPACE = (
    "/subscriptions/31aa6452-9fed-4eaa-adbf-a2ee35287e22/resourceGroups/team-rg"
    "/providers/Microsoft.MachineLearningServices/workspaces/team-ws"
)
MLFLOW = f"https://westeurope.api.azureml.ms/mlflow/v2.0{WORKSPACE}/api/2.0/mlflow"
JOB = "conformance-job-1"
LONG = (
    f"azureml:/{WORKSPACE}/datastores/workspaceartifactstore/paths/ExperimentRun/dcid.{JOB}/model"
)
SOURCE = f"azureml://jobs/{JOB}/outputs/artifacts/paths/model/"
LOGS = f"azureml://jobs/{JOB}/outputs/artifacts/paths/user_logs/"


def body(content: Any = None) -> Body:
    """Return a JSON body, or none."""
    return Body(NOTHING) if content is None else Body(JSON, "application/json", content)


def managed(
    method: str,
    below: str,
    status: int | None = 200,
    *,
    sent: Any = None,
    found: Any = None,
    at: float = 0.0,
    query: Mapping[str, str] = NO_QUERY,
) -> Exchange:
    """Return an exchange with the management API; ``below`` is below the workspace."""
    address = f"{HOST}{WORKSPACE}/{below}?{urlencode(query)}"
    return _exchange(method, address, status, body(sent), body(found), at)


def properties(**values: Any) -> dict[str, Any]:
    """Return an ARM document with these properties."""
    return {"properties": values}


def on_mlflow(
    path: str,
    found: Any,
    status: int | None = 200,
    *,
    at: float = 0.0,
    api: str = "2.0",
    **query: str,
) -> Exchange:
    """Return an exchange with a version of MLflow's API."""
    address = f"{MLFLOW.replace('api/2.0', f'api/{api}')}/{path}?{urlencode(query)}"
    return _exchange("GET", address, status, body(), body(found), at)


def listed(*files: str) -> Exchange:
    """Return a list of the blobs of the job."""
    names = "".join(f"<Name>ExperimentRun/dcid.{JOB}/{file}</Name>" for file in files)
    address = "https://team.blob.core.windows.net/box?comp=list&restype=container"
    content = Body(BYTES, "application/xml", f"<Blobs>{names}</Blobs>")
    return _exchange("GET", address, 200, body(), content, 0.0)


def submitted(at: float = 0.0, **changes: Any) -> Exchange:
    """Return the submission of the job, as the rehearsal answers; ``changes`` are its answer's."""
    sent = {
        "command": "python train.py",
        "displayName": "train",
        "experimentName": "diabetes",
        "computeId": "/computes/cluster",
        "environmentId": "azureml:environment:1",
        "tags": {"conformance-run": "1"},
    }
    found = {
        **sent,
        "status": "Starting",
        "properties": {"_azureml.ComputeTargetType": "amlctrain"},
        **changes,
    }
    below = f"jobs/{JOB}"
    return managed("PUT", below, 201, sent={"properties": sent}, found={"properties": found}, at=at)


def polled(status: str, at: float = 0.0) -> Exchange:
    """Return a poll of the job."""
    return managed("GET", f"jobs/{JOB}", found=properties(status=status), at=at)


def registered(
    version: str = "1", source: str = SOURCE, status: int = 201, step: str = "1", **changes: Any
) -> Exchange:
    """Return a registration, as the rehearsal answers; ``changes`` are its answer's."""
    sent = {
        "modelType": "mlflow_model",
        "modelUri": source,
        "tags": {"conformance-registration": step},
    }
    found = {
        **sent,
        "modelUri": LONG,
        "jobName": JOB,
        "flavors": {"sklearn": {"data": {"sklearn_version": "1.5.0"}}},
        **changes,
    }
    below = f"models/diabetes/versions/{version}"
    answer = {"properties": found} if status < 300 else {"error": {"code": "UserError"}}
    return managed("PUT", below, status, sent={"properties": sent}, found=answer)


def _exchange(
    method: str, address: str, status: int | None, sent: Body, found: Body, at: float
) -> Exchange:
    route = route_of(address)
    return Exchange(method, route, status, sent, found, began=at, ended=at)
