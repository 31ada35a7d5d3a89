"""Mutants of Azure's inference server: wrong, missing and too lenient answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance import test_azure_scoring as scoring
from meta_tests.mutants.fake_scoring_server import CONVERTED, HANGS_UP, sent
from meta_tests.mutants.harness import (
    PARAMETERS,
    Bench,
    FakeDeployments,
    Mutant,
    each,
    require_caught,
)
from mlflow_conformance.promises.deployment_requests import input_forms
from mlflow_conformance.promises.request_cases import ROWS
from mlflow_conformance.servers.scoring_server import Response

ARRAY, FRAME, UNSIGNED = "autolog-array", "infer-frame", "no-signature"
UNEXPECTED = json.dumps({"message": "An unexpected error occurred in scoring script."})


def page(path: str, response: Response) -> Callable[[Bench], None]:
    """Return an edit of the answer to a GET request."""

    def edit(bench: Bench) -> None:
        bench.fake_inference_server.pages[path] = response

    return edit


def answered(response: Response, **more: Any) -> Callable[[Bench], None]:
    """Return an edit of the answer to the mutant's case, or to the documented form."""

    def edit(bench: Bench) -> None:
        case = bench.case or input_forms(bench.model.input_schema)[0]
        body = sent({**case.body(bench.reference.rows.frame.head(ROWS)), **more})
        assert body in bench.fake_inference_server.answers
        bench.fake_inference_server.answers[body] = response

    return edit


def scored(change: Callable[[list[int]], Any], **more: Any) -> Callable[[Bench], None]:
    """Return an edit of the predictions for the mutant's case."""

    def edit(bench: Bench) -> None:
        right = bench.reference.predictions[:ROWS].tolist()
        answered(Response(200, json.dumps(change(right))), **more)(bench)

    return edit


def logged(text: str) -> Callable[[Bench], None]:
    """Return an edit of what the server logs of the mutant's case."""

    def edit(bench: Bench) -> None:
        body = sent(bench.case.body(bench.reference.rows.frame.head(ROWS)))
        assert body in bench.fake_inference_server.logged
        bench.fake_inference_server.logged[body] = text

    return edit


def after_a_refusal(response: Response) -> Callable[[Bench], None]:
    """Return an edit that sets all answers after the first refused request."""

    def edit(bench: Bench) -> None:
        bench.fake_inference_server.after_refusal = response

    return edit


def boots_not(message: str) -> Callable[[Bench], None]:
    """Return an edit of the environment that is built from the model's requirements."""

    def edit(bench: Bench) -> None:
        bench.deployment_environments = FakeDeployments(bench.folder, error=message)

    return edit


BOOTED = (
    Mutant(
        "is-not-healthy",
        FRAME,
        scoring.test_server_boots,
        page("/", Response(502, "")),
        r"^answer of the liveness probe\n  found: \(502, ''\)\n  should be: \(200, 'Healthy'\)\n",
    ),
    Mutant(
        "does-not-boot-in-its-own-environment",
        FRAME,
        scoring.test_environment_of_the_model_and_the_server_boots,
        boots_not("azmlinfsrv ended with exit code 3:\nModuleNotFoundError: No module named 'a'"),
        r"^azmlinfsrv ended with exit code 3:\nModuleNotFoundError: No module named 'a'$",
    ),
    Mutant(
        "is-not-healthy-in-its-own-environment",
        FRAME,
        scoring.test_environment_of_the_model_and_the_server_boots,
        page("/", Response(500, "")),
        r"^status of the liveness probe\n  found: 500\n  should be: 200\n",
    ),
)

FORMS = tuple(
    Mutant(name, mode, owner, break_, message, case=case)
    for name, mode, owner, case, break_, message in (
        (
            "fails-split",
            FRAME,
            scoring.test_documented_form_is_scored,
            "split",
            answered(Response(500, UNEXPECTED)),
            r"^split: /score answered 500, should be 200: \{\"message\": \"An unexpected error",
        ),
        (
            "scores-lists-wrong",
            ARRAY,
            scoring.test_documented_form_is_scored,
            "lists",
            scored(lambda right: [1 - one for one in right]),
            r"^20 of 20 predictions differ\n(.*\n)*  where: lists, ",
        ),
        (
            "answers-with-a-key",
            ARRAY,
            scoring.test_documented_form_is_scored,
            "lists",
            scored(lambda right: {"predictions": right}),
            r"^shape of the predictions\n",
        ),
        (
            "scores-all-rows-but-one-without-a-signature",
            UNSIGNED,
            scoring.test_forms_are_scored_without_a_signature,
            "split",
            scored(lambda right: right[:-1]),
            r"^shape of the predictions\n  found: \(19,\)\n  should be: \(20,\)\n",
        ),
        (
            "ignores-parameters",
            FRAME,
            scoring.test_parameters_reach_the_model,
            None,
            scored(lambda right: [1 - one for one in right], params=PARAMETERS),
            r"^20 of 20 predictions differ\n(.*\n)*  where: params=\{'threshold': 1\.1\}, ",
        ),
    )
)

