"""A loopback HTTP server with prepared answers, in place of ``mlflow models serve``."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.promises.request_cases import ROWS, bad_requests_of, forms_of
from mlflow_conformance.servers.scoring_server import Response, ScoringServer

# The server closes the connection instead of answering.
HANGS_UP = Response(0, "")


@dataclass
class FakeScoringServer:
    """The answers of the server: to GET by path, to POST by the request's body.

    ``after_refusal`` is the answer to every POST after the first refused request.
    """

    client: ScoringServer
    pages: dict[str, Response]
    answers: dict[bytes, Response]
    after_refusal: Response | None = None
    has_refused: bool = field(default=False, init=False)

    def answer(self, path: str, body: bytes | None) -> Response:
        """Return the answer to a request."""
        if body is None:
            return self.pages.get(path, Response(404, "no such page"))
        if self.has_refused and self.after_refusal is not None:
            return self.after_refusal
        found = self.answers.get(body, Response(404, "no answer prepared"))
        self.has_refused = self.has_refused or found.status >= 400
        return found


@contextmanager
def good_server(mode: Mode, reference: Reference) -> Iterator[FakeScoringServer]:
    """Serve correct answers to the suite's requests until the context ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as http:
        client = ScoringServer(f"http://127.0.0.1:{http.server_address[1]}", output="")
        fake_server = FakeScoringServer(client, _pages(), _answers(mode, reference))
        http.fake_server = fake_server  # type: ignore[attr-defined]
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield fake_server
        finally:
            http.shutdown()
            thread.join()


def sent(document: Any) -> bytes:
    """Return the bytes that a client sends for a body."""
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def _pages() -> dict[str, Response]:
    return {"/ping": Response(200, "\n"), "/version": Response(200, str(installed("mlflow")))}


def _answers(mode: Mode, reference: Reference) -> dict[bytes, Response]:
    rows = reference.rows.frame.head(ROWS)
    scored = json.dumps({"predictions": reference.predictions[:ROWS].tolist()})
    answers = {sent(form.body(rows)): Response(200, scored) for form in forms_of(mode)}
    for bad in bad_requests_of(mode):
        refusal = json.dumps({"error_code": "BAD_REQUEST", "message": f"wrong: {bad.names}"})
        answers[sent(bad.body(rows))] = Response(400, refusal)
    return answers


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._send(None)

    def do_POST(self) -> None:
        self._send(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Print nothing."""

    def _send(self, body: bytes | None) -> None:
        fake_server: FakeScoringServer = self.server.fake_server  # type: ignore[attr-defined]
        found = fake_server.answer(self.path, body)
        if found == HANGS_UP:
            return
        content = found.text.encode()
        self.send_response(found.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
