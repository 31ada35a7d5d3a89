"""Tests that an invalid profile is refused in one line that names the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meta_tests.upgrade.profile_edits import MLFLOW, Facts
from meta_tests.upgrade.sample_profiles import ONE, changed, consistent, sample_facts, without
from mlflow_conformance.upgrade.profile.profile import (
    SECTIONS,
    FactPath,
    UnusableProfile,
    read_profile,
    write_profile,
)

FILES = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["format", "modes"]) | st.text(max_size=8), inner)
    ),
    max_leaves=10,
)
MODE = ("modes", ONE)
MODEL = (*MODE, "model")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of the invented profile."""
    path = tmp_path / "baseline.json"
    write_profile(sample_facts(), path)
    return path


def refusal(path: Path) -> str:
    """Return why a file is refused, which is one line that begins with its name."""
    with pytest.raises(UnusableProfile) as refused:
        read_profile(path)
    told = str(refused.value)
    assert told.startswith(f"{path}: ")
    assert "\n" not in told
    return told.removeprefix(f"{path}: ")


def read_or_refuse(path: Path) -> None:
    """Read a file; if it is refused, it must be as ``refusal`` demands."""
    try:
        read_profile(path)
    except UnusableProfile:
        refusal(path)


def rewrite(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Edit a file's document in place."""
    document = json.loads(path.read_text(encoding="utf-8"))
    edit(document)
    path.write_text(json.dumps(document), encoding="utf-8")


@FILES
@given(st.data())
def test_a_truncated_profile_is_refused(file: Path, data: st.DataObject) -> None:
    """A file that was cut anywhere before its last bracket is not read as a smaller profile."""
    write_profile(sample_facts(), file)
    whole = file.read_bytes()
    file.write_bytes(whole[: data.draw(st.integers(0, len(whole.rstrip()) - 1))])
    assert refusal(file).startswith("not a whole JSON document: ")


@FILES
@given(st.data(), st.binary(max_size=4), st.integers(0, 8))
def test_a_damaged_profile_is_read_or_refused(
    file: Path, data: st.DataObject, patch: bytes, length: int
) -> None:
    """Bytes overwritten anywhere raise nothing but the refusal."""
    write_profile(sample_facts(), file)
    whole = file.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    file.write_bytes(whole[:start] + patch + whole[start + length :])
    read_or_refuse(file)


@FILES
@given(JSON)
def test_a_foreign_document_is_refused(tmp_path: Path, document: Any) -> None:
    """Any other JSON is not a profile, and the line says how to get one."""
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert refusal(path) == "not a profile; record one with: pytest -m local --record"


@FILES
@given(st.sampled_from(["schema", "footer", *SECTIONS]), JSON)
def test_a_foreign_section_is_read_or_refused(file: Path, key: str, value: Any) -> None:
    """Anything else in a section's place raises nothing but the refusal."""
    write_profile(sample_facts(), file)
    rewrite(file, lambda document: document.update({key: value}))
    read_or_refuse(file)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (MLFLOW, "not a version", "environment.packages.mlflow: should be a version, is"),
        (MLFLOW, "\x1b[31m3", "environment.packages.mlflow: should be a version, is"),
        (MLFLOW, "", "environment.packages.mlflow: should be a version, is"),
        (("calls", "made"), 3, "calls.made: should be a mapping of facts"),
        (("calls", "parameters"), "x", "calls.parameters: should be a mapping of facts"),
        (("modes", ONE, "model", "contract"), 3, "model.contract: should be a mapping of facts"),
        (("modes", ONE, "model", "serving"), "x", "model.serving: should be a mapping of facts"),
        (("modes", ONE, "model", "requirements"), 3, "model.requirements: should be a mapping of"),
    ],
)
def test_what_the_comparison_relies_on_is_checked(
    path: FactPath, value: Any, told: str, file: Path
) -> None:
    """A wrong version, or another thing where a group should be, is one line with its place."""
    write_profile(consistent(changed(sample_facts(), path, value)), file)
    assert told in refusal(file)
    assert "\x1b" not in refusal(file)


def test_a_profile_without_calls_is_refused(file: Path) -> None:
    """The calls and their parameters are in every profile."""
    write_profile(without(sample_facts(), ("calls", "made")), file)
    assert refusal(file) == "calls.made: should be a mapping of facts"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('"schema": 1', '"schema": true', "a profile of schema version True, this suite reads"),
        ('"schema": 1', '"schema": 1.0', "a profile of schema version 1.0, this suite reads"),
        ('"schema": 1', '"schema": 1e0', "a profile of schema version 1.0, this suite reads"),
        ('"schema": 1', '"schema": 1, "schema": 1', "the key 'schema' is there twice"),
        ('"calls": {', '"calls": {}, "calls": {', "the key 'calls' is there twice"),
        ('"packages": {', '"packages": {"mlflow": "1", ', "the key 'mlflow' is there twice"),
        ('"schema": 1', '"schema": NaN', "NaN is not a JSON number"),
        ('"modes": 3', '"modes": Infinity', "Infinity is not a JSON number"),
        ('"modes": 3', '"modes": -Infinity', "-Infinity is not a JSON number"),
        ('"modes": 3', '"modes": 1e400', "'1e400' is too large a number"),
        ('"modes": 3', '"modes": 3.0', "is incomplete or edited: the footer says {'modes': 3.0, "),
        ('"modes": 3', '"modes": ' + "3" * 5000, "Exceeds the limit"),
        ('"schema": 1', '"schema": "\\ud800"', "'\\ud800' contains a lone surrogate"),
        ('"calls": {', '"calls": {"a\\udfff": 1, ', "'a\\udfff' contains a lone surrogate"),
    ],
)
def test_what_json_leaves_open_is_refused(before: str, after: str, told: str, file: Path) -> None:
    """Keys given twice, numbers that are none, and what is only equal to a number are refused."""
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    assert told in refusal(file)