REFUSALS = tuple(
    Mutant(name, mode, owner, break_, message, case=case)
    for name, mode, owner, case, break_, message in (
        (
            "takes-mlflow-s-form",
            FRAME,
            scoring.test_mlflow_forms_are_refused,
            "dataframe_split",
            answered(Response(200, "[0]")),
            r"^dataframe_split: /score answered 200, should be 400 and name 'input_data': \[0\]$",
        ),
        (
            "refuses-mlflow-s-form-without-a-word",
            ARRAY,
            scoring.test_mlflow_forms_are_refused,
            "inputs",
            answered(Response(400, "bad request")),
            r"^inputs: /score answered 400, should be 400 and name 'input_data': bad request$",
        ),
        (
            "scores-the-other-form",
            ARRAY,
            scoring.test_other_rows_are_refused,
            "split",
            answered(Response(200, "[0]")),
            r"^split: /score answered 200, should be one of \(400, 500\): \[0\]$",
        ),
        (
            "scores-without-a-column",
            FRAME,
            scoring.test_other_rows_are_refused,
            "missing-column",
            answered(Response(200, "[0]")),
            r"^missing-column: /score answered 200, should be one of \(400, 500\): \[0\]$",
        ),
        (
            "says-nothing",
            FRAME,
            scoring.test_other_rows_are_refused,
            "text-for-a-number",
            answered(Response(500, " ")),
            r"^text-for-a-number: the answer should say why, it is empty$",
        ),
        (
            "blames-itself",
            FRAME,
            scoring.test_refusals_name_the_culprit,
            "missing-column",
            answered(Response(500, UNEXPECTED)),
            r"^missing-column: /score answered 500, should be 400 and name 'Age': \{\"message\": ",
        ),
        (
            "names-no-column",
            FRAME,
            scoring.test_refusals_name_the_culprit,
            "text-for-a-number",
            answered(Response(400, "bad request")),
            r"^text-for-a-number: /score answered 400, should be 400 and name 'Age': bad request$",
        ),
        (
            "logs-nothing",
            FRAME,
            scoring.test_log_says_who_refuses,
            "missing-column",
            logged("POST /score 500"),
            (
                r"^missing-column: the log should have an error of mlflow with 'Model is missing"
                r" inputs ', it has one of neither package: nothing$"
            ),
        ),
        (
            "logs-another-error",
            ARRAY,
            scoring.test_log_says_who_refuses,
            "split",
            logged(CONVERTED.format("KeyError: 'data'")),
            (
                r"^split: the log should have an error of inference_schema with 'expected an"
                r" array', it has one of inference_schema: (?s:.+)KeyError: 'data'\n$"
            ),
        ),
        (
            "is-refused-by-another",
            FRAME,
            scoring.test_log_says_who_refuses,
            "missing-column",
            logged(CONVERTED.format("Model is missing inputs ['Age']")),
            (
                r"^missing-column: the log should have an error of mlflow with .+ it has one of"
                r" inference_schema: (?s:.+)Model is missing inputs"
            ),
        ),
    )
)

AFTERWARDS = tuple(
    Mutant(name, FRAME, scoring.test_server_lives_on_after_refusals, break_, message, case="split")
    for name, break_, message in (
        (
            "fails-after-a-refusal",
            after_a_refusal(Response(500, "out of order")),
            r"^split: /score answered 500, should be 200: out of order$",
        ),
        ("dies-of-a-refusal", after_a_refusal(HANGS_UP), r"no answer to this request: "),
    )
)

MUTANTS = BOOTED + FORMS + REFUSALS + AFTERWARDS


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A server with wrong answers fails the check that owns them."""
    require_caught(mutant, bench)
