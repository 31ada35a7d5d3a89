"""Mutants of a scoring server: wrong, missing and too lenient answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance import test_serving as serving
from meta_tests.mutants.fake_scoring_server import HANGS_UP, sent
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from mlflow_conformance.promises.request_cases import ROWS, forms_of
from mlflow_conformance.servers.scoring_server import Response

ARRAY, FRAME = "autolog-array", "infer-frame"
COLUMNS = json.dumps({"message": "data does not have the schema ['Pregnancies', 'Age']"})


def page(path: str, response: Response) -> Callable[[Bench], None]:
    """Return an edit of the answer to a GET request."""

    def edit(bench: Bench) -> None:
        bench.fake_server.pages[path] = response

    return edit


def answered(response: Response) -> Callable[[Bench], None]:
    """Return an edit of the answer to the mutant's case."""

    def edit(bench: Bench) -> None:
        body = sent(bench.case.body(bench.reference.rows.frame.head(ROWS)))
        assert body in bench.fake_server.answers
        bench.fake_server.answers[body] = response

    return edit


def scored(change: Callable[[list[int]], Any]) -> Callable[[Bench], None]:
    """Return an edit of the predictions for the mutant's case."""

    def edit(bench: Bench) -> None:
        right = bench.reference.predictions[:ROWS].tolist()
        answered(Response(200, json.dumps({"predictions": change(right)})))(bench)

    return edit


def after_a_refusal(response: Response) -> Callable[[Bench], None]:
    """Return an edit that sets all answers after the first refused request."""

    def edit(bench: Bench) -> None:
        bench.fake_server.after_refusal = response

    return edit


def spoilt_predictions(bench: Bench) -> None:
    """Return other predictions after the first refused request."""
    first = forms_of(bench.model.mode)[0]
    wrong = [1 - one for one in bench.reference.predictions[:ROWS].tolist()]
    assert sent(first.body(bench.reference.rows.frame.head(ROWS))) in bench.fake_server.answers
    bench.fake_server.after_refusal = Response(200, json.dumps({"predictions": wrong}))


PAGES = (
    Mutant(
        "ping-fails",
        FRAME,
        serving.test_ping_answers,
        page("/ping", Response(500, "")),
        r"^status of /ping\n  found: 500\n  should be: 200\n  where: http://127\.0\.0\.1:",
    ),
    Mutant(
        "version-of-another-mlflow",
        FRAME,
        serving.test_version_is_the_installed_one,
        page("/version", Response(200, "1.0.0")),
        r"^answer of /version\n  found: \(200, '1\.0\.0'\)\n  should be: \(200, '\d",
    ),
    Mutant(
        "no-version",
        FRAME,
        serving.test_version_is_the_installed_one,
        page("/version", Response(404, "not found")),
        r"^answer of /version\n  found: \(404, 'not found'\)\n",
    ),
)

FORMS = tuple(
    Mutant(
        f"{name}-{case}",
        mode,
        serving.test_invocations_score_every_form,
        break_,
        message.format(case=case),
        case=case,
    )
    for name, mode, case, break_, message in (
        (
            "fails",
            FRAME,
            "dataframe_split",
            answered(Response(500, "out of order")),
            r"^{case}: /invocations answered 500, should be 200: out of order$",
        ),
        (
            "refuses",
            FRAME,
            "dataframe_records",
            answered(Response(400, "no records, please")),
            r"^{case}: /invocations answered 400, should be 200: no records, please$",
        ),
        (
            "scores-wrong",
            FRAME,
            "inputs",
            scored(lambda right: [1 - one for one in right]),
            r"^20 of 20 predictions differ\n(.*\n)*  where: {case}, ",
        ),
        (
            "scores-all-rows-but-one",
            ARRAY,
            "instances",
            scored(lambda right: right[:-1]),
            r"^shape of the predictions\n  found: \(19,\)\n  should be: \(20,\)\n",
        ),
        (
            "scores-in-fractions",
            ARRAY,
            "inputs",
            scored(lambda right: [float(one) for one in right]),
            r"^type of the predictions\n  found: float64\n  should be: int64\n",
        ),
        (
            "answers-a-bare-list",
            ARRAY,
            "dataframe_split",
            answered(Response(200, "[0, 1]")),
            r"^{case}: the answer should be \{{'predictions': \[…\]\}}, is \[0, 1\]$",
        ),
        (
            "answers-a-page",
            ARRAY,
            "dataframe_records",
            answered(Response(200, "<html>welcome</html>")),
            r"^{case}: the answer should be \{{'predictions': \[…\]\}}, is None$",
        ),
    )
)

REFUSALS = tuple(
    Mutant(
        f"{name}-{case}",
        mode,
        serving.test_invocations_refuse_bad_requests,
        answered(response),
        message.format(case=case),
        case=case,
    )
    for name, mode, case, response, message in (
        (
            "scores",
            FRAME,
            "missing-column",
            Response(200, '{"predictions": [0]}'),
            r"^{case}: /invocations answered 200, should be one of \(400,\): ",
        ),
        (
            "fails",
            FRAME,
            "text-for-a-number",
            Response(500, "Traceback: Age"),
            r"^{case}: /invocations answered 500, should be one of \(400,\): Traceback",
        ),
        (
            "says-nothing",
            ARRAY,
            "ragged",
            Response(400, " \n"),
            r"^{case}: the answer should say why, it is empty$",
        ),
        (
            "takes",
            ARRAY,
            "unknown-content-type",
            Response(200, "text/plain"),
            r"^{case}: /invocations answered 200, should be one of \(400, 415\): text/plain$",
        ),
    )
)

CULPRITS = tuple(
    Mutant(
        name,
        FRAME,
        serving.test_refusals_name_the_culprit,
        answered(Response(400, text)),
        message,
        case=case,
    )
    for name, case, text, message in (
        (
            "names-no-column",
            "missing-column",
            "bad request",
            r"^missing-column: the answer should name 'Age', it says: 'bad request'$",
        ),
        (
            "names-every-column",
            "missing-column",
            COLUMNS,
            r"^missing-column: the answer should name 'Age', it says: .*, and blames Pregnancies$",
        ),
        (
            "does-not-mention-json",
            "not-json",
            "bad request",
            r"^not-json: the answer should name 'JSON', it says: 'bad request'$",
        ),
    )
)

AFTERWARDS = tuple(
    Mutant(name, FRAME, serving.test_server_lives_on_after_bad_requests, break_, message)
    for name, break_, message in (
        (
            "fails-after-a-bad-request",
            after_a_refusal(Response(500, "out of order")),
            r"^after bad requests /invocations answered 500: out of order$",
        ),
        (
            "scores-wrong-after-a-bad-request",
            spoilt_predictions,
            r"^20 of 20 predictions differ\n(.*\n)*  where: after bad requests, ",
        ),
        (
            "dies-of-a-bad-request",
            after_a_refusal(HANGS_UP),
            r"bad request",
        ),
    )
)

MUTANTS = PAGES + FORMS + REFUSALS + CULPRITS + AFTERWARDS


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A server with wrong answers fails the check that owns them."""
    require_caught(mutant, bench)
