"""Tests of ``command.doctor``: what it says of an environment, and its exit code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlflow_conformance.command import doctor
from mlflow_conformance.command.doctor import examine
from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.environments.conflicts import Conflict
from mlflow_conformance.servers.deployed.inference_server import SERVER

NAME = "mlflow-conformance doctor"
USAGE_ERROR = 4


@pytest.fixture(autouse=True)
def healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything be installed and fit together, whatever this environment has."""
    monkeypatch.setattr(doctor, "conflicts_of", lambda name: [])
    monkeypatch.setattr(doctor, "_mlflow_problem", lambda: "")
    monkeypatch.setattr(doctor, "installed", lambda name: "1.0")
    monkeypatch.setattr(doctor, "uv", lambda: "uv")
    monkeypatch.setattr(doctor, "is_installed", lambda: True)
    monkeypatch.setattr(shutil, "which", lambda name: name)


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the printed lines."""
    return capsys.readouterr().out.splitlines()


def test_a_healthy_environment_is_ready(capsys: pytest.CaptureFixture[str]) -> None:
    """It says what would be under test, and the last line is the command to run."""
    assert examine([], NAME) == 0
    found = lines(capsys)
    assert found[0].startswith("under test: Python 3.")
    assert found[-1] == "ready: pytest -m local"
    assert not [line for line in found if line.startswith(("missing", "CONFLICT"))]


def test_conflicts_come_with_a_way_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A requirement that is not met is named, with the command that mends it."""
    conflict = Conflict("mlflow", "pandas<3", "but 3.1.1 is installed")
    monkeypatch.setattr(doctor, "conflicts_of", lambda name: [conflict])
    examine([], NAME)
    (line,) = [text for text in lines(capsys) if text.startswith("CONFLICT")]
    assert line.endswith(
        " requires pandas<3, but 3.1.1 is installed: uv add 'pandas<3' (or: pip install 'pandas<3')"
    )


@pytest.mark.parametrize(
    ("absent", "line"),
    [
        (
            "azure-ai-ml",
            "missing   azure-ai-ml, for -m azure: run uv run --extra azure pytest",
        ),
        ("trustme", "missing   packages of the rehearsal, for -m azure --workspace rehearsal: run"),
        ("npm", "missing   Node.js with npm, for --workspace rehearsal: https://nodejs.org"),
        (
            SERVER,
            "missing   Azure's inference server, for test_azure_scoring.py in -m local: run uv run",
        ),
        ("uv", "missing   uv, for gate, --with and -m package_index: pip install uv"),
    ],
)
def test_what_is_missing_comes_with_its_command(
    absent: str, line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only some runs need is named, with the command that installs it; the rest is ready."""

    def no_uv() -> str:
        raise EnvironmentNotBuilt("uv is not on the path")

    monkeypatch.setattr(doctor, "installed", lambda name: None if name == absent else "1.0")
    monkeypatch.setattr(doctor, "is_installed", lambda: absent != SERVER)
    monkeypatch.setattr(shutil, "which", lambda name: None if name == absent else name)
    if absent == "uv":
        monkeypatch.setattr(doctor, "uv", no_uv)
    assert examine([], NAME) == 0
    found = [text for text in lines(capsys) if text.startswith("missing")]
    assert len(found) == 1
    assert found[0].startswith(line)


def test_a_catalogue_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With ``--catalogue`` it lists the modes, or says why the catalogue cannot be used."""
    catalogue = tmp_path / "modes.yaml"
    (tmp_path / "train.py").write_text("")
    catalogue.write_text("modes: [{name: churn, script: train.py}]")
    assert examine(["--catalogue", str(catalogue)], NAME) == 0
    found = lines(capsys)
    assert f"catalogue: {catalogue}, modes: churn" in found
    assert found[-1] == f"ready: pytest -m local --catalogue {catalogue}"
    (tmp_path / "train.py").unlink()
    assert examine(["--catalogue", str(catalogue)], NAME) == USAGE_ERROR
    assert lines(capsys)[-1].startswith(f"nothing could be checked: {catalogue}: mode 'churn': ")


def test_an_mlflow_that_does_not_work_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If MLflow cannot create a store, the last line says why; this is tried for real."""
    script = tmp_path / "create.py"
    script.write_text("raise ImportError('cannot import name X')")
    monkeypatch.undo()
    monkeypatch.setattr(doctor, "CREATE_STORE_SCRIPT", script)
    assert examine([], NAME) == USAGE_ERROR
    assert lines(capsys)[-1].startswith(
        "nothing could be checked: MLflow cannot create a tracking store with the packages that are"
        " installed: ImportError: cannot import name X; one of them may be newer"
    )


def test_this_environment_works(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow of this environment creates a store."""
    monkeypatch.undo()
    assert doctor._mlflow_problem() == ""
