"""``mlflow models serve`` scores the model, rejects bad requests and keeps running."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlflow_conformance.environments.packages import installed
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal
from mlflow_conformance.promises.predictions import (
    error_message,
    mentions,
    require_same_predictions,
    served,
    wrongly_mentioned,
)
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.promises.request_cases import (
    ROWS,
    BadRequest,
    RequestForm,
    bad_requests,
    bad_requests_of,
    bad_requests_with_culprits,
    forms_of,
    request_forms,
)
from mlflow_conformance.servers.scoring_server import Response, ScoringServer

# A request is checked against the signature, and then scored. A model that another store has too,
# as is promised, is served there.
pytestmark = pytest.mark.applies_to(flavor="python_function", is_checked_elsewhere=False)
NEEDS_ROWS = pytest.mark.usefixtures("inputs", "scorable")


def test_ping_answers(server: ScoringServer) -> None:
    """``/ping`` returns 200 once the model is loaded (MLflow: serving)."""
    require_equal(server.get("/ping").status, 200, what="status of /ping", where=server.address)


def test_version_is_the_installed_one(server: ScoringServer) -> None:
    """``/version`` returns the version of MLflow that serves (MLflow: serving)."""
    answer = server.get("/version")
    require_equal(
        (answer.status, answer.text.strip()),
        (200, installed("mlflow")),
        what="answer of /version",
        where=server.address,
    )


@pytest.mark.each_case(of=forms_of)
@NEEDS_ROWS
def test_invocations_score_every_form(
    case: RequestForm, server: ScoringServer, reference: Reference, model: ModelUnderTest
) -> None:
    """``/invocations`` scores every documented request format (L20; MLflow: serving)."""
    rows = reference.rows.frame.head(ROWS)
    answer = server.post(case.body(rows))
    require(
        answer.status == 200,
        f"{case.name}: /invocations answered {answer.status}, should be 200: {answer.text[:300]}",
    )
    require_same_predictions(
        _predictions(answer.document, case.name, reference),
        reference.predictions[:ROWS],
        where=f"{case.name}, {model.directory}",
    )


@pytest.mark.each_case(of=bad_requests_of)
@NEEDS_ROWS
def test_invocations_refuse_bad_requests(
    case: BadRequest, server: ScoringServer, reference: Reference
) -> None:
    """A bad request is answered with 400 and a message (L20; MLflow: serving)."""
    answer = _answer(case, server, reference)
    require(
        answer.status in case.statuses,
        f"{case.name}: /invocations answered {answer.status}, should be one of"
        f" {case.statuses}: {answer.text[:300]}",
    )
    require(answer.text.strip(), f"{case.name}: the answer should say why, it is empty")


@pytest.mark.each_case(of=bad_requests_with_culprits)
@NEEDS_ROWS
def test_refusals_name_the_culprit(
    case: BadRequest, server: ScoringServer, reference: Reference
) -> None:
    """The message names what is wrong with the request (L20; MLflow: serving)."""
    answer = _answer(case, server, reference)
    message = error_message(answer.text) if case.others else answer.text
    blamed = wrongly_mentioned(message, (case.names,), case.others)
    require(
        mentions(message, case.names) and not blamed,
        f"{case.name}: the answer should name {case.names!r}, it says: {message[:300]!r}"
        + (f", and blames {', '.join(blamed)}" if blamed else ""),
    )


@NEEDS_ROWS
def test_server_lives_on_after_bad_requests(
    server: ScoringServer, reference: Reference, model: ModelUnderTest
) -> None:
    """The server still scores after every bad request (MLflow: serving)."""
    rows = reference.rows.frame.head(ROWS)
    for bad in bad_requests(model.input_schema):
        try:
            server.post(bad.body(rows), content_type=bad.content_type)
        except OSError as error:
            raise AssertionError(f"{bad.name}: no answer to this bad request: {error}") from None
    good = request_forms(model.input_schema)[0]
    answer = server.post(good.body(rows))
    require(
        answer.status == 200,
        f"after bad requests /invocations answered {answer.status}: {answer.text[:300]}",
    )
    require_same_predictions(
        _predictions(answer.document, good.name, reference),
        reference.predictions[:ROWS],
        where=f"after bad requests, {model.directory}",
    )


def _answer(case: BadRequest, server: ScoringServer, reference: Reference) -> Response:
    body = case.body(reference.rows.frame.head(ROWS))
    return server.post(body, content_type=case.content_type)


def _predictions(document: object, form: str, reference: Reference) -> np.ndarray[Any, Any]:
    """Return the predictions of an answer, in the types of those that are expected."""
    require(
        isinstance(document, dict) and list(document) == ["predictions"],
        f"{form}: the answer should be {{'predictions': […]}}, is {str(document)[:200]}",
    )
    assert isinstance(document, dict)
    return served(document["predictions"], reference.predictions[:ROWS])
