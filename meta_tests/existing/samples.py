"""A sample for every finding, and near misses that must not be found."""

from __future__ import annotations

import io
import json
import os
import socket
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cloudpickle
import yaml

from meta_tests.existing.honest_models import by_value
from meta_tests.existing.hostile_pickles import HIDDEN, TRUE, called, name, whole
from meta_tests.existing.sample_models import PYTHON, SampleModel, transformer
from mlflow_conformance.existing import folder as listing


@dataclass(frozen=True)
class Sample:
    """An edit of a sound model, the verdict that it must get, and a message's regular expression.

    ``edit`` changes the model before it is written, ``after`` its folder; ``lacks`` is a package
    that is not installed.
    """

    label: str
    verdict: str
    says: str = ""
    edit: Callable[[SampleModel], Any] = lambda model: None
    after: Callable[[Path], Any] = lambda folder: None
    lacks: str = ""


def _files(number: int) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "many").mkdir()
        for each in range(number):
            (folder / "many" / str(each)).touch()

    return write


def _deep(folder: Path) -> None:
    folder.joinpath(*["d"] * (listing.DEEPEST + 2)).mkdir(parents=True)


def _long_path(folder: Path) -> None:
    """Make folders whose path is longer than the system reads, although each name is short."""
    above = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=above)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    os.close(above)


def _socket(folder: Path) -> None:
    here = Path.cwd()
    os.chdir(folder)  # the path of a socket has at most 107 characters
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind("s")
    finally:
        os.chdir(here)


def _link(name: str, target: str) -> Callable[[Path], None]:
    def link(folder: Path) -> None:
        path = folder / name
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    return link


def _set(place: str, value: object) -> Callable[[SampleModel], None]:
    """Return an edit that sets a key of ``MLmodel``: ``flavors.sklearn.code``."""

    def edit(model: SampleModel) -> None:
        *above, last = place.split(".")
        at = model.mlmodel
        for key in above:
            at = at[key]
        at[last] = value

    return edit


def _without(place: str) -> Callable[[SampleModel], None]:
    def edit(model: SampleModel) -> None:
        *above, last = place.split(".")
        at = model.mlmodel
        for key in above:
            at = at[key]
        del at[last]

    return edit


def _file(name: str, content: bytes | str) -> Callable[[SampleModel], None]:
    raw = content.encode() if isinstance(content, str) else content
    return lambda model: model.files.update({name: raw})


def _lines(*lines: str) -> Callable[[SampleModel], None]:
    """Return an edit that sets the lines of ``requirements.txt`` and of ``conda.yaml``."""

    def edit(model: SampleModel) -> None:
        model.files["requirements.txt"] = "\n".join(lines).encode()
        conda = yaml.safe_load(model.files["conda.yaml"])
        conda["dependencies"][-1] = {"pip": list(lines)}
        model.files["conda.yaml"] = yaml.safe_dump(conda).encode()

    return edit


def _skops(schema: object) -> Callable[[SampleModel], None]:
    def edit(model: SampleModel) -> None:
        opened = io.BytesIO()
        with zipfile.ZipFile(opened, "w") as archive:
            archive.writestr("schema.json", json.dumps(schema))
        model.sklearn["serialization_format"] = "skops"
        model.files["model.pkl"] = opened.getvalue()

    return edit


def _of_script(model: SampleModel) -> None:
    model.files["model.pkl"] = whole(name("__main__", "Shifted") + b")\x81")


def _script_module(model: SampleModel) -> None:
    model.files["model.pkl"] = whole(name("own_code_of_a_team.models", "Shifted") + b")\x81")


def _own_code(model: SampleModel) -> None:
    _script_module(model)
    model.files["code/own_code_of_a_team/models.py"] = b""


def _signature(*columns: dict[str, Any]) -> Callable[[SampleModel], None]:
    return _set("signature.inputs", json.dumps(list(columns)))


