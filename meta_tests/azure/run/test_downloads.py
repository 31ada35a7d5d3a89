"""Tests of ``azure.results.downloads``: complete downloads and their errors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from meta_tests.azure.run.fake_workspace import ManualClock, connection_reset, http_error, retries
from mlflow_conformance.azure.client.request_errors import RequestFailed
from mlflow_conformance.azure.results import downloads
from mlflow_conformance.azure.results.downloads import (
    BlobStores,
    CorruptDownload,
    Place,
    outputs_of,
    place_of,
)

PLACE = outputs_of("job-1")
BLOBS = {"model/MLmodel": b"flavors: {}\n", "user_logs/std_log.txt": b"done\n"}


class FakeContainer:
    """A fake container client; ``spoil`` changes a blob from its name, content and read count."""

    opened: list[dict[str, Any]]
    refuses_keys = False

    def __init__(self, account: str, container: str, credential: Any, **arguments: Any) -> None:
        self.opened.append(
            {"account": account, "container": container, "credential": credential, **arguments}
        )
        self.blobs = {f"{PLACE.path}/{path}": content for path, content in BLOBS.items()}
        self.spoil: Callable[[str, bytes, int], bytes] = lambda name, content, time: content
        self.errors: list[Exception] = []
        self.reads: list[str] = []

    def close(self) -> None:
        """Do nothing."""

    def list_blobs(self, name_starts_with: str, include: list[str]) -> list[Any]:
        """List the blobs, and a folder, as accounts with a hierarchical namespace do."""
        if self.refuses_keys and self.opened[-1]["credential"] == "the key":
            raise http_error(403, "KeyBasedAuthenticationNotPermitted", "keys are not permitted")
        assert include == ["metadata"]
        found = [SimpleNamespace(name=name, metadata=None) for name in self.blobs]
        folder = SimpleNamespace(name=f"{PLACE.path}/model", metadata={"hdi_isfolder": "true"})
        return [one for one in [*found, folder] if one.name.startswith(name_starts_with)]

    def get_blob_client(self, name: str) -> Any:
        """Return a blob client with the blob's properties; logs have no digest."""
        content = self.blobs[name]
        digest = None if "user_logs" in name else bytearray(hashlib.md5(content).digest())  # noqa: S324
        settings = SimpleNamespace(content_md5=digest)
        properties = SimpleNamespace(size=len(content), content_settings=settings)
        return SimpleNamespace(get_blob_properties=lambda: properties)

    def download_blob(self, name: str, max_concurrency: int) -> Any:
        """Return a downloader of the blob's content after ``spoil``."""
        if self.errors:
            raise self.errors.pop(0)
        self.reads.append(name)
        arrived = self.spoil(name, self.blobs[name], self.reads.count(name))

        def readinto(file: BinaryIO) -> None:
            file.write(arrived)

        return SimpleNamespace(readinto=readinto)


class Scene:
    """A blob store behind a datastore, and the download folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "outputs"
        self.clock = ManualClock()
        self.secrets_requested: list[bool] = []
        client = SimpleNamespace(datastores=SimpleNamespace(get=self._datastore))
        self.stores = BlobStores(client, "the credential", retries(self.clock))
        # Created now, so that tests can change it before a download.
        self.container: Any = self.stores._container(PLACE.datastore)

    def download(self, **how: bool) -> tuple[str, ...]:
        """Download the job's outputs."""
        return self.stores.download(PLACE, self.folder, **how)

    def _datastore(self, name: str, include_secrets: bool = False) -> Any:
        self.secrets_requested.append(include_secrets)
        if include_secrets and Scene.forbidden:
            raise http_error(Scene.forbidden, "Forbidden", "no listSecrets")
        credentials = SimpleNamespace(account_key="the key" if include_secrets else None)
        return SimpleNamespace(
            account_name="account",
            protocol="https",
            endpoint="core.windows.net",
            container_name="azureml",
            credentials=credentials,
        )

    forbidden = 0


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A blob store with a job's outputs."""
    FakeContainer.opened = []
    monkeypatch.setattr(downloads, "ContainerClient", FakeContainer)
    return Scene(tmp_path)


def test_everything_is_downloaded_under_its_path(scene: Scene) -> None:
    """Files are written under their relative paths, and earlier files are removed."""
    scene.folder.mkdir()
    (scene.folder / "old.txt").write_text("old")
    assert scene.download() == tuple(sorted(BLOBS))
    found = {
        file.relative_to(scene.folder).as_posix(): file.read_bytes()
        for file in scene.folder.rglob("*")
        if file.is_file()
    }
    assert found == BLOBS


def test_a_store_is_opened_once_with_its_key(scene: Scene) -> None:
    """A container client is created once, with the account key and without retries."""
    scene.download()
    scene.download()
    (opened,) = FakeContainer.opened
    assert opened["account"] == "https://account.blob.core.windows.net"
    assert (opened["container"], opened["credential"]) == ("azureml", "the key")
    assert opened["retry_total"] == 0


