"""Tests of a rehearsal with logged models: their files belong to the job that logs them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from meta_tests.azure.rehearsal.data_plane import DataPlane, data_plane_of
from meta_tests.azure.rehearsal.jobs import client_of, submit, wait_for_job, write_script
from mlflow_conformance.rehearsal.start import Rehearsal, rehearsal

# Sends MLflow 3's request for a new model, without and with an active run.
LOGGING = """\
import json, os
from pathlib import Path
from urllib.request import Request, urlopen

address = os.environ["MLFLOW_TRACKING_URI"].replace("azureml:", "https:").replace("v1.0", "v2.0")
headers = {
    "Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"],
    "Content-Type": "application/json",
}
found = []
for run in (None, os.environ["MLFLOW_RUN_ID"]):
    document = {"experiment_id": os.environ["MLFLOW_EXPERIMENT_ID"], "name": "model"}
    if run is not None:
        document["source_run_id"] = run
    body = json.dumps(document).encode()
    sent = Request(address + "/api/2.0/mlflow/logged-models", body, headers)
    created = json.load(urlopen(sent))["model"]["info"]
    read = Request(address + "/api/2.0/mlflow/logged-models/" + created["model_id"], None, headers)
    found.append([created, json.load(urlopen(read))["model"]["info"]])
Path("outputs").mkdir()
Path("outputs/found.json").write_text(json.dumps(found))
"""


@pytest.fixture
def supporting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rehearsal]:
    """A rehearsal with logged models; this process's clients connect to it."""
    with rehearsal(tmp_path / "rehearsal", os.environ, logged_models=True) as started:
        for name, value in started.variables.items():
            monkeypatch.setenv(name, value)
        yield started


def test_a_models_files_lie_with_its_job(supporting: Rehearsal, tmp_path: Path) -> None:
    """A logged model's files are in the job's folder of the model's name, also without a run."""
    client = client_of(supporting)
    job = submit(client, supporting.compute, write_script(tmp_path / "code", LOGGING)).name
    assert wait_for_job(client, job).status == "Completed"
    client.jobs.download(job, download_path=tmp_path / "out", all=True)
    found = json.loads((tmp_path / "out" / "artifacts" / "outputs" / "found.json").read_text())
    expected = data_plane_of(supporting).run(job)["info"]["artifact_uri"] + "/model"
    for created, read in found:
        assert created["artifact_uri"] == read["artifact_uri"] == expected
    assert [read.get("source_run_id", "") for _, read in found] == ["", job]
    _a_model_that_is_not_there_is_mlflows_404(data_plane_of(supporting))


def _a_model_that_is_not_there_is_mlflows_404(data_plane: DataPlane) -> None:
    answer = data_plane.mlflow("GET", "logged-models/m-00000000000000000000000000000000")
    assert answer.status_code == 404
    assert answer.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