OTHER_PYTHON = "2.7.18"
FOLDER = (
    Sample(
        "a link to a file outside",
        "unsafe",
        "a link leads out of the folder",
        after=_link("notes", "/etc/hostname"),
    ),
    Sample(
        "a link to a folder outside",
        "unsafe",
        "a link leads out of the folder",
        after=_link("data", "/etc"),
    ),
    Sample(
        "a relative link outside",
        "unsafe",
        "a link leads out of the folder",
        after=_link("data", "../.."),
    ),
    Sample(
        "MLmodel is a link outside",
        "unsafe",
        "a link leads out of the folder",
        after=_link("MLmodel", "/etc/hostname"),
    ),
    Sample(
        "a link in a circle",
        "unsafe",
        "a link leads back to a folder that it is in",
        after=_link("again", "."),
    ),
    Sample("a link to itself", "damaged", "a link leads to nothing", after=_link("me", "me")),
    Sample("a broken link", "damaged", "a link leads to nothing", after=_link("gone", "nothing")),
    Sample(
        "a FIFO",
        "unsafe",
        "a FIFO, a socket or a device is in the folder",
        after=lambda folder: os.mkfifo(folder / "pipe"),
    ),
    Sample("a socket", "unsafe", "a FIFO, a socket or a device is in the folder", after=_socket),
    Sample(
        "deep folders", "doubtful", f"folders are nested deeper than {listing.DEEPEST}", after=_deep
    ),
    Sample(
        "a path that is too long",
        "damaged",
        "a folder cannot be listed: File name too long",
        after=_long_path,
    ),
    Sample(
        "many files",
        "doubtful",
        f"has more than {listing.MOST_FILES} files: not all were looked at",
        after=_files(listing.MOST_FILES),
    ),
    Sample("a link to a file inside", "sound", after=_link("copy.pkl", "model.pkl")),
    Sample(
        "a link to a folder inside",
        "sound",
        edit=lambda model: (
            _set("flavors.sklearn.code", "code")(model),
            _file("source/a.py", "")(model),
        ),
        after=_link("code", "source"),
    ),
    Sample("many, but not too many files", "sound", after=_files(200)),
)
CONTENT = (
    Sample(
        "no MLmodel",
        "damaged",
        "MLmodel: is missing",
        after=lambda folder: (folder / "MLmodel").unlink(),
    ),
    Sample(
        "MLmodel is no YAML",
        "damaged",
        r"MLmodel: not readable in line \d: .*",
        edit=_file("MLmodel", "a: ["),
    ),
    Sample(
        "MLmodel repeats a key",
        "damaged",
        r"MLmodel: not readable in line 2: the key flavors "
        "is there twice",
        edit=_file("MLmodel", "flavors: {}\nflavors: {}"),
    ),
    Sample(
        "MLmodel asks for an object",
        "damaged",
        "MLmodel: not readable in line 1: .*",
        edit=_file("MLmodel", "flavors: !!python/object/apply:os.system [touch canary]"),
    ),
    Sample("no flavor", "damaged", "has no flavor", edit=_set("flavors", {})),
    Sample(
        "an unknown flavor",
        "lacking",
        "the installed MLflow has no flavor 'of_a_team'",
        edit=_set("flavors", {"of_a_team": {}}),
    ),
    Sample(
        "a flavor that is a path",
        "lacking",
        "the installed MLflow has no flavor '/etc'",
        edit=_set("flavors", {"/etc": {}}),
    ),
    Sample("an unknown flavor beside the usual", "sound", edit=_set("flavors.of_a_team", {})),
    Sample(
        "no loader",
        "damaged",
        "names no loader_module",
        edit=_without("flavors.python_function.loader_module"),
    ),
    Sample(
        "a loader that is gone",
        "lacking",
        "is loaded by 'mlflow.of_a_team', which is not here",
        edit=_set("flavors.python_function.loader_module", "mlflow.of_a_team"),
    ),
    Sample(
        "a loader that is a path",
        "lacking",
        "is loaded by 'mlflow./etc', which is not here",
        edit=_set("flavors.python_function.loader_module", "mlflow./etc"),
    ),
    Sample(
        "a loader of Python",
        "unsafe",
        "is loaded by 'os' of Python, which loads no models",
        edit=_set("flavors.python_function.loader_module", "os"),
    ),
    Sample(
        "a loader of its own",
        "sound",
        edit=lambda model: (
            _set("flavors.python_function.loader_module", "own.load")(model),
            _file("code/own/load.py", "")(model),
        ),
    ),
    Sample(
        "a path upwards",
        "unsafe",
        "a path leads out of the model's folder",
        edit=_set("flavors.sklearn.pickled_model", "../model.pkl"),
    ),
    Sample(
        "an absolute path",
        "unsafe",
        "a path leads out of the model's folder",
        edit=_set("flavors.python_function.code", "/etc"),
    ),
    Sample(
        "a path of Windows",
        "unsafe",
        "a path leads out of the model's folder",
        edit=_set("flavors.python_function.data", r"C:\model"),
    ),
    Sample(
        "a path upwards of Windows",
        "unsafe",
        "a path leads out of the model's folder",
        edit=_set("flavors.python_function.env", {"conda": r"a\..\..\b"}),
    ),
    Sample(
        "a path in a list",
        "unsafe",
        "a path leads out of the model's folder",
        edit=_set("flavors.python_function.code", ["code", "../b"]),
    ),
    Sample(
        "the example is elsewhere",
        "unsafe",
        "a path leads out of the model's folder",
        edit=_set("saved_input_example_info.artifact_path", "/etc/hostname"),
    ),
    Sample(
        "a path upwards of another package",
        "doubtful",
        "a path leads out of the model's folder",
        edit=_set("flavors.of_a_team", {"path": "/mnt/data"}),
    ),
    Sample(
        "a file of another package",
        "sound",
        edit=_set("flavors.of_a_team", {"path": "https://example.com/a", "data": "x"}),
    ),
    Sample(
        "a file is missing",
        "damaged",
        "'model.pkl' is missing",
        after=lambda folder: (folder / "model.pkl").unlink(),
    ),
    Sample(
        "a path in many words",
        "sound",
        edit=_set("flavors.sklearn.pickled_model", ".//./model.pkl"),
    ),
    Sample(
        "a URI of an artifact",
        "sound",
        edit=lambda model: (
            _set(
                "flavors.python_function.artifacts",
                {"a": {"path": "artifacts/a", "uri": "/home/x/a"}},
            )(model),
            _file("artifacts/a", "")(model),
        ),
    ),
    Sample(
        "the version of a later day",
        "doubtful",
        r"a newer MLflow has logged it: '99\.0\.0', here is .+",
        edit=_set("mlflow_version", "99.0.0"),
    ),
    Sample(
        "a version that is none",
        "doubtful",
        "the version of MLflow is none: 'new'",
        edit=_set("mlflow_version", "new"),
    ),
    Sample(
        "a version of many digits",
        "doubtful",
        "the version of MLflow is none: '1+…",
        edit=_set("mlflow_version", "1" * 5000),
    ),
    Sample("an older version", "sound", edit=_set("mlflow_version", "2.0.1")),
    Sample(
        "a format of a later day",
        "lacking",
        "the installed MLflow does not read the format 'later'",
        edit=_set("flavors.sklearn.serialization_format", "later"),
    ),
    Sample(
        "skops is not installed",
        "lacking",
        "skops is not installed",
        edit=_skops({"__module__": "sklearn.linear_model", "__class__": "LinearRegression"}),
        lacks="skops",
    ),
    Sample("no signature", "sound", "has no signature", edit=_without("signature")),
    Sample(
        "an unknown type",
        "doubtful",
        "the type 'decimal' is none of MLflow's",
        edit=_signature({"name": "a", "type": "decimal"}),
    ),
    Sample(
        "nested types",
        "sound",
        edit=_signature({"name": "a", "type": "array", "items": {"type": "double"}}),
    ),
    Sample(
        "a signature that is no list",
        "damaged",
        "MLmodel: signature.inputs: not JSON: .*",
        edit=_set("signature.inputs", "["),
    ),
    Sample(
        "the example is no JSON",
        "damaged",
        "the input example is not JSON: .*",
        edit=_file("input_example.json", "{"),
    ),
    Sample(
        "the example lacks a column",
        "damaged",
        "the input example lacks the column 'b' of the signature",
        edit=_signature({"name": "a", "type": "double"}, {"name": "b", "type": "double"}),
    ),
    Sample(
        "the example lacks an optional column",
        "sound",
        edit=_signature(
            {"name": "a", "type": "double"}, {"name": "b", "type": "double", "required": False}
        ),
    ),
    Sample(
        "thousands of columns",
        "sound",
        edit=lambda model: (
            _signature(*({"name": f"column {n:06}", "type": "double"} for n in range(30_000)))(
                model
            ),
            _without("saved_input_example_info")(model),
        ),
    ),
)
ENVIRONMENT = (
    Sample(
        "requirements are unreadable",
        "damaged",
        "requirements.txt: 'a b c' is not a requirement",
        edit=_lines("a b c"),
    ),
    Sample(
        "conda.yaml is a list",
        "damaged",
        "conda.yaml: should be a mapping",
        edit=_file("conda.yaml", "[]"),
    ),
    Sample(
        "python_env.yaml has a number",
        "damaged",
        "python_env.yaml: python: should be a version in quotes",
        edit=_file("python_env.yaml", "python: 3.1"),
    ),
    Sample(
        "the files differ",
        "sound",
        "requirements.txt and conda.yaml ask for different packages",
        edit=lambda model: model.files.update(
            {"requirements.txt": model.files["requirements.txt"] + b"\nmlflow>1"}
        ),
    ),
    Sample(
        "nothing says what is needed",
        "sound",
        "says nowhere what it needs",
        edit=lambda model: (
            [
                model.files.pop(name)
                for name in ("requirements.txt", "conda.yaml", "python_env.yaml")
            ]
            and _set("flavors.python_function.env", None)(model)
        ),
    ),
    Sample(
        "another Python",
        "doubtful",
        r"was logged with Python '2\.7', here is .+",
        edit=_file(
            "python_env.yaml",
            yaml.safe_dump({"python": OTHER_PYTHON, "build_dependencies": [], "dependencies": []}),
        ),
    ),
    Sample(
        "another patch of Python",
        "sound",
        edit=_file(
            "python_env.yaml",
            yaml.safe_dump(
                {
                    "python": PYTHON.rpartition(".")[0] + ".0",
                    "build_dependencies": [],
                    "dependencies": [],
                }
            ),
        ),
    ),
    Sample(
        "a package is missing",
        "lacking",
        "needs 'no-such-package', which is not installed",
        edit=_lines("scikit-learn", "no-such-package==1"),
    ),
    Sample(
        "a package that is for Windows",
        "sound",
        edit=_lines("scikit-learn", "no-such-package; sys_platform == 'win32'"),
    ),
    Sample(
        "another version",
        "doubtful",
        r"asks for other versions: scikit-learn==0\.1 .+",
        edit=_lines("scikit-learn==0.1"),
    ),
    Sample(
        "thousands of packages",
        "doubtful",
        "asks for more than 1000 packages: not all were looked at",
        edit=_lines(*["scikit-learn"] * 1200),
    ),
    Sample(
        "an unreadable file",
        "damaged",
        r"requirements.txt: cannot be read: not UTF-8 .*"
        "|requirements.txt: .*",
        edit=_file("requirements.txt", b"\xff\xfe"),
    ),
)
FILES = (
    Sample(
        "a call", "unsafe", "loading it runs 'posix.system'", edit=_file("model.pkl", TRUE["posix"])
    ),
    Sample(
        "a call in an artifact",
        "unsafe",
        "loading it runs 'os.system'",
        edit=_file("artifacts/x.bin", TRUE["stack"]),
    ),
    Sample(
        "a call through another module",
        "unsafe",
        "loading it runs 'pandas.io.common.os.system'",
        edit=_file("model.pkl", TRUE["through another module"]),
    ),
    Sample(
        "an executing name in skops",
        "unsafe",
        "loading it runs 'os.system'",
        edit=_skops({"__module__": "os", "__class__": "system"}),
    ),
    Sample(
        "an honest skops file",
        "sound",
        edit=_skops({"__module__": "sklearn.linear_model", "__class__": "LinearRegression"}),
    ),
    Sample(
        "an unusual name",
        "doubtful",
        "names 'stat.S_ISREG', which models do not need",
        edit=_file("model.pkl", HIDDEN["standard module"]),
    ),
    Sample(
        "an unusual function",
        "doubtful",
        "names 'sklearn.datasets.fetch_openml', which models do not need",
        edit=_file("model.pkl", HIDDEN["unusual function"]),
    ),
    Sample(
        "an unusual function that is not called",
        "sound",
        edit=lambda model: model.pickled(transformer(__import__("numpy").log1p)),
    ),
    Sample(
        "a name that is computed",
        "doubtful",
        "imports a name that only loading it would tell",
        edit=_file("model.pkl", HIDDEN["long extension"]),
    ),
    Sample(
        "a function of its own is called",
        "doubtful",
        "loading it calls a function that it carries",
        edit=_file("artifacts/f.pkl", HIDDEN["function of its own"]),
    ),
    Sample(
        "a function of its own is not called",
        "sound",
        edit=_file("artifacts/f.pkl", cloudpickle.dumps(by_value()["lambda"])),
    ),
    Sample(
        "too long",
        "doubtful",
        "is too long to be looked through to its end",
        edit=_file("model.pkl", HIDDEN["too long"]),
    ),
    Sample(
        "of the script", "damaged", "names Shifted of the script that logged it", edit=_of_script
    ),
    Sample(
        "cut off",
        "damaged",
        "a model file is not readable as pickle: it ends too early",
        edit=lambda model: _file("model.pkl", model.files["model.pkl"][:-5])(model),
    ),
    Sample(
        "no archive",
        "damaged",
        "a model file is not readable as skops: .+",
        edit=lambda model: (_skops([])(model), _file("model.pkl", "x")(model)),
    ),
    Sample(
        "an artifact is cut off",
        "doubtful",
        "is no pickle to its end: it ends too early",
        edit=lambda model: _file("artifacts/a.pkl", model.files["model.pkl"][:-5])(model),
    ),
    Sample(
        "an artifact is no pickle",
        "sound",
        "is no pickle to its end: .+",
        edit=_file("artifacts/a.pkl", b"\x00\x00\x00"),
    ),
    Sample(
        "a module is missing",
        "lacking",
        "needs the module 'own_code_of_a_team', which is not here",
        edit=_script_module,
    ),
    Sample("a module is in the folder", "sound", edit=_own_code),
    Sample(
        "a module that nothing explains",
        "doubtful",
        "needs the module 'hypothesis', which none of its requirements explains",
        edit=_file("artifacts/a.pkl", whole(name("hypothesis.core", "Given") + b")\x81")),
    ),
    Sample(
        "a module that a link may explain",
        "sound",
        edit=lambda model: (
            _lines("-e git+https://example.com/a.git", "scikit-learn")(model),
            _file("a.pkl", whole(name("hypothesis.core", "Given") + b")\x81"))(model),
        ),
    ),
    Sample(
        "a function in it uses a file",
        "sound",
        "a function in it uses 'posixpath.basename'",
        edit=_file("artifacts/f.pkl", cloudpickle.dumps(by_value()["files"])),
    ),
    Sample(
        "values of Python",
        "sound",
        edit=_file(
            "artifacts/a.pkl", whole(called(name("datetime", "date"), b"C\x04\x07\xe4\x01\x01"))
        ),
    ),
)
