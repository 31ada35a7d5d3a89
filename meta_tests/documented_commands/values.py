"""What commands name, and whether it is there: releases, modes, files, extras, options of uv.

Each function returns what is wrong in one line, or ``""``.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Mapping
from functools import cache
from typing import Final

import nox
from packaging.requirements import Requirement

from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.environments import releases
from mlflow_conformance.environments.build import uv
from mlflow_conformance.pytest_plugin.options import EVERY_MODE, EVERY_TARGET
from mlflow_conformance.support.nearest import did_you_mean
from mlflow_conformance.support.paths import CONFORMANCE, DEFAULT_CATALOGUE, ROOT
from mlflow_conformance.targets import registry
from mlflow_conformance.upgrade.profile.baselines import shipped

# A text with a word that stands for a name, such as NAME or server@VERSION.
PLACEHOLDER: Final = re.compile(r"(.*\W)?[A-Z]{2,}(\W.*)?|.*….*")
MLFLOW: Final = re.compile(r"mlflow==(.*)")
UV_OPTION: Final = re.compile(r"^ +(?:(-\w), )?(--[\w-]+)(?:\.\.\.)?( <)?", re.MULTILINE)


def unknown(program: str, name: str, known: Collection[str]) -> str:
    """Return that a program has no such option, with the nearest that it has."""
    return f"{program} has no option {name}{did_you_mean(name, known)}"


def unknown_release(text: str) -> str:
    """Return why a version is no release of MLflow; a word and a path are none."""
    requirement = MLFLOW.fullmatch(text)
    version = requirement[1] if requirement else text
    if not version[:1].isdigit() or "=" in version:
        return ""
    try:
        releases.release(version)
    except releases.UnknownRelease as error:
        return str(error)
    return ""


def unknown_baseline(text: str) -> str:
    """Return that no such baseline is shipped, if it is named by a version."""
    known = [str(version) for version in shipped()]
    is_wrong = text[:1].isdigit() and text not in known
    return f"there is no baseline {text}{did_you_mean(text, known)}" if is_wrong else ""


def unknown_mode(name: str) -> str:
    """Return that the suite's own catalogue has no such mode."""
    known = _modes()
    is_wrong = not PLACEHOLDER.fullmatch(name) and name not in (*known, EVERY_MODE)
    return f"there is no mode {name}{did_you_mean(name, known)}" if is_wrong else ""


def unknown_target(name: str) -> str:
    """Return why a name is that of no target."""
    if PLACEHOLDER.fullmatch(name) or name == EVERY_TARGET:
        return ""
    try:
        registry.named(name)
    except ValueError as error:
        return f"{error}, is {name}"
    return ""


def unknown_file(name: str) -> str:
    """Return that a file of tests is not there."""
    path = name.partition("::")[0]
    is_there = any((folder / path).exists() for folder in (ROOT, CONFORMANCE))
    return "" if is_there or PLACEHOLDER.fullmatch(name) else f"there is no {path}"


def undeclared(kind: str, name: str) -> str:
    """Return that ``pyproject.toml`` declares no such ``extra`` or ``group``."""
    known = declared()[kind]
    hint = did_you_mean(name, known)
    return "" if name in known else f"pyproject.toml has no {kind} {name}{hint}"


@cache
def declared() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the extras and the groups that ``pyproject.toml`` declares, with their packages."""
    project = nox.project.load_toml(ROOT / "pyproject.toml")
    tables = {
        "extra": project["project"]["optional-dependencies"],
        "group": project["dependency-groups"],
    }
    return {
        kind: {name: [Requirement(line).name for line in lines] for name, lines in table.items()}
        for kind, table in tables.items()
    }


@cache
def uv_options(subcommand: str) -> Mapping[str, bool]:
    """Return the options of a command of uv, if there is one, and whether each has a value."""
    asked = [uv(), subcommand, "--help"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    found = UV_OPTION.findall(done.stdout if done.returncode == 0 else "")
    return {name: bool(value) for short, long, value in found for name in (short, long) if name}


@cache
def _modes() -> tuple[str, ...]:
    """Return the names of the suite's own modes."""
    return tuple(mode.name for mode in read_catalogue(DEFAULT_CATALOGUE).modes)
