"""What the tests of the client ask instead of pytest, a workspace and its own host."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fixtures.azure.settings import AzureSettings, add_options, read_azure_settings

SUBSCRIPTION = "01234567-89ab-cdef-0123-456789abcdef"
NAMED = AzureSettings(
    subscription=SUBSCRIPTION,
    resource_group="lab",
    workspace="lab-workspace",
    origins={"workspace": "--workspace", "resource group": "AZURE_RESOURCE_GROUP"},
)


class OptionsAlone:
    """Takes options as ``pytest.Parser`` does, and reads a command line."""

    def __init__(self) -> None:
        """Start without options."""
        self._parser = argparse.ArgumentParser(exit_on_error=False)

    def getgroup(self, name: str, description: str) -> OptionsAlone:
        """Return itself: groups matter to the help only."""
        return self

    def addoption(self, name: str, **keywords: Any) -> None:
        """Take one option."""
        self._parser.add_argument(name, **keywords)

    def read(self, words: tuple[str, ...], folder: Path) -> Any:
        """Return what stands in for ``pytest.Config``."""
        values = vars(self._parser.parse_args(list(words)))
        return SimpleNamespace(
            getoption=lambda name: values[name.lstrip("-").replace("-", "_")],
            invocation_params=SimpleNamespace(dir=folder),
        )


def settings_of(
    folder: Path, *words: str, environment: Mapping[str, str] | None = None
) -> AzureSettings:
    """Return what a command line means in a folder; raises like ``read_azure_settings``."""
    options = OptionsAlone()
    add_options(options)  # type: ignore[arg-type]
    return read_azure_settings(options.read(words, folder), environment or {})


@contextmanager
def host(status: int, body: bytes, context: Any = None) -> Iterator[tuple[str, list[str]]]:
    """Serve one answer to everything; gives ``HOST:PORT`` and what was asked, as it comes in."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
