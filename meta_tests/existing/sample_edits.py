"""Edits of the sample model: of its ``MLmodel``, its files, and its folder."""

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

import yaml

from meta_tests.existing.hostile_pickles import name, whole
from meta_tests.existing.sample_models import SampleModel
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


def many_files(number: int) -> Callable[[Path], None]:
    """Return an edit that adds files."""

    def write(folder: Path) -> None:
        (folder / "many").mkdir()
        for each in range(number):
            (folder / "many" / str(each)).touch()

    return write


def deep(folder: Path) -> None:
    """Make folders in folders."""
    folder.joinpath(*["d"] * (listing.DEEPEST + 2)).mkdir(parents=True)


def long_path(folder: Path) -> None:
    """Make folders whose path is longer than the system reads, although each name is short."""
    above = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=above)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    os.close(above)


def open_socket(folder: Path) -> None:
    """Leave a socket in the folder."""
    here = Path.cwd()
    os.chdir(folder)  # the path of a socket has at most 107 characters
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind("s")
    finally:
        os.chdir(here)


def link_to(name: str, target: str) -> Callable[[Path], None]:
    """Return an edit that makes a link."""

    def link(folder: Path) -> None:
        path = folder / name
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    return link


def set_key(place: str, value: object) -> Callable[[SampleModel], None]:
    """Return an edit that sets a key of ``MLmodel``: ``flavors.sklearn.code``."""

    def edit(model: SampleModel) -> None:
        *above, last = place.split(".")
        at = model.mlmodel
        for key in above:
            at = at[key]
        at[last] = value

    return edit


def without(place: str) -> Callable[[SampleModel], None]:
    """Return an edit that removes a key of ``MLmodel``."""

    def edit(model: SampleModel) -> None:
        *above, last = place.split(".")
        at = model.mlmodel
        for key in above:
            at = at[key]
        del at[last]

    return edit


def put(name: str, content: bytes | str) -> Callable[[SampleModel], None]:
    """Return an edit that sets a file."""
    raw = content.encode() if isinstance(content, str) else content
    return lambda model: model.files.update({name: raw})


def lines(*lines: str) -> Callable[[SampleModel], None]:
    """Return an edit that sets the lines of ``requirements.txt`` and of ``conda.yaml``."""

    def edit(model: SampleModel) -> None:
        model.files["requirements.txt"] = "\n".join(lines).encode()
        conda = yaml.safe_load(model.files["conda.yaml"])
        conda["dependencies"][-1] = {"pip": list(lines)}
        model.files["conda.yaml"] = yaml.safe_dump(conda).encode()

    return edit


def skops_file(schema: object) -> Callable[[SampleModel], None]:
    """Return an edit that stores a skops file with a schema."""

    def edit(model: SampleModel) -> None:
        opened = io.BytesIO()
        with zipfile.ZipFile(opened, "w") as archive:
            archive.writestr("schema.json", json.dumps(schema))
        model.sklearn["serialization_format"] = "skops"
        model.files["model.pkl"] = opened.getvalue()

    return edit


def of_script(model: SampleModel) -> None:
    """Store an object of the script's own class."""
    model.files["model.pkl"] = whole(name("__main__", "Shifted") + b")\x81")


def script_module(model: SampleModel) -> None:
    """Store an object of a module that is nowhere."""
    model.files["model.pkl"] = whole(name("own_code_of_a_team.models", "Shifted") + b")\x81")


def own_code(model: SampleModel) -> None:
    """Store such an object, and its module."""
    script_module(model)
    model.files["code/own_code_of_a_team/models.py"] = b""


def inputs(*columns: dict[str, Any]) -> Callable[[SampleModel], None]:
    """Return an edit that sets the columns of the signature."""
    return set_key("signature.inputs", json.dumps(list(columns)))
