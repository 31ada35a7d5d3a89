"""Names in pickles: found without loading them, however they are written."""

from __future__ import annotations

import io
import os
import pickle
import pickletools
import subprocess
import sys
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from meta_tests.existing.hostile_pickles import (
    HIDDEN,
    RUN,
    SYSTEM,
    TRUE,
    by_protocol,
    called,
    joblib_file,
    name,
    smuggled,
    text,
    whole,
)
from mlflow_conformance.existing.harmless_names import executing
from mlflow_conformance.model import pickle_stream
from mlflow_conformance.model.pickle_names import (
    Left,
    Name,
    PickleNames,
    read_pickle_names,
    read_pickle_part,
)
from mlflow_conformance.model.pickle_steps import STEPS

# Pickles that create the file ``canary`` in any environment of the suite.
EXECUTED = (
    *("stack", "global", "inst", "obj", "memo", "python 2", "commands", "through another module"),
    *("mapped getattr of a module", "attrgetter", "methodcaller", "partial", "setstate", "append"),
    *("item of a dictionary", "nested", "path", "code", "registered", "frames", "second pickle"),
)
LOAD = """
import pickle, sys
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        try:
            while True:
                pickle.load(file)
        except Exception:
            pass
"""


def names(content: bytes) -> PickleNames:
    """Return what a file with a content names."""
    return read_pickle_part(io.BytesIO(content))


def test_every_opcode_is_known() -> None:
    """Each opcode that pickletools knows is read, and does something on the stack."""
    codes = {opcode.code.encode("latin-1") for opcode in pickletools.opcodes}
    stream = pickle_stream
    read = {*stream.ALONE, *stream.TEXTS, *stream.BYTES, *stream.NUMBERS, *stream.LINES}
    assert codes == read | {*stream.FIXED, stream.FRAME}
    assert codes - {stream.FRAME, b"."} == {*STEPS}


@pytest.mark.parametrize("label", EXECUTED)
def test_the_samples_would_execute(label: str, tmp_path: Path) -> None:
    """Loading the sample creates the file; reading its names does not, and says what would."""
    (tmp_path / "sample").write_bytes(TRUE[label])
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        assert executing(names(TRUE[label])), "nothing is said"
        assert not Path("canary").exists()
    finally:
        os.chdir(here)
    subprocess.run([sys.executable, "-c", LOAD, "sample"], cwd=tmp_path, check=True)
    assert (tmp_path / "canary").exists(), "the sample does not execute anything"


@pytest.mark.parametrize("label", TRUE)
def test_what_executes_is_named(label: str) -> None:
    """Each way to call a program is found."""
    assert executing(names(TRUE[label]))


def test_calls_in_each_protocol_are_named() -> None:
    """Calls are found in what each protocol writes, also beside an estimator."""
    missed = [label for label, content in by_protocol() if not executing(names(content))]
    assert not missed


@pytest.mark.parametrize("label", ["computed", "extension", "long name"])
def test_a_name_that_is_computed_is_noticed(label: str) -> None:
    """A name that only loading would tell is said to be one."""
    assert names(HIDDEN[label]).computed


def test_names_keep_apart_what_becomes_of_them() -> None:
    """Called names, classes of objects, passed names and carried ones are told apart."""
    passed = called(name("builtins", "list"), name("numpy", "log1p"))
    carried = called(name("cloudpickle.cloudpickle", "_make_cell"), name("shutil", "copy"))
    found = names(whole(passed + b"0" + carried + b"0" + name("a", "B") + b")\x81"))
    assert found.called == {
        Name("builtins", "list"),
        Name("cloudpickle.cloudpickle", "_make_cell"),
    }
    assert found.created == {Name("a", "B")}
    assert found.carried == {Name("shutil", "copy")}
    assert Name("numpy", "log1p") in found.used


