"""Tests of ``azure.client.request_errors``, ``retries`` and ``redaction``."""

from __future__ import annotations

import base64
import logging
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
from azure.ai.ml.exceptions import MlException
from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)

from meta_tests.azure.run.fake_workspace import (
    ManualClock,
    ReportedLines,
    connection_reset,
    http_error,
    retries,
)
from mlflow_conformance.azure.client.redaction import redacted_logs
from mlflow_conformance.azure.client.request_errors import RequestFailed, answer_of
from mlflow_conformance.azure.client.retries import BUDGET_SECONDS, Clock, Retries, Stopped
from mlflow_conformance.support.redaction import redacted

WHAT = "asking for the job x"
# Assembled here, so that secret scanners do not report them.
JWT = ".".join(["eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9", "eyJ0aWQiOiJhIn0", "c2lnbmF0dXJl"])
KEY = base64.b64encode(bytes(range(64))).decode()


class Service:
    """A fake request that raises each error once, then returns "done"; counts its calls."""

    def __init__(self, *errors: Exception, forever: Exception | None = None) -> None:
        self._errors = list(errors)
        self._forever = forever
        self.requests = 0

    def __call__(self) -> str:
        """Count the request, then raise or return."""
        self.requests += 1
        if self._errors:
            raise self._errors.pop(0)
        if self._forever is not None:
            raise self._forever
        return "done"


def _error_with(inner: Exception) -> MlException:
    return MlException(message="wrapped", no_personal_data_message="wrapped", error=inner)


@pytest.mark.parametrize(
    ("error", "is_transient"),
    [
        pytest.param(http_error(429, "TooManyRequests"), True, id="429"),
        pytest.param(http_error(500, "InternalServerError"), True, id="500"),
        pytest.param(http_error(503, "ServiceUnavailable"), True, id="503"),
        pytest.param(http_error(501, "NotImplemented"), False, id="501"),
        pytest.param(http_error(400, "UserError"), False, id="400"),
        pytest.param(http_error(401, "Unauthorized"), False, id="401"),
        pytest.param(http_error(403, "Forbidden"), False, id="403"),
        pytest.param(http_error(404, "NotFound"), False, id="404"),
        pytest.param(http_error(409, "Conflict"), False, id="409"),
        pytest.param(connection_reset(), True, id="reset"),
        pytest.param(ServiceRequestError("connection refused"), True, id="refused"),
        pytest.param(ServiceResponseError("read timed out"), True, id="silence"),
        pytest.param(IncompleteReadError("IncompleteRead(3 bytes read)"), True, id="cut-off"),
        pytest.param(DecodeError("JSON is invalid"), True, id="no-json"),
        pytest.param(_error_with(http_error(503, "ServerBusy")), True, id="wrapped"),
        pytest.param(_error_with(http_error(403, "Forbidden")), False, id="wrapped-403"),
        pytest.param(ClientAuthenticationError("az did not answer in time"), True, id="no-token"),
        pytest.param(TypeError("'NoneType' object is not iterable"), False, id="anything-else"),
    ],
)
def test_only_passing_trouble_is_worth_another_try(error: Exception, is_transient: bool) -> None:
    """Throttling, service errors and lost connections are transient; refusals are not."""
    assert answer_of(error).is_transient is is_transient


def test_the_reason_may_be_in_the_details() -> None:
    """The codes and messages of an error's details are part of the line."""
    error = http_error(400, "UserError", "The request is invalid.")
    detail = SimpleNamespace(code="NoMatchingArtifactsFoundFromJob", message="No artifacts.")
    assert error.error is not None
    error.error.details = [detail]  # type: ignore[list-item]
    reason = "NoMatchingArtifactsFoundFromJob: No artifacts."
    assert answer_of(error).text == f"HTTP 400 UserError (The request is invalid. {reason})"


def test_a_storm_is_waited_out_as_the_service_says() -> None:
    """Each retry waits for the time in Retry-After."""
    clock = ManualClock()
    service = Service(*[http_error(429, "TooManyRequests", Retry_After="20") for _ in range(5)])
    assert retries(clock).call(WHAT, service) == "done"
    assert service.requests == 6
    assert [wait for wait in clock.waits if wait] == [20.0] * 5


def test_a_storm_without_a_time_is_not_answered_with_a_burst() -> None:
    """Without Retry-After, the pause doubles from 1 s up to 30 s."""
    clock = ManualClock()
    retries(clock).call(WHAT, Service(*[http_error(503) for _ in range(7)]))
    assert [wait for wait in clock.waits if wait] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_retry_after_may_be_a_date() -> None:
    """Retry-After may be an HTTP date."""
    later = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=40), usegmt=True)
    seconds = answer_of(http_error(503, "ServerBusy", Retry_After=later)).retry_after
    assert seconds is not None
    assert 35 < seconds <= 40


def test_all_requests_wait_when_one_is_told_to() -> None:
    """A pause applies to all requests of the policy."""
    clock = ManualClock()
    shared = retries(clock)
    shared.postpone(12.0, "another request")
    shared.call(WHAT, Service())
    assert clock.waits == [12.0]


def test_a_long_pause_is_told() -> None:
    """A long pause is reported in a line."""
    reported = ReportedLines()
    service = Service(http_error(429, Retry_After="30"))
    retries(ManualClock(), reported).call(WHAT, service)
    assert reported.lines == [f"  {WHAT}: service error, next try in 30 s"]