def test_a_profile_of_any_size_is_not_read(file: Path) -> None:
    """A file that no profile is as large as is refused before it is read."""
    with file.open("r+b") as opened:
        opened.truncate(10 * 1024**3)
    told = "is larger than 5000000 bytes, the limit; profiles are some 100,000 bytes"
    assert refusal(file).startswith(told)


@pytest.mark.parametrize("key", ["format", "schema", "footer", *SECTIONS])
def test_a_profile_that_lacks_a_part_is_refused(key: str, file: Path) -> None:
    """Every part of the document is needed."""
    rewrite(file, lambda document: document.pop(key))
    refusal(file)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda d: d.update(schema=2), "a profile of schema version 2, this suite reads version 1"),
        (
            lambda d: d["footer"].update(facts=1),
            "is incomplete or edited: the footer says {'modes': 3, 'facts': 1}",
        ),
        (
            lambda d: d["footer"].update(modes=2),
            "is incomplete or edited: the footer says {'modes': 2, 'facts': ",
        ),
        (
            lambda d: d["modes"].pop(ONE),
            "is incomplete or edited: the footer says {'modes': 3, 'facts': ",
        ),
        (
            lambda d: d["environment"].pop("python"),
            "is incomplete or edited: the footer says {'modes': 3, 'facts': ",
        ),
        (lambda d: d["calls"].update(made=[1]), "calls: should be nested mappings of facts"),
        (lambda d: d["calls"].update(made=None), "calls: should be nested mappings of facts"),
        (lambda d: d.update(colours={"red": 1}), "'colours': is no section of a profile"),
    ],
    ids=["schema", "facts", "modes", "mode gone", "fact gone", "numbers", "null", "section"],
)
def test_an_edited_profile_is_refused(
    edit: Callable[[dict[str, Any]], object], told: str, file: Path
) -> None:
    """What somebody changed by hand is noticed, and said."""
    rewrite(file, edit)
    assert refusal(file).startswith(told)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (without(sample_facts(), MODEL), f"modes.{ONE}.model: does not go with the outcome"),
        (
            changed(sample_facts(), (*MODE, "outcome"), "timed out"),
            f"modes.{ONE}.model: does not go with the outcome",
        ),
        (changed(sample_facts(), MODEL, "lost"), f"modes.{ONE}.model: does not go with"),
        (without(sample_facts(), (*MODE, "outcome")), f"modes.{ONE}.outcome: is missing"),
        (changed(sample_facts(), (*MODE, "outcome"), 1), f"modes.{ONE}.outcome: is missing"),
        (changed(sample_facts(), MODE, "x"), f"modes.{ONE}.outcome: is missing"),
        (
            without(sample_facts(), ("environment", "packages", "mlflow")),
            "environment.packages.mlflow: is missing",
        ),
        (
            without(sample_facts(), ("environment", "packages")),
            "environment.packages.mlflow: is missing",
        ),
    ],
    ids=["no model", "no log", "model text", "outcome", "number", "mode", "mlflow", "packages"],
)
def test_a_profile_that_contradicts_itself_is_refused(
    facts: Facts, told: str, tmp_path: Path
) -> None:
    """What everybody relies on is there, and a model exactly where one was logged."""
    write_profile(facts, tmp_path / "profile.json")
    assert refusal(tmp_path / "profile.json").startswith(told)


@pytest.mark.parametrize("depth", [100, 300, 500, 900, 100_000])
@pytest.mark.parametrize("key", ["schema", "footer", "data", "anything"])
def test_a_deep_document_is_refused(depth: int, key: str, file: Path) -> None:
    """Nesting that exhausts Python's stack is refused like anything else."""
    rewrite(file, lambda document: document.update({key: "here"}))
    deep = '{"a": ' * depth + "1" + "}" * depth
    file.write_text(file.read_text(encoding="utf-8").replace('"here"', deep), encoding="utf-8")
    refusal(file)


def test_a_file_that_is_not_utf_8_is_refused(file: Path) -> None:
    """Bytes that are no text are not guessed at."""
    file.write_bytes(file.read_text(encoding="utf-8").encode("utf-16"))
    assert refusal(file).startswith("cannot be read: not UTF-8")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A directory and a missing file are named, with the system's reason."""
    assert refusal(tmp_path).startswith("cannot be read: ")
    assert refusal(tmp_path / "missing.json") == "cannot be read: No such file or directory"
