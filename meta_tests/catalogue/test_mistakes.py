"""Mistakes in a catalogue: each is one line with file, entry, key and the way out."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from meta_tests.end_to_end.suite_run import mode, write_catalogue
from mlflow_conformance.catalogue.modes import Catalogue
from mlflow_conformance.catalogue.place_reader import OF_THE_PROCESS, OF_THE_STORE
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.support.yaml_entry import ConfigurationError

MODES = [
    mode("one", "model.py"),
    mode(
        "two",
        "model.py",
        same_model_as="one",
        requirements="stated",
        logged_with="save_model",
        logs={"metrics": ["AUC"]},
    ),
]
FIRST = ("modes", 0)
SECOND = ("modes", 1)
COLUMNS = {"columns": [{"name": "a", "type": "long"}]}
TWICE = {"columns": [{"name": "a", "type": "long"}, {"name": "a", "type": "double"}]}
MISSING = object()


def named_columns(*names: str) -> dict[str, Any]:
    """Return a schema of number columns with these names."""
    return {"columns": [{"name": name, "type": "double"} for name in names]}


# Where in the catalogue (a path of keys), the wrong value, and the error message.
MISTAKES: list[tuple[tuple[str | int, ...], Any, str]] = [
    ((), [], "the catalogue: should be a mapping"),
    ((), None, "the catalogue: should be a mapping"),
    (("mode",), [], "the catalogue: mode: unknown key; known are experiment, data"),
    (("experiment",), 1, "the catalogue: experiment: should be text, is 1"),
    (("experiment",), "", "the catalogue: experiment: should be text, is ''"),
    (
        ("data",),
        MISSING,
        (
            "mode 'one': estimator: needs the catalogue's data: file, features, label, test_size,"
            " random_state"
        ),
    ),
    (("data",), "data.csv", "the catalogue: data: should be a mapping"),
    (("data", "rows"), 1, "the catalogue: data: rows: unknown key"),
    (("data", "file"), "no.csv", "the catalogue: data: file: no file "),
    (("data", "file"), ".", "the catalogue: data: file: no file "),
    (("data", "features"), "a", "the catalogue: data: features: should be a list, is 'a'"),
    (("data", "features"), [1], "the catalogue: data: features: should be a list of texts"),
    (("data", "features"), [], "data: features: is empty, should list at least one"),
    (("data", "features"), ["a", ""], "data: features: should be a list of names, one of them is"),
    (("data", "features"), ["a", "b", "a"], "data: features: lists 'a' twice"),
    (("data", "label"), 1, "the catalogue: data: label: should be text, is 1"),
    (("data", "label"), ["y", "z"], "data: label: should be one column; for a model of several"),
    (("data", "label"), "a", "the catalogue: data: label: 'a' is one of the features"),
    (("data", "test_size"), "0.3", "the catalogue: data: test_size: should be a number, is '0.3'"),
    (("data", "test_size"), True, "the catalogue: data: test_size: should be a number, is True"),
    (("data", "test_size"), 0, "the catalogue: data: test_size: should lie between 0 and 1, is 0"),
    (("data", "test_size"), 1, "the catalogue: data: test_size: should lie between 0 and 1, is 1"),
    (("data", "test_size"), -0.5, "the catalogue: data: test_size: should lie between 0 and 1"),
    (("data", "test_size"), math.nan, "the catalogue: data: test_size: should lie between 0 and 1"),
    (
        ("data", "random_state"),
        0.5,
        "data: random_state: should be a whole number from 0 to 4294967295, is 0.5",
    ),
    (
        ("data", "random_state"),
        True,
        "data: random_state: should be a whole number from 0 to 4294967295, is True",
    ),
    (("estimators",), [], "the catalogue: estimators: should be a mapping"),
    (("estimators", "classifier"), "x", "estimators: classifier: should be a mapping"),
    (("estimators", "classifier", "cls"), "x", "estimators: classifier: cls: unknown key"),
    (("estimators", "classifier", "class"), MISSING, "classifier: class: is missing"),
    (("estimators", "classifier", "class"), "SVC", "class: should be a dotted name, module.Class"),
    (("estimators", "classifier", "class"), "a..b", "class: should be a dotted name, module.Class"),
    (("estimators", "classifier", "class"), "a.b()", "class: should be a dotted name, module"),
    (("estimators", "classifier", "kind"), "forest", "'forest' is none of classifier, regressor"),
    (("estimators", "classifier", "probabilities"), 1, "probabilities: should be true or false"),
    (
        ("estimators", "classifier"),
        {"class": "a.b", "parameters": {}, "kind": "regressor", "probabilities": True},
        "estimators: classifier: probabilities: should be false, a regressor has none",
    ),
    (("estimators", "classifier", "parameters"), [], "classifier: parameters: should be a mapping"),
    (("estimators", "classifier", "parameters"), {1: 2}, "parameters: should be a mapping"),
    (("schemas",), MISSING, "mode 'one': signature: inputs: 'features' is none of (no entries)"),
    (("schemas", "labels"), {}, "schemas: labels: tensor: should be there, or else 'columns'"),
    (
        ("schemas", "labels", "columns"),
        [],
        "labels: tensor: should be there, or else 'columns'",
    ),
    (("schemas", "labels", "shape"), [1], "schemas: labels: shape: unknown key"),
    (("schemas", "labels", "tensor"), "x", "schemas: labels: tensor: should be a mapping"),
    (("schemas", "labels", "tensor", "type"), "x", "labels: tensor: type: unknown key"),
    (("schemas", "labels", "tensor", "dtype"), 64, "labels: tensor: dtype: should be text, is 64"),
    (("schemas", "labels", "tensor", "shape"), -1, "tensor: shape: should be a list, is -1"),
    (("schemas", "labels", "tensor", "shape"), ["x"], "shape: should be a list of whole numbers"),
    (("schemas", "labels", "tensor", "shape"), [], "tensor: shape: should list lengths of 1 or"),
    (("schemas", "labels", "tensor", "shape"), [-1, 0], "1 or more, -1 for any, is [-1, 0]"),
    (("schemas", "labels", "tensor", "shape"), [-2], "lengths of 1 or more, -1 for any, is [-2]"),
    (("schemas", "labels", "tensor", "dtype"), "int46", "dtype: 'int46' is none of bool, int8"),
    (("schemas", "labels", "tensor", "dtype"), "long", "dtype: 'long' is none of bool, int8"),
    (("schemas", "labels"), {"columns": []}, "schemas: labels: columns: is empty, should list"),
    (("schemas", "labels"), TWICE, "the catalogue: schemas: labels: columns: lists 'a' twice"),
    (("schemas", "labels"), {"columns": ["a"]}, "labels: column 1: should be a mapping"),
    (("schemas", "labels"), {"columns": [{}]}, "labels: column 1: type: is missing"),
    (
        ("schemas", "labels"),
        {"columns": [{"type": "long"}, {"type": "int"}]},
        "schemas: labels: column 2: type: 'int' is none of boolean, integer, long",
    ),
    (
        ("schemas", "labels"),
        {"columns": [{"type": "long", "optional": True}]},
        "labels: column 1: optional: unknown key",
    ),
    (
        ("schemas", "labels"),
        {"columns": [{"type": "long", "required": "no"}]},
        "labels: column 1: required: should be true or false, is 'no'",
    ),
    (
        ("schemas", "labels"),
        {"columns": [{"name": 1, "type": "long"}, {"name": 1, "type": "long"}]},
        "the catalogue: schemas: labels: columns: lists 1 twice",
    ),
    (
        ("schemas", "labels"),
        {"columns": [{"name": -1, "type": "long"}]},
        "labels: column 1: name: should be a whole number from 0 to 2147483647, is -1",
    ),
    (
        ("schemas", "labels"),
        {"columns": [{"name": True, "type": "long"}]},
        "labels: column 1: name: should be text or a whole number, is True",
    ),
    (
        ("schemas", "labels"),
        {"columns": [{"name": 1.5, "type": "long"}]},
        "labels: column 1: name: should be text or a whole number, is 1.5",
    ),
    (("modes",), {}, "the catalogue: modes: should be a list, is {}"),
    (("modes",), [], "the catalogue: modes: names no mode"),
    (FIRST, "one", "mode 1: should be a mapping"),
    ((*SECOND, "name"), MISSING, "mode 2: name: is missing"),
    ((*SECOND, "name"), 2, "mode 2: name: should be text, is 2"),
    ((*FIRST, "name"), "a b", "mode 'a b': name: should be letters, digits, '-' and '_'"),
    ((*FIRST, "name"), "one[x]", "mode 'one[x]': name: should be letters, digits, '-' and '_'"),
    ((*FIRST, "name"), "../one", "mode '../one': name: should be letters, digits, '-' and '_'"),
    ((*FIRST, "name"), "-", "mode '-': name: should be letters, digits, '-' and '_'"),
    ((*SECOND, "name"), "one", "mode 'one': name: is the name of an earlier mode"),
    ((*FIRST, "promises"), [], "mode 'one': promises: unknown key; known are name, script"),
    ((*FIRST, "script"), "no.py", "mode 'one': script: no file "),
    ((*FIRST, "script"), MISSING, "mode 'one': script: is missing"),
    ((*FIRST, "arguments"), "--x", "mode 'one': arguments: should be a list, is '--x'"),
    ((*FIRST, "arguments"), [0.5], "mode 'one': arguments: should be a list of texts; put numbers"),
    ((*FIRST, "display_name"), None, "mode 'one': display_name: should be text, is None"),
    ((*FIRST, "trains_on"), "list", "mode 'one': trains_on: 'list' is none of array, frame"),
    ((*FIRST, "estimator"), "forest", "mode 'one': estimator: 'forest' is none of classifier"),
    ((*FIRST, "flavors"), "sklearn", "mode 'one': flavors: should be a list, is 'sklearn'"),
    ((*FIRST, "flavors"), [], "mode 'one': flavors: is empty, should list at least one"),
    ((*FIRST, "flavors"), ["a", "a"], "mode 'one': flavors: lists 'a' twice"),
    ((*FIRST, "autologs"), "yes", "mode 'one': autologs: should be true or false, is 'yes'"),
    ((*FIRST, "autologs"), 1, "mode 'one': autologs: should be true or false, is 1"),
    ((*FIRST, "signature"), "inferred", "mode 'one': signature: should be a mapping"),
    ((*FIRST, "signature", "params"), [], "mode 'one': signature: params: unknown key"),
    ((*FIRST, "signature", "origin"), "guessed", "origin: 'guessed' is none of autolog, inferred"),
    ((*FIRST, "signature", "inputs"), "rows", "inputs: 'rows' is none of features, labels"),
    ((*FIRST, "signature", "outputs"), MISSING, "mode 'one': signature: outputs: is missing"),
    ((*FIRST, "requirements"), "told", "requirements: 'told' is none of inferred, stated"),
    ((*FIRST, "requirements"), ["six"], "mode 'one': requirements: should be text, is ['six']"),
    ((*FIRST, "logged_with"), "autolog", "'autolog' is none of log_model, save_model"),
    (FIRST, mode("one", "model.py", autologs=True, logged_with="save_model"), "save_model is not"),
    ((*FIRST, "logs"), ["AUC"], "mode 'one': logs: should be a mapping"),
    ((*FIRST, "logs"), {}, "mode 'one': logs: is empty, should name something or be left out"),
    ((*FIRST, "logs"), {"plots": []}, "logs: plots: unknown key; known are metrics, params, tags"),
    ((*FIRST, "logs"), {"tags": []}, "mode 'one': logs: tags: is empty, should list at least one"),
    ((*FIRST, "logs"), {"metrics": ["a", "a"]}, "mode 'one': logs: metrics: lists 'a' twice"),
    ((*FIRST, "artifact_path"), "", "mode 'one': artifact_path: should be text, is ''"),
    ((*FIRST, "artifact_path"), "/a", "artifact_path: should be a path inside of a run, is '/a'"),
    ((*FIRST, "artifact_path"), "a/../b", "artifact_path: should be a path inside of a run, is "),
    ((*FIRST, "artifact_path"), "./a", "artifact_path: should be a path inside of a run, is './a'"),
    ((*FIRST, "artifact_path"), "a//b", "artifact_path: should be a path inside of a run, is 'a//"),
    ((*FIRST, "artifact_path"), "a/", "artifact_path: should be a path inside of a run, is 'a/'"),
    ((*FIRST, "folder"), "", "mode 'one': folder: should be text, is ''"),
    ((*FIRST, "folder"), "nowhere", "mode 'one': folder: 'nowhere' is no folder; "),
    ((*FIRST, "folder"), "model.py", "mode 'one': folder: 'model.py' is no folder; "),
    ((*FIRST, "folder"), "a\0b", "/a\\x00b: cannot be resolved: embedded null"),
    (
        (*FIRST, "arguments"),
        ["{folder}"],
        "{folder} is the copy of the mode's folder, and the mode",
    ),
    ((*FIRST, "environment"), [], "mode 'one': environment: should be a mapping"),
    ((*FIRST, "environment"), {"A": 1}, "environment: A: should be text, is 1; put it in quotes"),
    (
        (*FIRST, "environment"),
        {"A": "a\0b"},
        "environment: A: should be text, is 'a\\x00b'; put it",
    ),
    ((*FIRST, "environment"), {"A=B": "1"}, "environment: 'A=B' is no name of a variable"),
    ((*FIRST, "environment"), {"": "1"}, "environment: '' is no name of a variable"),
    (
        (*FIRST, "environment"),
        {"MLFLOW_RUN_ID": "1"},
        "environment: MLFLOW_RUN_ID: is set by the suite, which chooses store, experiment and run;",
    ),
    (
        (*FIRST, "environment"),
        {"HOME": "/"},
        "environment: HOME: is set by the suite, which chooses interpreter, modules and temporary",
    ),
    ((*SECOND, "same_model_as"), "three", "mode 'two': same_model_as: 'three' names no other mode"),
    ((*SECOND, "same_model_as"), "two", "mode 'two': same_model_as: 'two' names no other mode"),
    ((*SECOND, "same_model_as"), True, "mode 'two': same_model_as: should be text, is True"),
    (
        ("schemas", "features"),
        named_columns("a", "bb"),
        "have a column 'bb', which is none of data.features; the nearest is 'b': which one does",
    ),
    (("schemas", "features"), named_columns("a", "cc"), "'cc', which is none of data.features"),
    (
        ("schemas", "features"),
        {"columns": [{"type": "double"}, {"type": "double"}]},
        "mode 'one': signature: the inputs have no names; the data has a, b",
    ),
    ((1,), "x", "the catalogue: should be a mapping"),
    (("a\nb",), "x", "the catalogue: a\\nb: unknown key"),
    (("a\r\x1bb",), "x", "the catalogue: a\\r\\x1bb: unknown key"),
    (("estimators", "a\nb"), "x", "the catalogue: estimators: a\\nb: should be a mapping"),
    ((*FIRST, "script"), "x" * 5000, "mode 'one': script: no file "),
    ((*FIRST, "script"), "a\0b", "mode 'one': script: no file "),
    ((*FIRST, "script"), "a\nb", "mode 'one': script: no file "),
]


def changed(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Return a copy of the document with a value at the end of a path replaced or removed."""
    if not path:
        return value
    copied: Any = copy.copy(document)
    if value is MISSING and len(path) == 1:
        del copied[path[0]]
    else:
        inner = copied.get(path[0]) if isinstance(copied, dict) else copied[path[0]]
        copied[path[0]] = changed(inner, path[1:], value)
    return copied


