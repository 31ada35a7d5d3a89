"""Tests of the rehearsal's process: it listens on loopback only and leaves no processes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from meta_tests.end_to_end.background_run import MARKER, Running
from mlflow_conformance.rehearsal.start import RehearsalDidNotStart, rehearsal
from mlflow_conformance.servers.azurite.azurite import AzuriteUnavailable, install
from mlflow_conformance.support.paths import ROOT

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="looks for processes and sockets in /proc"
)
END_SECONDS = 30.0
# As /proc/net/tcp writes them.
LISTENS = "0A"
LOOPBACK = "0100007F"


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Running]:
    """Start a rehearsal whose processes have a marker variable, and wait for its ready line."""
    marker = uuid.uuid4().hex
    with (folder / "output.txt").open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow_conformance.rehearsal", str(folder / "root")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sink,
            env={**os.environ, MARKER: marker},
            cwd=ROOT,
        )
    running = Running(process, folder, marker)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert json.loads(process.stdout.readline())["control"], running.output
        yield running
    finally:
        for pid in running.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.stdin.close()
        process.stdout.close()
        process.wait()


@pytest.mark.parametrize("end", ["stdin", "SIGTERM", "SIGKILL"])
def test_nothing_is_left_when_it_ends(end: str, tmp_path: Path) -> None:
    """Azurite and the MLflow server end with the rehearsal, even if it is killed."""
    with started(tmp_path) as running:
        names = " ".join(running.processes().values())
        assert "azurite" in names
        assert "mlflow server" in names
        assert running.process.stdin is not None
        if end == "stdin":
            running.process.stdin.close()
        else:
            running.process.send_signal(signal.Signals[end])
        running.process.wait(END_SECONDS)
        assert not running.leftovers()


def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    """All listening sockets of the rehearsal's processes are on 127.0.0.1."""
    with started(tmp_path) as running:
        addresses = {address for pid in running.processes() for address in _listening(pid)}
    assert addresses == {LOOPBACK}


def _listening(pid: int) -> set[str]:
    """Return the addresses that a process listens on, in the format of /proc/net/tcp."""
    inodes = set()
    with contextlib.suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(str(link.readlink()))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENS and f"socket:[{fields[9]}]" in inodes:
                found.add(fields[1].rpartition(":")[0])
    return found


def test_without_node_one_line_says_what_to_install(tmp_path: Path) -> None:
    """Without Node.js the rehearsal does not start and says what to install."""
    programs = tmp_path / "bin"
    programs.mkdir()
    uv = shutil.which("uv")
    if uv is not None:
        (programs / "uv").symlink_to(uv)
    environment = {**os.environ, "PATH": str(programs)}
    with (
        pytest.raises(RehearsalDidNotStart, match=r"needs Node\.js, but node is not on the PATH"),
        rehearsal(tmp_path / "root", environment, logged_models=False),
    ):
        pass


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on the path")
def test_without_a_registry_one_line_says_why(tmp_path: Path) -> None:
    """If npm cannot fetch Azurite, one line has npm's reason, and the next run tries again."""
    settings = {
        "registry": "http://127.0.0.1:9/",
        "fetch_retries": "0",
        "cache": str(tmp_path / "c"),
    }
    environment = {**os.environ, **{f"npm_config_{key}": v for key, v in settings.items()}}
    with pytest.raises(AzuriteUnavailable, match="ECONNREFUSED") as raised:
        install(environment, tmp_path)
    assert "\n" not in str(raised.value)
    assert not list(tmp_path.rglob("complete.txt"))


@pytest.mark.parametrize(
    ("folder", "arguments", "line"),
    [
        ("file", [], "{folder}: cannot be used as a folder (File exists); name an empty one\n"),
        ("used", [], "{folder}: is not empty; name an empty folder, or a new one\n"),
        ("new", ["--list-lag", "-3"], "--list-lag: should be above 0 seconds, is -3\n"),
    ],
)
def test_a_mistake_in_the_arguments_is_one_line(
    folder: str, arguments: list[str], line: str, tmp_path: Path
) -> None:
    """A folder that cannot be used, or has files of an earlier rehearsal, starts nothing."""
    (tmp_path / "file").touch()
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "authority.pem").touch()
    root = str(tmp_path / folder)
    ended = subprocess.run(
        [sys.executable, "-m", "mlflow_conformance.rehearsal", root, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == line.format(folder=root)
