"""Tests of the fields that recordings of the real service have."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from azure.ai.ml.entities import Model
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.rehearsal.jobs import IMAGE, WITHOUT_RUNNING, submit, unique, wait_for_job
from mlflow_conformance.azure.client.request_errors import answer_of
from mlflow_conformance.azure.jobs.job_snapshot import job_snapshot
from mlflow_conformance.rehearsal.start import Rehearsal

ARM = "https://management.azure.com"
SECONDS = 60.0


class Management:
    """Sends requests to the management API of a rehearsal."""

    def __init__(self, rehearsed: Rehearsal) -> None:
        from azure.identity import DefaultAzureCredential

        token = DefaultAzureCredential().get_token(f"{ARM}/.default").token
        self.headers = {"Authorization": f"Bearer {token}"}
        self.workspace = (
            f"/subscriptions/{rehearsed.subscription}/resourceGroups/{rehearsed.resource_group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{rehearsed.workspace}"
        )

    def send(self, method: str, path: str = "", **more: Any) -> httpx.Response:
        """Send a request; ``path`` is relative to the workspace."""
        url = ARM + self.workspace + path
        return httpx.request(method, url, headers=self.headers, timeout=SECONDS, **more)

    def properties(self, path: str = "") -> dict[str, Any]:
        """Return the properties of a resource."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["properties"]
        return found


@pytest.fixture
def management(rehearsed: Rehearsal) -> Management:
    """The rehearsal's management API."""
    return Management(rehearsed)


def test_the_workspace_has_the_recorded_fields(management: Management) -> None:
    """The workspace has the switches that recordings show."""
    found = management.properties()
    switches = ("v1LegacyMode", "softDeleteEnabled", "enableDataIsolation")
    assert [found[name] for name in switches] == [False] * 3


def test_the_compute_has_the_recorded_fields(management: Management, rehearsed: Rehearsal) -> None:
    """The cluster has ``provisioningWarnings`` and ``enableBatchPrivateLink``."""
    found = management.properties(f"/computes/{rehearsed.compute}")
    assert found["provisioningWarnings"] == {}
    assert found["properties"]["enableBatchPrivateLink"] is False


def test_a_datastore_names_its_account_s_group(
    management: Management, rehearsed: Rehearsal
) -> None:
    """A datastore has the subscription and the resource group of its storage account."""
    found = management.properties("/datastores/workspaceblobstore")
    group = (found["subscriptionId"], found["resourceGroup"])
    assert group == (rehearsed.subscription, rehearsed.resource_group)


def test_the_newest_environment_is_labelled(management: Management) -> None:
    """An environment has ``autoRebuild`` and ``stage``; the newest has the label ``latest``."""
    name = unique("environment")
    for version in ("1", "2"):
        path = f"/environments/{name}/versions/{version}"
        body = {"properties": {"image": f"{IMAGE}:{version}"}}
        assert management.send("PUT", path, json=body).status_code == 201
    newest, older = (management.properties(f"/environments/{name}/versions/{n}") for n in "21")
    assert (newest["autoRebuild"], newest["stage"]) == ("Disabled", "Development")
    assert newest["properties"] == {"azureml.labels": "latest"}
    assert older["properties"] == {}


def test_an_upload_has_the_recorded_form(management: Management) -> None:
    """Code is uploaded with a user delegation SAS, to a URI with a port."""
    name = unique("code")
    path = f"/codes/{name}/versions/1"
    found = management.send("POST", f"{path}/startPendingUpload", json={}).json()
    reference = found["blobReferenceForConsumption"]
    assert found["pendingUploadType"] == "None"
    assert urlsplit(reference["blobUri"]).port == 443
    signed = parse_qs(urlsplit(reference["credential"]["sasUri"]).query)
    assert {"skoid", "sktid", "skt", "ske", "sks", "skv", "sig"} <= set(signed)
    body = {"properties": {"codeUri": f"{reference['blobUri']}/folder"}}
    assert management.send("PUT", path, json=body).status_code == 201
    assert management.properties(path)["provisioningState"] == "Succeeded"


def test_a_user_delegation_sas_opens_its_container_only(management: Management) -> None:
    """The blob store accepts the SAS of an upload, and refuses another signature."""
    path = f"/codes/{unique('code')}/versions/1/startPendingUpload"
    reference = management.send("POST", path, json={}).json()["blobReferenceForConsumption"]
    where, _, signed = reference["credential"]["sasUri"].partition("?")
    headers = {"x-ms-blob-type": "BlockBlob"}
    for query, status in ((signed, 201), (signed.replace("sig=", "sig=x"), 403)):
        url = f"{where}/file.txt?{query}"
        answer = httpx.put(url, content=b"text", headers=headers, timeout=SECONDS)
        assert answer.status_code == status, answer.text


