"""Runs whose modes log to a tracking server."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, caller, mode, run, write_catalogue
from mlflow_conformance.environments.hermetic import hermetic_environment
from mlflow_conformance.servers.scoring_server import free_port
from mlflow_conformance.servers.tracking_server import TrackingServer, start_server
from mlflow_conformance.support.run_folder import RunFolder

HUSH = "hush"
MODULES = ["outcome", "metadata", "registry", "run_tree", "stores", "tracking_by_hand"]
# Registers its model under a name that somebody else's model has, and one under a new name.
REGISTERING = """\
import mlflow

from model import model

mlflow.sklearn.log_model(model, "other", registered_model_name="ours")
mlflow.register_model(f"runs:/{mlflow.last_active_run().info.run_id}/model", "theirs")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    """A tracking server with an experiment, and a registered model, of somebody else."""
    folder = tmp_path_factory.mktemp("server")
    environment = hermetic_environment(caller(), RunFolder(folder))
    found, process = start_server(folder, None, environment, Path(sys.executable))
    try:
        found.wait_until_ready()
        asked(found, "experiments/create", name="theirs")
        asked(found, "registered-models/create", name="theirs")
        yield found
    finally:
        process.end()


def asked(server: TrackingServer, what: str, **body: Any) -> dict[str, Any]:
    """Return a server's answer to a request of MLflow's REST API."""
    get = what.startswith("registered-models/search")
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{server.address}/api/2.0/mlflow/{what}",
        None if get else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


def left(server: TrackingServer) -> tuple[list[str], list[str]]:
    """Return the names of all experiments that are not deleted, and of all registered models."""
    experiments = asked(server, "experiments/search", max_results=100)["experiments"]
    models = asked(server, "registered-models/search").get("registered_models", [])
    return sorted(e["name"] for e in experiments), sorted(m["name"] for m in models)


def run_one(folder: Path, *options: str, script: str = "model.py", **variables: str) -> SuiteRun:
    """Check one mode at the targets of the options."""
    entry = mode("one", script, model={"name": "model"}) if script != "model.py" else None
    catalogue = write_catalogue(
        folder, [entry or mode("one", script)], {"registering.py": REGISTERING}
    )
    arguments = ("-m", "local", "--catalogue", str(catalogue), *options)
    return run(folder, *arguments, environment=caller(**variables), modules=MODULES)


def test_a_server_gets_the_same_model_as_a_file(tmp_path: Path) -> None:
    """At the suite's own server all promises are checked, and the models are compared."""
    ended = run_one(tmp_path, "--target", "sqlite", "--target", "server")
    assert ended.exit_code == 0, ended.output
    assert ended.lines_with("server: http://127.0.0.1:")
    there, here = (int(ended.counts(f"one-{name}").split()[0]) for name in ("server", "sqlite"))
    assert there == here + 2  # test_stores.py compares


def test_a_server_of_an_older_release_has_no_logged_models(tmp_path: Path) -> None:
    """What MLflow 3 cannot log there is told once, as known."""
    pytest.importorskip("mlflow", minversion="3.0")
    ended = run_one(tmp_path, "--target", "server@2.22.5")
    assert ended.exit_code == 0, ended.output
    assert ended.lines_with("(MLflow 2.22.5), experiments conformance-*")
    assert ended.counts("one-server@2.22.5").startswith("1, 1 deviated as known")


def test_nothing_is_left_at_somebody_s_server(server: TrackingServer, tmp_path: Path) -> None:
    """Experiments, models and versions of the run are deleted; what was there stays."""
    ended = run_one(
        tmp_path, "--target", server.address, script="registering.py", MLFLOW_TRACKING_TOKEN=HUSH
    )
    assert ended.exit_code == 0, ended.output
    assert ended.lines_with("deleted from the server: 1 experiments mlflow-conformance-")
    assert left(server) == (["Default", "theirs"], ["theirs"])
    (passed_on,) = ended.lines_with("passed on to the server's client: ")
    assert "MLFLOW_TRACKING_TOKEN=***" in passed_on
    assert HUSH not in ended.output


def test_keep_leaves_everything(server: TrackingServer, tmp_path: Path) -> None:
    """``--keep`` deletes nothing; the experiment begins with the name that is asked for."""
    options = ("--target", server.address, "--experiment", "kept", "--keep")
    ended = run_one(tmp_path, *options, "-k", "first_registration")
    assert ended.exit_code == 0, ended.output
    assert not ended.lines_with("deleted from the server")
    experiments, models = left(server)
    assert [name for name in experiments if name.startswith("kept-")]
    assert [name for name in models if name.startswith("kept-")]


def test_a_server_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    """Nothing was checked, which is no broken promise: exit code 3."""
    uri = f"http://127.0.0.1:{free_port()}"
    ended = run_one(tmp_path, "--target", uri)
    assert ended.exit_code == 3, ended.output
    (line,) = ended.lines_with("nothing could be checked")
    assert f"--target {uri}: " in line
    assert "Connection refused" in line
