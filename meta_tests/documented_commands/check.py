"""Checks a command or an option of a document against the programs that take it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Final, cast

import pytest

from meta_tests.documented_commands.extract import Shown
from meta_tests.documented_commands.reached import Reached, reached_by_command, reached_by_module
from meta_tests.documented_commands.sessions import (
    commands_of,
    module_run_by,
    noxfile,
    session_modules,
)
from meta_tests.documented_commands.values import (
    declared,
    undeclared,
    unknown,
    unknown_baseline,
    unknown_file,
    unknown_mode,
    unknown_release,
    unknown_target,
    uv_options,
)
from mlflow_conformance.command import main as command
from mlflow_conformance.command.arguments import WITH, WrongArguments, split_with
from mlflow_conformance.environments import releases
from mlflow_conformance.pytest_plugin.early_options import join_paths
from mlflow_conformance.pytest_plugin.marker_names import refuse_unknown_markers
from mlflow_conformance.pytest_plugin.option_groups import option_names
from mlflow_conformance.support.nearest import did_you_mean
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE, ROOT

Check = Callable[[Sequence[str], pytest.Config], str]
PYTEST: Final = "pytest"
# Whose options the rows of a document's tables begin with.
ROWS_OF: Final[Mapping[str, str]] = {
    "docs/options.md": PYTEST,
    "docs/azure.md": PYTEST,
    "docs/models.md": f"{command.NAME} model",
}
# Options of other programs that the text names, and where they belong.
OF_OTHERS: Final[Mapping[str, str]] = {
    "--extra": "uv run",
    **dict.fromkeys(
        ("--index-url", "--extra-index-url", "--find-links", "--no-index"),
        "a requirements file",
    ),
}
# Programs that a group of pyproject.toml installs, and their packages.
TOOLS: Final[Mapping[str, str]] = {
    **{name: name for name in ("mypy", "pre-commit", "ruff")},
    "sphinx-build": "sphinx",
}
EXTRAS: Final = re.compile(r"\[([\w,-]+)\]$")
PYTEST_ERROR: Final = re.compile(r"error: (.*)")


def problem_of(shown: Shown, config: pytest.Config) -> str:
    """Return what is wrong with a command or an option in one line, or ``""``."""
    try:
        words = shown.words
    except ValueError as error:
        return f"the shell cannot read it: {error}"
    if shown.kind == "option":
        return _option(words, config, ROWS_OF.get(shown.document, "") if shown.in_row else "")
    return _part(words) if shown.kind == "part" else _command(words, config)


@cache
def options_besides_pytest() -> Mapping[str, frozenset[str]]:
    """Return the names of the options of the suite's other programs."""
    found = {command.NAME: frozenset({WITH, "--help"}), "nox": frozenset({noxfile().ENDS})}
    for name in command.COMMANDS:
        found[f"{command.NAME} {name}"] = reached_by_command([name]).names
    for module in (*session_modules(), "mlflow_conformance.rehearsal"):
        found[module] = reached_by_module(module, ["--help"]).names
    return found


def _option(words: Sequence[str], config: pytest.Config, owner: str) -> str:
    """Return that the owner, or every program, lacks an option, or why pytest refuses its value."""
    names = _names(words)
    others = options_besides_pytest()
    known = {*OF_OTHERS, *(name for options in others.values() for name in options)}
    of_pytest = [name for name in names if _is_of_pytest(name, config)]
    for name in names:
        if owner == PYTEST and name not in of_pytest:
            return unknown(PYTEST, name, option_names())
        if owner in others and name not in others[owner]:
            return unknown(owner, name, others[owner])
        if name not in of_pytest and name not in known:
            return unknown("the suite", name, {*known, *option_names()})
    if "--extra" in names and len(words) > 1:
        return undeclared("extra", words[1])
    of_another = any(options.issuperset(names) for options in others.values())
    is_bare = len(words) == 1
    return "" if is_bare or of_another or of_pytest != names else _pytest(words, config)


def _part(words: Sequence[str]) -> str:
    """Return that there is no such subcommand, or that it does not have an option."""
    name, *rest = words[1:] if words[0] == command.NAME else words
    if name not in command.COMMANDS:
        return f"there is no command {name}{did_you_mean(name, command.COMMANDS)}"
    known = options_besides_pytest()[f"{command.NAME} {name}"]
    return next((unknown(name, word, known) for word in _names(rest) if word not in known), "")


def _command(words: Sequence[str], config: pytest.Config) -> str:
    """Return what is wrong with a whole command."""
    programs: Mapping[str, Check] = {
        "uv": _uv,
        "nox": _nox,
        PYTEST: _pytest,
        command.NAME: _own_command,
        "python": _python,
        "pip": _pip,
        ".ci/run": _ci,
        **dict.fromkeys(TOOLS, _tool),
    }
    if words[0] not in programs:
        return (
            f"{words[0]} is not a program that the docs use (a block of output alone is of kind"
            " text; a new program needs a check in meta_tests/documented_commands/check.py)"
        )
    given = words if words[0] in TOOLS else words[1:]
    return programs[words[0]](given, config)