def test_a_job_has_the_recorded_fields(
    management: Management, ml_client: Any, control: Control, rehearsed: Rehearsal
) -> None:
    """A job that has run has the tag, the properties and the settings that recordings show."""
    control.set(jobs={"*": WITHOUT_RUNNING})
    name = submit(ml_client, rehearsed.compute).name
    wait_for_job(ml_client, name)
    found = management.properties(f"/jobs/{name}")
    unset = ("notificationSetting", "queueSettings")
    assert [found[key] for key in unset] == [None, None]
    assert found["secretsConfiguration"] == {}
    assert {"maxInstanceCount", "locations"} <= set(found["resources"])
    assert found["outputs"]["default"]["pathOnCompute"] is None
    assert "_aml_system_ComputeTargetStatus" in found["tags"]
    assert {"ProcessInfoFile", "ProcessStatusFile"} <= set(found["properties"])
    wsid = parse_qs(urlsplit(found["services"]["Studio"]["endpoint"]).query)["wsid"][0]
    assert wsid.endswith(f"/workspaces/{rehearsed.workspace}")
    assert wsid == wsid.lower()
    assert ml_client.jobs.get(name).status == "Completed"


@pytest.mark.parametrize("compute", [None, "serverless"])
def test_a_serverless_job_has_no_compute_or_its_name(
    compute: str | None,
    management: Management,
    ml_client: Any,
    control: Control,
    rehearsed: Rehearsal,
) -> None:
    """A serverless job's ``computeId`` is null or a name; an environment may be named shortly."""
    control.set(jobs={"*": WITHOUT_RUNNING})
    submit(ml_client, rehearsed.compute)  # creates the environment
    name = unique("job")
    job = {
        "jobType": "Command",
        "command": "true",
        "environmentId": "azureml:empty:1",
        "computeId": compute,
    }
    for status in (201, 200):  # the same request again changes nothing
        answer = management.send("PUT", f"/jobs/{name}", json={"properties": job})
        assert answer.status_code == status, answer.text
    found = management.properties(f"/jobs/{name}")
    assert found["computeId"] == compute
    assert found["environmentId"] == f"{management.workspace}/environments/empty/versions/1"
    assert job_snapshot(ml_client.jobs.get(name)).found.compute == (compute or "")


def test_a_model_that_is_missing_has_details(management: Management, ml_client: Any) -> None:
    """The 404 of a model has the code ModelNotFound in its details; the client raises its error."""
    name = unique("model")
    answer = management.send("GET", f"/models/{name}/versions/1")
    error = answer.json()["error"]
    assert answer.status_code == 404
    assert (error["code"], error["message"]) == (
        "UserError",
        "The specified resource was not found.",
    )
    assert [detail["code"] for detail in error["details"]] == ["ModelNotFound"]
    with pytest.raises(ResourceNotFoundError):
        ml_client.models.get(name, version="1")


def test_a_job_without_such_files_has_details(
    management: Management, ml_client: Any, finished_job: str
) -> None:
    """The error for a path without files names the path in its details, as users report."""
    uri = f"azureml://jobs/{finished_job}/outputs/artifacts/paths/outputs/model.pkl"
    body = {"properties": {"modelType": "custom_model", "modelUri": uri}}
    answer = management.send("PUT", f"/models/{unique('model')}/versions/1", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["message"]) == (400, "The request is invalid.")
    (detail,) = error["details"]
    assert detail["code"] == "NoMatchingArtifactsFoundFromJob"
    assert detail["message"] == "No artifacts matching outputs/model.pkl found from Job."
    with pytest.raises(HttpResponseError) as raised:
        ml_client.models.create_or_update(Model(name=unique("model"), path=uri))
    assert answer_of(raised.value).text == (
        f"HTTP 400 UserError (The request is invalid. {detail['code']}: {detail['message']})"
    )


def test_a_model_keeps_the_flavors_that_the_client_sent(ml_client: Any, finished_job: str) -> None:
    """A version has the client's flavors, even if MLmodel says otherwise, and a stage."""
    uri = f"azureml://jobs/{finished_job}/outputs/artifacts/paths/outputs/model/"
    name = unique("model")
    flavors = {"sklearn": {"sklearn_version": "0.1"}}
    ml_client.models.create_or_update(
        Model(name=name, path=uri, type="mlflow_model", flavors=flavors)
    )
    assert set(ml_client.models.get(name, version="1").flavors) == {"sklearn"}
    stages = [ml_client.models.get(name, version="1").stage]
    ml_client.models.archive(name, version="1")
    stages.append(ml_client.models.get(name, version="1").stage)
    ml_client.models.restore(name, version="1")
    stages.append(ml_client.models.get(name, version="1").stage)
    assert stages == ["Development", "Archived", "Development"]


def test_lists_are_behind_by_the_lag(ml_client: Any, control: Control, finished_job: str) -> None:
    """A new or archived version is listed late; it can be read at once."""
    control.set(list_lag=3600.0)
    name = unique("model")
    uri = f"azureml://jobs/{finished_job}/outputs/artifacts/paths/outputs/model/"
    ml_client.models.create_or_update(Model(name=name, path=uri, type="mlflow_model"))
    assert list(ml_client.models.list(name)) == []
    assert name not in {model.name for model in ml_client.models.list()}
    assert ml_client.models.get(name, version="1").version == "1"
    control.set(list_lag=0.0)
    assert [model.version for model in ml_client.models.list(name)] == ["1"]
    ml_client.models.archive(name, version="1")
    control.set(list_lag=3600.0)
    assert list(ml_client.models.list(name, list_view_type="ArchivedOnly")) == []
    control.clear()
    assert list(ml_client.models.list(name)) == []
