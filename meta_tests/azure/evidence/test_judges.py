"""Tests of the judges: what confirms and what contradicts each assumption that can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from meta_tests.azure.evidence import sample_exchanges as sample
from meta_tests.azure.evidence.sample_exchanges import (
    JOB,
    LOGS,
    LONG,
    listed,
    managed,
    on_mlflow,
    polled,
    properties,
    registered,
    submitted,
)
from mlflow_conformance.azure.evidence.assumptions import CONFIRMED, CONTRADICTED, NOT_SEEN
from mlflow_conformance.azure.evidence.bundle import Evidence
from mlflow_conformance.azure.evidence.exchanges import Exchange
from mlflow_conformance.azure.evidence.judges import BY_EXCHANGE, BY_TIMES

Exchanges = Sequence[Exchange]
VERSION = "models/diabetes/versions/1"
LIST = "models/diabetes/versions"
OF_A_SCRIPT = {"model_versions": [{"name": "script", "version": "1", "run_id": JOB}]}
SEARCHED = on_mlflow("model-versions/search", OF_A_SCRIPT, filter=f"run_id = '{JOB}'")
SCRIPT_VERSION = "models/script/versions/1"
REGISTRY = "azureml://registries/azureml/environments/sklearn/labels/latest"
ERROR = ("ComponentName", "Correlation", "Environment", "Location", "Time")
UPLOAD = "codes/1234/versions/1/startPendingUpload"


def run(**data: list[dict[str, str]]) -> dict[str, object]:
    """Return MLflow's document of a run that has ended."""
    info = {"run_id": JOB, "status": "FINISHED", "end_time": 1}
    return {"run": {"info": info, "data": data}}


def with_a_dataset() -> dict[str, object]:
    """Return MLflow's document of a run with a dataset."""
    return {"run": {"inputs": {"dataset_inputs": [{"dataset": {}}]}, "data": {}}}


def got(**data: list[dict[str, str]]) -> Exchange:
    """Return a read of the job's run."""
    return on_mlflow("runs/get", run(**data), run_id=JOB)


def nested(tag: str) -> dict[str, object]:
    """Return MLflow's document of a run with a tag."""
    return {"info": {}, "data": {"tags": [{"key": tag, "value": JOB}]}}


def uploaded(container: str) -> Exchange:
    """Return a request for a place for code."""
    reference = {"blobUri": f"https://team.blob.core.windows.net:443/{container}"}
    return managed("POST", UPLOAD, found={"blobReferenceForConsumption": reference})


def with_environment(status: int, found: str = REGISTRY) -> Exchange:
    """Return the submission of a job in an environment of a registry."""
    sent = properties(environmentId=REGISTRY)
    answer = properties(environmentId=found) if status < 300 else {"error": {}}
    return managed("PUT", "jobs/another", status, sent=sent, found=answer)


def hashed(*ids: str) -> Exchange:
    """Return a search for code by its hash."""
    return managed(
        "GET",
        "codes/1234/versions",
        found={"value": [{"id": id_} for id_ in ids]},
        query={"hash": "x"},
    )


def refused(*types: str) -> Exchange:
    """Return an error document with some additional information."""
    error = {"code": "UserError", "additionalInfo": [{"type": each} for each in types]}
    return managed("GET", VERSION, 404, found={"error": error})


@dataclass(frozen=True)
class Case:
    """What confirms an assumption, what contradicts it, and what says neither."""

    confirms: Exchanges = ()
    contradicts: Exchanges = ()
    says_nothing: Exchanges = ()


