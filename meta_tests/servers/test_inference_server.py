"""Azure's inference server: when it can run here, why it ended, and environments with it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mlflow_conformance.model.environment_files import read_python_env, read_requirements
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises import deployment_environments
from mlflow_conformance.promises.deployment_environments import DeploymentEnvironments
from mlflow_conformance.servers.deployed import inference_server
from mlflow_conformance.servers.deployed.inference_server import (
    MONITORING,
    SERVER,
    InferenceServer,
    inference_job,
    is_installed,
)
from mlflow_conformance.servers.scoring_server import ServerEnded, free_port
from mlflow_conformance.support.paths import SCORING_SCRIPT, START_SERVER_SCRIPT

LOG = f"""\
2026-11-30 E azmlinfsrv.trace - Error while fetching model IDs
Traceback (most recent call last):
  File "/x/appinsights_client.py", line 230, in _get_model_ids
    versions = [int(version)]
ValueError: invalid literal for int() with base 10: 'MLmodel'
Traceback (most recent call last):
  File "/x/{SCORING_SCRIPT.name}", line 45, in <module>
    from azureml.ai.monitoring import Collector
ModuleNotFoundError: No module named 'azureml'

The above exception was the direct cause of the following exception:
"""


@pytest.mark.parametrize(
    ("versions", "is_here"),
    [
        ({SERVER: "1.5.1", MONITORING: "1.0.0"}, True),
        ({SERVER: "1.4.0", MONITORING: "1.0.0"}, True),
        ({SERVER: "1.3.2", MONITORING: "1.0.0"}, False),
        ({SERVER: "1.5.1"}, False),
        ({MONITORING: "1.0.0"}, False),
    ],
)
def test_both_packages_are_needed(
    versions: dict[str, str], is_here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server runs here if both are installed, and it is not too old."""
    monkeypatch.setattr(inference_server, "installed", versions.get)
    assert is_installed() == is_here


def test_the_error_of_the_scoring_script_is_told(tmp_path: Path) -> None:
    """The first error in the log is one that the server survives."""
    output = tmp_path / "output.txt"
    output.write_text(LOG, encoding="utf-8")
    server = InferenceServer(f"http://127.0.0.1:{free_port()}", str(output))
    with pytest.raises(
        ServerEnded, match=r"code 3:\nModuleNotFoundError: No module named 'azureml"
    ):
        server.wait_until_ready(exit_code=lambda: 3)


def test_an_error_of_the_server_itself_is_told(tmp_path: Path) -> None:
    """If the script has not begun, the error is the first one in the log."""
    output = tmp_path / "output.txt"
    output.write_text(
        LOG.partition("Traceback")[0] + "Traceback (most recent call last):\nOSError: x"
    )
    assert InferenceServer("http://127.0.0.1:1", str(output)).error() == "OSError: x"


def test_a_model_is_named_by_two_variables(tmp_path: Path) -> None:
    """The scoring script joins the folder of models and the name of the model's own."""
    environment = {"PATH": "/bin", "WORKER_COUNT": "8", "AML_APP_INSIGHTS_ENABLED": "true"}
    _, job = inference_job(tmp_path / "model", "a", tmp_path, environment, 5001)
    assert job.environment == {
        "PATH": "/bin",
        "AZUREML_MODEL_DIR": str(tmp_path),
        "MLFLOW_MODEL_FOLDER": "model",
        "WORKER_COUNT": "1",
        "AML_APP_INSIGHTS_ENABLED": "false",
    }


def test_an_environment_has_the_server_and_what_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is built of the model's requirements; a server that ended is ended with the run, too."""
    built: list[tuple[str, list[str]]] = []
    commands: list[list[str]] = []

    def build(directory: Path, *, arguments: list[str], **_: Any) -> Path:
        built.append((directory.name, arguments[2:]))
        return tmp_path / "python"

    def start(command: list[str], *, output: Path, **_: Any) -> Any:
        commands.append(command)
        output.write_text(LOG, encoding="utf-8")
        return SimpleNamespace(exit_code=3, end=lambda: ended.append(1))

    ended: list[int] = []
    monkeypatch.setattr(deployment_environments, "build", build)
    monkeypatch.setattr(deployment_environments, "start_supervised", start)
    (tmp_path / "requirements.txt").write_text("mlflow==3.17.2\n")
    (tmp_path / "python_env.yaml").write_text(
        'python: "3.11.7"\nbuild_dependencies: []\ndependencies: []\n'
    )
    model = SimpleNamespace(
        directory=tmp_path,
        outcome=SimpleNamespace(id="a-sqlite"),
        python_env=read_python_env(tmp_path),
        requirements=read_requirements(tmp_path),
    )
    environments = DeploymentEnvironments(tmp_path / "rebuilt")
    for beside in ((), (MONITORING,)):
        with pytest.raises(ServerEnded, match="No module named 'azureml'"):
            environments.ready_server(cast(ModelUnderTest, model), *beside)
    environments.closing.close()
    assert built == [
        ("deployed", [SERVER]),
        (f"deployed-{MONITORING}", [SERVER, MONITORING]),
    ]
    assert [command[1:3] for command in commands] == [["-I", str(START_SERVER_SCRIPT)]] * 2
    assert len(ended) == 2
