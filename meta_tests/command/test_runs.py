"""Runs of ``mlflow-conformance``: beside other plugins, and in a copy of the environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import caller, mode, write_catalogue
from mlflow_conformance.command import changed_environment
from mlflow_conformance.command.changed_environment import ChangedEnvironment
from mlflow_conformance.command.main import INTERRUPTED, NAME, NOTHING_CHECKED, USAGE_ERROR, main
from mlflow_conformance.environments.build import EnvironmentNotBuilt

# A plugin with pytest fixtures that are called as the suite's.
RUDE = """\
import pytest


@pytest.fixture
def settings():
    pytest.skip("no settings")


@pytest.fixture
def model():
    pytest.skip("no model")
"""
WAITING = """\
import signal, sys, time
print("started", sys.argv[1:], flush=True)
time.sleep(60)
"""


def test_fixtures_of_other_plugins_do_not_replace_the_suite_s(tmp_path: Path) -> None:
    """A plugin of the environment may have pytest fixtures of the same names."""
    (tmp_path / "rude.py").write_text(RUDE)
    catalogue = write_catalogue(tmp_path, [mode("good", "model.py")], {})
    done = subprocess.run(
        [sys.executable, "-m", "mlflow_conformance", "-m", "local", "-k", "outcome or metadata"]
        + ["--catalogue", str(catalogue), "--basetemp", str(tmp_path / "t"), "-p", "no:randomly"],
        env=caller(PYTEST_PLUGINS="rude", PYTHONPATH=str(tmp_path)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "no settings" not in done.stdout
    assert "promises checked" in done.stdout.splitlines()[-1]


class FakeCopy:
    """Stands in for a copy of the environment: its command is a script."""

    def __init__(self, folder: Path, script: str) -> None:
        self.python = folder / "python"
        command = folder / NAME
        command.write_text(f"#!{sys.executable}\n{script}")
        command.chmod(0o755)

    def build(self, requirements: Sequence[str]) -> ChangedEnvironment:
        """Return the copy, with one change."""
        return ChangedEnvironment(self.python, (f"{requirements[0]} instead of another",))


@pytest.mark.parametrize("code", [0, 1, 4])
def test_the_run_in_a_copy_has_the_arguments_and_the_exit_code(
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What changed is told first; the command runs there with all other arguments."""
    copy = FakeCopy(tmp_path, f"import sys\nprint(sys.argv[1:])\nsys.exit({code})\n")
    monkeypatch.setattr(changed_environment, "build_copy", copy.build)
    assert main(["-m", "local", "--with", "mlflow==3.17.2", "-x"]) == code
    told, changed, ran = capfd.readouterr().out.splitlines()
    assert told == "copying this environment with mlflow==3.17.2 (reused if it exists)"
    assert changed == "changed: mlflow==3.17.2 instead of another"
    assert ran == "['-m', 'local', '-x']"


def test_a_copy_that_cannot_be_built_is_an_error_of_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message of uv is told, and nothing is checked."""

    def fails(requirements: Sequence[str]) -> ChangedEnvironment:
        raise EnvironmentNotBuilt("uv pip failed")

    monkeypatch.setattr(changed_environment, "build_copy", fails)
    assert main(["--with", "mlflow==99"]) == NOTHING_CHECKED
    assert capsys.readouterr().err == "nothing could be checked: --with mlflow==99: uv pip failed\n"


def test_an_interrupt_while_the_copy_is_built_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """SIGTERM is taken like Ctrl-C, so that what is half built is removed."""

    def is_ended(requirements: Sequence[str]) -> ChangedEnvironment:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
        raise AssertionError("not interrupted")

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(changed_environment, "build_copy", is_ended)
    try:
        assert main(["--with", "mlflow==3.17.2"]) == INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr().err == "interrupted; the copy was removed\n"


def test_an_environment_without_the_suite_has_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The environment of a release borrows the suite: a copy of it cannot run it."""
    copy = FakeCopy(tmp_path, "")
    (tmp_path / NAME).unlink()
    monkeypatch.setattr(changed_environment, "build_copy", copy.build)
    assert main(["--with", "mlflow==3.17.2"]) == USAGE_ERROR
    assert "the suite is not installed in this environment" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_signal_reaches_the_run_in_the_copy(tmp_path: Path) -> None:
    """SIGTERM ends the run too, and the exit code is that of a shell."""
    FakeCopy(tmp_path, WAITING)
    code = (
        "import sys; from pathlib import Path\n"
        "from mlflow_conformance.command import changed_environment as c\n"
        f"copy = c.ChangedEnvironment(Path({str(tmp_path / 'python')!r}), ())\n"
        "c.build_copy = lambda names: copy\n"
        "from mlflow_conformance.command.main import main\n"
        "sys.exit(main(['--with', 'mlflow==3.17.2']))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    assert any(line.startswith("started") for line in lines)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM
    assert process.stdout.read() == ""  # the pipe is closed: the run has ended
