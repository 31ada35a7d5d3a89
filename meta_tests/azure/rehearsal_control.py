"""How tests steer a rehearsal."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

SECONDS = 30.0


@dataclass(frozen=True)
class Control:
    """The control of a running rehearsal, at its address."""

    address: str

    def set(
        self,
        *,
        faults: list[dict[str, Any]] | None = None,
        jobs: dict[str, dict[str, Any]] | None = None,
        token_seconds: float | None = None,
    ) -> None:
        """Let rules stand in the place of those of their kind; see ``fixtures.rehearsal.faults``.

        ``jobs`` are directions by a job's display name, or ``*`` for all others, as in
        ``fixtures.rehearsal.job_fault``; ``token_seconds`` is how long tokens live from now on.

        Raises:
            ValueError: The control does not know what is asked.
        """
        asked = {"faults": faults, "jobs": jobs, "token_seconds": token_seconds}
        self._ask("POST", {key: value for key, value in asked.items() if value is not None})

    def clear(self) -> None:
        """Let no rule stand, and forget the requests so far."""
        self._ask("DELETE")

    def requests(self, method: str | None = None, part: str = "") -> list[dict[str, Any]]:
        """Return the requests since the last ``clear`` whose host and path contain a part."""
        found: list[dict[str, Any]] = self._ask("GET")["requests"]
        return [
            request
            for request in found
            if method in (None, request["method"]) and part in request["host"] + request["path"]
        ]

    def secrets(self) -> list[str]:
        """Return every token, key and signature that anybody got from the rehearsal."""
        found: list[str] = self._ask("GET")["secrets"]
        return found

    def _ask(self, method: str, document: Any = None) -> Any:
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self.address, body, method=method)  # noqa: S310 - loopback
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(json.load(error)["error"]) from None
