"""The reader of ``MLmodel``: malformed and hostile files are refused, and nothing is executed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlflow_conformance.catalogue.signature import (
    Column,
    ColumnSchema,
    Tensor,
    TensorSchema,
    describe,
)
from mlflow_conformance.model.mlmodel import (
    FILE_NAME,
    MalformedModel,
    parse_mlmodel,
    parse_schema,
    read_mlmodel,
)

ALIASES = ", ".join(["*a{0}"] * 9)
BOMB = "a0: &a0 [x]\n" + "".join(
    f"a{level}: &a{level} [{ALIASES.format(level - 1)}]\n" for level in range(1, 9)
)
MERGED = "a0: &a0 {k: 1}\n" + "".join(
    f"a{level}: &a{level} {{<<: [{ALIASES.format(level - 1)}]}}\n" for level in range(1, 9)
)
KEY_BOMB = BOMB + "{? *a8 : 1}\n"

NOT_PLAIN_YAML = {
    "not YAML": (b"flavors: [", "not readable in line"),
    "only a comment": (b"# nothing\n", "the document: should be a mapping"),
    "text": (b"flavors", "the document: should be a mapping"),
    "two documents": (b"flavors: {}\n---\nflavors: {}\n", "another document"),
    "a tab": (b"flavors:\n\tsklearn: {}\n", "not readable in line 2"),
    "a key twice": (b"run_id: a\nrun_id: b\n", "the key run_id is there twice"),
    "a nested key twice": (b"flavors: {sklearn: {}, sklearn: {}}\n", "the key sklearn is there"),
    "an unknown tag": (b"flavors: !secret x\n", "!secret"),
    "an alias to nothing": (b"flavors: *nothing\n", "undefined alias"),
    "a self-reference": (b"flavors: &f {sklearn: *f}\n", "contains itself"),
    "a self-referring list": (b"flavors: {}\nx: &x [*x]\n", "contains itself"),
    "a self-referring key": (b"&a {? *a : 1}\n", "a mapping is not allowed as a key"),
    "an alias bomb": (BOMB.encode(), "more than 20000 nodes"),
    "an alias bomb as a key": (KEY_BOMB.encode(), "not readable"),
    "a bomb of merged mappings": (MERGED.encode(), "'<<' is not allowed as a key"),
    "too deep": (b"[" * 5000, "nested too deeply"),
    "too deep in blocks": (b"- " * 5000, "nested too deeply"),
    "too many nodes": (b"flavors: [" + b"1," * 30_000 + b"]", "more than 20000 nodes"),
    "too large": (b"#" * 1_000_001, "larger than 1000000 bytes"),
    "not UTF-8": (b"flavors: \xff\xfe\n", "utf-8"),
    "UTF-16": ("flavors: {}\n".encode("utf-16"), "utf-8"),
    "a control character": (b"flavors: \x00\n", "not readable: "),
    "a character beyond Unicode": (b'flavors: "\\UFFFFFFFF"\n', "not readable"),
    "a number beyond int": (b"run_id: " + b"9" * 5000, "not readable"),
    "a number beyond float": (b"run_id: " + b"1:" * 300 + b"1.5\n", "not readable"),
    "no number at all": (b"run_id: !!int x\n", "not readable"),
    "no date": (b"run_id: 2020-99-99\n", "not readable"),
}
PYTHON_TAGS = (
    "!!python/object/apply:os.system ['touch {0}']",
    "!!python/object/apply:subprocess.check_output [['touch', '{0}']]",
    "!!python/object/new:os.system ['touch {0}']",
    "!!python/object/apply:builtins.open ['{0}', 'w']",
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/tuple [1]",
)
WRONG_VALUES: dict[str, Any] = {"number": 1, "list": ["x"], "true": True, "nested": {"a": {"b": 1}}}
TEXT_KEYS = (
    *("artifact_path", "mlflow_version", "model_uuid", "model_id", "run_id"),
    "utc_time_created",
)
SCHEMAS = {
    "not JSON": ("[{", "not JSON"),
    "nothing": ("", "not JSON"),
    "too deep": ("[" * 100_000, "not JSON"),
    "a number beyond int": (f"[{'9' * 5000}]", "not JSON"),
    "a key twice": (
        '[{"type": "long", "type": "double"}]',
        "not JSON: the key 'type' is there twice",
    ),
    "an object": ('{"type": "long"}', "a list of one or more fields"),
    "an empty list": ("[]", "a list of one or more fields"),
    "null": ("null", "a list of one or more fields"),
    "texts": ('["long"]', "a field should be an object, is of type str"),
    "nulls": ("[null]", "a field should be an object, is missing"),
    "no type": ('[{"name": "a"}]', "a column's type should be text, is missing"),
    "a number for a type": ('[{"type": 1}]', "a column's type should be text, is of type int"),
    "a fraction for a name": (
        '[{"type": "long", "name": 1.5}]',
        "a column's name should be text or a whole number, is of type float",
    ),
    "a boolean for a name": (
        '[{"type": "long", "name": true}]',
        "a column's name should be text or a whole number, is of type bool",
    ),
    "text for required": ('[{"type": "long", "required": "yes"}]', "'required' should be"),
    "a number for optional": ('[{"type": "long", "optional": "no", "required": 0}]', "'required'"),
    "a tensor and a column": (
        '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}, {"type": "long"}]',
        "mixes tensors and columns",
    ),
    "a tensor without spec": ('[{"type": "tensor"}]', "tensor-spec: should be a mapping"),
    "a tensor with a list": ('[{"type": "tensor", "tensor-spec": []}]', "tensor-spec: should be"),
    "a tensor without dtype": (
        '[{"type": "tensor", "tensor-spec": {"shape": [-1]}}]',
        "dtype should be text, is missing",
    ),
    "a tensor without shape": (
        '[{"type": "tensor", "tensor-spec": {"dtype": "int64"}}]',
        "shape should be a list of whole numbers",
    ),
    "a shape of fractions": (
        '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [1.5]}}]',
        "shape should be a list of whole numbers",
    ),
    "a shape of truths": (
        '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [true]}}]',
        "shape should be a list of whole numbers",
    ),
    "a tensor named 1": (
        '[{"type": "tensor", "name": 1, "tensor-spec": {"dtype": "int64", "shape": [-1]}}]',
        "a tensor's name should be text",
    ),
}


def refusal(directory: Path, content: bytes) -> str:
    """Return the error message for a folder with this ``MLmodel`` file."""
    (directory / FILE_NAME).write_bytes(content)
    with pytest.raises(MalformedModel) as caught:
        read_mlmodel(directory)
    return str(caught.value)


@pytest.mark.parametrize("name", NOT_PLAIN_YAML)
def test_what_is_not_plain_yaml_is_refused_by_name(name: str, tmp_path: Path) -> None:
    """A file that is not plain, finite YAML is refused with its path and the problem."""
    content, error_message = NOT_PLAIN_YAML[name]
    message = refusal(tmp_path, content)
    assert message.startswith(f"{tmp_path / FILE_NAME}: ")
    assert error_message in message
    assert "\n" not in message


@pytest.mark.parametrize("tag", PYTHON_TAGS)
def test_python_objects_are_refused_and_not_made(tag: str, tmp_path: Path) -> None:
    """A tag for a Python object is refused, and nothing is called."""
    witness = tmp_path / "witness"
    message = refusal(tmp_path, b"flavors: " + tag.format(witness).encode() + b"\n")
    assert f"{tmp_path / FILE_NAME}: not readable in line 1" in message
    assert "python" in message
    assert not witness.exists()


@pytest.mark.parametrize("wrong", WRONG_VALUES)
@pytest.mark.parametrize("key", TEXT_KEYS)
def test_text_keys_take_nothing_but_text(key: str, wrong: str, tmp_path: Path) -> None:
    """A text key with any other value is refused by name."""
    document = {"flavors": {}, key: WRONG_VALUES[wrong]}
    message = refusal(tmp_path, yaml.safe_dump(document).encode())
    assert message.startswith(f"{tmp_path / FILE_NAME}: {key}: should be text, is of type ")


@pytest.mark.parametrize(
    ("line", "error_message"),
    [
        ("x: 1", "flavors: should be a mapping with text keys, is missing"),
        ("flavors: sklearn", "flavors: should be a mapping with text keys, is of type str"),
        ("flavors: [sklearn]", "flavors: should be a mapping with text keys, is of type list"),
        ("flavors: {1: {}}", "flavors: should be a mapping with text keys"),
        ("flavors: {sklearn: }", "flavors.sklearn: should be a mapping with text keys, is missing"),
        ("flavors: {sklearn: [a]}", "flavors.sklearn: should be a mapping with text keys, is of"),
        ("flavors: {sklearn: {1: a}}", "flavors.sklearn: should be a mapping with text keys"),
        ("{flavors: {}, signature: []}", "signature: should be a mapping with text keys"),
        ("{flavors: {}, signature: '[]'}", "signature: should be a mapping with text keys"),
        ("{flavors: {}, signature: {inputs: 1}}", "signature.inputs: should be JSON in a string"),
        ("{flavors: {}, signature: {outputs: []}}", "signature.outputs: should be JSON in a"),
        ("{flavors: {}, utc_time_created: soon}", "utc_time_created: not a time: 'soon'"),
        ("{flavors: {}, utc_time_created: ''}", "utc_time_created: not a time: ''"),
        ("{flavors: {}, model_size_bytes: '1'}", "model_size_bytes: should be a number, is of"),
        ("{flavors: {}, model_size_bytes: 1.5}", "model_size_bytes: should be a number"),
        ("{flavors: {}, model_size_bytes: true}", "model_size_bytes: should be a number"),
        ("[flavors]", "the document: should be a mapping with text keys, is of type list"),
        ("{1: a}", "the document: should be a mapping with text keys"),
    ],
)
def test_wrong_types_are_refused_by_key(line: str, error_message: str, tmp_path: Path) -> None:
    """A value of the wrong type is refused with the key it stands at."""
    assert refusal(tmp_path, line.encode()).startswith(f"{tmp_path / FILE_NAME}: {error_message}")


def test_a_column_can_be_named_by_a_number() -> None:
    """A whole number is a name of its own, also 0, and is shown as a number."""
    text = '[{"type": "double", "name": 2, "required": true}, {"type": "double", "name": 0}]'
    found = parse_schema(text, Path(FILE_NAME), "inputs")
    assert found == ColumnSchema((Column("double", 2), Column("double", 0)))
    assert found != ColumnSchema((Column("double", "2"), Column("double", "0")))
    assert found.names == (2, 0)
    assert describe(found) == "column-based [2 (a number): double, 0 (a number): double]"


@pytest.mark.parametrize("half", ["inputs", "outputs"])
@pytest.mark.parametrize("name", SCHEMAS)
def test_malformed_signatures_are_refused_by_key(name: str, half: str, tmp_path: Path) -> None:
    """A malformed ``signature.inputs`` or ``signature.outputs`` is refused with its key."""
    text, error_message = SCHEMAS[name]
    document = {"flavors": {}, "signature": {half: text}}
    message = refusal(tmp_path, yaml.safe_dump(document).encode())
    assert message.startswith(f"{tmp_path / FILE_NAME}: signature.{half}: ")
    assert error_message in message


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir], ids=["missing", "a directory"])
def test_what_is_no_file_is_refused_by_name(make: Callable[[Path], None], tmp_path: Path) -> None:
    """A missing file, or a folder in its place, is refused with its path."""
    make(tmp_path / FILE_NAME)
    with pytest.raises(MalformedModel) as caught:
        read_mlmodel(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / FILE_NAME}: cannot be read: ")


@pytest.mark.parametrize(
    ("entry", "required"),
    [
        ({}, True),
        ({"optional": True}, False),
        ({"optional": False}, True),
        ({"required": True}, True),
        ({"required": False}, False),
    ],
)
def test_both_spellings_of_required_are_read(entry: dict[str, bool], required: bool) -> None:
    """``optional`` (MLflow before 2.10) and ``required`` are both read."""
    text = json.dumps([{"type": "long", "name": "a", **entry}])
    assert parse_schema(text, Path(FILE_NAME), "inputs") == ColumnSchema(
        (Column("long", "a", required),)
    )


def test_a_whole_file_is_read_into_facts(tmp_path: Path) -> None:
    """Every key of a well-formed file is read with its value and type."""
    (tmp_path / FILE_NAME).write_text(
        "artifact_path: model\n"
        "flavors: {sklearn: {pickled_model: model.pkl}}\n"
        "mlflow_version: 2.8.0\nmodel_uuid: u\nrun_id: r\nmodel_size_bytes: 7\n"
        "utc_time_created: '2024-01-02 03:04:05.678901'\n"
        "signature:\n"
        """  inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int8", "shape": [-1, 8]}}]'\n"""
        """  outputs: '[{"type": "array", "items": {"type": "long"}}]'\n"""
        "  params: null\n"
    )
    found = read_mlmodel(tmp_path)
    assert found.flavors == {"sklearn": {"pickled_model": "model.pkl"}}
    assert found.signature is not None
    assert found.signature.inputs == TensorSchema((Tensor("int8", (-1, 8)),))
    assert found.signature.outputs == ColumnSchema((Column('array {"items": {"type": "long"}}'),))
    assert (found.artifact_path, found.mlflow_version) == ("model", "2.8.0")
    assert (found.model_uuid, found.run_id, found.model_id) == ("u", "r", None)
    assert found.model_size_bytes == 7
    assert str(found.utc_time_created) == "2024-01-02 03:04:05.678901"


PARAMS = '[{"name": "threshold", "dtype": "double", "default": 0.5, "shape": null}]'


def test_inference_parameters_are_read_with_their_defaults() -> None:
    """A signature's parameters are JSON in a string; without them there are none."""
    flavors: dict[str, Any] = {"flavors": {"sklearn": {}}}
    found = parse_mlmodel({**flavors, "signature": {"params": PARAMS}}, Path("MLmodel"))
    assert found.params == {"threshold": 0.5}
    for signature in (None, {}, {"params": None}, {"params": "[]"}):
        assert parse_mlmodel({**flavors, "signature": signature}, Path("MLmodel")).params == {}


@pytest.mark.parametrize("params", ["{", "{}", "3", 3, "[3]", '[{"default": 1}]', '[{"name": 2}]'])
def test_malformed_parameters_are_one_line(params: object) -> None:
    """Parameters of another form are a malformed model, with the key."""
    document = {"flavors": {"sklearn": {}}, "signature": {"params": params}}
    with pytest.raises(MalformedModel, match=r"^MLmodel: signature\.params: "):
        parse_mlmodel(document, Path("MLmodel"))
