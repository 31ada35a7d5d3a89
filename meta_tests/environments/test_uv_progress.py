"""What a build reports while uv works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlflow_conformance.environments import build
from mlflow_conformance.environments.build import EnvironmentNotBuilt, run_uv
from mlflow_conformance.environments.uv_progress import followed, listener, uv_progress

INSTALL = ["pip", "install", "--quiet", "x"]
STAGES = """\
echo "Resolved 85 packages in 1.20s" >&2
echo "Downloading mlflow (30.1MiB)" >&2
echo " + mlflow==3.17.2" >&2
echo "Installed 85 packages in 2s" >&2
"""


def fake_uv(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a shell script in uv's place; it writes its arguments to a file first."""
    file = folder / "uv"
    file.write_text(f'#!/bin/sh\necho "$@" > "{folder}/arguments.txt"\n{script}')
    file.chmod(0o755)
    monkeypatch.setattr(build, "uv", lambda: str(file))


def test_each_stage_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside of the context, uv's stages are told, and not the list of all packages."""
    fake_uv(tmp_path, monkeypatch, STAGES)
    told: list[str] = []
    with uv_progress(told.append):
        run_uv(INSTALL)
    assert told == [
        "uv: resolved 85 packages in 1.20s",
        "uv: downloading mlflow (30.1MiB)",
        "uv: installed 85 packages in 2s",
    ]
    assert (tmp_path / "arguments.txt").read_text() == "pip install x\n"


def test_nothing_is_reported_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the context, and for other commands, uv is quiet and its output is returned."""
    fake_uv(tmp_path, monkeypatch, f"{STAGES}echo answer")
    assert run_uv(INSTALL) == "answer\n"
    assert (tmp_path / "arguments.txt").read_text() == "pip install --quiet x\n"
    told: list[str] = []
    with uv_progress(told.append):
        assert run_uv(["pip", "freeze", "--quiet"]) == "answer\n"
    assert told == []
    assert listener() is None


def test_a_failure_is_told_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has everything that uv wrote, without passwords."""
    script = 'echo "No solution at https://ann:secret@index/" >&2; exit 1'
    fake_uv(tmp_path, monkeypatch, script)
    with uv_progress(lambda line: None), pytest.raises(EnvironmentNotBuilt) as raised:
        run_uv([*INSTALL, "--index", "https://ann:secret@index/"])
    assert "No solution at https://***@index/" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_build_that_takes_too_long_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the given time, uv is killed and the error says so."""
    fake_uv(tmp_path, monkeypatch, "exec sleep 60")
    with uv_progress(lambda line: None), pytest.raises(EnvironmentNotBuilt) as raised:
        run_uv(INSTALL, seconds=0.3)
    assert str(raised.value) == "uv pip: timed out after 0.3 s"


def test_silence_is_broken() -> None:
    """If nothing is new for a while, a line says that uv goes on."""
    told: list[str] = []
    code = "import sys, time; time.sleep(0.7); print('Installed 1 package', file=sys.stderr)"
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True
    ) as process:
        said = followed(process, told.append, seconds=60, silent=0.2)
    assert told[0].startswith("uv: still working (")
    assert told[-1] == "uv: installed 1 package"
    assert said == "Installed 1 package\n"
