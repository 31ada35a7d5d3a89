"""Generated hostile folders: whatever is in them, examining them gives a verdict, and nothing else.

Each is a label, the content of its files by name, and what is done to the folder besides.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import pickletools
import random
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import yaml

from meta_tests.existing.hostile_pickles import HIDDEN, RUN, TRUE, by_protocol, smuggled, whole
from meta_tests.existing.sample_models import ESTIMATOR, sample_model

SEED: Final = 20260101
ODD_NAMES: Final = (
    *(b"\x1b[31mred", b"\x1b]0;title\x07", b"a\nb", b"a\rb", b"\xe2\x80\xaegnp.lkp", b"\xff\xfe"),
    *(b"a\tb", b"\x7f", b"\xe2\x80\x8b", b"\xed\xa0\x80", b"%s%n", b"{0}", b"'\"`$(touch canary)"),
    *(b"-rf", b"~", b"a" * 255, "ä".encode() * 100, b"CON", b"x\x00y"[:1], b"\\..\\x", b" ", b"#"),
    *(b"\xc2\x85", b"\xe2\x80\xa8", b"\xf0\x9f\x92\xa3", b"model.pkl\x1b[2J", b"*", b"?", b"\x01"),
)
OUTSIDE: Final = (
    *("../x", "..", "../../../../etc/passwd", "/etc/passwd", "//host/share", "a/../../x"),
    *("C:\\x", "c:/x", "\\\\host\\share", "..\\x", "a\\..\\..\\x", "/", "\0", "a\0b", "./../x"),
    *("file:///etc/passwd", "http://127.0.0.1/x", "~/x", "$HOME", "a" * 10_000, "a/" * 5000),
    *("\x1b[31m", "\u202e", "a\nb", " ", "|touch canary", "%2e%2e/x", "models:/x/1"),
)
KEYS: Final = (
    *("artifact_path", "run_id", "model_uuid", "mlflow_version", "utc_time_created"),
    *("saved_input_example_info.artifact_path", "saved_input_example_info.serving_input_path"),
    *("flavors.sklearn.pickled_model", "flavors.sklearn.code", "flavors.python_function.env"),
    *("flavors.sklearn.serialization_format", "flavors.python_function.model_path"),
    *("flavors.python_function.loader_module", "flavors.python_function.code"),
    *("flavors.python_function.data", "flavors.python_function.python_version"),
    *("flavors.python_function.config", "flavors.python_function.model_code_path"),
    *("signature.inputs", "signature.params", "metadata", "model_size_bytes"),
)
VALUES: Final[tuple[object, ...]] = (
    None,
    1,
    1.5,
    True,
    [],
    {},
    [[]],
    {"a": {"b": []}},
    "",
    "x",
    [None],
    -(2**70),
)
YAML: Final = (
    *("", "null", "[]", "1", "a", "---\n---\n", "flavors:", "flavors: []", "flavors: {a: b}"),
    *("flavors: {1: {}}", "flavors: {a: {1: 2}}", "!!python/object/apply:os.system [touch canary]"),
    *(
        "flavors: !!python/name:os.system",
        "flavors: !!python/module:os",
        "? [a]\n: b",
        "<<: {a: b}",
    ),
    *("&a [*a]", "flavors: &a {a: *a}", "a: &b [x]\nflavors: *b", "%YAML 9.9\n---\na", "%TAG ! x:"),
    *(
        "flavors: !!binary x",
        "flavors: !!set {a}",
        "a: !!int x",
        "a: !!timestamp x",
        "a: !!float x",
    ),
    *(
        "a: 2001-99-99",
        "a: 1:2:3",
        "a: " + "9" * 5000,
        "a: .inf",
        "a: .nan",
        "\t",
        "a: b: c",
        "- -",
    ),
    *(
        "flavors: {}\nflavors: {}",
        '"\\ud800": 1',
        'flavors: {"\\ud800": {}}',
        "a: '\\0'",
        "\ufeffa: b",
    ),
    *("{" * 500, "[" * 5000, "a: " * 3000, "- " * 3000, "? " * 3000, "a: |\n" + " x\n" * 9999),
    *("flavors: {python_function: {loader_module: [a]}}", "flavors: {sklearn: {pickled_model: 3}}"),
    *("flavors: {python_function: {loader_module: ''}}", "flavors: {'\\u202e': {}}", "a: !x b"),
    "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]" for n in range(9)),
    "flavors:\n" + "".join(f"  f{n}: {{}}\n" for n in range(3000)),
    "flavors:\n  x:\n" + "".join(f"    k{n}: {{path: ../{n}}}\n" for n in range(2000)),
    "flavors: {" + ", ".join(f"'{chr(n)}': {{}}" for n in range(0x2000, 0x2100)) + "}",
)
RAW_YAML: Final = (b"\xff", b"\x00", b"a: \x00", b"\xfe\xff\x00a", b"a: \xc3", b"\xef\xbb\xbfa: b")
LINES: Final = (
    *("-r ../../etc/passwd", "-e .", "--index-url http://127.0.0.1", "a @ file:///etc", "a==1;"),
    *(
        "a; extra == 'x'",
        "a; x == 'y'",
        "a==" + "9" * 5000,
        "a" * 100_000,
        "a[" + "b," * 3000 + "c]",
    ),
    *("a" + ",>1" * 3000, "a===x", "a~=1", "\\", "a \\\n\\\n\\", "./x.whl", "x-1-py3-none-any.whl"),
    *("git+ssh://u:secret@host/x#egg=y", "\x1b[31m", "a\0b", "; python_version < '3'", "(" * 5000),
    *("a; python_version == '3.x'", "a; platform_release >= 'x'", "-c constraints.txt", "===", "#"),
)
FLAVORS: Final[Mapping[str, Mapping[str, object]]] = {
    "xgboost": {"data": "model.xgb", "model_class": "xgboost.core.Booster", "xgb_version": "1.7"},
    "lightgbm": {"data": "model.lgb", "lgb_version": "3.3", "model_class": "lightgbm.Booster"},
    "keras": {"data": "data", "keras_module": "keras", "keras_version": "2.4", "save_format": "h5"},
    "tensorflow": {"saved_model_dir": "tfmodel", "meta_graph_tags": ["serve"]},
    "pytorch": {"model_data": "data", "pytorch_version": "1.8", "code": None},
    "onnx": {"data": "model.onnx", "onnx_version": "1.9", "providers": ["CPU"]},
    "spark": {"model_data": "sparkml", "pyspark_version": "3.1"},
    "transformers": {"model_binary": "model", "task": "text", "components": ["tokenizer"]},
    "langchain": {"model_data": "model.yaml", "langchain_version": "0.1"},
    "catboost": {"data": "model.cb", "model_type": "CatBoost", "save_format": "cbm"},
    "h2o": {"data": "model.h2o", "h2o_version": "3.40"},
    "crate": {"version": "0.0.0", "model_path": "crate"},
    "mleap": {"model_data": "mleap", "mleap_version": "0.8"},
    "gluon": {"data": "data"},
    "fastai": {"data": "model.fastai", "fastai_version": "2.4"},
    "spacy": {"data": "model.spacy", "spacy_version": "3.0"},
    "of_a_team": {"path": "x", "model": {"path": ["a", {"b": "c"}]}},
}


@dataclass(frozen=True)
class HostileFolder:
    """One folder: its files by name, as bytes, and what is done to it after they are written."""

    label: str
    files: Mapping[bytes, bytes] = field(default_factory=dict)
    after: Callable[[Path], object] = lambda folder: None

    def write(self, folder: Path) -> Path:
        """Write the folder, and return it."""
        folder.mkdir(parents=True)
        files = {name.encode(): content for name, content in self._sound().items()}
        for name, content in {**files, **self.files}.items():
            path = os.path.join(os.fsencode(folder), name)  # noqa: PTH118 - names are bytes
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            with open(path, "wb") as file:  # noqa: PTH123
                file.write(content)
        self.after(folder)
        return folder

    def _sound(self) -> dict[str, bytes]:
        model = sample_model()
        return {"MLmodel": yaml.safe_dump(model.mlmodel).encode(), **model.files}


def of_mlmodel() -> Iterator[HostileFolder]:
    """Yield folders whose ``MLmodel`` is hostile, cut off, or changed at random places."""
    for number, text in enumerate(YAML):
        yield HostileFolder(f"YAML {number}", {b"MLmodel": text.encode("utf-8", "surrogatepass")})
    for number, raw in enumerate(RAW_YAML):
        yield HostileFolder(f"bytes {number}", {b"MLmodel": raw})
    whole_file = yaml.safe_dump(sample_model().mlmodel).encode()
    for end in range(0, len(whole_file), 9):
        yield HostileFolder(f"MLmodel cut at {end}", {b"MLmodel": whole_file[:end]})
    drawn = random.Random(SEED)  # noqa: S311 - the same in each run
    for number in range(150):
        changed = bytearray(whole_file)
        for _ in range(drawn.randint(1, 5)):
            changed[drawn.randrange(len(changed))] = drawn.randrange(256)
        yield HostileFolder(f"MLmodel changed {number}", {b"MLmodel": bytes(changed)})


def of_keys() -> Iterator[HostileFolder]:
    """Yield folders in whose ``MLmodel`` a key has a path out of the folder, or another type."""
    for key in KEYS:
        for number, value in enumerate((*OUTSIDE, *VALUES)):
            document = json.loads(json.dumps(sample_model().mlmodel))
            *above, last = key.split(".")
            place = document
            for part in above:
                place = place[part]
            place[last] = value
            content = yaml.safe_dump(document).encode()
            yield HostileFolder(f"{key} {number}", {b"MLmodel": content})


def of_names() -> Iterator[HostileFolder]:
    """Yield folders with odd names of files and folders, and pickles in them."""
    for number, name in enumerate(ODD_NAMES):
        for content in (b"", TRUE["stack"], TRUE["posix"], b"\xff"):
            yield HostileFolder(f"name {number}", {name + b".pkl"[: 255 - len(name)]: content})
        yield HostileFolder(f"folder {number}", {name + b"/x": TRUE["stack"]})


def of_entries() -> Iterator[HostileFolder]:
    """Yield folders with links, FIFOs, sparse files, many or deep folders, and no rights."""
    targets = ("/", "/etc/passwd", "/dev/zero", "/proc/self/mem", "..", ".", "x", "model.pkl")
    for place in ("MLmodel", "model.pkl", "requirements.txt", "code", "a", "input_example.json"):
        for target in (*targets, "/nowhere", f"{place}", "../" * 50 + "etc"):
            yield HostileFolder(f"{place} -> {target}", after=_linked(place, target))
        yield HostileFolder(f"{place} is a FIFO", after=_special(place, stat.S_IFIFO))
        yield HostileFolder(f"{place} is a folder", after=_folder(place))
        yield HostileFolder(f"{place} is sparse", after=_sparse(place))
    yield HostileFolder(
        "two links to each other", after=lambda f: (_linked("a", "b")(f), _linked("b", "a")(f))
    )
    yield HostileFolder("links that double", after=_doubling)
    yield HostileFolder("deep", after=lambda f: f.joinpath(*["d"] * 400).mkdir(parents=True))
    yield HostileFolder("many", after=_many(Path.touch))
    yield HostileFolder("many folders", after=_many(Path.mkdir))
    for name in ("sparse.pkl", "sparse.skops", "sparse.bin", "sparse.joblib", "sparse.pth"):
        yield HostileFolder(name, after=_sparse(name))
        for start in (
            b"\x80\x04",
            b"V",
            b"PK\x03\x04",
            b"\x1f\x8b",
            b"\x78\x9c",
            b"cos\nx\n",
            b"I",
        ):
            yield HostileFolder(f"{name} {start!r}", after=_sparse(name, start))


def of_environment() -> Iterator[HostileFolder]:
    """Yield folders with hostile environment files."""
    for number, line in enumerate(LINES):
        yield HostileFolder(f"requirement {number}", {b"requirements.txt": line.encode()})
        conda = {"dependencies": ["python=3", line, {"pip": [line]}]}
        yield HostileFolder(
            f"conda {number}", {b"conda.yaml": yaml.safe_dump(conda).encode()[:900_000]}
        )
    for name in (b"conda.yaml", b"python_env.yaml"):
        for number, text in enumerate(YAML):
            content = text.encode("utf-8", "surrogatepass")
            yield HostileFolder(f"{name!r} {number}", {name: content})
    for name in (b"conda.yaml", b"python_env.yaml", b"requirements.txt", b"input_example.json"):
        for number, raw in enumerate(RAW_YAML):
            yield HostileFolder(f"{name!r} bytes {number}", {name: raw})
    for number, text in enumerate(
        (
            "[" * 9000,
            "{",
            "1e999",
            "NaN",
            '{"columns": 3}',
            "9" * 5000,
            '{"columns": [[[]], {}, null]}',
            '"\\ud800"',
            "[" + "1," * 9999,
        )
    ):
        yield HostileFolder(f"example {number}", {b"input_example.json": text.encode()})


def of_pickles() -> Iterator[HostileFolder]:
    """Yield folders with pickles that execute, hide, are cut anywhere, or are random opcodes."""
    for label, content in {**TRUE, **HIDDEN, **dict(by_protocol())}.items():
        if len(content) < 100_000:
            yield HostileFolder(f"model {label}", {b"model.pkl": content})
            yield HostileFolder(f"artifact {label}", {b"artifacts/x": content})
    for label, content in smuggled().items():
        yield HostileFolder(f"smuggled {label}", {b"artifacts/" + label.encode(): content})
    estimator = pickle.dumps({"model": ESTIMATOR, "x": np.arange(3)}, 4)
    for end in range(len(estimator)):
        yield HostileFolder(f"pickle cut at {end}", {b"model.pkl": estimator[:end]})
    drawn = random.Random(SEED)  # noqa: S311 - the same in each run
    codes = [opcode.code.encode("latin-1") for opcode in pickletools.opcodes]
    parts = [b"os\n", b"system\n", b"1\n", b"\x00", b"\x01", b"'a'\n", RUN]
    for number in range(400):
        opcodes = b"".join(drawn.choice(codes + parts) for _ in range(drawn.randint(1, 60)))
        name = b"model.pkl" if number % 2 else b"artifacts/x.joblib"
        yield HostileFolder(f"opcodes {number}", {name: opcodes + b"."})
    for number in range(100):
        yield HostileFolder(f"random {number}", {b"model.pkl": drawn.randbytes(number)})


def of_archives() -> Iterator[HostileFolder]:
    """Yield folders with hostile archives: bombs, traversal, encryption, lies and damage."""
    schema = {"__module__": "os", "__class__": "system"}
    contents = {
        "traversal": _archive({"../../x": b"", "/etc/x": b"", "schema.json": json.dumps(schema)}),
        "no schema": _archive({"x": b""}),
        "bomb": _archive({"schema.json": b"[" * (20 * 2**20)}),
        "wide": _archive({"schema.json": b"[" + b"[]," * 2_000_000 + b"1]"}),
        "deep": _archive({"schema.json": b"[" * 900 + b"]" * 900}),
        "many": _archive({str(number): b"" for number in range(2000)}),
        "pickle bomb": _archive({"data.pkl": whole(b"N0" * 500_000)}),
        "pickle": _archive({"x/data.pkl": whole(RUN), "y": whole(RUN)}),
        "types": _archive({"schema.json": json.dumps({"__module__": ["os"], "__class__": 3})}),
    }
    encrypted = bytearray(_archive({"schema.json": b"{}"}))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    contents["encrypted"] = bytes(encrypted)
    whole_archive = contents["pickle"]
    for end in range(0, len(whole_archive), 7):
        contents[f"cut at {end}"] = whole_archive[:end]
    contents["lying directory"] = whole_archive[:-10] + b"\xff" * 10
    for label, content in contents.items():
        for name in (b"model.skops", b"data/model.pth", b"x.zip"):
            yield HostileFolder(f"{label} {name!r}", {name: content})


def of_flavors() -> Iterator[HostileFolder]:
    """Yield folders of foreign flavors, with and without their files, as Python function or not."""
    for flavor, options in FLAVORS.items():
        for has_pyfunc in (True, False):
            flavors: dict[str, object] = {flavor: dict(options)}
            if has_pyfunc:
                flavors["python_function"] = {"loader_module": f"mlflow.{flavor}"}
            content = yaml.safe_dump({"flavors": flavors}).encode()
            yield HostileFolder(f"{flavor} {has_pyfunc}", {b"MLmodel": content})


GROUPS: Final[Mapping[str, Callable[[], Iterator[HostileFolder]]]] = {
    "MLmodel": of_mlmodel,
    "keys": of_keys,
    "names": of_names,
    "entries": of_entries,
    "environment": of_environment,
    "pickles": of_pickles,
    "archives": of_archives,
    "flavors": of_flavors,
}


def _archive(files: Mapping[str, bytes | str]) -> bytes:
    opened = io.BytesIO()
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return opened.getvalue()


def _many(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def fill(folder: Path) -> None:
        for number in range(3000):
            make(folder / str(number))

    return fill


def _linked(place: str, target: str) -> Callable[[Path], None]:
    def link(folder: Path) -> None:
        (folder / place).unlink(missing_ok=True)
        (folder / place).symlink_to(target)

    return link


def _special(place: str, kind: int) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / place).unlink(missing_ok=True)
        os.mknod(folder / place, kind | 0o600)

    return make


def _folder(place: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / place).unlink(missing_ok=True)
        (folder / place).mkdir()

    return make


def _sparse(place: str, start: bytes = b"") -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / place).write_bytes(start)
        os.truncate(folder / place, 2**32)

    return make


def _doubling(folder: Path) -> None:
    at = folder
    for _ in range(30):
        (at / "a").mkdir()
        (at / "b").symlink_to("a")
        at = at / "a"
