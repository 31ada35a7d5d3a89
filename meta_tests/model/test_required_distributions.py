"""Distributions that a model file needs: the file is inspected, never loaded."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import pickle
import pickletools
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from sklearn.linear_model import LogisticRegression

from mlflow_conformance.environments.packages import with_dependencies
from mlflow_conformance.model.model_file import (
    UnreadableModelFile,
)
from mlflow_conformance.model.required_distributions import distributions_needed

FUZZED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LIMIT = 2**20
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
# Opcodes with any arguments: random bytes hardly ever get past the first opcode.
OPCODES = st.sampled_from([opcode.code.encode("latin-1") for opcode in pickletools.opcodes])
PICKLE_PARTS = OPCODES | st.binary(max_size=5) | st.sampled_from([b"sklearn\n", b"a b\n", b"1\n"])
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["__module__", "__class__", "content"]), inner)
    ),
    max_leaves=10,
)


class Trap:
    """An object that runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        """Keep the command."""
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the call that unpickling makes."""
        return os.system, (self.command,)


def skops_file(path: Path, schema: str | bytes, compression: int = zipfile.ZIP_STORED) -> Path:
    """Write an archive with a schema in the place where skops has it, and return its path."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("schema.json", schema)
    return path


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_is_disassembled_and_not_run(protocol: int, tmp_path: Path) -> None:
    """Inspecting a pickle does not run the command that loading it would run."""
    witness = tmp_path / "witness"
    content = pickle.dumps(Trap(f"touch '{witness}'"), protocol)
    (tmp_path / "model.pkl").write_bytes(content)
    assert distributions_needed(tmp_path / "model.pkl", "pickle") == set()
    assert not witness.exists()
    pickle.loads(content)  # noqa: S301 - the trap must work
    assert witness.exists()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_modules_of_a_pickle_are_found(protocol: int, tmp_path: Path) -> None:
    """The distributions that an estimator's pickle refers to are found in every protocol."""
    estimator = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(estimator, protocol))
    assert distributions_needed(tmp_path / "model.pkl", "pickle") == {"scikit-learn", "numpy"}


@pytest.mark.parametrize(
    ("serialization_format", "needed"),
    [("pickle", set()), ("cloudpickle", {"cloudpickle"}), ("nonsense", set())],
)
def test_the_reader_of_the_format_is_needed_too(
    serialization_format: str, needed: set[str], tmp_path: Path
) -> None:
    """The package that MLflow imports to read the format is included."""
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(collections.OrderedDict()))
    assert distributions_needed(tmp_path / "model.pkl", serialization_format) == needed


def test_the_modules_of_a_skops_archive_are_found(tmp_path: Path) -> None:
    """Every module in the archive's schema is found at any depth, and skops itself."""
    schema = {
        "__module__": "sklearn.linear_model",
        "content": [{"deeper": {"__module__": "numpy"}}, {"__module__": "nowhere"}, "pandas"],
    }
    archive = skops_file(tmp_path / "model.skops", json.dumps(schema))
    assert distributions_needed(archive, "skops") == {"scikit-learn", "numpy", "skops"}


def test_names_are_those_of_requirements(tmp_path: Path) -> None:
    """Distributions have normalised names, as in requirements."""
    archive = skops_file(tmp_path / "model.skops", json.dumps({"__module__": "yaml"}))
    assert "pyyaml" in distributions_needed(archive, "skops")
    assert all(Requirement(name).name == name for name in distributions_needed(archive, "skops"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a pickle",
        pickle.dumps([1, "two", Exception()])[:-4],
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
        b"cposix\n",
        b"Iseven\n.",
    ],
)
def test_a_broken_pickle_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    """A file that is not a whole pickle is refused with its path and format."""
    path = tmp_path / "model.pkl"
    path.write_bytes(content)
    with pytest.raises(UnreadableModelFile) as caught:
        distributions_needed(path, "pickle")
    assert str(caught.value).startswith(f"{path}: not readable as pickle: ")


def damaged_archive(folder: Path) -> bytes:
    """Return a compressed archive with some bytes of its content overwritten."""
    path = skops_file(folder / "whole.skops", json.dumps([1] * 500), zipfile.ZIP_DEFLATED)
    content = bytearray(path.read_bytes())
    content[42:46] = b"\xff\xff\xff\xff"
    return bytes(content)


