"""``results.json``: its content, and the schema that describes it."""

from __future__ import annotations

import json

import pytest

from meta_tests.report.sample_results import results
from mlflow_conformance.report.results import RunResults, run_document, upgrade_document
from mlflow_conformance.support.paths import ROOT

SCHEMA = ROOT / "docs" / "results.schema.json"
VERDICT = {"headline": "SAFE for what was observed", "blocks": []}


def document(found: RunResults) -> dict[str, object]:
    """Return a document as a reader of the file gets it."""
    return dict(json.loads(json.dumps(run_document(found).plain)))


def problems(found: object) -> list[str]:
    """Return what the published schema says of a document."""
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(found)]


def test_the_document_of_a_run_is_as_the_schema_says() -> None:
    """A run with every kind of result is valid, and so is the comparison of two releases."""
    assert problems(document(results(3))) == []
    assert problems(upgrade_document(VERDICT).plain) == []


@pytest.mark.parametrize(
    ("key", "value"), [("checks", [{"result": "fine"}]), ("counts", {"good": 1}), ("schema", 2)]
)
def test_the_schema_notices_another_document(key: str, value: object) -> None:
    """A key with another value than the schema allows is noticed."""
    assert problems({**document(results()), key: value})


def test_the_schema_notices_a_missing_key() -> None:
    """Every key of the document must be there."""
    whole = document(results())
    assert [key for key in whole if not problems({k: whole[k] for k in whole if k != key})] == []


def test_counts_are_those_of_the_checks() -> None:
    """The counts add up to the number of checks, the worst result first."""
    found = results(7)
    assert list(found.counts.items()) == [
        ("broken", 1),
        ("error", 1),
        ("not checked", 1),
        ("known deviation", 1),
        ("kept", 8),
    ]


def test_a_message_that_many_checks_share_is_written_once() -> None:
    """The messages are a list; checks have places in it."""
    found = results()
    written = document(RunResults(**{**vars(found), "checks": found.checks * 3}))
    texts = written["messages"]
    assert isinstance(texts, list)
    assert len(texts) == len(set(texts))
    checks = written["checks"]
    assert isinstance(checks, list)
    assert texts[checks[0]["message"]] == found.checks[0].message