def test_a_store_is_opened_anew_before_its_signature_expires(scene: Scene) -> None:
    """A container client is replaced before its SAS token expires."""
    scene.clock.time += 3600
    scene.download()
    assert len(FakeContainer.opened) == 2


@pytest.mark.parametrize("status", [400, 403])
def test_without_the_right_to_see_keys_the_credential_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Without the right to list secrets, the credential is used."""
    FakeContainer.opened = []
    monkeypatch.setattr(downloads, "ContainerClient", FakeContainer)
    monkeypatch.setattr(Scene, "forbidden", status)
    assert Scene(tmp_path).secrets_requested == [True, False]
    assert FakeContainer.opened[0]["credential"] == "the credential"


def test_a_store_that_takes_no_keys_is_read_as_oneself(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that refuses its key is read with the credential from then on."""
    monkeypatch.setattr(FakeContainer, "refuses_keys", True)
    for _ in range(2):
        assert scene.download() == tuple(sorted(BLOBS))
    found = [one["credential"] for one in FakeContainer.opened]
    assert found == ["the key", "the credential"]
    assert scene.secrets_requested == [True, False]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda content: content[:-3], "9 bytes arrived, the blob store has 12"),
        (lambda content: b"F" + content[1:], "its content is not what the blob store's Content-MD"),
    ],
    ids=["truncated", "corrupted"],
)
def test_a_file_that_is_wrong_twice_is_said(
    scene: Scene, spoil: Callable[[bytes], bytes], words: str
) -> None:
    """A file that is wrong twice raises ``CorruptDownload`` with its name and the difference."""
    scene.container.spoil = lambda name, content, time: (
        spoil(content) if "MLmodel" in name else content
    )
    with pytest.raises(CorruptDownload) as failure:
        scene.download()
    assert str(failure.value).startswith(f"{PLACE.path}/model/MLmodel: {words}")
    assert "also when it was downloaded again: nothing is checked over it" in str(failure.value)
    assert scene.container.reads.count(f"{PLACE.path}/model/MLmodel") == 2


def test_a_file_that_is_wrong_once_is_downloaded_again(scene: Scene) -> None:
    """A file that is wrong once is downloaded again."""
    scene.container.spoil = lambda name, content, time: content if time > 1 else content[:-1]
    scene.download()
    assert (scene.folder / "model" / "MLmodel").read_bytes() == BLOBS["model/MLmodel"]


def test_files_of_a_job_that_runs_are_taken_as_they_come(scene: Scene) -> None:
    """With ``is_growing``, size and digest are not checked."""
    scene.container.spoil = lambda name, content, time: content + b"more"
    assert scene.download(is_growing=True) == tuple(sorted(BLOBS))


def test_trouble_of_the_store_is_waited_out(scene: Scene) -> None:
    """Lost connections and 503s during a download are retried."""
    scene.container.errors = [connection_reset(), http_error(503, "ServerBusy"), connection_reset()]
    assert scene.download() == tuple(sorted(BLOBS))


def test_a_store_that_refuses_is_said(scene: Scene) -> None:
    """A refused download raises ``RequestFailed`` with the name of the file."""
    scene.container.errors = [http_error(403, "AuthorizationFailure")]
    with pytest.raises(RequestFailed, match=r"downloading ExperimentRun/dcid.job-1/model/MLmodel"):
        scene.download()


def test_a_path_that_leads_out_of_the_folder_is_refused(scene: Scene) -> None:
    """A listed path that leads out of the folder raises ``CorruptDownload``."""
    scene.container.blobs[f"{PLACE.path}/../../x"] = b""
    with pytest.raises(CorruptDownload, match="lists a path that leads elsewhere"):
        scene.download()
    assert not (scene.folder / "model").exists()


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        (
            "azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.job-1",
            Place("workspaceartifactstore", "ExperimentRun/dcid.job-1"),
        ),
        (
            "azureml://datastores/workspaceblobstore/paths/azureml/job-1/",
            Place("workspaceblobstore", "azureml/job-1"),
        ),
        (
            "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/store/paths/a/b",
            Place("store", "a/b"),
        ),
        (
            "azureml://jobs/job-1/outputs/artifacts/paths/model/",
            Place("workspaceartifactstore", "ExperimentRun/dcid.job-1/model"),
        ),
    ],
)
def test_paths_of_a_workspace_are_understood(uri: str, place: Place) -> None:
    """Short and long datastore URIs, and URIs of a job's downloads, are parsed."""
    assert place_of(uri) == place


def test_other_paths_are_refused() -> None:
    """A URI of another form raises ``ValueError``."""
    with pytest.raises(ValueError, match="no path of a datastore"):
        place_of("https://account.blob.core.windows.net/azureml/x")