def encrypted_archive(folder: Path) -> bytes:
    """Return an archive with an entry that is marked as encrypted."""
    content = bytearray(skops_file(folder / "whole.skops", "{}").read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def test_a_broken_archive_is_refused_by_name(tmp_path: Path) -> None:
    """A file that is not a readable archive is refused with its path and format."""
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("other.json", "{}")
    whole = skops_file(tmp_path / "whole.skops", "{}").read_bytes()
    contents = {
        "empty": b"",
        "no archive": b"PK\x03\x04 and no more",
        "cut off": whole[:-30],
        "without a schema": (tmp_path / "other.zip").read_bytes(),
        "not JSON": skops_file(tmp_path / "a.skops", "{").read_bytes(),
        "not UTF-8": skops_file(tmp_path / "b.skops", b"\xff\xfe\xff").read_bytes(),
        "too deep": skops_file(tmp_path / "c.skops", "[" * 100_000).read_bytes(),
        "damaged": damaged_archive(tmp_path),
        "encrypted": encrypted_archive(tmp_path),
    }
    path = tmp_path / "model.skops"
    for name, content in contents.items():
        path.write_bytes(content)
        with pytest.raises(UnreadableModelFile) as caught:
            distributions_needed(path, "skops")
        assert str(caught.value).startswith(f"{path}: not readable as skops: "), name


def test_an_archive_that_unpacks_to_any_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small archive with a huge schema is refused without unpacking it all."""
    monkeypatch.setattr("mlflow_conformance.model.model_file.MAXIMUM_SCHEMA_BYTES", LIMIT)
    schema = b" " * (50 * LIMIT)
    bomb = skops_file(tmp_path / "model.skops", schema, zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    with pytest.raises(UnreadableModelFile) as caught:
        distributions_needed(bomb, "skops")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    problem = f"schema.json unpacks to more than {LIMIT} bytes"
    assert str(caught.value) == f"{bomb}: not readable as skops: {problem}"
    assert peak < 10 * LIMIT


def test_a_schema_of_the_largest_size_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A schema of exactly the largest size is read."""
    monkeypatch.setattr("mlflow_conformance.model.model_file.MAXIMUM_SCHEMA_BYTES", LIMIT)
    schema = b'{"__module__": "numpy"}'.ljust(LIMIT)
    archive = skops_file(tmp_path / "model.skops", schema, zipfile.ZIP_DEFLATED)
    assert distributions_needed(archive, "skops") == {"numpy", "skops"}


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_without_a_limit_is_refused(compression: int, tmp_path: Path) -> None:
    """A compression that ``zipfile`` can only unpack as a whole is refused."""
    archive = skops_file(tmp_path / "model.skops", "{}", compression)
    with pytest.raises(UnreadableModelFile, match=r"schema\.json is neither stored nor deflated$"):
        distributions_needed(archive, "skops")


@pytest.mark.parametrize("serialization_format", ["pickle", "skops"])
def test_a_missing_file_is_refused_by_name(serialization_format: str, tmp_path: Path) -> None:
    """A missing file, or a folder in its place, is refused with its path."""
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(UnreadableModelFile, match=f"^{path}: not readable as "):
            distributions_needed(path, serialization_format)


def test_dependencies_are_followed() -> None:
    """What a distribution requires is found, also indirectly, but not what an extra adds."""
    found = with_dependencies(["scikit_learn", "no-such-distribution"])
    assert {"scikit-learn", "numpy", "scipy", "no-such-distribution"} <= found
    assert not {"mlflow", "pandas", "pytest"} & found


@FUZZED
@given(st.lists(PICKLE_PARTS, max_size=20).map(b"".join) | st.binary(max_size=60))
def test_any_bytes_are_a_pickle_or_refused(tmp_path: Path, content: bytes) -> None:
    """Arbitrary bytes are read as a pickle, or refused with the reader's own error."""
    (tmp_path / "model.pkl").write_bytes(content)
    with contextlib.suppress(UnreadableModelFile):
        distributions_needed(tmp_path / "model.pkl", "pickle")


@FUZZED
@given(JSON, st.integers(0, 200), st.binary(max_size=3))
def test_any_damaged_archive_is_read_or_refused(
    tmp_path: Path, schema: Any, place: int, patch: bytes
) -> None:
    """An archive with any schema and overwritten bytes raises only the reader's own error."""
    path = skops_file(tmp_path / "model.skops", json.dumps(schema), zipfile.ZIP_DEFLATED)
    content = path.read_bytes()
    path.write_bytes(content[:place] + patch + content[place + len(patch) :])
    with contextlib.suppress(UnreadableModelFile):
        distributions_needed(path, "skops")
