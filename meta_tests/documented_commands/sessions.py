"""What the sessions of ``noxfile.py`` run, without running it."""

from __future__ import annotations

import importlib.util
import io
import re
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Final, cast

import nox
import pytest
from nox import registry

from mlflow_conformance.support.nearest import did_you_mean
from mlflow_conformance.support.paths import ROOT

NOXFILE: Final = ROOT / "noxfile.py"
# The modules that sessions run.
MODULE: Final = re.compile(r"\"((?:mlflow_conformance|meta_tests|benchmarks)\.[\w.]+)\"")


@dataclass(frozen=True)
class _Recorder:
    """Takes the place of a session and of ``subprocess``: keeps the commands."""

    posargs: list[str]
    commands: list[list[str]] = field(default_factory=list)
    invoked_from: str = str(ROOT)

    def run(self, *words: str, **options: Any) -> str:
        """Keep a command; what it prints is the path of a Python."""
        self.commands.append(list(words))
        return "python"

    def log(self, line: str) -> None:
        """Print nothing."""

    warn = log

    def create_tmp(self) -> str:
        """Return a folder that is not there."""
        return str(Path(tempfile.gettempdir()) / "of-no-session")

    def call(self, words: Sequence[str], **options: Any) -> SimpleNamespace:
        """Keep a command of ``subprocess``, which succeeds."""
        self.commands.append(list(words))
        return SimpleNamespace(returncode=0, wait=lambda: 0)


@cache
def noxfile() -> ModuleType:
    """Return the module; nox then knows its sessions."""
    spec = importlib.util.spec_from_file_location("documented_noxfile", NOXFILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["nox"])  # the module reads it
        spec.loader.exec_module(module)
    return module


def session_modules() -> list[str]:
    """Return the names of the modules that sessions run."""
    return MODULE.findall(NOXFILE.read_text(encoding="utf-8"))


def commands_of(name: str, arguments: Sequence[str]) -> list[list[str]] | str:
    """Return the commands that a session runs, or in one line why it cannot be run like that."""
    module, sessions = noxfile(), registry.get()
    if name not in sessions:
        return f"noxfile.py has no session {name}{did_you_mean(name, sessions)}"
    recorder = _Recorder(list(arguments))
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(printed):
        calls = SimpleNamespace(run=recorder.call, Popen=recorder.call)
        patch.setattr(module, "subprocess", calls)
        try:
            sessions[name](cast(nox.Session, recorder))
        except SystemExit:
            return printed.getvalue().strip()
    return recorder.commands


def module_run_by(words: Sequence[str]) -> tuple[str, list[str]] | None:
    """Return the module that Python runs in a command, with its arguments, ``None`` if none."""
    if words[1:2] in (["-m"], [noxfile().RUN]):
        return words[2], list(words[3:])
    return None
