"""A loopback HTTP server with prepared answers, in place of a scoring server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.promises.deployment_requests import (
    CONVERTS,
    INPUT,
    forms_without_signature,
    mlflow_forms_of,
    refused_of,
)
from mlflow_conformance.promises.deployment_requests import (
    forms_of as input_forms_of,
)
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.promises.request_cases import (
    ROWS,
    bad_requests_of,
    forms_of,
)
from mlflow_conformance.servers.deployed.inference_server import InferenceServer
from mlflow_conformance.servers.scoring_server import Response, ScoringServer

# What Azure's server logs of a request that is converted, and of one that is not scored.
CONVERTED = """Encountered Exception: Traceback (most recent call last):
  File "/x/inference_schema/schema_decorators.py", line 64, in decorator_input
  File "/x/inference_schema/parameter_types/a_parameter_type.py", line 1, in deserialize_input
ValueError: {}

The above exception was the direct cause of the following exception:
"""
ENFORCED = """Encountered Exception: Traceback (most recent call last):
  File "/x/inference_schema/schema_decorators.py", line 68, in decorator_input
  File "/x/mlflow/pyfunc/__init__.py", line 1, in predict
mlflow.exceptions.MlflowException: Failed to enforce schema. Error: {}

The above exception was the direct cause of the following exception:
"""
# The server closes the connection instead of answering.
HANGS_UP = Response(0, "")


@dataclass
class FakeScoringServer:
    """The answers of the server: to GET by path, to POST by the request's body.

    ``after_refusal`` is the answer to every POST after the first refused request. ``logged`` is
    written to the client's output when a request, by its body, is answered.
    """

    client: ScoringServer
    pages: dict[str, Response]
    answers: dict[bytes, Response]
    after_refusal: Response | None = None
    logged: dict[bytes, str] = field(default_factory=dict)
    has_refused: bool = field(default=False, init=False)

    def answer(self, path: str, body: bytes | None) -> Response:
        """Return the answer to a request."""
        if body is None:
            return self.pages.get(path, Response(404, "no such page"))
        if body in self.logged:
            with Path(self.client.output).open("a", encoding="utf-8") as log:
                log.write(self.logged[body])
        if self.has_refused and self.after_refusal is not None:
            return self.after_refusal
        found = self.answers.get(body, Response(404, "no answer prepared"))
        self.has_refused = self.has_refused or found.status >= 400
        return found


@contextmanager
def good_server(mode: Mode, reference: Reference) -> Iterator[FakeScoringServer]:
    """Serve the correct answers of MLflow's server until the context ends."""
    found = FakeScoringServer(ScoringServer("", ""), _pages(), _answers(mode, reference))
    with _serving(found):
        yield found


@contextmanager
def good_azure_server(
    mode: Mode, reference: Reference, log: Path, params: dict[str, Any]
) -> Iterator[FakeScoringServer]:
    """Serve the correct answers of Azure's server until the context ends; ``log`` is its log."""
    log.write_text("ValueError: of another request\n", encoding="utf-8")
    pages = {"/": Response(200, "Healthy")}
    answers = _azure_answers(mode, reference, params)
    found = FakeScoringServer(
        InferenceServer("", str(log)), pages, answers, logged=_logged(mode, reference)
    )
    with _serving(found):
        yield found


@contextmanager
def _serving(fake_server: FakeScoringServer) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as http:
        address = f"http://127.0.0.1:{http.server_address[1]}"
        fake_server.client = replace(fake_server.client, address=address)
        http.fake_server = fake_server  # type: ignore[attr-defined]
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
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
    return answers | {sent(bad.body(rows)): _refusal(bad.names) for bad in bad_requests_of(mode)}


def _azure_answers(
    mode: Mode, reference: Reference, params: dict[str, Any]
) -> dict[bytes, Response]:
    rows = reference.rows.frame.head(ROWS)
    scored = Response(200, json.dumps(reference.predictions[:ROWS].tolist()))
    forms = input_forms_of(mode) if mode.has_signature else forms_without_signature(mode)
    bodies = [form.body(rows) for form in forms]
    answers = {sent(body): scored for body in bodies}
    answers |= {sent({**body, "params": params}): scored for body in bodies}
    answers |= {sent(form.body(rows)): _refusal(INPUT) for form in mlflow_forms_of(mode)}
    return answers | {sent(bad.body(rows)): _refusal(bad.names) for bad in refused_of(mode)}


def _logged(mode: Mode, reference: Reference) -> dict[bytes, str]:
    rows = reference.rows.frame.head(ROWS)
    return {
        sent(bad.body(rows)): (CONVERTED if bad.by == CONVERTS else ENFORCED).format(bad.logged)
        for bad in refused_of(mode)
    }


def _refusal(names: str) -> Response:
    return Response(400, json.dumps({"error_code": "BAD_REQUEST", "message": f"wrong: {names}"}))


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
