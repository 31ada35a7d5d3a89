"""A client of the rehearsal's control."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

SECONDS = 30.0


@dataclass(frozen=True)
class Control:
    """Sets faults of a running rehearsal and reads its requests; ``address`` is a secret URL."""

    address: str

    def set(
        self,
        *,
        faults: list[dict[str, Any]] | None = None,
        jobs: dict[str, dict[str, Any]] | None = None,
        token_seconds: float | None = None,
        id_token_seconds: float | None = None,
        list_lag: float | None = None,
        credentials: str | None = None,
    ) -> None:
        """Replace the given settings.

        Args:
            faults: Faults of requests; see ``rehearsal.wire.faults``.
            jobs: Faults of jobs, by display name, or ``*`` for all others; see
                ``rehearsal.jobs.injected_fault``.
            token_seconds: The lifetime of new tokens in seconds.
            id_token_seconds: That of the id tokens of a build server's job.
            list_lag: How many seconds lists of models and environments are behind.
            credentials: The credentials of the datastores: "AccountKey" or "None".

        Raises:
            ValueError: A setting is invalid.
        """
        settings = {
            "faults": faults,
            "jobs": jobs,
            "token_seconds": token_seconds,
            "id_token_seconds": id_token_seconds,
            "list_lag": list_lag,
            "credentials": credentials,
        }
        self._send("POST", {key: value for key, value in settings.items() if value is not None})

    def clear(self) -> None:
        """Remove all faults and empty the request log."""
        self._send("DELETE")

    def requests(self, method: str | None = None, part: str = "") -> list[dict[str, Any]]:
        """Return the requests since the last ``clear`` whose host and path contain ``part``."""
        found: list[dict[str, Any]] = self._send("GET")["requests"]
        return [
            request
            for request in found
            if method in (None, request["method"]) and part in request["host"] + request["path"]
        ]

    def secrets(self) -> list[str]:
        """Return all tokens, keys and signatures that the rehearsal has issued."""
        found: list[str] = self._send("GET")["secrets"]
        return found

    def _send(self, method: str, document: Any = None) -> Any:
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self.address, body, method=method)  # noqa: S310 - loopback
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(json.load(error)["error"]) from None
