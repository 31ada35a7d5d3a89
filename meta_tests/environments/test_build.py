"""Building an environment: once, completely, and by one process at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlflow_conformance.environments.build import COMPLETE, build, build_in_steps, python_in
from mlflow_conformance.support.paths import ROOT

# Builds with a slow fake in place of uv, which counts the builds.
BUILDS = """\
import sys, time
from pathlib import Path
from mlflow_conformance.environments import build

def slowly(arguments, environment):
    if arguments[0] == "venv":
        Path(arguments[-1]).mkdir()
        with (Path(sys.argv[1]).parent / "built").open("a") as file:
            file.write("x")
        time.sleep(1)
    else:
        (Path(sys.argv[1]) / "package").write_text("whole")

build.run_uv = slowly
build.build(Path(sys.argv[1]), python="3.11", arguments=["mlflow"])
print((Path(sys.argv[1]) / "package").read_text())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_two_at_the_same_time_build_it_once(tmp_path: Path) -> None:
    """The second of two processes waits, and uses what the first has built."""
    command = [sys.executable, "-c", BUILDS, str(tmp_path / "environment")]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [process.communicate()[0] for process in processes] == ["whole\n"] * 2
    assert (tmp_path / "built").read_text() == "x"


def test_an_interrupt_leaves_nothing_half_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C during the installation removes the incomplete environment."""

    def interrupted(arguments: list[str], environment: object) -> None:
        (tmp_path / "environment").mkdir(exist_ok=True)
        if arguments[0] == "pip":
            raise KeyboardInterrupt

    monkeypatch.setattr("mlflow_conformance.environments.build.run_uv", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "environment", python="3.11", arguments=["mlflow"])
    assert not (tmp_path / "environment").exists()


@pytest.mark.parametrize(("again", "times"), [(False, 1), (True, 2)])
def test_a_complete_environment_is_reused_unless_it_is_wanted_again(
    again: bool, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same steps give the same environment, which is not built twice unless asked."""
    directory = tmp_path / "environment"
    created: list[str] = []

    def fake(arguments: list[str], environment: object) -> None:
        directory.mkdir(exist_ok=True)
        created.extend(word for word in arguments if word == "venv")

    monkeypatch.setattr("mlflow_conformance.environments.build.run_uv", fake)
    for _ in range(2):
        build_in_steps(directory, python="3.11", steps=[["a"], ["b"]], again=again)
    assert len(created) == times


def test_every_step_installs_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is one ``uv pip install`` in the environment, in the order of the steps."""
    directory = tmp_path / "environment"
    steps: list[str] = []

    def fake(arguments: list[str], environment: object) -> None:
        directory.mkdir(exist_ok=True)
        if arguments[:2] == ["pip", "install"]:
            steps.append(arguments[-1])
            assert str(python_in(directory)) in arguments

    monkeypatch.setattr("mlflow_conformance.environments.build.run_uv", fake)
    build_in_steps(directory, python="3.11", steps=[["--no-deps", "a"], ["b"]])
    assert steps == ["a", "b"]


def test_what_a_killed_process_left_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment without the mark of a complete one is removed and built again."""
    directory = tmp_path / "environment"
    (directory / "bin").mkdir(parents=True)
    (directory / "bin" / "left").write_text("")
    monkeypatch.setattr(
        "mlflow_conformance.environments.build.run_uv", lambda *_: directory.mkdir(exist_ok=True)
    )
    assert build(directory, python="3.11", arguments=["mlflow"]) == python_in(directory)
    assert [path.name for path in directory.iterdir()] == [COMPLETE]
