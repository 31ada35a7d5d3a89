"""Fuzzing of the ``MLmodel`` reader: any file is read, or refused with the reader's own error."""

from __future__ import annotations

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlflow_conformance.catalogue.signature import (
    Column,
    ColumnSchema,
    Schema,
    Tensor,
    TensorSchema,
)
from mlflow_conformance.model.mlmodel import FILE_NAME, MalformedModel, parse_mlmodel, parse_schema
from mlflow_conformance.support import strict_yaml

PATH = Path(FILE_NAME)
COLUMNS = '[{"type": "long", "name": "a", "required": true}, {"type": "double", "name": "b"}]'
TENSOR = '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 8]}}]'
VALID: dict[str, Any] = {
    "artifact_path": "model",
    "flavors": {
        "python_function": {"env": {"conda": "conda.yaml"}, "loader_module": "mlflow.sklearn"},
        "sklearn": {"pickled_model": "model.pkl", "code": None},
    },
    "mlflow_version": "3.0.0",
    "model_id": "m-1",
    "model_size_bytes": 1024,
    "model_uuid": "m-1",
    "run_id": "r",
    "signature": {"inputs": COLUMNS, "outputs": TENSOR, "params": None},
    "utc_time_created": "2025-01-01 00:00:00.000000",
}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.dates()
    | st.datetimes()
    | st.binary(max_size=8)
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*VALID, "sklearn", "inputs"]) | SCALARS, inner)
    ),
    max_leaves=15,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["tensor", "long", "array"]) | inner,
                "tensor-spec": st.fixed_dictionaries({"dtype": inner, "shape": inner}) | inner,
                "name": inner,
                "required": inner,
                "optional": inner,
                "items": inner,
            },
        )
    ),
    max_leaves=15,
)
# Words of YAML and of MLmodel files: random bytes hardly ever pass the YAML scanner.
WORDS = st.sampled_from(
    [*VALID, "sklearn", "inputs", COLUMNS, TENSOR]
    + [*": ", ":\n  ", "- ", "[", "]", "{", "}", ", ", "'", '"', "&a ", "*a ", "<<: ", "? ", "\n"]
    + [
        "!!int ",
        "!!float ",
        "!!timestamp ",
        "!!set ",
        "!!omap ",
        "!!pairs ",
        "!!binary ",
        "!!null ",
    ]
    + ["!!python/object/apply:os.system ", "!", "| ", "> ", "%YAML 1.1\n", "---\n", "...\n", "#"]
    + ["1", "-", "_", ".", "0x", "0b", ":60", "2020-01-01 ", "12:00:00", ".inf", "~", "="]
    + ["\\x", "\\U", "FFFFFFFF", "\x85", "\ufeff", "\u2028", "\t"]
)
FUZZED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIELD_NAMES = st.none() | st.text(max_size=10)
COLUMN_SCHEMAS = st.lists(
    st.builds(
        Column,
        type=st.sampled_from(["boolean", "integer", "long", "double", "string", "datetime"]),
        name=FIELD_NAMES,
        required=st.booleans(),
    ),
    min_size=1,
    max_size=5,
).map(lambda columns: ColumnSchema(tuple(columns)))
TENSOR_SCHEMAS = st.lists(
    st.builds(
        Tensor,
        dtype=st.sampled_from(["float64", "int64", "bool", "object"]),
        shape=st.lists(st.integers(min_value=-1), max_size=4).map(tuple),
        name=FIELD_NAMES,
    ),
    min_size=1,
    max_size=5,
).map(lambda tensors: TensorSchema(tuple(tensors)))


def read_or_refuse(content: bytes) -> None:
    """Read a file's content as the reader does, and ignore the reader's own errors."""
    with contextlib.suppress(MalformedModel, strict_yaml.MalformedYaml):
        parse_mlmodel(strict_yaml.loads(content, where=FILE_NAME), PATH)