def test_trouble_beyond_the_budget_is_one_line() -> None:
    """Beyond the budget, one line has the request, its errors, their number and a hint."""
    clock = ManualClock()
    service = Service(connection_reset(), forever=http_error(503, "ServiceUnavailable", "busy"))
    with pytest.raises(RequestFailed) as failure:
        retries(clock).call(WHAT, service)
    assert str(failure.value) == (
        "asking for the job x: the connection was reset, HTTP 503 ServiceUnavailable (busy) 11"
        " times [GET management.azure.com/…/w/jobs/x] within 211 s (retried for up to 240 s); an"
        " error of the Azure service: run again later"
    )
    assert clock.time - 1_000_000 < BUDGET_SECONDS


def test_a_wait_beyond_the_budget_is_not_begun() -> None:
    """A Retry-After beyond the budget raises ``RequestFailed`` at once."""
    clock = ManualClock()
    service = Service(http_error(429, "TooManyRequests", Retry_After="3600"))
    with pytest.raises(RequestFailed, match=r"and asked to wait 3600 s more .*throttles"):
        retries(clock).call(WHAT, service)
    assert service.requests == 1
    assert sum(clock.waits) == 0


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (401, "", "sign in again"),
        (403, "", "needs a role such as AzureML Data Scien"),
        (403, "AuthorizationPermissionMismatch", "the role Storage Blob Data Reader"),
        (403, "AuthorizationFailure", "firewall and private endpoint"),
    ],
)
def test_refusals_say_what_to_do(status: int, code: str, hint: str) -> None:
    """A refusal raises ``RequestFailed`` at once, with a hint."""
    service = Service(forever=http_error(status, code or "Refused", "denied"))
    with pytest.raises(RequestFailed, match=hint) as failure:
        retries(ManualClock()).call(WHAT, service)
    assert service.requests == 1
    assert "retried" not in str(failure.value)


def test_a_token_that_does_not_come_is_asked_for_again_and_then_said() -> None:
    """A missing token is retried; beyond the budget, the message says to sign in."""
    error = ClientAuthenticationError("Failed to invoke the Azure CLI")
    assert retries(ManualClock()).call(WHAT, Service(error, error)) == "done"
    with pytest.raises(RequestFailed, match=r"no token: Failed to invoke .*; the sign-in is not"):
        retries(ManualClock()).call(WHAT, Service(forever=error))


def test_waiting_ends_when_the_run_does() -> None:
    """A stopped clock ends the wait of a request."""
    clock = Clock()
    clock.stop()
    with pytest.raises(Stopped):
        Retries(clock).call(WHAT, Service(http_error(503)))


def test_what_failed_is_not_chained() -> None:
    """The SDK's exception is not chained, since it may contain a signed URL."""
    with pytest.raises(RequestFailed) as failure:
        retries(ManualClock()).call(WHAT, Service(http_error(400, "UserError", f"sig={KEY}")))
    assert failure.value.__suppress_context__
    assert KEY not in str(failure.value)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        pytest.param(f"Authorization: Bearer {JWT}", JWT, id="header"),
        pytest.param(f'{{"access_token": "{JWT}"}}', JWT, id="token"),
        pytest.param(f"token {JWT[:50]}", JWT[:50], id="cut-token"),
        pytest.param("https://a.blob.core.windows.net/c/f?sv=1&sig=aB%2Fc%3D&se=2", "aB", id="sas"),
        pytest.param("?sv=1&amp;sig=aB%2Fc%3D&amp;se=2", "aB%2F", id="sas-in-xml"),
        pytest.param("url=https%3A%2F%2Fa%3Fsig%3DaBcDeF", "aBcDeF", id="sas-in-a-query"),
        pytest.param(f"AccountName=a;AccountKey={KEY};Endpoint", KEY[:20], id="connection-string"),
        pytest.param(f'{{"secretsType": "AccountKey", "key": "{KEY}"}}', KEY[:20], id="secrets"),
        pytest.param("{'sasToken': 'sv=1&sig=abc'}", "abc", id="sas-token"),
        pytest.param(f"the key {KEY} is wrong", KEY[:20], id="bare-key"),
        pytest.param("SharedKey account:c2lnbmF0dXJl", "c2lnbm", id="shared-key"),
        pytest.param("client_secret=a~b.c-d&grant=x", "a~b.c-d", id="client-secret"),
        pytest.param("https://user:pass@proxy:8080/", "pass", id="proxy"),
    ],
)
def test_secrets_are_taken_out(text: str, secret: str) -> None:
    """Tokens, signatures and keys are redacted in any context."""
    assert secret not in redacted(text)
    assert "***" in redacted(text)


def test_what_is_no_secret_stays() -> None:
    """A text without secrets is not changed."""
    text = (
        "the job conformance-1-a is Failed (UserError: exited with status code 1);"
        " https://ml.azure.com/runs/x?wsid=/subscriptions/s/workspaces/w&tid=1-2"
        " monkey=1, a design=b, keys: 3"
    )
    assert redacted(text) == text


def test_log_records_hold_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Log records are redacted for every handler."""
    with redacted_logs(), caplog.at_level(logging.DEBUG):
        logging.getLogger("urllib3").debug("%s %s", "PUT", "/c/f?sv=1&sig=aBcDeF")
    assert "sig=***" in caplog.text
    assert "aBcDeF" not in caplog.text
