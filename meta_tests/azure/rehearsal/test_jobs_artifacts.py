"""Tests of the artifact routes of the run history service."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from meta_tests.azure.rehearsal.data_plane import SECONDS, DataPlane, data_plane_of
from meta_tests.azure.rehearsal.jobs import unique
from mlflow_conformance.rehearsal.start import Rehearsal

BLOB = {"x-ms-blob-type": "BlockBlob", "If-None-Match": "*"}


@pytest.fixture
def data_plane(rehearsed: Rehearsal) -> DataPlane:
    """The rehearsal's data plane."""
    return data_plane_of(rehearsed)


@pytest.fixture
def run() -> str:
    """The name of a run without artifacts."""
    return unique("run")


def create(data_plane: DataPlane, run: str, *paths: str) -> Any:
    """Request URLs to upload artifacts to and return the response."""
    document = {"paths": [{"path": path} for path in paths]}
    answer = data_plane.artifacts("POST", run, "/batch/metadata", json=document)
    assert answer.status_code == 200, answer.text
    return answer.json()


def upload(data_plane: DataPlane, run: str, **contents: bytes) -> None:
    """Upload files; a double underscore in a name stands for a slash."""
    paths = {name.replace("__", "/"): content for name, content in contents.items()}
    content = create(data_plane, run, *paths)["artifactContentInformation"]
    for path, body in paths.items():
        sent = httpx.put(content[path]["contentUri"], content=body, headers=BLOB, timeout=SECONDS)
        assert sent.status_code == 201, sent.text


def listed(data_plane: DataPlane, run: str, route: str = "", **query: str) -> list[str]:
    """Return the paths in a list of artifacts."""
    found = data_plane.artifacts("GET", run, route, params=query).json()["value"]
    return [item["path"] for item in found]


def test_what_is_uploaded_is_listed_and_read(run: str, data_plane: DataPlane) -> None:
    """An uploaded file is in the list and can be read with a signed URL."""
    upload(data_plane, run, model__MLmodel=b"flavors", plot=b"\x00\xff")
    assert listed(data_plane, run) == ["model/MLmodel", "plot"]
    found = data_plane.artifacts("GET", run, "/contentinfo", params={"path": "plot"}).json()
    assert found["container"] == f"dcid.{run}"
    assert httpx.get(found["contentUri"], timeout=SECONDS).content == b"\x00\xff"


def test_a_folder_has_what_lies_below_it(run: str, data_plane: DataPlane) -> None:
    """A path selects a file or the files below a folder, not other paths with the same prefix."""
    upload(data_plane, run, model__a=b"", model__b__c=b"", model2=b"")
    assert listed(data_plane, run, "/path", path="model") == ["model/a", "model/b/c"]
    found = listed(data_plane, run, "/prefix/contentinfo", path="model/b/")
    assert found == ["model/b/c"]


def test_a_run_has_nothing_of_another_whose_name_goes_on(run: str, data_plane: DataPlane) -> None:
    """A run does not list the artifacts of a run whose name begins with its own."""
    upload(data_plane, run + "-frame", file=b"")
    assert listed(data_plane, run) == []


def test_an_artifact_is_written_once(run: str, data_plane: DataPlane) -> None:
    """An existing path is a conflict; the other paths of the same request are not."""
    upload(data_plane, run, first=b"1")
    again = create(data_plane, run, "first", "second")
    assert set(again["artifactContentInformation"]) == {"second"}
    assert set(again["errors"]) == {"first"}
    assert "Resource Conflict" in again["errors"]["first"]["error"]["message"]


def test_a_signature_opens_what_it_is_for(run: str, data_plane: DataPlane) -> None:
    """A signed URL for reading permits neither writing nor reading another file."""
    upload(data_plane, run, first=b"1", second=b"2")
    query = {"path": "first"}
    address = data_plane.artifacts("GET", run, "/contentinfo", params=query).json()["contentUri"]
    assert httpx.put(address, content=b"x", headers=BLOB, timeout=SECONDS).status_code == 403
    other = address.replace("/first?", "/second?")
    assert httpx.get(other, timeout=SECONDS).status_code == 403


@pytest.mark.parametrize("path", ["/contentinfo", "/metadata", "/artifacturi"])
def test_an_artifact_that_is_not_there_is_404(path: str, run: str, data_plane: DataPlane) -> None:
    """A missing path and a folder are answered with 404."""
    upload(data_plane, run, model__MLmodel=b"")
    for missing in ("model", "no-such"):
        answer = data_plane.artifacts("GET", run, path, params={"path": missing})
        assert answer.status_code == 404
