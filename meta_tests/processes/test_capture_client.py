"""The command that stands for Python, if nothing can be forked."""

from __future__ import annotations

import runpy
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mlflow_conformance.processes.capture_client import INTERRUPTED, STARTED
from mlflow_conformance.processes.capture_server import CLIENT, WORKER_SOCKET


def test_a_worker_that_was_started_is_not_started_again(tmp_path: Path) -> None:
    """If the server ends while a worker runs, the worker has failed: it has read its input."""
    address = tmp_path / WORKER_SOCKET
    command = [sys.executable, "-S", "-E", str(CLIENT), str(address), sys.executable]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        client = subprocess.Popen([*command, "-u", "-c", "print('again')"], stdout=subprocess.PIPE)
        connection, _ = listener.accept()
        message = b""
        while not message.endswith(b"\n"):  # closing with unread data would lose the answer
            message += connection.recv(65_536)
        connection.sendall(STARTED)
        connection.close()
        output, _ = client.communicate(timeout=30)
    assert (client.returncode, output) == (1, b"")


@pytest.mark.parametrize("name", [WORKER_SOCKET, "capture"])
def test_a_server_that_has_ended_is_replaced_by_python(name: str, tmp_path: Path) -> None:
    """The line of code runs in a new process, which has the same standard streams."""
    address = tmp_path / name
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
    command = [sys.executable, "-S", "-E", str(CLIENT), str(address), sys.executable]
    line = "import sys; print(sys.stdin.read(), 'mlflow' in sys.modules); sys.exit(7)"
    ended = subprocess.run(
        [*command, "-u", "-c", line], input="read", capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (7, "read False\n"), ended.stderr


@pytest.mark.parametrize("where", ["time.sleep", "socket.socket"], ids=["starting", "running"])
def test_ctrl_c_prints_no_traceback(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that is interrupted, while it waits for the server or its run, just exits."""

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    address = tmp_path / WORKER_SOCKET
    if where == "socket.socket":
        address.touch()  # the server is there
    monkeypatch.setattr(where, interrupted)
    monkeypatch.setattr(sys, "argv", [str(CLIENT), str(address), sys.executable, "-u", "-c", ""])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(CLIENT), run_name="__main__")
    assert caught.value.code == INTERRUPTED
