"""Hostile values: each reader refuses them quickly, in one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mlflow_conformance.azure.setup.workspace_name import InvalidWorkspaceName, read_config
from mlflow_conformance.model.environment_files import (
    MalformedEnvironment,
    read_conda,
    read_requirements,
)
from mlflow_conformance.model.mlmodel import MalformedModel, read_mlmodel
from mlflow_conformance.pytest_plugin.deviations_reader import read_known_deviations
from mlflow_conformance.pytest_plugin.known_deviations import KnownDeviation
from mlflow_conformance.support import strict_yaml
from mlflow_conformance.support.output import LONGEST_LINE, raw_text, tail
from mlflow_conformance.support.strict_json import MalformedJson, loads
from mlflow_conformance.support.versions import specifiers, version
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.upgrade.changes.accepted import read_accepted
from mlflow_conformance.upgrade.profile.baselines import UnknownBaseline, find_baseline
from mlflow_conformance.upgrade.profile.profile import UnusableProfile, read_profile

YAML: dict[str, tuple[str, str]] = {
    "base 60": ("1:" * 400_000 + "1", "a number in base 60; put it in quotes"),
    "base 60, float": ("1:" * 400_000 + "1.5", "a number in base 60; put it in quotes"),
    "a time of day": ("12:30", "12:30 is a number in base 60"),
    "an explicit int": ("!!int '1:1'", "a number in base 60"),
    "hexadecimal": ("0x" + "f" * 900_000, "a number of too many digits"),
    "binary": ("0b" + "1" * 900_000, "a number of too many digits"),
    "octal": ("0" + "7" * 900_000, "a number of too many digits"),
    "decimal": ("9" * 900_000, "a number of too many digits"),
    "underscores": ("1" + "_" * 900_000, "a number of too many digits"),
    "a float": ("1." + "9" * 900_000, "a number of too many digits"),
    "a date": ("2020-99-99", "not readable"),
    "merged": ("{<<: {a: 1}}", "'<<' is not allowed as a key"),
    "equal keys": ("{1: a, 0x1: b}", "two keys are equal"),
    "equal truths": ("{true: a, yes: b}", "two keys are equal"),
    "half a character": ('"\\ud800"', "file.yaml: not readable"),
    "half a key": ('{"\\udfff": 1}', "file.yaml: not readable"),
    "terminal": ("[\x9b]", "not readable"),
    "deep": ("[" * 5000, "nested too deeply"),
    "large": ("a" * 1_000_001, "is larger than 1000000 bytes, the limit"),
}


@pytest.mark.parametrize(("text", "problem"), YAML.values(), ids=YAML)
def test_yaml_that_costs_more_than_it_says_is_refused(
    text: str, problem: str, tmp_path: Path
) -> None:
    """Numbers in base 60 or with many digits, duplicate keys, and malformed text are refused."""
    path = tmp_path / "file.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(strict_yaml.MalformedYaml) as refused:
        strict_yaml.load(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert problem in str(refused.value)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < len(str(path)) + 200


@pytest.mark.parametrize(
    "text", ["'12:30'", "1_000", "0x1F", "1.5e+3", "-.inf", "2020-01-01", "09:xx"]
)
def test_usual_yaml_is_read(text: str) -> None:
    """Ordinary numbers, dates and quoted times are read."""
    assert strict_yaml.loads(text.encode(), where="x") == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "a": 1}', "the key 'a' is there twice"),
        ('[{"b": {"a": 1, "a": 2}}]', "the key 'a' is there twice"),
        ("NaN", "NaN is not a JSON number"),
        ("[-Infinity]", "-Infinity is not a JSON number"),
        ("1e999", "'1e999' is too large a number"),
        ("9" * 5000, "Exceeds the limit"),
        ('"\\udc00"', "contains a lone surrogate"),
        ('{"\\udc00": 1}', "contains a lone surrogate"),
        ("[" * 101 + "]" * 101, "nested more than 100 deep"),
        ("[" * 100_000, "nested too deeply"),
        ("{", "Expecting property name"),
    ],
)
def test_json_that_is_not_strict_is_refused(text: str, problem: str) -> None:
    """Duplicate keys, non-standard numbers and text, and deep nesting are refused."""
    with pytest.raises(MalformedJson, match=re.escape(problem)):
        loads(text)


def test_a_pair_of_surrogates_is_a_character() -> None:
    """A surrogate pair in JSON is one character."""
    assert loads('"\\ud83d\\ude00"') == "\U0001f600"


def _deviation(key: str, value: str) -> str:
    when = f"when: {{{key}: '{value}'}}"
    return f"deviations:\n- {{tests: '*', reason: x, link: 'https://x', {when}}}\n"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("says", "a{99999999999999}"),
        ("says", "a{" + "9" * 5000 + "}"),
        ("says", "(" * 5000 + ")" * 5000),
        ("says", "(?P<a"),
        ("says", "a(?i)b"),
        ("mlflow", "==" + "9" * 5000),
        ("mlflow", ">=x"),
        ("python", ">=3," * 3000),
    ],
)
def test_expressions_and_versions_that_are_none_are_refused(
    key: str, value: str, tmp_path: Path
) -> None:
    """Errors of re and packaging become an error of the entry."""
    path = tmp_path / "known.yaml"
    path.write_text(_deviation(key, value), encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=f"deviation 1: when: {key}: should be "
    ) as refused:
        read_known_deviations(path)
    assert str(refused.value).isprintable()


@pytest.mark.filterwarnings("error")
def test_an_expression_that_a_later_python_refuses_is_refused(tmp_path: Path) -> None:
    """With warnings as errors, a warning from compiling an expression is an error of the entry."""
    (tmp_path / "known.yaml").write_text(_deviation("says", "[[a]"), encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match="should be a regular expression: Possible nested set"
    ):
        read_known_deviations(tmp_path / "known.yaml")


@pytest.mark.parametrize(
    ("tests", "test_id", "covers"),
    [
        ("a", "a", True),
        ("a", "ab", False),
        ("*", "", True),
        ("a*", "abc", True),
        ("*c", "abc", True),
        ("a*c", "ac", True),
        ("ab*bc", "abc", False),
        ("*b*", "abc", True),
        ("a*b*c", "axbxbxc", True),
        ("a*b*c", "axbxbx", False),
        ("a.c", "abc", False),
        ("*[x]*", "a[x]\nb", True),
        ("*a" * 40 + "*b", "a" * 3000, False),
    ],
)
def test_stars_stand_for_anything(tests: str, test_id: str, covers: bool) -> None:
    """A ``*`` in a pattern matches anything, as in a shell, however many there are."""
    deviation = KnownDeviation(1, tests, (), {}, {}, "x", "x", "https://x")
    assert deviation.covers(test_id) is covers


@pytest.mark.parametrize("line", ["a==" + "9" * 5000, "a" * 5000, "a>=" + "1." * 3000 + "1"])
def test_a_requirement_of_too_many_digits_is_refused(line: str, tmp_path: Path) -> None:
    """A requirement with too many digits is refused when it is read."""
    (tmp_path / "requirements.txt").write_text(line, encoding="utf-8")
    with pytest.raises(MalformedEnvironment, match="is not a requirement"):
        read_requirements(tmp_path)


def test_versions_of_too_many_digits_are_none() -> None:
    """A version with too many digits is refused by every reader."""
    for read in (version, specifiers):
        with pytest.raises(ValueError, match=r"longer than 4000 characters|Invalid"):
            read("==" + "9" * 5000)
    with pytest.raises(UnknownBaseline, match="is not a version: longer than"):
        find_baseline("1." + "9" * 5000)


READERS: dict[str, tuple[str, Callable[[Path], object], type[Exception]]] = {
    "MLmodel": ("MLmodel", lambda path: read_mlmodel(path.parent), MalformedModel),
    "conda": ("conda.yaml", lambda path: read_conda(path.parent), MalformedEnvironment),
    "requirements": (
        "requirements.txt",
        lambda path: read_requirements(path.parent),
        MalformedEnvironment,
    ),
    "deviations": ("known.yaml", read_known_deviations, ConfigurationError),
    "accepted changes": ("accepted.yaml", read_accepted, ConfigurationError),
    "profile": ("baseline.json", read_profile, UnusableProfile),
    "config.json": ("config.json", read_config, InvalidWorkspaceName),
}


@pytest.mark.parametrize(("name", "read", "error"), READERS.values(), ids=READERS)
def test_every_reader_refuses_what_is_no_file(
    name: str, read: Callable[[Path], object], error: type[Exception], tmp_path: Path
) -> None:
    """A loop of links, a device and a sparse file are refused with the reader's own error."""
    path = tmp_path / name
    path.symlink_to(path)
    with pytest.raises(error, match="cannot be read: Too many levels"):
        read(path)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(error, match="cannot be read: it is a device, not a plain file"):
        read(path)
    path.unlink()
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)
    with pytest.raises(error, match=r"is larger than .* bytes, the limit"):
        read(path)


def test_what_was_printed_is_shown_in_limited_printable_lines(tmp_path: Path) -> None:
    """Escape sequences, bidi marks and long lines of a script are not printed to the terminal."""
    path = tmp_path / "output.txt"
    path.write_bytes(b"\x1b[2Ja\tb\xe2\x80\xae\n" + b"x" * 5000 + b"\n\xff\r\n\n")
    first, second, third = tail(path).splitlines()
    assert first == "\\x1b[2Ja   b\\u202e"
    assert second == "x" * LONGEST_LINE
    assert third == "\ufffd"


def test_output_of_any_size_is_searched_to_a_limit(tmp_path: Path) -> None:
    """Only the end of a large output is searched for the pattern of a known deviation."""
    path = tmp_path / "output.txt"
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)
        file.seek(0, 2)
        file.write(b"the end")
    assert raw_text(path).endswith("the end")
    assert len(raw_text(path)) == 4_000_000
