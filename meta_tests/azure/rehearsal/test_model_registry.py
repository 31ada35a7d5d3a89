"""Tests of MLflow's model registry API: one registry with the management API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml.entities import Model
from azure.core.exceptions import ResourceNotFoundError

from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.rehearsal.data_plane import HOST, DataPlane, data_plane_of
from meta_tests.azure.rehearsal.jobs import unique
from mlflow_conformance.rehearsal.start import Rehearsal


@pytest.fixture
def data_plane(rehearsed: Rehearsal) -> DataPlane:
    """The rehearsal's data plane."""
    return data_plane_of(rehearsed)


@pytest.fixture
def registry(data_plane: DataPlane) -> Any:
    """MLflow's own client of the workspace's registry."""
    from mlflow.store.model_registry.rest_store import RestStore
    from mlflow.utils.rest_utils import MlflowHostCreds

    url = f"{HOST}/mlflow/v2.0{data_plane.workspace}"
    token = data_plane.headers["Authorization"].removeprefix("Bearer ")
    return RestStore(lambda: MlflowHostCreds(url, token=token))


def source_of(data_plane: DataPlane, job: str, path: str = "outputs/model") -> str:
    """Return the URI of a path among a job's artifacts, as ``mlflow.register_model`` sends it."""
    return f"{data_plane.run(job)['info']['artifact_uri']}/{path}"


def register(registry: Any, data_plane: DataPlane, name: str, job: str) -> Any:
    """Register a job's model as ``mlflow.register_model("runs:/…")`` does."""
    answer = data_plane.mlflow("POST", "registered-models/create", json={"name": name})
    if answer.status_code != 200:
        assert answer.json()["error_code"] == "RESOURCE_ALREADY_EXISTS"
    return registry.create_model_version(name, source_of(data_plane, job), job)


def test_what_mlflow_registers_is_a_model_of_the_workspace(
    registry: Any, data_plane: DataPlane, ml_client: Any, finished_job: str, tmp_path: Path
) -> None:
    """A version that MLflow registers is listed and read over the management API, with its job."""
    name = unique("model")
    made = register(registry, data_plane, name, finished_job)
    assert (str(made.version), made.run_id, made.status) == ("1", finished_job, "READY")
    assert [model.version for model in ml_client.models.list(name)] == ["1"]
    assert name in {model.name for model in ml_client.models.list()}
    found = ml_client.models.get(name, version="1")
    assert (found.type, found.job_name) == ("mlflow_model", finished_job)
    assert set(found.flavors) == {"python_function", "sklearn"}
    ml_client.models.download(name, version="1", download_path=tmp_path)
    (file,) = tmp_path.rglob("data.bin")
    assert file.read_bytes() == bytes(range(256))


def test_both_interfaces_count_the_same_versions(
    registry: Any, data_plane: DataPlane, ml_client: Any, finished_job: str
) -> None:
    """Versions are numbered in one row, whichever interface registers them."""
    name = unique("model")
    uri = f"azureml://jobs/{finished_job}/outputs/artifacts/paths/outputs/model/"

    def manage(version: str | None = None) -> str:
        model = Model(name=name, version=version, path=uri, type="mlflow_model", tags={"a": "b"})
        return str(ml_client.models.create_or_update(model).version)

    def track() -> str:
        return str(register(registry, data_plane, name, finished_job).version)

    versions = [manage(), track(), manage(), manage("9"), track()]
    assert versions == ["1", "2", "3", "9", "10"]
    found = registry.search_model_versions(f"name = '{name}'")
    assert sorted(int(version.version) for version in found) == [1, 2, 3, 9, 10]
    third = registry.get_model_version(name, "3")
    assert (third.run_id, third.tags) == (finished_job, {"a": "b"})


@pytest.mark.parametrize("interface", ["mlflow", "management"])
def test_a_version_resolves_to_its_run_s_files(
    interface: str, registry: Any, data_plane: DataPlane, ml_client: Any, finished_job: str
) -> None:
    """The address of ``models:/NAME/1`` is the path among the run's artifacts."""
    name = unique("model")
    if interface == "mlflow":
        register(registry, data_plane, name, finished_job)
    else:
        uri = f"azureml://jobs/{finished_job}/outputs/artifacts/paths/outputs/model/"
        ml_client.models.create_or_update(Model(name=name, path=uri, type="mlflow_model"))
    found = registry.get_model_version_download_uri(name, "1")
    assert found == source_of(data_plane, finished_job)


def test_changes_over_mlflow_are_seen_everywhere(
    registry: Any, data_plane: DataPlane, ml_client: Any, finished_job: str
) -> None:
    """Tags and descriptions that MLflow changes, and deleted versions, change for all clients."""
    from mlflow.entities.model_registry import ModelVersionTag

    name = unique("model")
    for _ in range(2):
        register(registry, data_plane, name, finished_job)
    registry.set_model_version_tag(name, "1", ModelVersionTag("color", "red"))
    registry.set_model_version_tag(name, "1", ModelVersionTag("shape", "round"))
    registry.delete_model_version_tag(name, "1", "shape")
    registry.update_model_version(name, "1", "said so")
    found = ml_client.models.get(name, version="1")
    assert (found.tags, found.description) == ({"color": "red"}, "said so")
    registry.delete_model_version(name, "2")
    assert [model.version for model in ml_client.models.list(name)] == ["1"]
    with pytest.raises(ResourceNotFoundError):
        ml_client.models.get(name, version="2")


def test_a_search_is_as_late_as_a_list(
    registry: Any, data_plane: DataPlane, control: Control, finished_job: str
) -> None:
    """A new version is found late by a search, and at once by its number."""
    name = unique("model")
    control.set(list_lag=3600.0)
    register(registry, data_plane, name, finished_job)
    assert registry.search_model_versions(f"name = '{name}'") == []
    assert str(registry.get_model_version(name, "1").version) == "1"
    control.set(list_lag=0.0)
    (found,) = registry.search_model_versions(f"run_id = '{finished_job}' and name = '{name}'")
    assert str(found.version) == "1"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("outputs/nothing", "The request is invalid"),
        ("outputs", "has no MLmodel file with flavors"),
    ],
)
def test_a_path_without_a_model_is_not_registered(
    path: str, message: str, registry: Any, data_plane: DataPlane, finished_job: str
) -> None:
    """A path without files, or without an MLmodel, gets 400 and makes no version."""
    name = unique("model")
    registry.create_registered_model(name)
    document = {
        "name": name,
        "source": source_of(data_plane, finished_job, path),
        "run_id": finished_job,
    }
    answer = data_plane.mlflow("POST", "model-versions/create", json=document)
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]
    assert registry.search_model_versions(f"name = '{name}'") == []


def test_a_model_that_is_in_no_run_is_not_rehearsed(registry: Any, data_plane: DataPlane) -> None:
    """A folder that the client uploads itself gets 501, with the source in the message."""
    name = unique("model")
    registry.create_registered_model(name)
    document = {"name": name, "source": "azureml://artifacts/LocalUpload/one/model"}
    answer = data_plane.mlflow("POST", "model-versions/create", json=document)
    assert answer.status_code == 501
    assert "LocalUpload" in answer.json()["error"]["message"]