def _uv(words: Sequence[str], config: pytest.Config) -> str:
    """Return what uv does not know, or what is wrong with what it runs or installs."""
    subcommand, *rest = words
    known = uv_options(subcommand)
    if not known:
        return f"uv has no command {subcommand}"
    waiting = iter(rest)
    for word in waiting:
        if not word.startswith("-"):
            # The rest is what uv runs, or these are packages.
            given = [word, *waiting]
            return _command(given, config) if subcommand == "run" else _pip(given, config)
        if word not in known:
            return unknown(f"uv {subcommand}", word, known)
        value = next(waiting, "") if known[word] else ""
        kind = word.removeprefix("--")
        if kind in declared() and (problem := undeclared(kind, value)):
            return problem
    return ""


def _pip(words: Sequence[str], config: pytest.Config) -> str:
    """Return which extra of a package is none of the suite's."""
    found = filter(None, (EXTRAS.search(word) for word in words))
    return _first(undeclared("extra", name) for match in found for name in match[1].split(","))


def _tool(words: Sequence[str], config: pytest.Config) -> str:
    """Return that no group installs a program."""
    package = TOOLS[words[0]]
    is_there = any(package in names for names in declared()["group"].values())
    return "" if is_there else f"no group of pyproject.toml has {package}"


def _ci(words: Sequence[str], config: pytest.Config) -> str:
    """Return that the script of CI cannot be executed."""
    return "" if os.access(ROOT / ".ci" / "run", os.X_OK) else ".ci/run cannot be executed"


def _nox(words: Sequence[str], config: pytest.Config) -> str:
    """Return what is wrong with one of the sessions; ``-f`` names the clone's own file."""
    place = [*words, "--"].index("--")
    given, arguments = list(words[:place]), words[place + 1 :]
    if given[:1] == ["-f"]:
        given = given[2:]
    flag, *names = given or [""]
    if flag != "-s" or not names:
        return "should be nox -s SESSION [-- ARGUMENTS]"
    return _first(_session(name, arguments, config) for name in names)


def _session(name: str, arguments: Sequence[str], config: pytest.Config) -> str:
    """Return that there is no such session, or what is wrong with what it would run."""
    run = commands_of(name, arguments)
    if isinstance(run, str):
        return run
    passed = {word for words in run for word in words} | {noxfile().ENDS}
    if lost := [word for word in arguments if word not in passed]:
        return f"the session {name} does not take {lost[0]}"
    problems = []
    for words in run:
        if (found := module_run_by(words)) is not None:
            problems.append(_module(*found, config))
        elif words[:2] == ["uv", "run"]:
            problems.append(_command(words, config))
    return _first(problems)


def _python(words: Sequence[str], config: pytest.Config) -> str:
    """Return what is wrong with ``python -m MODULE``, the only form that the docs use."""
    return _module(words[1], words[2:], config)


def _module(name: str, arguments: Sequence[str], config: pytest.Config) -> str:
    """Return that there is no such module, or what is wrong with its arguments."""
    if name in ("mlflow_conformance", command.__name__):
        return _own_command(arguments, config)
    if name == releases.__name__:
        return unknown_release(arguments[0])
    return _refused(reached_by_module(name, arguments), config)


def _own_command(words: Sequence[str], config: pytest.Config) -> str:
    """Return what ``mlflow-conformance`` refuses."""
    try:
        requirements, given = split_with(words)
    except WrongArguments as error:
        return str(error)
    problem = _first(map(unknown_release, requirements))
    return problem or _refused(reached_by_command(given), config)


def _refused(reached: Reached, config: pytest.Config) -> str:
    """Return what a command refuses of its arguments, or what they name that is not there."""
    if reached.is_pytest:
        return _pytest(reached.given, config)
    if reached.parser is None:
        return reached.said
    asked = reached.asked()
    if isinstance(asked, str):
        return asked
    found = vars(asked)
    baselines = [str(found[side]) for side in ("old", "new") if found.get(side)]
    named = [str(word) for key in ("releases", "packages") for word in found.get(key) or ()]
    return _first([*map(unknown_baseline, baselines), *map(unknown_release, named)])


def _pytest(words: Sequence[str], config: pytest.Config) -> str:
    """Return what pytest refuses, or what its arguments name that is not there."""
    parser = config._parser  # pytest's own options, those of its plugins, and the suite's
    try:
        asked, left = parser.parse_known_and_unknown_args(join_paths(words))
        seen = SimpleNamespace(option=asked, getini=config.getini)
        refuse_unknown_markers(cast(pytest.Config, seen))
    except pytest.UsageError as error:
        found = PYTEST_ERROR.search(str(error))
        return found[1] if found else str(error)
    if left:
        return unknown(PYTEST, left[0], option_names())
    problems = [unknown_baseline(asked.baseline or "")]
    problems += map(unknown_target, asked.target or ())
    if asked.catalogue == str(DEFAULT_CATALOGUE):
        problems += map(unknown_mode, asked.mode or ())
    return _first([*problems, *(unknown_file(str(path)) for path in asked.file_or_dir)])


def _is_of_pytest(name: str, config: pytest.Config) -> bool:
    """Return whether pytest has an option."""
    try:
        return not config._parser.parse_known_and_unknown_args([name])[1]
    except pytest.UsageError:  # it needs a value
        return True


def _names(words: Sequence[str]) -> list[str]:
    """Return the names of the options among words."""
    return [word.partition("=")[0] for word in words if re.match(r"--?\w", word)]


def _first(problems: Iterable[str]) -> str:
    """Return the first problem, or an empty text."""
    return next(filter(None, problems), "")
