"""Tests of bundles: what is written of the exchanges, and that no value is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from meta_tests.azure.evidence.sample_exchanges import (
    JOB,
    body,
    listed,
    managed,
    on_mlflow,
    properties,
    registered,
    submitted,
)
from mlflow_conformance.azure.evidence.bundle import Evidence
from mlflow_conformance.azure.evidence.exchanges import FORM, Body, Exchange, body_of
from mlflow_conformance.azure.evidence.routes import route_of

SECRET = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0"  # noqa: S105 - of nobody


def document_of(*exchanges: Exchange, private: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the bundle of some exchanges."""
    evidence = Evidence(private)
    for exchange in exchanges:
        evidence.take(exchange)
    return evidence.document({"written_by": "workspace"})


def test_alike_exchanges_are_one() -> None:
    """Exchanges with the same method, path and status are one entry: "?" is not always there."""
    first = managed("GET", "jobs/a", found=properties(status="Running"), query={"api-version": "1"})
    second = managed("GET", "jobs/b", found=properties(status=None, more=1))
    first = replace(first, response_headers=("content-type", "etag"))
    second = replace(second, response_headers=("content-type",))
    [found] = document_of(first, second, first)["exchanges"]
    assert found["path"].endswith("/workspaces/{workspace}/jobs/{job}")
    assert (found["count"], found["query"]) == (3, ["api-version?"])
    assert found["response"] == {
        "headers": ["content-type", "etag?"],
        "body": {"json": {"properties": {"status": "null|string", "more?": "number"}}},
    }


def test_other_statuses_are_others() -> None:
    """An answer with another status, and a request without an answer, are entries of their own."""
    exchanges = [managed("GET", "jobs/a", status) for status in (200, 404, None)]
    found = document_of(*exchanges)["exchanges"]
    assert [one["status"] for one in found] == [None, 200, 404]


def test_bodies_that_are_no_json() -> None:
    """Of other bodies, only the type is written; of a form, the names."""
    form = Body(FORM, "application/x-www-form-urlencoded", ("client_secret", "a b"))
    login = replace(
        managed("POST", "x"),
        route=route_of("https://login.microsoftonline.com/team/oauth2/v2.0/token"),
        request=form,
        response=Body("bytes", "text/html; of team"),
    )
    lists, token = document_of(listed("a"), login)["exchanges"][::-1]
    assert lists["response"]["body"] == {"bytes": "application/xml"}
    assert token["request"]["body"] == {"form": {"client_secret": "string", "{name}": "string"}}
    assert token["response"]["body"] == {"bytes": "unknown type"}


def test_a_bundle_has_no_value() -> None:
    """No value of a request, a response, a path, a query or a header is in the bundle."""
    secret = managed(
        "POST",
        f"datastores/{SECRET}/listSecrets",
        sent=properties(description=SECRET, tags={SECRET: SECRET}),
        found={"key": SECRET, "team-ws": 1, "keyOfTeamWorkspace": 1, SECRET: {"a": SECRET}},
        query={"sig": SECRET, "filter": SECRET, SECRET: ""},
    )
    secret = replace(secret, request_headers=("x-ms-meta-team",), response_headers=(f"x/{SECRET}",))
    search = on_mlflow("runs/get", {"run": {"data": {"tags": [{"key": SECRET}]}}}, run_id=SECRET)
    document = document_of(
        submitted(),
        registered(),
        secret,
        search,
        listed(SECRET),
        private=("teamworkspace",),
    )
    text = json.dumps(document)
    values = (
        SECRET,
        JOB,
        "31aa6452",
        "team",
        "diabetes",
        "train.py",
        "outputs/artifacts",
        "cluster",
    )
    assert [value for value in values if value.lower() in text.lower()] == []


def test_names_in_paths_are_private_keys() -> None:
    """A name that a path has had is replaced where it is a key of a body."""
    for name in ("fast", "fastNodes"):
        found = document_of(managed("GET", f"computes/{name}", found={name: {"size": 1}}))
        [one] = found["exchanges"]
        assert one["response"]["body"] == {"json": {"{name}": {"size": "number"}}}


def test_a_bundle_says_what_was_not_recorded() -> None:
    """Exchanges that could not be read are counted, and API versions are listed."""
    evidence = Evidence()
    evidence.failed("KeyError")
    for version in ("2025-01-01-preview", "of-the-team"):
        evidence.take(managed("GET", "jobs", query={"api-version": version}))
    document = evidence.document({})
    assert document["not_recorded"] == {"KeyError": 1}
    assert document["api_versions"] == ["2025-01-01-preview"]


def test_every_assumption_is_in_a_bundle() -> None:
    """A bundle without any exchange has every assumption, not seen, with the reason."""
    found = document_of()["assumptions"]
    assert {one["judgement"] for one in found} == {"not seen"}
    assert all(one["seen"] for one in found)
    assert len(found) == len({one["id"] for one in found}) > 40


def test_bodies_are_read() -> None:
    """JSON is read, text is kept for judges, and anything else is bytes."""
    assert body_of(b'{"a": 1}', "application/json; charset=utf-8") == body({"a": 1})
    assert body_of(b"{", "application/json").kind == "bytes"
    assert body_of("<a/>", "application/xml").content == "<a/>"
    assert body_of(b"\xff", "text/plain").content is None
    assert body_of(object(), "application/json").kind == "bytes"
    assert body_of({"b": 1, "a": 2}, "").content == ("a", "b")
    assert body_of(b"", "application/json").kind == "nothing"
    assert body_of(b"x" * 6_000_000, "text/plain").content is None