def test_a_carried_name_that_is_also_called_executes() -> None:
    """A name that a function in the pickle uses is still found if the pickle calls it itself."""
    carried = called(name("cloudpickle.cloudpickle", "_make_cell"), name("os", "system"))
    assert not executing(names(whole(carried)))
    assert executing(names(whole(carried + b"0" + RUN)))
    # Put into a group that was carried before, and used after.
    later = b"]\x94" + called(name("cloudpickle.cloudpickle", "_make_cell"), b"h\x00")
    assert executing(names(whole(later + b"0h\x00" + SYSTEM + b"a")))


def test_modules_that_cloudpickle_imports_are_named() -> None:
    """What cloudpickle imports by a text is known, and executes nothing."""
    found = names(whole(called(name("cloudpickle.cloudpickle", "subimport"), text("shutil"))))
    assert found.modules == {"shutil"}
    assert not executing(found)


def test_old_names_are_those_of_python_3() -> None:
    """Names of Python 2 are those that loading imports; protocol 3 and newer has none."""
    found = names(b"c__builtin__\nset\n.")
    assert found.names == {Name("builtins", "set")}
    assert names(b"\x80\x03c__builtin__\nset\n.").names == {Name("__builtin__", "set")}


def test_arrays_of_joblib_are_passed_over() -> None:
    """What stands behind an array is read; the array's values are none of opcodes."""
    found = names(joblib_file())
    assert not found.problem
    assert not executing(found)
    assert executing(names(joblib_file(after=RUN + b"0")))


@pytest.mark.parametrize("label", [key for key in smuggled() if key.endswith("pkl")])
def test_values_of_arrays_are_read_as_opcodes_too(label: str) -> None:
    """A reader that does not know joblib would execute them."""
    assert executing(names(smuggled()[label]))


def test_every_beginning_is_read_or_refused() -> None:
    """A pickle that is cut anywhere raises only what is documented, and part of it is read."""
    content = pickle.dumps({"a": [1, 2.5, "x" * 300, (None, b"y"), np.arange(3)]}, 4)
    for end in range(len(content)):
        with pytest.raises((ValueError, LookupError)):
            read_pickle_names(io.BytesIO(content[:end]))
        assert names(content[:end]).problem
    assert not names(content).problem


def test_the_limits_hold_for_all_files_together() -> None:
    """Files share the number of opcodes and bytes; what is left out is said."""
    left = Left(opcodes=10, bytes=1000)
    assert read_pickle_part(io.BytesIO(whole(b"N0" * 3)), left).is_whole
    assert not read_pickle_part(io.BytesIO(whole(b"N0" * 3)), left).is_whole
    assert not read_pickle_part(io.BytesIO(whole(b"U\xff" + b"x" * 255)), Left(bytes=100)).is_whole


def samples_of_size() -> Mapping[str, bytes]:
    """Return pickles that could take much memory."""
    return {
        "long text": whole(b"X" + (20 * 2**20).to_bytes(4, "little") + b"x" * (20 * 2**20)),
        "long bytes": whole(b"\x8e" + (20 * 2**20).to_bytes(8, "little") + b"x" * (20 * 2**20)),
        "a length that is a lie": whole(b"\x8e" + (2**62).to_bytes(8, "little")),
        "a long line": b"V" + b"x" * (20 * 2**20) + b"\n.",
        "a long number": b"I" + b"1" * (20 * 2**20) + b"\n.",
        "many values": whole(b"(" + b"N" * 10**5 + b"t"),
        "many groups": whole(b"(" + b"]" * 10**5 + b"t"),
        "nested groups": whole(b"]" + b"\x85" * 10**5),
        "memo": whole(b"N" + b"\x94" * 10**5),
    }


@pytest.mark.parametrize("label", samples_of_size())
def test_no_pickle_takes_much_memory(label: str) -> None:
    """Long values are passed over, and many take a few bytes each."""
    file = io.BytesIO(samples_of_size()[label])
    tracemalloc.start()
    try:
        read_pickle_part(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 25 * 2**20
