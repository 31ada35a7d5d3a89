"""Azure's inference server scores a model that is deployed without code, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require, require_equal
from mlflow_conformance.promises.deployment_environments import DeploymentEnvironments
from mlflow_conformance.promises.deployment_requests import (
    INPUT,
    RefusedRequest,
    forms_of,
    forms_without_signature,
    input_forms,
    mlflow_forms_of,
    refusals,
    refused_by,
    refused_of,
    refused_requests,
)
from mlflow_conformance.promises.predictions import mentions, require_same_predictions, served
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.promises.request_cases import ROWS, RequestForm
from mlflow_conformance.servers.deployed.inference_server import InferenceServer, is_installed
from mlflow_conformance.servers.scoring_server import Response
from mlflow_conformance.witness.report import ObservedModel

pytestmark = [
    pytest.mark.applies_to(flavor="python_function", target="local", is_checked_elsewhere=False),
    # Where the server is not installed, the suite builds an environment that has it.
    *([] if is_installed() else [pytest.mark.package_index]),
]
NEEDS_ROWS = pytest.mark.usefixtures("inputs", "scorable")
REFUSED = (400, 500)


def test_server_boots(inference_server: InferenceServer) -> None:
    """The server starts with the model, and says that it is healthy (Azure: inference-server)."""
    answer = inference_server.get(inference_server.READY)
    require_equal(
        (answer.status, answer.text.strip()),
        (200, "Healthy"),
        what="answer of the liveness probe",
        where=inference_server.address,
    )


@pytest.mark.each_case(of=forms_of)
@NEEDS_ROWS
def test_documented_form_is_scored(
    case: RequestForm,
    inference_server: InferenceServer,
    reference: Reference,
    model: ModelUnderTest,
) -> None:
    """The form of the signature is scored: split for columns, lists for tensors (Azure: deploy)."""
    _require_scored(case, inference_server, reference, model)


@pytest.mark.applies_to(has_signature=False)
@pytest.mark.each_case(of=forms_without_signature)
@pytest.mark.usefixtures("no_example")
def test_forms_are_scored_without_a_signature(
    case: RequestForm,
    inference_server: InferenceServer,
    reference: Reference,
    model: ModelUnderTest,
) -> None:
    """A model without a signature and example scores both documented forms (Azure: deploy)."""
    _require_scored(case, inference_server, reference, model)


@pytest.mark.applies_to(params=True)
@NEEDS_ROWS
def test_parameters_reach_the_model(
    inference_server: InferenceServer,
    reference: Reference,
    changed_parameters: ObservedModel,
    model: ModelUnderTest,
) -> None:
    """Values in ``params`` are passed to the model's ``predict`` (Azure: scoring-script)."""
    form = input_forms(model.input_schema)[0]
    params = dict(changed_parameters.other_params)
    answer = inference_server.post({**form.body(reference.rows.frame.head(ROWS)), "params": params})
    wanted = np.asarray(changed_parameters.with_other_params)[:ROWS]
    _require_predictions(answer, f"params={params}", wanted, model)


@pytest.mark.each_case(of=mlflow_forms_of)
@NEEDS_ROWS
def test_mlflow_forms_are_refused(
    case: RequestForm, inference_server: InferenceServer, reference: Reference
) -> None:
    """The forms of MLflow's own server are refused, and why is said (Azure: deploy)."""
    answer = inference_server.post(case.body(reference.rows.frame.head(ROWS)))
    require(
        answer.status == 400 and mentions(answer.text, INPUT),
        f"{case.name}: /score answered {answer.status}, should be 400 and name {INPUT!r}:"
        f" {answer.text[:300]}",
    )


@pytest.mark.each_case(of=refused_of)
@NEEDS_ROWS
def test_other_rows_are_refused(
    case: RefusedRequest, inference_server: InferenceServer, reference: Reference
) -> None:
    """Rows in another form, or against the signature, are refused (Azure: deploy)."""
    answer = inference_server.post(case.body(reference.rows.frame.head(ROWS)))
    require(
        answer.status in REFUSED,
        f"{case.name}: /score answered {answer.status}, should be one of {REFUSED}:"
        f" {answer.text[:300]}",
    )
    require(answer.text.strip(), f"{case.name}: the answer should say why, it is empty")


@pytest.mark.each_case(of=refused_of)
@NEEDS_ROWS
def test_refusals_name_the_culprit(
    case: RefusedRequest, inference_server: InferenceServer, reference: Reference
) -> None:
    """A refusal says that the request is wrong, and names what is (Azure: inference-server)."""
    answer = inference_server.post(case.body(reference.rows.frame.head(ROWS)))
    require(
        answer.status == 400 and mentions(answer.text, case.names),
        f"{case.name}: /score answered {answer.status}, should be 400 and name {case.names!r}:"
        f" {answer.text[:300]}",
    )


@pytest.mark.each_case(of=refused_of)
@NEEDS_ROWS
def test_log_says_who_refuses(
    case: RefusedRequest, inference_server: InferenceServer, reference: Reference
) -> None:
    """The log has the error that refused the rows, with its package (Azure: inference-server)."""
    before = len(inference_server.log())
    inference_server.post(case.body(reference.rows.frame.head(ROWS)))
    found = refusals(inference_server.log()[before:])
    last = found[-1] if found else "nothing"
    # Another worker may ask the same server at this time.
    require(
        any(refused_by(error) == case.by and case.logged in error for error in found),
        f"{case.name}: the log should have an error of {case.by} with {case.logged!r}, it has one"
        f" of {refused_by(last) or 'neither package'}: {last[-300:]}",
    )


@pytest.mark.each_case(of=forms_of)
@NEEDS_ROWS
def test_server_lives_on_after_refusals(
    case: RequestForm,
    inference_server: InferenceServer,
    reference: Reference,
    model: ModelUnderTest,
) -> None:
    """The server still scores after everything that it refuses (Azure: inference-server)."""
    rows = reference.rows.frame.head(ROWS)
    for bad in refused_requests(model.input_schema):
        try:
            inference_server.post(bad.body(rows))
        except OSError as error:
            raise AssertionError(f"{bad.name}: no answer to this request: {error}") from None
    _require_scored(case, inference_server, reference, model)


@pytest.mark.package_index
def test_environment_of_the_model_and_the_server_boots(
    model: ModelUnderTest, deployment_environments: DeploymentEnvironments
) -> None:
    """The model's own requirements and the server are enough to boot (Azure: deploy)."""
    server = deployment_environments.ready_server(model)
    require_equal(
        server.get(server.READY).status,
        200,
        what="status of the liveness probe",
        where=server.address,
    )


def _require_scored(
    case: RequestForm, server: InferenceServer, reference: Reference, model: ModelUnderTest
) -> None:
    __tracebackhide__ = True
    answer = server.post(case.body(reference.rows.frame.head(ROWS)))
    _require_predictions(answer, case.name, reference.predictions[:ROWS], model)


def _require_predictions(
    answer: Response, what: str, wanted: np.ndarray[Any, Any], model: ModelUnderTest
) -> None:
    """Fail unless an answer has these predictions: the server returns them without a key."""
    __tracebackhide__ = True
    require(
        answer.status == 200,
        f"{what}: /score answered {answer.status}, should be 200: {answer.text[:300]}",
    )
    require_same_predictions(
        served(answer.document, wanted), wanted, where=f"{what}, {model.directory}"
    )
