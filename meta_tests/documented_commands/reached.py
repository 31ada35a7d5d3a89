"""Runs a command as far as its options are known, and no further."""

from __future__ import annotations

import argparse
import importlib.util
import io
import runpy
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mlflow_conformance.command.main import main

PARSES = ".parse_args("


@dataclass(frozen=True)
class Reached:
    """Where a command came to: a parser, pytest, or its end, with what it said there.

    ``given`` are the arguments that the parser, or pytest, would have read.
    """

    given: tuple[str, ...] = ()
    parser: argparse.ArgumentParser | None = None
    is_pytest: bool = False
    said: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Return the names of all options of the parser."""
        actions = [] if self.parser is None else self.parser._actions
        return frozenset(name for action in actions for name in action.option_strings)

    def asked(self) -> argparse.Namespace | str:
        """Return what the parser reads, or the line with which it refuses the arguments."""
        assert self.parser is not None
        self.parser.allow_abbrev = False  # a document has names in full
        printed = io.StringIO()
        try:
            with redirect_stderr(printed), redirect_stdout(io.StringIO()):
                return argparse.ArgumentParser.parse_args(self.parser, self.given)
        except SystemExit as ended:
            if not ended.code:  # --help
                return argparse.Namespace()
        return printed.getvalue().strip().splitlines()[-1]


class _Stopped(BaseException):
    """Ends a command; the suite catches only exceptions."""

    def __init__(self, reached: Reached) -> None:
        super().__init__()
        self.reached = reached


def reached_by_command(arguments: Sequence[str]) -> Reached:
    """Return where ``mlflow-conformance`` comes to with some arguments."""
    return _reached(lambda: main(arguments))


def reached_by_module(name: str, arguments: Sequence[str]) -> Reached:
    """Return where ``python -m NAME`` comes to; one that reads no arguments is not run."""
    source = source_of(name)
    if source is None:
        return Reached(said=f"there is no module {name}")
    if PARSES not in source.read_text(encoding="utf-8"):
        return Reached(said=f"{name} takes no arguments" if arguments else "")

    def run() -> None:
        """Run the module as Python does."""
        runpy.run_module(name, run_name="__main__")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [name, *arguments])
        return _reached(run)


def source_of(name: str) -> Path | None:
    """Return the file that ``python -m NAME`` runs, ``None`` if there is none."""
    try:
        found = importlib.util.find_spec(name)
        if found is not None and found.submodule_search_locations is not None:
            found = importlib.util.find_spec(f"{name}.__main__")
    except ModuleNotFoundError:
        return None
    return None if found is None or found.origin is None else Path(found.origin)


def _reached(run: Callable[[], Any]) -> Reached:
    """Return where a function comes to; parsers and pytest end it."""

    def parse(
        parser: argparse.ArgumentParser, args: Sequence[str] | None = None, *_: object
    ) -> NoReturn:
        """Take the place of ``parse_args``."""
        given = sys.argv[1:] if args is None else args
        raise _Stopped(Reached(tuple(given), parser))

    def hand_on(arguments: Sequence[str]) -> NoReturn:
        """Take the place of ``pytest.main``."""
        raise _Stopped(Reached(tuple(arguments), is_pytest=True))

    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", parse)
        patch.setattr(pytest, "main", hand_on)
        patch.setattr(sys, "path", [*sys.path])  # the command adds the suite's folder
        try:
            with redirect_stderr(printed), redirect_stdout(io.StringIO()):
                run()
        except _Stopped as stopped:
            return stopped.reached
        except SystemExit:
            pass
    return Reached(said=" ".join(printed.getvalue().split()))
