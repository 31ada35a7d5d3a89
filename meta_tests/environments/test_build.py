"""Building an environment: once, completely, and by one process at a time."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlflow_conformance.environments.build import (
    COMPLETE,
    EnvironmentNotBuilt,
    build,
    build_in_steps,
    python_in,
    run_uv,
)
from mlflow_conformance.support.paths import ROOT

# Builds with a slow fake in place of uv, which counts the builds.
BUILDS = """\
import sys, time
from pathlib import Path
from mlflow_conformance.environments import build

def slowly(arguments, environment, **_):
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

    def interrupted(arguments: list[str], environment: object, **_: object) -> None:
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

    def fake(arguments: list[str], environment: object, **_: object) -> None:
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

    def fake(arguments: list[str], environment: object, **_: object) -> None:
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
        "mlflow_conformance.environments.build.run_uv",
        lambda *_, **__: directory.mkdir(exist_ok=True),
    )
    assert build(directory, python="3.11", arguments=["mlflow"]) == python_in(directory)
    assert [path.name for path in directory.iterdir()] == [COMPLETE]


# Runs a slow fake of uv, which writes into the folder after its parent was killed.
ORPHANED = """\
import sys
from pathlib import Path
from mlflow_conformance.environments import build

build.uv = lambda: sys.argv[2]
build.build(Path(sys.argv[1]), python="3.11", arguments=["mlflow"])
"""
FAKE_UV = """\
#!/bin/sh
[ "$1" = venv ] && exec mkdir -p "$6"
touch "$(dirname "$(dirname "$5")")/../started"
sleep 2
echo late > "$(dirname "$(dirname "$5")")/orphan"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_a_uv_that_outlives_its_parent_does_not_write_into_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next build waits until the orphan has ended, and starts in an empty folder."""
    directory, fake = tmp_path / "environment", tmp_path / "uv"
    fake.write_text(FAKE_UV)
    fake.chmod(0o700)
    parent = subprocess.Popen([sys.executable, "-c", ORPHANED, str(directory), str(fake)], cwd=ROOT)
    while not (tmp_path / "started").exists():
        assert parent.poll() is None, "the build ended before it was killed"
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    monkeypatch.setattr(
        "mlflow_conformance.environments.build.run_uv",
        lambda *_, **__: directory.mkdir(exist_ok=True),
    )
    build(directory, python="3.11", arguments=["mlflow"])
    assert [path.name for path in directory.iterdir()] == [COMPLETE]


def test_the_login_of_an_index_is_not_in_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What uv prints is shown without the logins of what it was given."""
    fake = tmp_path / "uv"
    fake.write_text('#!/bin/sh\necho "no: https://bob:1234 and $2, 3tpw@h" >&2; exit 2\n')
    fake.chmod(0o700)
    monkeypatch.setattr("mlflow_conformance.environments.build.uv", lambda: str(fake))
    with pytest.raises(EnvironmentNotBuilt) as refused:
        run_uv(["pip", "install", "x @ https://bob:1234#3tpw@h/x.whl"])
    assert str(refused.value) == "uv pip install failed:\nno: https://*** and install, ***@h"
