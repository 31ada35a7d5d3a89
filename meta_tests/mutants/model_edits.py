"""Edits that break the files of a model's folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from meta_tests.mutants.harness import Bench
from mlflow_conformance.model.environment_files import REQUIREMENTS
from mlflow_conformance.model.mlmodel import FILE_NAME

Break = Callable[[Bench], None]
Fields = list[dict[str, Any]]


def with_key(key: str, value: Any, file: str = FILE_NAME) -> Break:
    """Return an edit that sets a dotted key of a YAML file, such as ``flavors.sklearn.code``."""

    def edit(bench: Bench) -> None:
        *parents, last = key.split(".")
        document = top = _read(bench, file)
        for parent in parents:
            document = document[parent]
        document[last] = value
        _write(bench, file, top)

    return edit


def without_key(key: str, file: str = FILE_NAME) -> Break:
    """Return an edit that removes a dotted key of a YAML file."""

    def edit(bench: Bench) -> None:
        *parents, last = key.split(".")
        document = top = _read(bench, file)
        for parent in parents:
            document = document[parent]
        del document[last]
        _write(bench, file, top)

    return edit


def with_fields(half: str, change: Callable[[Fields], Any]) -> Break:
    """Return an edit of the list of inputs or outputs, in place or by returning another list."""

    def edit(bench: Bench) -> None:
        document = _read(bench, FILE_NAME)
        fields = json.loads(document["signature"][half])
        changed = change(fields)
        document["signature"][half] = json.dumps(fields if changed is None else changed)
        _write(bench, FILE_NAME, document)

    return edit


def with_field(half: str, number: int, **keys: Any) -> Break:
    """Return an edit that sets keys of one field of the signature's inputs or outputs."""
    return with_fields(half, lambda fields: fields[number].update(keys))


def with_tensor(half: str, **keys: Any) -> Break:
    """Return an edit of ``dtype`` or ``shape`` of the only tensor in the inputs or outputs."""
    return with_fields(half, lambda fields: fields[0]["tensor-spec"].update(keys))


def with_text(name: str, text: str) -> Break:
    """Return an edit that replaces a file of the folder."""

    def edit(bench: Bench) -> None:
        (bench.model.directory / name).write_text(text, encoding="utf-8")

    return edit


def without_file(name: str) -> Break:
    """Return an edit that removes a file of the folder."""
    return lambda bench: (bench.model.directory / name).unlink()


def with_requirement(line: str) -> Break:
    """Return an edit that adds a line to ``requirements.txt``."""
    return _with_requirements(lambda lines: [*lines, line])


def without_requirement(name: str) -> Break:
    """Return an edit that removes a distribution from ``requirements.txt``."""
    return _with_requirements(lambda lines: [line for line in lines if _name(line) != name])


def instead_of_requirement(name: str, line: str) -> Break:
    """Return an edit that replaces the requirement of a distribution."""
    return _with_requirements(lambda lines: [line if _name(o) == name else o for o in lines])


def _with_requirements(change: Callable[[list[str]], list[str]]) -> Break:
    def edit(bench: Bench) -> None:
        path = bench.model.directory / REQUIREMENTS
        lines = path.read_text(encoding="utf-8").splitlines()
        changed = change(lines)
        assert changed != lines, f"{path}: nothing was broken"
        path.write_text("\n".join(changed) + "\n", encoding="utf-8")

    return edit


def _name(line: str) -> str:
    return line.partition("=")[0].strip()


def _read(bench: Bench, file: str) -> Any:
    return yaml.safe_load((bench.model.directory / file).read_text(encoding="utf-8"))


def _write(bench: Bench, file: str, document: Any) -> None:
    path: Path = bench.model.directory / file
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
