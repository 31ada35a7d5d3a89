"""Pickles that execute something when they are loaded, or hide what they would do.

``TRUE`` commands create the file ``canary`` in the working directory, so that a test can show that
loading them executes, and that examining them does not.
"""

from __future__ import annotations

import io
import pickle
import struct
import types
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import cloudpickle
import joblib
import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper
from sklearn.linear_model import LinearRegression

COMMAND: Final = "touch canary"
CODE: Final = "open('canary', 'w').close()"


class Calls:
    """An object that is pickled as a call."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        """Keep the function and its arguments."""
        self._call = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        """Return the call that unpickling makes."""
        return self._call


def text(value: str) -> bytes:
    """Return the opcode of a text of any length."""
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def name(module: str, attribute: str) -> bytes:
    """Return opcodes that import a name from the stack, as protocol 4 does."""
    return text(module) + text(attribute) + b"\x93"


def called(function: bytes, *arguments: bytes) -> bytes:
    """Return opcodes that call what other opcodes leave on the stack."""
    return function + b"(" + b"".join(arguments) + b"tR"


def whole(opcodes: bytes) -> bytes:
    """Return a pickle of opcodes."""
    return b"\x80\x04" + opcodes + b"."


SYSTEM: Final = name("os", "system")
RUN: Final = called(SYSTEM, text(COMMAND))
OS: Final = called(name("cloudpickle.cloudpickle", "subimport"), text("os"))
# A class of Python with attributes, which takes any state.
PLAIN: Final = name("types", "SimpleNamespace") + b")\x81"


def with_attributes(key: str, value: bytes) -> bytes:
    """Return opcodes of an object that has one attribute."""
    return PLAIN + b"}" + text(key) + value + b"sb"


# Each creates the canary, or would on some machine; all must be called unsafe.
TRUE: Final[Mapping[str, bytes]] = {
    "stack": whole(RUN),
    "global": b"cos\nsystem\n(S'touch canary'\ntR.",
    "posix": b"cposix\nsystem\n(S'touch canary'\ntR.",
    "inst": b"(S'touch canary'\nios\nsystem\n.",
    "obj": b"(cos\nsystem\nS'touch canary'\no.",
    "memo": whole(
        text("os")
        + b"\x94"
        + text("system")
        + b"\x940"
        + b"0h\x00h\x01\x93"
        + b"("
        + text(COMMAND)
        + b"tR"
    ),
    "put and get": b"S'x'\np0\n0cos\nsystem\np1\n0g1\n(S'touch canary'\ntR.",
    "duplicated": whole(text("os") + text("system") + b"\x932" + b"(" + text(COMMAND) + b"tR"),
    "eval": whole(called(name("builtins", "eval"), text(CODE))),
    "exec": whole(called(name("builtins", "exec"), text(CODE))),
    "python 2": b'c__builtin__\neval\n(S\'open("canary", "w").close()\'\ntR.',
    "commands": b"ccommands\ngetoutput\n(S'touch canary'\ntR.",
    "subprocess": whole(called(name("subprocess", "getoutput"), text(COMMAND))),
    "run": pickle.dumps(Calls(__import__("subprocess").run, ["touch", "canary"])),
    "runpy": whole(
        called(
            name("runpy", "_run_code"),
            called(name("builtins", "compile"), text(CODE), text("x"), text("exec")),
            b"}",
        )
    ),
    "pty": whole(called(name("pty", "spawn"), text("true"))),
    "through another module": whole(called(name("pandas.io.common", "os.system"), text(COMMAND))),
    "module of another module": whole(
        called(
            called(name("builtins", "getattr"), name("pandas.io.common", "os"), text("system")),
            text(COMMAND),
        )
    ),
    "getattr of a module": whole(
        called(called(name("builtins", "getattr"), OS, text("system")), text(COMMAND))
    ),
    "mapped getattr of a module": whole(
        called(
            name("builtins", "list"),
            called(
                name("builtins", "map"),
                called(name("builtins", "getattr"), OS, text("system")),
                b"(" + text(COMMAND) + b"l",
            ),
        )
    ),
    "attrgetter": whole(
        called(called(called(name("operator", "attrgetter"), text("system")), OS), text(COMMAND))
    ),
    "methodcaller": whole(
        called(called(name("operator", "methodcaller"), text("system"), text(COMMAND)), OS)
    ),
    "partial": whole(called(called(name("functools", "partial"), SYSTEM, text(COMMAND)))),
    "globals of a function": whole(
        called(
            name("_operator", "getitem"),
            called(name("builtins", "getattr"), name("statistics", "mean"), text("__globals__")),
            text("math"),
        )
    ),
    "dotted globals": whole(called(name("statistics", "mean.__globals__.get"), text("math"))),
    "item of a dictionary": whole(
        called(
            called(
                name("_operator", "getitem"),
                called(
                    name("_operator", "getitem"),
                    name("statistics", "mean.__globals__"),
                    text("__builtins__"),
                ),
                text("eval"),
            ),
            text(CODE),
        )
    ),
    "setstate": whole(with_attributes("__setstate__", SYSTEM) + text(COMMAND) + b"b"),
    "append": whole(with_attributes("append", SYSTEM) + text(COMMAND) + b"a"),
    "appends": whole(with_attributes("extend", SYSTEM) + b"(" + text(COMMAND) + b"e"),
    "default factory": whole(called(name("collections", "defaultdict"), SYSTEM)),
    "importlib": whole(called(name("importlib", "import_module"), text("antigravity"))),
    "nested": whole(
        called(name("pickle", "loads"), b"B" + struct.pack("<I", len(whole(RUN))) + whole(RUN))
    ),
    "cloudpickle": whole(
        called(name("cloudpickle", "loads"), b"C" + bytes([len(whole(RUN))]) + whole(RUN))
    ),
    "joblib load": whole(called(name("joblib", "load"), text("canary"))),
    "pandas": whole(called(name("pandas", "read_pickle"), text("canary"))),
    "pandas inside": whole(called(name("pandas.io.pickle", "read_pickle"), text("canary"))),
    "numpy": whole(called(name("numpy", "load"), text("canary"), b"N", b"\x88")),
    "numpy testing": whole(
        called(name("numpy.testing._private.utils", "runstring"), text(CODE), b"}")
    ),
    "torch": whole(called(name("torch", "load"), text("canary"))),
    "mlflow": whole(called(name("mlflow.pyfunc", "load_model"), text("canary"))),
    "dill": whole(called(name("dill._dill", "_eval_repr"), text(CODE))),
    "file": whole(called(name("builtins", "open"), text("canary"), text("w"))),
    "path": whole(
        called(name("pathlib", "Path.touch"), called(name("pathlib", "Path"), text("canary")))
    ),
    "log file": whole(called(name("logging", "FileHandler"), text("canary"))),
    "removed": whole(called(name("shutil", "rmtree"), text("canary"))),
    "code": cloudpickle.dumps(
        Calls(types.FunctionType, compile(CODE, "x", "exec"), {"__builtins__": __builtins__})
    )[:-1]
    + b")R.",
    "registered": whole(
        called(name("copyreg", "add_extension"), text("os"), text("system"), b"K\x01")
        + b"0\x82\x01("
        + text(COMMAND)
        + b"tR"
    ),
    "second pickle": pickle.dumps({"a": 1}) + whole(RUN),
    "behind a million": whole(b"N0" * 1_000_000 + RUN),
    "in a list": pickle.dumps([[[1, {"a": (Calls(__import__("os").system, COMMAND),)}]]]),
    "thread": whole(
        called(name("_thread", "start_new_thread"), SYSTEM, b"(" + text(COMMAND) + b"t")
    ),
    "web": whole(called(name("webbrowser", "open"), text("file:///dev/null"))),
    "sqlite": whole(called(name("sqlite3", "connect"), text("canary"))),
    "ctypes": whole(called(name("ctypes", "CDLL"), text("canary.so"))),
    "timeit": whole(called(name("timeit", "timeit"), text(CODE))),
    "zip": whole(called(name("zipfile", "ZipFile"), text("canary"), text("w"))),
    "reduce": whole(called(name("functools", "reduce"), SYSTEM, b"(" + text(COMMAND) + b"K\x01l")),
    "dataclass": whole(called(name("dataclasses", "make_dataclass"), text("A"), b"]")),
    "annotation": whole(called(name("typing", "_eval_type"), text(CODE), b"N", b"N")),
    "finalizer": whole(called(name("weakref", "finalize"), PLAIN, SYSTEM, text(COMMAND))),
    "frames": b"\x80\x04\x95" + struct.pack("<Q", len(RUN) + 1) + RUN + b".",
}


def _uncalled() -> bytes:
    return pickle.dumps({"later": __import__("os").system})


# They hide what they do, or need what no model does: at least doubtful.
HIDDEN: Final[Mapping[str, bytes]] = {
    "computed": whole(
        called(name("builtins", "str"), text("os"))
        + text("system")
        + b"\x93("
        + text(COMMAND)
        + b"tR"
    ),
    "extension": whole(b"\x82\x01(" + text(COMMAND) + b"tR"),
    "long extension": whole(b"\x84\x01\x00\x00\x00"),
    "of a mapping": whole(
        b"}" + text("a") + text("os") + b"s" + b"0" + b"N" + text("system") + b"\x93"
    ),
    "too long": whole(b"N0" * 2_500_000 + RUN),
    "long name": whole(text("o" * 5000) + text("system") + b"\x93"),
    "long memo number": b"cbuiltins\nlist\np1\n0g" + b"0" * 5000 + b"1\n(tR.",
    "function of its own": cloudpickle.dumps(lambda: None)[:-1] + b")R.",
    "unusual function": whole(called(name("sklearn.datasets", "fetch_openml"), text("iris"))),
    "standard module": whole(name("stat", "S_ISREG")),
    "reading stops": whole(name("builtins", "list") + b")R")[:-1] + b"\xff" + RUN + b".",
}


def joblib_file(*, after: bytes = b"") -> bytes:
    """Return what joblib writes for an array, with opcodes before the end."""
    opened = io.BytesIO()
    joblib.dump({"array": np.arange(1000.0)}, opened)
    return opened.getvalue()[:-1] + after + b"."


def smuggled() -> Mapping[str, bytes]:
    """Return attacks that use how joblib and archives store pickles."""
    data = b"0" + RUN + b"."
    kind = np.dtype("u1")
    wrapper = NumpyArrayWrapper(np.ndarray, (len(data),), "C", kind, True, None)
    torch = io.BytesIO()
    with zipfile.ZipFile(torch, "w") as archive:
        archive.writestr("archive/data.pkl", whole(RUN))
    compressed = io.BytesIO()
    joblib.dump(Calls(__import__("os").system, COMMAND), compressed, compress=3)
    return {
        "behind an array.joblib": joblib_file(after=RUN + b"0"),
        "in an array.pkl": pickle.dumps(wrapper, 2)[:-1] + data + b".",
        "model.pth": torch.getvalue(),
        "compressed.joblib": compressed.getvalue(),
        "compressed without a suffix": compressed.getvalue(),
        "no suffix": whole(RUN),
        "old without a suffix": TRUE["posix"],
        "notes.txt": whole(RUN),
        "deep/er/data.bin": whole(RUN),
    }


def by_protocol() -> Iterator[tuple[str, bytes]]:
    """Yield calls as each protocol writes them."""
    functions: Mapping[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
        "system": (__import__("os").system, (COMMAND,)),
        "popen": (__import__("os").popen, (COMMAND,)),
        "exec": (exec, (CODE,)),
        "eval": (eval, (CODE,)),
        "check_output": (__import__("subprocess").check_output, (["touch", "canary"],)),
        "Popen": (__import__("subprocess").Popen, (["touch", "canary"],)),
    }
    for label, (function, arguments) in functions.items():
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            yield (
                f"{label} of protocol {protocol}",
                pickle.dumps(Calls(function, *arguments), protocol),
            )
            yield (
                f"{label} in an estimator of protocol {protocol}",
                pickle.dumps(
                    {"model": LinearRegression(), "x": Calls(function, *arguments)}, protocol
                ),
            )
