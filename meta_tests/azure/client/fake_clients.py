"""Fakes for the client tests: pytest's option parser and an HTTP server."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mlflow_conformance.azure.client.cloud import Cloud
from mlflow_conformance.azure.setup.options import AzureSettings, read_azure_settings
from mlflow_conformance.targets.azure_options import OPTIONS

PUBLIC = Cloud(
    "AzureCloud", "https://management.azure.com/.default", "https://login.microsoftonline.com"
)
SUBSCRIPTION = "01234567-89ab-cdef-0123-456789abcdef"
NAMED = AzureSettings(
    subscription=SUBSCRIPTION,
    resource_group="lab",
    workspace="lab-workspace",
    origins={"workspace": "--workspace", "resource group": "AZURE_RESOURCE_GROUP"},
)


class FakeParser:
    """A fake ``pytest.Parser`` that parses a command line with argparse."""

    def __init__(self) -> None:
        """Create a parser without options."""
        self._parser = argparse.ArgumentParser(exit_on_error=False)

    def getgroup(self, name: str, description: str) -> FakeParser:
        """Return the parser itself: groups only affect the help."""
        return self

    def addoption(self, name: str, **keywords: Any) -> None:
        """Add an option."""
        self._parser.add_argument(name, **keywords)

    def read(self, words: tuple[str, ...], folder: Path, markers: str = "azure") -> Any:
        """Parse the command line and return a fake ``pytest.Config``; ``markers`` are of ``-m``."""
        values = vars(self._parser.parse_args(list(words)))
        return SimpleNamespace(
            getoption=lambda name: values[name.lstrip("-").replace("-", "_")],
            invocation_params=SimpleNamespace(dir=folder),
            option=SimpleNamespace(markexpr=markers),
        )


def settings_of(
    folder: Path,
    *words: str,
    environment: Mapping[str, str] | None = None,
    markers: str = "azure",
) -> AzureSettings:
    """Return the settings of a command line in a folder; raise as ``read_azure_settings``."""
    options = FakeParser()
    OPTIONS.add_to(options)  # type: ignore[arg-type]
    return read_azure_settings(options.read(words, folder, markers), environment or {})


@contextmanager
def host(status: int, body: bytes, context: Any = None) -> Iterator[tuple[str, list[str]]]:
    """Serve one response to every GET request; yield ``HOST:PORT`` and the list of paths."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", paths
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
