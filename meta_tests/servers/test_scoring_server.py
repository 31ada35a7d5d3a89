"""The ports of servers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from mlflow_conformance.servers.scoring_server import free_port


class Probe:
    """A socket that the system gives the next of some ports."""

    ports: Iterator[int] = iter(())

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def bind(self, address: Any) -> None:
        """Take any address."""

    def getsockname(self) -> tuple[str, int]:
        """Return the next port."""
        return "127.0.0.1", next(self.ports)


def test_a_port_of_a_server_that_is_not_started_yet_is_not_given_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system may return a port twice if nothing listens on it yet."""
    monkeypatch.setattr(socket, "socket", Probe)
    monkeypatch.setattr(Probe, "ports", iter([5001, 5001, 5002, 5001, 5003]))
    taken: list[int] = []
    for _ in range(3):
        taken.append(free_port(taken))
    assert taken == [5001, 5002, 5003]


def test_nothing_listens_on_a_free_port() -> None:
    """The port can be bound."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port()))
        server.listen()
