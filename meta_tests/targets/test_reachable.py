"""Tests that an address at which nothing answers is noticed at once."""

from __future__ import annotations

import socket

import pytest

from mlflow_conformance.targets.server.reachable import silence


def test_a_port_without_a_server_is_named() -> None:
    """The line names host and port, instead of the client's many retries."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = silence(f"http://127.0.0.1:{port}/path")
    assert found.startswith(f"nothing answers at 127.0.0.1:{port}: ")
    assert len(found.splitlines()) == 1


def test_whatever_listens_answers() -> None:
    """What it says is asked later, with MLflow's client."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert silence(f"http://127.0.0.1:{server.getsockname()[1]}") == ""


@pytest.mark.parametrize("uri", ["databricks", "databricks://profile", "plugin://x", "sqlite:///a"])
def test_other_addresses_are_not_tried(uri: str) -> None:
    """Only MLflow, or a plugin, knows where they are."""
    assert silence(uri) == ""


def test_what_only_a_proxy_reaches_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy, a direct connection says nothing; hosts that bypass it are tried."""
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert silence("http://tracking.invalid:5000") == ""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert silence(f"http://127.0.0.1:{port}").startswith("nothing answers at ")