CODE = managed("PUT", "codes/1234/versions/1", 201, sent=properties(codeUri="x"))
LATE = (submitted(), polled("Completed", 10.0))
CASES = {
    "model-uri-is-long": Case(
        [registered()],
        [registered(modelUri=LONG + "/")],
        [registered(source="azureml://datastores/x/paths/y"), registered(source=LOGS)],
    ),
    "job-name-is-set": Case([registered()], [registered(jobName=None)], [managed("GET", VERSION)]),
    "path-without-mlmodel-is-refused": Case(
        [registered(source=LOGS, status=400)],
        [registered(source=LOGS)],
        [registered(source=LOGS, status=503), registered(source=LOGS, status=403)],
    ),
    "latest-version-is-newest": Case(
        [registered("7"), managed("GET", "models/diabetes", found=properties(latestVersion="7"))],
        [registered("7"), managed("GET", "models/diabetes", found=properties(latestVersion="6"))],
        [registered("7"), managed("GET", "models/diabetes", found=properties(latestVersion="8"))],
    ),
    "flavors-are-read": Case(
        [registered()],
        [registered(flavors={})],
        [registered(source=LOGS)],
    ),
    "existing-job-409": Case([managed("PUT", "jobs/a", 409)], [managed("PUT", "jobs/a", 412)]),
    "changed-environment-409": Case(
        [managed("PUT", "environments/a/versions/1", 409)],
        [managed("PUT", "environments/a/versions/1", 412)],
        [managed("PUT", "environments/a/versions/1", 201)],
    ),
    "changed-model-409": Case([managed("PUT", VERSION, 409)], [managed("PUT", VERSION, 412)]),
    "cancel-202": Case(
        [managed("POST", "jobs/a/cancel", 202)],
        [managed("POST", "jobs/a/cancel", 200)],
        [managed("POST", "jobs/a/cancel", 404)],
    ),
    "job-is-as-sent": Case([submitted()], [submitted(displayName="another")]),
    "compute-is-as-sent": Case([submitted()], [submitted(computeId=None)]),
    "target-type": Case([submitted()], [submitted(properties={})]),
    "tags-of-the-service": Case(
        [got(tags=[{"key": "_aml_system_Node", "value": "1"}])],
        says_nothing=[got(tags=[{"key": "team", "value": "1"}])],
    ),
    "files-of-the-service": Case(
        [listed("user_logs/std_log.txt")], says_nothing=[listed("model/MLmodel")]
    ),
    "no-params-of-the-service": Case(
        [got(tags=[])], says_nothing=[got(params=[{"key": "a", "value": "1"}])]
    ),
    "run-in-one-page": Case(
        [got()], [on_mlflow("runs/get", {**run(), "next_page_token": "x"}, run_id=JOB)]
    ),
    "last-value-of-metrics": Case(
        [got(metrics=[{"key": "a"}, {"key": "b"}])],
        [got(metrics=[{"key": "a"}, {"key": "a"}])],
        [got()],
    ),
    "run-has-inputs": Case(
        [on_mlflow("runs/get", with_a_dataset())],
        says_nothing=[got()],
    ),
    "log-of-a-process": Case(
        [listed("user_logs/std_log.txt")],
        [listed("user_logs/std_log_process_0.txt")],
        [listed("model/MLmodel")],
    ),
    "nested-runs-are-found": Case(
        [on_mlflow("runs/search", {"runs": [nested("mlflow.parentRunId")]})],
        [
            on_mlflow("runs/search", {"runs": [nested("mlflow.parentRunId"), nested("team")]}),
            on_mlflow("runs/search", {}, 400),
        ],
        [on_mlflow("runs/search", {}), on_mlflow("runs/search", {}, 503)],
    ),
    "tags-of-the-job": Case(
        [submitted(), got(tags=[{"key": "conformance-run", "value": "1"}])],
        [submitted(), got(tags=[])],
        [got(tags=[])],
    ),
    "version-is-not-late": Case(
        [registered(), managed("GET", VERSION)],
        [registered(), managed("GET", VERSION, 404)],
        [managed("GET", VERSION, 404)],
    ),
    "next-version-is-not-late": Case(
        [registered("1"), registered("2", step="2")],
        [registered("1"), registered("1", step="2")],
        [registered("1"), registered("1")],
    ),
    "code-is-found-at-once": Case([CODE, hashed("x")], [CODE, hashed()], [hashed()]),
    "code-has-any-name": Case(
        [hashed("/codes/5678/versions/1")], says_nothing=[hashed("/codes/1234/versions/1")]
    ),
    "registry-reference-is-as-sent": Case(
        [with_environment(201)], [with_environment(201, "azureml:another:1")], [submitted()]
    ),
    "unknown-environment-400": Case(
        [with_environment(400)], says_nothing=[with_environment(404), with_environment(201)]
    ),
    "unknown-registry-404": Case(
        [with_environment(404)], says_nothing=[with_environment(400), with_environment(201)]
    ),
    "container-of-code": Case(
        [uploaded("a"), uploaded("b")], [uploaded("a"), uploaded("a")], [uploaded("a")]
    ),
    "error-fields": Case(
        [refused(*ERROR)],
        [refused("Time")],
        [refused()],
    ),
    "script-model-is-of-its-run": Case(
        [SEARCHED, managed("GET", SCRIPT_VERSION,
                           found=properties(modelType="mlflow_model", jobName=JOB))],
        [SEARCHED, managed("GET", SCRIPT_VERSION, found=properties(modelType="mlflow_model"))],
        [managed("GET", SCRIPT_VERSION, found=properties(modelType="mlflow_model"))],
    ),
    "one-count-of-versions": Case(
        [SEARCHED, managed("GET", SCRIPT_VERSION)],
        [SEARCHED, managed("GET", SCRIPT_VERSION, 404)],
        [managed("GET", SCRIPT_VERSION, 404)],
    ),
    "models-uri-is-resolved": Case(
        [SEARCHED, on_mlflow("model-versions/get-download-uri",
                             {"artifact_uri": f"azureml://x/runs/{JOB}/artifacts/model"},
                             name="script", version="1")],
        [SEARCHED, on_mlflow("model-versions/get-download-uri", {"artifact_uri": LONG},
                             name="script", version="1")],
    ),
    "versions-found-by-run": Case(
        [SEARCHED],
        [on_mlflow("model-versions/search", {}, 400, filter="run_id = 'x'")],
        [on_mlflow("model-versions/search", {}, filter="run_id = 'x'"),
         on_mlflow("model-versions/search", {}, 503, filter="run_id = 'x'")],
    ),
    "versions-found-by-source": Case(
        [on_mlflow("model-versions/search", OF_A_SCRIPT, filter="source_path = 'models:/m-1'")],
        [on_mlflow("model-versions/search", {}, 400, filter="source_path = 'models:/m-1'")],
        [SEARCHED],
    ),
    "no-version-3-of-the-api": Case(
        [on_mlflow("logged-models/m-1", None, 404, api="3.0")],
        [on_mlflow("logged-models/m-1", {"error_code": "x"}, 404, api="3.0")],
        [on_mlflow("logged-models/m-1", None, 404)],
    ),
    "files-of-logged-models": Case(
        [submitted(), on_mlflow("logged-models/m-1", {"model": {"info": {
            "artifact_uri": f"azureml://x/runs/{JOB}/artifacts/model"}}})],
        [submitted(), on_mlflow("logged-models/m-1", {"model": {"info": {"artifact_uri": "x"}}})],
    ),
    "lists-within-90-s": Case(
        [registered(), managed("GET", LIST, found={"value": [{"name": "1"}]}, at=5)],
        [registered(), managed("GET", LIST, found={"value": []}, at=95)],
        [registered(), managed("GET", LIST, found={"value": []}, at=5)],
    ),
    "run-end-within-10-s": Case(
        [*LATE, on_mlflow("runs/get", run(), run_id=JOB, at=12)],
        [*LATE, on_mlflow("runs/get", {"run": {"info": {"status": "RUNNING"}}}, run_id=JOB, at=12),
         on_mlflow("runs/get", run(), run_id=JOB, at=30)],
        [*LATE, on_mlflow("runs/get", run(), run_id=JOB, at=30)],
    ),
    "metrics-within-60-s": Case(
        [*LATE, on_mlflow("runs/get", run(metrics=[{"key": "a"}]), run_id=JOB, at=12)],
        [*LATE, on_mlflow("runs/get", run(), run_id=JOB, at=12),
         on_mlflow("runs/get", run(metrics=[{"key": "a"}]), run_id=JOB, at=80)],
        [*LATE, on_mlflow("runs/get", run(), run_id=JOB, at=12)],
    ),
    "order-of-states": Case(
        [submitted(), polled("Queued"), polled("Running"), polled("Completed")],
        [submitted(), polled("Queued"), polled("Preparing"), polled("Completed")],
    ),
}  # fmt: skip


