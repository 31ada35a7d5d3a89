"""Tests that ``run_folder`` alone names the files and folders of a run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from mlflow_conformance.support.paths import PACKAGE, ROOT

RUN_FOLDER = PACKAGE / "support" / "run_folder.py"
# Nothing but an extension: a file named after a mode may stand in any folder.
ANY_NAME = {"{}.json", "{}-{}", "*{}"}
TAKES_NAMES = {"glob", "rglob", "with_name", "joinpath"}


def name_of(node: ast.expr) -> str | None:
    """Return a string as it stands in the source, with ``{}`` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (name_of(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        return "".join(str(part) for part in parts)
    return None


def names_in(source: str) -> Iterator[str]:
    """Yield the names that a module joins to a path, or searches a folder for."""
    for node in ast.walk(ast.parse(source)):
        given: list[ast.expr] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            given = [node.right]
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            given = node.args if called in TAKES_NAMES else []
        found = (name for argument in given if (name := name_of(argument)) is not None)
        yield from (part for name in found for part in name.split("/"))


def names_of_a_run() -> set[str]:
    """Return the names that ``run_folder`` gives to the files and folders of a run."""
    source = RUN_FOLDER.read_text(encoding="utf-8")
    constants = (node for node in ast.parse(source).body if isinstance(node, ast.Assign))
    named = {name for node in constants if (name := name_of(node.value)) is not None}
    return {*names_in(source), *named} - ANY_NAME


def test_the_names_of_a_run_are_found() -> None:
    """The names are read from the module itself, so a new one is guarded as well."""
    wanted = {"outcomes", "rows", "empty.db", "servers.json", "plan-{}.json", "azure", "tmp"}
    assert wanted | {"mlflow.db", "{}-elsewhere", "{}.job.json"} <= names_of_a_run()


def test_no_other_module_names_the_files_of_a_run() -> None:
    """Outside of ``run_folder`` the files of a run are properties, not strings.

    The rehearsal is a program of its own, with files of its own below the folder it is given.
    """
    known = names_of_a_run()
    wrong = [
        f"{file.relative_to(ROOT)} spells {name!r}: use RunFolder"
        for file in sorted(PACKAGE.rglob("*.py"))
        if file != RUN_FOLDER and "rehearsal" not in file.relative_to(PACKAGE).parts
        for name in names_in(file.read_text(encoding="utf-8"))
        if name in known
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "source",
    [
        "root / 'outcomes'",
        "Path(root) / 'rows' / f'{mode.name}.json'",
        "root.joinpath('scoring-servers')",
        "sorted(directory.glob('plan-*.json'))",
        "folder.with_name(f'{folder.name}-lost')",
        "root / 'azure/code'",
    ],
)
def test_every_way_of_spelling_a_name_is_noticed(source: str) -> None:
    """The check sees names that are joined, searched for or filled in."""
    assert set(names_in(source)) & names_of_a_run()
