"""Tests of ``pytest_plugin.early_options``: which options it joins with their paths."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from mlflow_conformance.pytest_plugin.early_options import OPTIONS_WITH_PATHS, join_paths
from mlflow_conformance.pytest_plugin.hooks import pytest_addoption
from mlflow_conformance.support.paths import PACKAGE

# How a declaration shows that an option takes a path.
PATH_METAVAR = re.compile(r"\b(PATH|FILE|FOLDER)\b")
PATH_READ = re.compile(r"""path_given\(\s*config,\s*"(--[\w-]+)\"""")


class Declarations:
    """Stands in for pytest's parser: keeps what the suite declares, by the option's name."""

    def __init__(self) -> None:
        self.declared: dict[str, dict[str, Any]] = {}
        parser: Any = self
        pytest_addoption(parser)

    def getgroup(self, name: str, description: str = "") -> Declarations:
        """Return the parser itself, which takes the options of every group."""
        return self

    def addoption(self, name: str, **attributes: Any) -> None:
        """Keep an option."""
        self.declared[name] = attributes

    def addini(self, *names: Any, **attributes: Any) -> None:
        """Ignore what is no option."""

    @property
    def with_paths(self) -> set[str]:
        """Return the options whose placeholder in the help is a path."""
        metavars = {name: str(about.get("metavar")) for name, about in self.declared.items()}
        return {name for name, metavar in metavars.items() if PATH_METAVAR.search(metavar)}


def test_every_option_with_a_path_is_joined() -> None:
    """An option that is declared with a path is in the list, once, and nothing else is."""
    assert Counter(OPTIONS_WITH_PATHS) == Counter(Declarations().with_paths)


def test_every_option_that_is_read_as_a_path_is_declared_as_one() -> None:
    """An option that the suite reads as a path shows a path in its help."""
    sources = [file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py")]
    read = {option for source in sources for option in PATH_READ.findall(source)}
    assert read
    assert read <= Declarations().with_paths


def test_a_new_option_with_a_path_is_noticed() -> None:
    """An option counts by its placeholder, wherever the path stands in it."""
    declarations = Declarations()
    known = declarations.with_paths
    declarations.addoption("--one", metavar="PATH")
    declarations.addoption("--two", metavar="NAME|FOLDER")
    declarations.addoption("--three", metavar="NAME")
    declarations.addoption("--four", action="store_true")
    assert declarations.with_paths - known == {"--one", "--two"}


@pytest.mark.parametrize(
    ("given", "joined"),
    [
        (["--record", "a.json", "-q"], ["--record=a.json", "-q"]),
        (["--mode", "a", "--catalogue", "b"], ["--mode", "a", "--catalogue=b"]),
        (["--record=a.json"], ["--record=a.json"]),
        (["-q", "--record"], ["-q", "--record"]),
        (["--record", "a", "--", "--record", "b"], ["--record=a", "--", "--record", "b"]),
        (
            ["--draft-catalogue", "a.py", "--", "b.csv", "--record", "c", "--"],
            [
                "--draft-catalogue=a.py",
                *("--draft-argument=b.csv", "--draft-argument=--record"),
                *("--draft-argument=c", "--draft-argument=--"),
            ],
        ),
        (["--draft-catalogue", "--", "b.csv"], ["--draft-catalogue", "--draft-argument=b.csv"]),
        (["-q", "--", "--draft-catalogue", "a.py"], ["-q", "--", "--draft-catalogue", "a.py"]),
        ([], []),
    ],
)
def test_paths_are_joined_to_their_options(given: list[str], joined: list[str]) -> None:
    """Only options with paths are joined, and only with a value that is there.

    What follows ``--`` becomes options only if a catalogue is drafted.
    """
    assert join_paths(given) == joined