def judgement(id_: str, exchanges: Exchanges) -> str:
    """Return the judgement on an assumption after some exchanges."""
    evidence = Evidence()
    for exchange in exchanges:
        evidence.take(exchange)
    [found] = [one.judgement for one in evidence.judgements() if one.id == id_]
    return found


def test_every_judge_has_a_case() -> None:
    """There is a case for each assumption that has a judge."""
    assert set(CASES) == {*BY_EXCHANGE, *BY_TIMES}
    assert all(case.confirms for case in CASES.values())


@pytest.mark.parametrize("id_", CASES)
def test_what_confirms(id_: str) -> None:
    """What is as the rehearsal assumes confirms the assumption."""
    assert judgement(id_, CASES[id_].confirms) == CONFIRMED


@pytest.mark.parametrize("id_", [id_ for id_, case in CASES.items() if case.contradicts])
def test_what_contradicts(id_: str) -> None:
    """What is otherwise contradicts it, also after something that confirms it."""
    case = CASES[id_]
    assert judgement(id_, case.contradicts) == CONTRADICTED


@pytest.mark.parametrize("id_", [id_ for id_, case in CASES.items() if case.says_nothing])
def test_what_says_nothing(id_: str) -> None:
    """What is about something else, or says neither, leaves it not seen."""
    for exchange in CASES[id_].says_nothing[-1:]:
        before = CASES[id_].says_nothing[:-1]
        assert judgement(id_, [*before, exchange]) == NOT_SEEN


def test_one_contradiction_is_enough() -> None:
    """One contradiction among confirmations decides, and is told first."""
    evidence = Evidence()
    for exchange in (registered("1"), registered("2", step="2", jobName=None)):
        evidence.take(exchange)
    [found] = [one for one in evidence.judgements() if one.id == "job-name-is-set"]
    assert found.judgement == CONTRADICTED
    assert found.seen == "1 x not set when it is registered; 1 x the job when it is registered"


def test_no_words_have_a_value() -> None:
    """What is told of all exchanges has no name, id or text of them."""
    evidence = Evidence()
    for case in CASES.values():
        for exchange in (*case.confirms, *case.contradicts, *case.says_nothing):
            evidence.take(exchange)
    told = " ".join(one.seen for one in evidence.judgements())
    for value in (JOB, "team", "diabetes", "cluster", "31aa6452", "train.py", sample.HOST):
        assert value not in told
