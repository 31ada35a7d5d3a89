"""Tests of shapes: keys and types without values, merged and compared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlflow_conformance.azure.evidence.differences import differences
from mlflow_conformance.azure.evidence.shapes import merged, shape_of

VALUE = "a-value-of-somebody"


def test_a_shape_has_no_value() -> None:
    """Every value is replaced by the name of its type."""
    document = {"a": VALUE, "b": 1, "c": 1.5, "d": True, "e": None, "f": [VALUE], "g": {}, "h": []}
    found = shape_of(document)
    types = {"a": "string", "b": "number", "c": "number", "d": "boolean", "e": "null"}
    assert found == {**types, "f": ["string"], "g": {}, "h": []}
    assert VALUE not in json.dumps(found)


@pytest.mark.parametrize(
    ("document", "shape"),
    [
        ({"tags": {"team": VALUE, "_aml_system_Node": "1"}},
         {"tags": {"{name}": "string", "_aml_system_{name}": "string"}}),
        ({"properties": {"properties": {"team": VALUE, "azureml.labels": "latest"}}},
         {"properties": {"properties": {"{name}": "string", "azureml.labels": "string"}}}),
        ({"flavors": {"sklearn": {"data": {"code": ""}}, "team_flavor": {"data": {}}}},
         {"flavors": {"sklearn": {"data": {"{name}": "string"}}, "{name}": {"data": {}}}}),
        ({"outputs": {"default": {"uri": VALUE}, "mine": {"uri": VALUE}}},
         {"outputs": {"default": {"uri": "string"}, "{name}": {"uri": "string"}}}),
        ({"logFiles": {"user_logs/std_log.txt": VALUE}}, {"logFiles": {"{name}": "string"}}),
        ({"31aa6452-9fed-4eaa": 1, "a b": 2, "user@team": 3, "x" * 80: 4}, {"{name}": "number"}),
        # The lists of MLflow have keys of the API, not of users.
        ({"data": {"params": [{"key": "team", "value": VALUE}]}},
         {"data": {"params": [{"key": "string", "value": "string"}]}}),
    ],
)  # fmt: skip
def test_keys_of_users_are_replaced(document: Any, shape: Any) -> None:
    """Keys that users choose are ``{name}``; those of the service stay."""
    assert shape_of(document) == shape


def test_private_keys_are_replaced() -> None:
    """A key that is private is replaced, wherever it is."""
    found = shape_of({"a": {"myWorkspace": 1, "other": 2}}, lambda key: key == "myWorkspace")
    assert found == {"a": {"{name}": "number", "other": "number"}}


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ("string", "null", "null|string"),
        ("null|string", "number", "null|number|string"),
        ({"a": "string"}, {"a": "null", "b": "number"}, {"a": "null|string", "b?": "number"}),
        ({"b?": "number"}, {"b": "number"}, {"b?": "number"}),
        ([], ["string"], ["string"]),
        ({"a": "string"}, "null", {"one of": [{"a": "string"}, "null"]}),
        ({"one of": [{"a": "string"}, "null"]}, {"a": "number"},
         {"one of": [{"a": "number|string"}, "null"]}),
    ],
)  # fmt: skip
def test_merged(first: Any, second: Any, both: Any) -> None:
    """A merged shape has what was seen in either; it is the same in the other order."""
    assert merged(first, second) == both
    assert merged(second, first) == both


REHEARSED = {
    "id": "string",
    "properties": {"jobName": "null|string", "tags": {}, "items": ["string"]},
}


@pytest.mark.parametrize(
    ("real", "lines"),
    [
        (REHEARSED, []),
        # What is empty says nothing about what else can be there.
        ({"id": "string",
          "properties": {"jobName": "string", "tags": {"{name}": "string"}, "items": []}}, []),
        ({**REHEARSED, "kind": "string"}, ["kind: the rehearsal has no such key"]),
        ({"id": "string"}, ["properties: only the rehearsal has this key"]),
        ({**REHEARSED, "id": "null"}, ["id: is null, the rehearsal has string"]),
        ({**REHEARSED, "properties": "null"}, ["properties: is null, the rehearsal has an object"]),
        ({**REHEARSED, "id": "number"}, ["id: is number, the rehearsal has string"]),
        ({**REHEARSED, "id": {"a": "string"}}, ["id: is an object, the rehearsal has string"]),
        ({**REHEARSED, "properties": {**REHEARSED["properties"], "items": ["boolean"]}},  # type: ignore[dict-item]
         ["properties.items[]: is boolean, the rehearsal has string"]),
        ("nothing", ["the body: is nothing, the rehearsal has an object"]),
    ],
)  # fmt: skip
def test_differences(real: Any, lines: list[str]) -> None:
    """A key more, a key less and another type are one line each, with the place."""
    assert list(differences(real, REHEARSED)) == lines