def rendered(schema: Schema) -> str:
    """Return a schema as MLflow writes it: a JSON list."""
    entries: list[dict[str, Any]] = []
    for field in schema.fields:
        entry: dict[str, Any] = {} if field.name is None else {"name": field.name}
        if isinstance(field, Tensor):
            spec = {"dtype": field.dtype, "shape": list(field.shape)}
            entries.append(entry | {"type": "tensor", "tensor-spec": spec})
        else:
            entries.append(entry | {"type": field.type, "required": field.required})
    return json.dumps(entries)


def mutated(document: dict[str, Any], path: list[int], value: Any) -> dict[str, Any]:
    """Return a copy in which the node at the end of ``path`` is replaced by ``value``."""
    changed = copy.deepcopy(document)
    place = changed
    for step in path:
        key = sorted(place)[step % len(place)]
        if not isinstance(place[key], dict) or step is path[-1]:
            place[key] = value
            break
        place = place[key]
    return changed


@FUZZED
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Arbitrary bytes are read, or refused with the reader's own error."""
    read_or_refuse(content)


@settings(FUZZED, max_examples=300)
@given(st.lists(WORDS, max_size=25))
def test_any_words_of_yaml_are_read_or_refused(words: list[str]) -> None:
    """Any sequence of YAML's words is read, or refused with the reader's own error."""
    read_or_refuse("".join(words).encode("utf-8"))


@FUZZED
@given(DOCUMENTS)
def test_any_document_is_read_or_refused(document: Any) -> None:
    """Any nested document is read, or refused with the reader's own error."""
    read_or_refuse(yaml.dump(document, allow_unicode=True).encode("utf-8", "surrogatepass"))


@FUZZED
@given(st.lists(st.integers(0, 20), min_size=1, max_size=3), DOCUMENTS)
def test_any_mutated_model_is_read_or_refused(path: list[int], value: Any) -> None:
    """A valid file with one value replaced is read, or refused with the reader's own error."""
    content = yaml.dump(mutated(VALID, path, value), allow_unicode=True)
    read_or_refuse(content.encode("utf-8", "surrogatepass"))


@FUZZED
@given(st.binary(max_size=4), st.integers(0, 700), st.integers(0, 8))
def test_any_damaged_model_is_read_or_refused(patch: bytes, start: int, length: int) -> None:
    """A valid file with some bytes overwritten is read, or refused with the reader's own error."""
    content = yaml.safe_dump(VALID).encode()
    read_or_refuse(content[:start] + patch + content[start + length :])


@FUZZED
@given(st.text(max_size=40) | JSON.map(json.dumps))
def test_any_text_is_a_schema_or_refused(text: str) -> None:
    """Any text or JSON as a schema is read, or refused with the reader's own error."""
    with contextlib.suppress(MalformedModel):
        parse_schema(text, PATH, "signature.inputs")


@FUZZED
@given(COLUMN_SCHEMAS | TENSOR_SCHEMAS)
def test_a_schema_written_is_read_back_equal(schema: Schema) -> None:
    """A schema that is written as MLflow writes it is read back equal."""
    assert parse_schema(rendered(schema), PATH, "signature.inputs") == schema


@FUZZED
@given(COLUMN_SCHEMAS | TENSOR_SCHEMAS, COLUMN_SCHEMAS | TENSOR_SCHEMAS)
def test_a_signature_survives_a_whole_file(inputs: Schema, outputs: Schema) -> None:
    """Inputs and outputs of a signature are read back equal from a whole file."""
    halves = {"inputs": rendered(inputs), "outputs": rendered(outputs)}
    content = yaml.safe_dump(VALID | {"signature": halves}).encode()
    found = parse_mlmodel(strict_yaml.loads(content, where=FILE_NAME), PATH).signature
    assert found is not None
    assert (found.inputs, found.outputs) == (inputs, outputs)


def test_the_valid_document_is_valid() -> None:
    """The document that the other tests damage is valid."""
    assert parse_mlmodel(copy.deepcopy(VALID), PATH).signature is not None
