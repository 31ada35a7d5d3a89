"""Tests of the rehearsal's model registry with the unchanged client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml.entities import Model
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from meta_tests.azure.rehearsal.jobs import unique

MODEL = "outputs/model"


def register(ml_client: Any, name: str, job: str, path: str = MODEL, **changes: Any) -> Any:
    """Register the model at a path of a job's artifacts."""
    address = f"azureml://jobs/{job}/outputs/artifacts/paths/{path}/"
    settings = {"name": name, "path": address, "type": "mlflow_model", **changes}
    return ml_client.models.create_or_update(Model(**settings))


def test_a_registered_model_names_its_job_its_files_and_its_flavors(
    ml_client: Any, finished_job: str
) -> None:
    """A version has the type, the long URI of its files, the job and the flavors."""
    made = register(ml_client, unique("model"), finished_job, tags={"conformance-run": "one"})
    found = ml_client.models.get(made.name, version="1")
    assert (found.version, found.type, found.job_name) == ("1", "mlflow_model", finished_job)
    assert set(found.flavors) == {"python_function", "sklearn"}
    assert found.tags == {"conformance-run": "one"}
    store = "datastores/workspaceartifactstore/paths"
    assert found.path.endswith(f"{store}/ExperimentRun/dcid.{finished_job}/{MODEL}")
    assert found.path.startswith("azureml://subscriptions/")


def test_a_second_registration_is_the_next_version(ml_client: Any, finished_job: str) -> None:
    """A second registration gets version 2, which is ``@latest``; both versions are listed."""
    name = unique("model")
    versions = [register(ml_client, name, finished_job).version for _ in range(2)]
    assert versions == ["1", "2"]
    assert ml_client.models.get(name, version="1").version == "1"
    assert ml_client.models.get(name, label="latest").version == "2"
    assert {model.version for model in ml_client.models.list(name)} == {"1", "2"}
    assert name in {model.name for model in ml_client.models.list()}


def test_an_archived_version_is_not_listed_until_it_is_restored(
    ml_client: Any, finished_job: str
) -> None:
    """An archived version is not in the list, but ``models.get`` returns it."""
    name = unique("model")
    for _ in range(2):
        register(ml_client, name, finished_job)
    ml_client.models.archive(name, version="2")
    assert [model.version for model in ml_client.models.list(name)] == ["1"]
    assert ml_client.models.get(name, version="2").version == "2"
    ml_client.models.restore(name, version="2")
    assert {model.version for model in ml_client.models.list(name)} == {"1", "2"}


def test_the_registered_files_are_the_jobs_own(
    ml_client: Any, finished_job: str, tmp_path: Path
) -> None:
    """``models.download`` writes the job's files, byte for byte."""
    name = unique("model")
    register(ml_client, name, finished_job)
    ml_client.models.download(name, version="1", download_path=tmp_path)
    (file,) = tmp_path.rglob("data.bin")
    assert file.read_bytes() == bytes(range(256))
    assert (file.parent / "MLmodel").is_file()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("outputs/nothing", "No artifacts matching outputs/nothing found from Job"),
        ("outputs", "no MLmodel file"),
    ],
    ids=["no-files", "no-mlmodel"],
)
def test_a_path_without_a_model_is_refused(
    path: str, message: str, ml_client: Any, finished_job: str
) -> None:
    """A path without files, or without an MLmodel file, is refused and creates no version."""
    name = unique("model")
    with pytest.raises(HttpResponseError, match=message) as raised:
        register(ml_client, name, finished_job, path)
    assert raised.value.status_code == 400
    with pytest.raises(ResourceNotFoundError):
        ml_client.models.get(name, version="1")


def test_a_job_that_does_not_exist_has_no_model(ml_client: Any) -> None:
    """A URI with an unknown job is refused."""
    with pytest.raises(ResourceNotFoundError, match="Job no-such-job not found"):
        register(ml_client, unique("model"), "no-such-job")


def test_a_version_cannot_be_given_other_files(ml_client: Any, finished_job: str) -> None:
    """An existing version accepts other tags; another type is a conflict."""
    name = unique("model")
    register(ml_client, name, finished_job, version="7")
    changed = register(ml_client, name, finished_job, version="7", tags={"a": "b"})
    assert changed.tags == {"a": "b"}
    with pytest.raises(HttpResponseError, match="immutable") as raised:
        register(ml_client, name, finished_job, version="7", type="custom_model")
    assert raised.value.status_code == 409
