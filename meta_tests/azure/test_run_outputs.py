"""Is what a job left downloaded whole, or said to be not?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from fixtures.azure import outputs
from fixtures.azure.outputs import BlobStores, Place, WrongFile, outputs_of, place_of
from fixtures.azure.trouble import RequestFailed
from meta_tests.azure.stand_ins import TurnedClock, answered, patience, reset

PLACE = outputs_of("job-1")
BLOBS = {"model/MLmodel": b"flavors: {}\n", "user_logs/std_log.txt": b"done\n"}


class StandInContainer:
    """A container client; ``spoil`` changes what arrives of a blob, by how often it was read."""

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
        """Let go of nothing."""

    def list_blobs(self, name_starts_with: str, include: list[str]) -> list[Any]:
        """List blobs, and a folder as accounts with hierarchical names do."""
        if self.refuses_keys and self.opened[-1]["credential"] == "the key":
            raise answered(403, "KeyBasedAuthenticationNotPermitted", "keys are not permitted")
        assert include == ["metadata"]
        found = [SimpleNamespace(name=name, metadata=None) for name in self.blobs]
        folder = SimpleNamespace(name=f"{PLACE.path}/model", metadata={"hdi_isfolder": "true"})
        return [one for one in [*found, folder] if one.name.startswith(name_starts_with)]

    def get_blob_client(self, name: str) -> Any:
        """Return what is known of a blob; logs have no digest."""
        content = self.blobs[name]
        digest = None if "user_logs" in name else bytearray(hashlib.md5(content).digest())  # noqa: S324
        settings = SimpleNamespace(content_md5=digest)
        properties = SimpleNamespace(size=len(content), content_settings=settings)
        return SimpleNamespace(get_blob_properties=lambda: properties)

    def download_blob(self, name: str, max_concurrency: int) -> Any:
        """Return a blob's content, or what is left of it."""
        if self.errors:
            raise self.errors.pop(0)
        self.reads.append(name)
        arrived = self.spoil(name, self.blobs[name], self.reads.count(name))

        def readinto(file: BinaryIO) -> None:
            file.write(arrived)

        return SimpleNamespace(readinto=readinto)


class Scene:
    """A blob store behind a datastore, and where its files are downloaded to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "outputs"
        self.clock = TurnedClock()
        self.asked: list[bool] = []
        self.refuses_secrets = False
        client = SimpleNamespace(datastores=SimpleNamespace(get=self._datastore))
        self.stores = BlobStores(client, "my own credential", patience(self.clock))
        # Opened by a first look at it, so that tests can spoil it.
        self.container: Any = self.stores._container(PLACE.datastore)

    def download(self, **how: bool) -> tuple[str, ...]:
        """Download the job's outputs."""
        return self.stores.download(PLACE, self.folder, **how)

    def _datastore(self, name: str, include_secrets: bool = False) -> Any:
        self.asked.append(include_secrets)
        if include_secrets and Scene.forbidden:
            raise answered(Scene.forbidden, "Forbidden", "no listSecrets")
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
    """A store with a job's outputs."""
    StandInContainer.opened = []
    monkeypatch.setattr(outputs, "ContainerClient", StandInContainer)
    return Scene(tmp_path)


def test_everything_is_downloaded_under_its_path(scene: Scene) -> None:
    """Files lie as under Outputs + logs, folders are made, and what lay there before is gone."""
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
    """Account, container, key and no retries but the run's own."""
    scene.download()
    scene.download()
    (opened,) = StandInContainer.opened
    assert opened["account"] == "https://account.blob.core.windows.net"
    assert (opened["container"], opened["credential"]) == ("azureml", "the key")
    assert opened["retry_total"] == 0


def test_a_store_is_opened_anew_before_its_signature_expires(scene: Scene) -> None:
    """A run that waits for hours does not use an old signature."""
    scene.clock.time += 3600
    scene.download()
    assert len(StandInContainer.opened) == 2


@pytest.mark.parametrize("status", [400, 403])
def test_without_the_right_to_see_keys_the_credential_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Who may not list a store's secrets may still read it as himself."""
    StandInContainer.opened = []
    monkeypatch.setattr(outputs, "ContainerClient", StandInContainer)
    monkeypatch.setattr(Scene, "forbidden", status)
    assert Scene(tmp_path).asked == [True, False]
    assert StandInContainer.opened[0]["credential"] == "my own credential"


def test_a_store_that_takes_no_keys_is_read_as_oneself(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many accounts have keys that they do not take; that is found out once."""
    monkeypatch.setattr(StandInContainer, "refuses_keys", True)
    for _ in range(2):
        assert scene.download() == tuple(sorted(BLOBS))
    found = [one["credential"] for one in StandInContainer.opened]
    assert found == ["the key", "my own credential"]
    assert scene.asked == [True, False]


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
    """A wrong file never becomes a failed promise: it is named, with what is wrong with it."""
    scene.container.spoil = lambda name, content, time: (
        spoil(content) if "MLmodel" in name else content
    )
    with pytest.raises(WrongFile) as failure:
        scene.download()
    assert str(failure.value).startswith(f"{PLACE.path}/model/MLmodel: {words}")
    assert "also when it was downloaded again: nothing is checked over it" in str(failure.value)
    assert scene.container.reads.count(f"{PLACE.path}/model/MLmodel") == 2


def test_a_file_that_is_wrong_once_is_downloaded_again(scene: Scene) -> None:
    """The first time may have been an accident."""
    scene.container.spoil = lambda name, content, time: content if time > 1 else content[:-1]
    scene.download()
    assert (scene.folder / "model" / "MLmodel").read_bytes() == BLOBS["model/MLmodel"]


def test_files_of_a_job_that_runs_are_taken_as_they_come(scene: Scene) -> None:
    """A log that grows while it is read is no wrong file."""
    scene.container.spoil = lambda name, content, time: content + b"more"
    assert scene.download(is_growing=True) == tuple(sorted(BLOBS))


def test_trouble_of_the_store_is_waited_out(scene: Scene) -> None:
    """Resets and 503s while downloading are tried again."""
    scene.container.errors = [reset(), answered(503, "ServerBusy"), reset()]
    assert scene.download() == tuple(sorted(BLOBS))


def test_a_store_that_refuses_is_said(scene: Scene) -> None:
    """A refusal names the file and the way out."""
    scene.container.errors = [answered(403, "AuthorizationFailure")]
    with pytest.raises(RequestFailed, match=r"downloading ExperimentRun/dcid.job-1/model/MLmodel"):
        scene.download()


def test_a_path_that_leads_out_of_the_folder_is_refused(scene: Scene) -> None:
    """Nothing is written outside of the folder, whatever the store lists."""
    scene.container.blobs[f"{PLACE.path}/../../x"] = b""
    with pytest.raises(WrongFile, match="lists a path that leads elsewhere"):
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
    """Short, long, and of a job."""
    assert place_of(uri) == place


def test_other_paths_are_refused() -> None:
    """What is no path of a datastore is not guessed at."""
    with pytest.raises(ValueError, match="no path of a datastore"):
        place_of("https://account.blob.core.windows.net/azureml/x")
