"""A client of the rehearsal's data plane: tracking, run history and artifacts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from mlflow_conformance.rehearsal.start import Rehearsal

HOST = "https://westeurope.api.azureml.ms"
SECONDS = 60.0
SCOPE = "https://management.azure.com/.default"


@dataclass(frozen=True)
class DataPlane:
    """Sends requests with a token, through the proxy that the environment variables name."""

    workspace: str
    headers: dict[str, str]

    def mlflow(
        self, method: str, path: str, *, version: str = "v2.0", api: str = "2.0", **more: Any
    ) -> httpx.Response:
        """Send a request to MLflow's API."""
        prefix = f"/mlflow/{version}{self.workspace}/api/{api}/mlflow"
        return self._send(method, f"{prefix}/{path}", **more)

    def run(self, name: str) -> Any:
        """Return the document of a run from MLflow's API."""
        answer = self.mlflow("GET", "runs/get", params={"run_id": name})
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()["run"]

    def artifacts(self, method: str, run: str, path: str = "", **more: Any) -> httpx.Response:
        """Send a request to the artifacts of a run."""
        prefix = f"/history/v1.0{self.workspace}/experiments/any/runs/{run}/artifacts"
        return self._send(method, prefix + path, **more)

    def error(self, name: str) -> Any:
        """Return a job's error from the run history."""
        path = f"/history/v1.0{self.workspace}/runs/{name}/details"
        return self._send("GET", path).json()["error"]["error"]

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return httpx.request(method, HOST + path, headers=self.headers, timeout=SECONDS, **more)


def data_plane_of(rehearsed: Rehearsal) -> DataPlane:
    """Return a client with a valid token."""
    from azure.identity import DefaultAzureCredential

    token = DefaultAzureCredential().get_token(SCOPE).token
    workspace = (
        f"/subscriptions/{rehearsed.subscription}/resourceGroups/{rehearsed.resource_group}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{rehearsed.workspace}"
    )
    return DataPlane(workspace, {"Authorization": f"Bearer {token}"})