def refusal(path: Path, read: Callable[[Path], Catalogue] = read_catalogue) -> str:
    """Return the error message of a refused catalogue: one line that names the file."""
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    return message


@pytest.mark.parametrize(("place", "value", "error_message"), MISTAKES)
def test_a_mistake_is_told_by_file_entry_and_key(
    place: tuple[str | int, ...], value: Any, error_message: str, tmp_path: Path
) -> None:
    """A wrong value anywhere in the catalogue is reported with file, entry, key and the way out."""
    path = write_catalogue(tmp_path, MODES, {})
    document = changed(yaml.safe_load(path.read_text()), place, value)
    path.write_text(yaml.safe_dump(document))
    assert error_message in refusal(path)


@pytest.mark.parametrize(
    "key", ["file", "features", "label", "test_size", "random_state"], ids=lambda key: f"data-{key}"
)
def test_a_missing_key_of_the_data_is_told(key: str, tmp_path: Path) -> None:
    """Every key of the data is required, and a missing one is named."""
    path = write_catalogue(tmp_path, MODES, {})
    path.write_text(
        yaml.safe_dump(changed(yaml.safe_load(path.read_text()), ("data", key), MISSING))
    )
    assert refusal(path).endswith(f"the catalogue: data: {key}: is missing")


@pytest.mark.parametrize(
    "content",
    [b"modes: [", b"a: 1\na: 2\n", b"!!python/object/apply:os.abort []", b"\xff", b"[" * 5000],
    ids=["not YAML", "a key twice", "a Python object", "not UTF-8", "too deep"],
)
def test_a_file_that_is_no_plain_yaml_is_refused(content: bytes, tmp_path: Path) -> None:
    """A catalogue that is not plain YAML is refused by name, and nothing is executed."""
    path = tmp_path / "modes.yaml"
    path.write_bytes(content)
    assert "not readable" in refusal(path) or "nested too deeply" in refusal(path)


