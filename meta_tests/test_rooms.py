"""The folders of the package and of ``meta_tests/``, and the imports between them."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from mlflow_conformance.support.paths import META_TESTS, PACKAGE, ROOT

# Lowest first: a module imports modules of its own folder and of folders that stand before it.
# `.` is the folder itself, without the folders in it.
ORDER = (
    *("support", "report", "witness", "catalogue", "environments", "processes", "stores"),
    *("runner", "model", "servers", "servers/deployed", "servers/azurite", "servers/postgres"),
    *("promises", "promises/properties", "sweep", "draft", "targets", "targets/server"),
    "existing",
    *("upgrade/profile", "upgrade/profile/observe", "upgrade/surface"),
    *("upgrade/changes/rules", "upgrade/changes"),
    *("upgrade/probes", "upgrade/probes/subjects"),
    *("upgrade/report", "upgrade/runs", "upgrade/crossings", "upgrade/causes", "upgrade"),
    "upgrade/atlas",
    *("azure", "azure/setup", "azure/client", "azure/evidence", "azure/preflight"),
    *("rehearsal/documents", "rehearsal/identity", "rehearsal/storage", "rehearsal/wire"),
    *("rehearsal/arm", "rehearsal/tracking", "rehearsal/jobs", "rehearsal"),
    *("azure/results", "azure/jobs", "azure/shards", "pytest_plugin", "command", "."),
)
# Folders and modules that have the name of a module of Python: the field's word, and a name that
# recorded baselines have.
NAMED_AS_IN_PYTHON = {
    "upgrade/profile",
    "upgrade/profile/profile",
    "upgrade/probes/subjects/logging",
}
# The docstring of a package says what a newcomer needs to know about it.
LEAST_WORDS = 3


def modules() -> dict[str, Path]:
    """Return every module of the package, by dotted name; a package has its own name."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def room(file: Path) -> str:
    """Return the folder of a module, as ``ORDER`` names it."""
    return file.parent.relative_to(PACKAGE).as_posix()


def imported(source: str) -> Iterator[str]:
    """Yield the dotted names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_of(name: str, known: Mapping[str, Path]) -> Path | None:
    """Return the module that an imported name is or is defined in, or None."""
    while name:
        if name in known:
            return known[name]
        name = name.rpartition(".")[0]
    return None


def imports_between_rooms(known: Mapping[str, Path]) -> dict[tuple[str, str], list[str]]:
    """Return the importing modules, by pairs of folders that import each other's modules."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, file in known.items():
        for target in imported(file.read_text(encoding="utf-8")):
            other = module_of(target, known) if target.startswith(f"{PACKAGE.name}.") else None
            if other is not None and room(other) not in (room(file), "."):
                found[room(file), room(other)].append(f"{name} imports {target}")
    return found


def place(folder: str) -> int:
    """Return the place of a folder in the order; folders that are not in it come last."""
    return ORDER.index(folder) if folder in ORDER else len(ORDER)


def climbing(between: Mapping[tuple[str, str], list[str]]) -> list[str]:
    """Return the imports of a folder that stands after the importing one."""
    return [
        line
        for (importing, other), lines in between.items()
        if place(other) >= place(importing)
        for line in lines
    ]


def test_every_folder_has_its_place_in_the_order() -> None:
    """The order names every folder with modules once, and no others."""
    found = {room(file) for file in modules().values() if file.stem != "__init__"}
    new, gone = sorted(found - {*ORDER}), sorted({*ORDER} - found)
    assert not new, f"add to ORDER in {Path(__file__).name}, where they belong: {', '.join(new)}"
    assert not gone, f"remove from ORDER in {Path(__file__).name}: {', '.join(gone)}"
    assert len(ORDER) == len(found), "a folder stands twice in ORDER"


def test_no_import_climbs() -> None:
    """No folder imports one that stands after it in the order."""
    found = climbing(imports_between_rooms(modules()))
    assert not found, "\n".join(["these imports climb:", *found])


def test_no_two_folders_import_each_other() -> None:
    """No two folders import each other."""
    between = imports_between_rooms(modules())
    both = [pair for pair in between if pair[::-1] in between]
    assert not both, f"these folders import each other: {both}"


def test_an_import_that_climbs_is_noticed(tmp_path: Path) -> None:
    """An import of a higher folder is found anywhere in a module."""
    known = modules()
    low = PACKAGE / "support" / "low.py"
    source = "def f() -> None:\n    from mlflow_conformance.pytest_plugin import hooks\n"
    names = list(imported(source))
    target = module_of(names[0], known)
    assert names == ["mlflow_conformance.pytest_plugin.hooks"]
    assert target == PACKAGE / "pytest_plugin" / "hooks.py"
    assert climbing({(room(low), room(target)): ["low imports hooks"]}) == ["low imports hooks"]


def test_no_module_has_the_name_of_one_of_python() -> None:
    """Python looks into the current folder first, so such a module would be imported instead."""
    names = {room(file) + "/" + file.stem: file.stem for file in modules().values()}
    folders = {folder: folder.rpartition("/")[2] for folder in ORDER}
    taken = {place for place, name in (names | folders).items() if name in sys.stdlib_module_names}
    assert taken == NAMED_AS_IN_PYTHON


def test_nothing_imports_the_tests() -> None:
    """The package imports neither ``conformance`` nor ``meta_tests``."""
    wrong = [
        f"{name} imports {target}"
        for name, file in modules().items()
        for target in imported(file.read_text(encoding="utf-8"))
        if target.partition(".")[0] in ("conformance", "meta_tests", "training", "benchmarks")
    ]
    assert not wrong, "\n".join(wrong)


def hidden_arguments(source: str) -> list[int]:
    """Return the lines of calls with a starred tuple, which hides what each argument is."""
    return [
        argument.lineno
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        for argument in call.args
        if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Tuple)
    ]


def test_every_argument_is_seen() -> None:
    """No call hides its arguments in a starred tuple."""
    found = {
        str(file.relative_to(ROOT)): lines
        for file in [*PACKAGE.rglob("*.py"), *META_TESTS.rglob("*.py")]
        if (lines := hidden_arguments(file.read_text(encoding="utf-8")))
    }
    assert not found, f"pass the arguments by name, or pass a data class: {found}"


def test_hidden_arguments_are_found() -> None:
    """A starred tuple in a call is found; a starred name, list or a tuple in a tuple is not."""
    assert hidden_arguments("f(*(a, b))\ng(*a, (*(b, c), d))\nh(\n    a, *(b, c))") == [1, 4]


@pytest.mark.parametrize("folder", [PACKAGE, META_TESTS], ids=["package", "meta_tests"])
def test_every_package_says_what_is_in_it(folder: Path) -> None:
    """The docstring of a package is one sentence about its modules."""
    undocumented = []
    for file in folder.rglob("__init__.py"):
        text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        if len(text.split()) < LEAST_WORDS or not text.endswith("."):
            undocumented.append(str(file.relative_to(ROOT)))
    assert not undocumented, f"no sentence in {', '.join(sorted(undocumented))}"
