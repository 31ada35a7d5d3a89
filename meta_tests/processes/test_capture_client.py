"""The command that stands for Python, if nothing can be forked."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mlflow_conformance.processes.capture_server import CLIENT, WORKER_SOCKET


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