def test_a_missing_catalogue_is_named(tmp_path: Path) -> None:
    """A missing catalogue is refused by name."""
    assert "cannot be read: No such file" in refusal(tmp_path / "modes.yaml")


@pytest.mark.parametrize("name", sorted(OF_THE_STORE | OF_THE_PROCESS))
def test_the_suite_s_own_variables_cannot_be_set(name: str, tmp_path: Path) -> None:
    """Every variable that the suite needs to choose itself is refused."""
    entry = mode("one", "model.py", environment={"MLFLOW_UV_AUTO_DETECT": "false", name: "x"})
    message = refusal(write_catalogue(tmp_path, [entry], {}))
    assert f"mode 'one': environment: {name}: is set by the suite, which chooses" in message
    assert message.endswith("; remove it")


def test_a_script_outside_its_folder_is_refused(tmp_path: Path) -> None:
    """A script that would not be in the copy is named, with both ways out."""
    (tmp_path / "inner").mkdir()
    catalogue = write_catalogue(tmp_path, [mode("one", "model.py", folder="inner")], {})
    assert refusal(catalogue).endswith(
        f"mode 'one': script: {tmp_path / 'model.py'} is outside {tmp_path / 'inner'}, the folder"
        " that is copied; move it there, or name a folder that contains it with the key folder"
    )
