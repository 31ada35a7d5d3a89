"""Tests of the recorder: it sees all that the unmodified SDK sends, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.pipeline.transport import RequestsTransport

from meta_tests.azure.rehearsal.control import Control
from mlflow_conformance.azure.client.request_errors import CLIENT_ARGUMENTS
from mlflow_conformance.azure.client.retries import Clock, Retries
from mlflow_conformance.azure.evidence.bundle import Evidence
from mlflow_conformance.azure.evidence.exchanges import Exchange, recorded
from mlflow_conformance.azure.results.downloads import BlobStores, outputs_of
from mlflow_conformance.rehearsal.start import Rehearsal


def test_requests_of_the_sdk_are_recorded(ml_client: Any, rehearsed: Rehearsal) -> None:
    """The sign-in and the management API are seen, with bodies, headers and status."""
    found: list[Exchange] = []
    with recorded(found.append):
        workspace = ml_client.workspaces.get(rehearsed.workspace)
    assert workspace.name == rehearsed.workspace
    assert {"login", "management"} <= {one.route.host for one in found}
    [read] = [one for one in found if one.route.path.endswith("/workspaces/{workspace}")]
    assert (read.method, read.status) == ("GET", 200)
    assert read.response.properties["mlFlowTrackingUri"]
    assert "authorization" in read.request_headers
    assert "content-type" in read.response_headers
    assert read.ended >= read.began > 0


def test_downloads_are_recorded_and_whole(
    ml_client: Any, finished_job: str, rehearsed: Rehearsal, tmp_path: Any
) -> None:
    """The blobs that clients read as streams are seen, and arrive as without the recorder."""
    from azure.identity import DefaultAzureCredential

    found: list[Exchange] = []
    stores = BlobStores(ml_client, DefaultAzureCredential(), Retries(Clock()))
    with recorded(found.append):
        files = stores.download(outputs_of(finished_job), tmp_path / "outputs")
    stores.close()
    assert "outputs/model/data.bin" in files
    assert (tmp_path / "outputs/outputs/model/data.bin").read_bytes() == bytes(range(256))
    blobs = [one for one in found if one.route.path == "/{container}/{blob}"]
    assert any(one.response.kind == "bytes" for one in blobs if one.method == "GET")
    [listing] = [one for one in found if one.route.path == "/{container}"]
    assert f"dcid.{finished_job}/outputs/model/data.bin" in listing.response.content


def test_a_lost_answer_is_an_exchange(
    ml_client: Any, rehearsed: Rehearsal, control: Control
) -> None:
    """A request without an answer has no status, and its error reaches the client."""
    from azure.ai.ml import MLClient
    from azure.core.exceptions import AzureError

    client = MLClient(
        ml_client._credential,
        rehearsed.subscription,
        rehearsed.resource_group,
        rehearsed.workspace,
        **CLIENT_ARGUMENTS,
    )
    control.set(faults=[{"method": "GET", "path": r"/jobs/nothing$", "reset": True}])
    found: list[Exchange] = []
    with recorded(found.append), pytest.raises(AzureError):
        client.jobs.get("nothing")
    assert [one.status for one in found if one.is_on("GET", "jobs/{job}")] == [None]


def test_the_run_does_not_depend_on_the_recorder(ml_client: Any, rehearsed: Rehearsal) -> None:
    """If an exchange cannot be taken, the client gets its answer, and the error is counted."""
    evidence = Evidence()

    def broken(exchange: Exchange) -> None:
        raise KeyError(exchange.method)

    with recorded(broken, evidence.failed):
        assert ml_client.workspaces.get(rehearsed.workspace).name == rehearsed.workspace
    assert evidence.document({})["not_recorded"]["KeyError"] >= 1


def test_the_sdk_is_left_as_it_was() -> None:
    """After the block, also after an error, the SDK sends as before."""
    before = RequestsTransport.send

    def fail() -> None:
        with recorded(lambda exchange: None):
            assert RequestsTransport.send is not before
            raise RuntimeError("x")

    with pytest.raises(RuntimeError, match="x"):
        fail()
    assert RequestsTransport.send is before
