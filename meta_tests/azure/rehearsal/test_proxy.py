"""Tests of the rehearsal's proxy: what is not a request is one line in its log."""

from __future__ import annotations

import socket
import ssl
import struct
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from mlflow_conformance.rehearsal.start import Rehearsal

LOG_SECONDS = 60.0
CUT = struct.pack("ii", 1, 0)


def speak_tls(client: socket.socket) -> None:
    """Begin a TLS session where plain HTTP is spoken."""
    with suppress(OSError):
        ssl.create_default_context().wrap_socket(client, server_hostname="management.azure.com")


def reset(client: socket.socket) -> None:
    """Send a part of a request and reset the connection."""
    client.sendall(b"CONN")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CUT)
    client.close()


NO_REQUESTS: dict[str, tuple[bytes | Callable[[socket.socket], None], str]] = {
    "random bytes": (bytes(range(128, 256)) * 30, "it begins with the byte 80"),
    "control characters": (b"\x1b[2J\r\n\r\n", "it begins with the byte 1b"),
    "tls": (speak_tls, "it begins with the byte 16"),
    "nothing": (b"", "it ends after 0 bytes"),
    "half a request": (b"CONNECT management.azure.com:443 HTTP/1.1\r\n", "it ends after 42 bytes"),
    "an overlong line": (b"CONNECT " + b"x" * 200_000, "no end within 65536 bytes"),
    "no target": (b"CONNECT\r\n\r\n", "CONNECT"),
    "an empty target": (b"CONNECT  HTTP/1.1\r\n\r\n", "CONNECT HTTP/1.1"),
    "many words": (b"GET a b c d\r\n\r\n", "GET a b c d"),
    "a method in bytes": (b"G\xff\x00\x1b\r\n\r\n", "G\xff\\x00\\x1b"),
}


def say(rehearsed: Rehearsal, said: bytes | Callable[[socket.socket], None]) -> None:
    """Connect to the proxy, say something, end it and wait until the proxy has hung up."""
    proxy = urlsplit(rehearsed.variables["HTTPS_PROXY"])
    address = (proxy.hostname, proxy.port)
    # The proxy may hang up first.
    with socket.create_connection(address, timeout=LOG_SECONDS) as client, suppress(OSError):
        if callable(said):
            said(client)
        else:
            client.sendall(said)
            client.shutdown(socket.SHUT_WR)
        while client.recv(65_536):
            pass


def lines_since(rehearsed: Rehearsal, start: int) -> list[str]:
    """Return the log's lines from an offset on, when a mark said after them has arrived."""
    mark = f"mark-{uuid.uuid4().hex}.org:443"
    say(rehearsed, f"CONNECT {mark} HTTP/1.1\r\n\r\n".encode())
    deadline = time.monotonic() + LOG_SECONDS
    while mark not in (text := rehearsed.log.read_bytes()[start:].decode()):
        assert time.monotonic() < deadline, text
        time.sleep(0.02)
    return [line for line in text.splitlines() if mark not in line]


@pytest.mark.parametrize("name", NO_REQUESTS)
def test_what_is_no_request_is_one_line(name: str, rehearsed: Rehearsal) -> None:
    """The log gets one line that says what came in place of a request, and no traceback."""
    said, expected = NO_REQUESTS[name]
    start = rehearsed.log.stat().st_size
    say(rehearsed, said)
    (line,) = lines_since(rehearsed, start)
    assert f"no request to the proxy: {expected}" in line
    assert line.isprintable()


@pytest.mark.parametrize(
    "target",
    ["nowhere:443", "management.azure.com:0", "x" * 1000 + ":443", "[::1", ":", "caf\u00e9:443"],
)
def test_a_request_for_elsewhere_is_one_short_line(target: str, rehearsed: Rehearsal) -> None:
    """Wherever a CONNECT wants to go, it is refused in one line of bounded length."""
    start = rehearsed.log.stat().st_size
    say(rehearsed, f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
    (line,) = lines_since(rehearsed, start)
    assert "refused by the proxy: CONNECT " in line
    assert len(line) < 400


def test_a_connection_that_is_reset_leaves_no_traceback(rehearsed: Rehearsal) -> None:
    """A client that is gone in the middle of its request is not waited for."""
    start = rehearsed.log.stat().st_size
    say(rehearsed, reset)
    assert not [line for line in lines_since(rehearsed, start) if "Traceback" in line]


def test_garbage_through_the_tunnel_leaves_no_traceback(rehearsed: Rehearsal) -> None:
    """What is no TLS behind a granted CONNECT ends that connection alone."""
    start = rehearsed.log.stat().st_size
    say(rehearsed, b"CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n" + b"\x80garbage" * 100)
    assert not [line for line in lines_since(rehearsed, start) if "Traceback" in line]
