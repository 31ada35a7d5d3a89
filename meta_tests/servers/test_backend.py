"""Tests of ``mlflow server`` on PostgreSQL, with its artifacts in Azurite: usual on Azure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from meta_tests.servers.needs_postgres import postgres_or_skip
from mlflow_conformance.environments.hermetic import hermetic_environment
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.environments.releases import build_release
from mlflow_conformance.processes.supervised_process import start_supervised
from mlflow_conformance.servers.azurite.artifact_store import running_artifact_store
from mlflow_conformance.servers.azurite.azurite import AzuriteUnavailable
from mlflow_conformance.servers.backend import (
    AZURE_BLOBS,
    POSTGRES_DRIVER,
    BackedServer,
    Backend,
    backed_server,
)
from mlflow_conformance.servers.postgres.database import Database
from mlflow_conformance.support.run_folder import RunFolder

pytestmark = [
    pytest.mark.package_index,
    pytest.mark.skipif(shutil.which("npm") is None, reason="Azurite needs Node.js with npm"),
]
SECONDS = 120.0
# Runs in the suite's own environment, which has neither a driver nor the variables of the server.
CLIENT = """\
import mlflow
import mlflow.sklearn
import numpy as np
from sklearn.linear_model import LogisticRegression

rows = np.arange(20.0).reshape(10, 2)
model = LogisticRegression().fit(rows, [0, 1] * 5)
mlflow.set_experiment("on azure")
with mlflow.start_run(run_name="logged") as run:
    mlflow.log_metric("answer", 41.5)
    mlflow.sklearn.log_model(model, "model", pip_requirements=["scikit-learn"])
mlflow.register_model(f"runs:/{run.info.run_id}/model", "kept")
loaded = mlflow.sklearn.load_model("models:/kept/1")
assert (loaded.predict_proba(rows) == model.predict_proba(rows)).all()
print(run.info.artifact_uri)
"""


@dataclass(frozen=True)
class Stack:
    """A running server, its database and the folder of everything else."""

    server: BackedServer
    database: Database
    backend: Backend
    root: Path


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An ``mlflow server`` of the installed release, on PostgreSQL and Azurite."""
    root = tmp_path_factory.mktemp("stack")
    python = build_release(str(installed("mlflow")), beside=(POSTGRES_DRIVER, AZURE_BLOBS))
    environment = hermetic_environment(os.environ, RunFolder(root), str(python))
    with (
        postgres_or_skip() as postgres,
        running_artifact_store(root, python, environment) as artifacts,
    ):
        database = postgres.new_database("mlflow")
        backend = Backend(
            database.uri, artifacts.destination, artifacts.variables | database.variables
        )
        server, job = backed_server(root, backend, environment)
        process = start_supervised(
            [str(python), "-m", job.script, *job.arguments],
            directory=root,
            output=Path(job.output),
            environment=job.environment,
        )
        try:
            server.wait_until_ready()
            yield Stack(server, database, backend, root)
        finally:
            process.end()


def test_a_model_is_stored_and_returned(stack: Stack, tmp_path: Path) -> None:
    """A model that a client logs and registers is loaded again; the run is in PostgreSQL."""
    environment = hermetic_environment(os.environ, RunFolder(tmp_path)) | {
        "MLFLOW_TRACKING_URI": stack.server.address
    }
    done = subprocess.run(
        [sys.executable, "-c", CLIENT],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "mlflow-artifacts:/" in done.stdout
    query = (
        "SELECT r.name, m.value, v.name, v.version FROM runs r"
        " JOIN latest_metrics m ON m.run_uuid = r.run_uuid"
        " JOIN model_versions v ON v.run_id = r.run_uuid WHERE m.key = 'answer'"
    )
    assert list(stack.database.rows(query)) == [("logged", "41.5", "kept", "1")]
    assert not list(stack.root.rglob("MLmodel"))  # the artifacts are in Azurite, in memory


def test_no_secret_is_shown(stack: Stack) -> None:
    """Neither the account's key nor the password is in an output or in the name of an object."""
    connection = stack.backend.variables["AZURE_STORAGE_CONNECTION_STRING"]
    key = connection.partition("AccountKey=")[2].partition(";")[0]
    password = stack.database.password_file.read_text(encoding="utf-8").strip().rpartition(":")[2]
    shown = [repr(stack), stack.backend.store, stack.backend.destination]
    shown += [file.read_text(encoding="utf-8") for file in stack.root.glob("*.txt")]
    assert not [text for text in shown if key in text or password in text]


def test_an_artifact_store_that_cannot_be_made_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the Python has no azure-storage-blob, one line says what failed."""
    monkeypatch.setenv("PYTHONNOUSERSITE", "1")
    bare = Path(sys.executable).resolve()
    environment = {"PATH": os.environ["PATH"]}
    with (
        pytest.raises(AzuriteUnavailable, match="artifacts cannot be created: ModuleNotFound") as e,
        running_artifact_store(tmp_path, bare, environment),
    ):
        pass
    assert "\n" not in str(e.value)
