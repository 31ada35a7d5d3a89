"""Every promise has a sentence, a source and a mutant."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

import conformance
from conformance import test_outcome as outcome
from meta_tests.mutants.harness import Bench, Mutant, TopicMutant, each, require_caught
from mlflow_conformance.catalogue.details import NO_LOGS, StatedRun
from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.pytest_plugin import topics
from mlflow_conformance.pytest_plugin.due_promises import applicable
from mlflow_conformance.pytest_plugin.options import Settings
from mlflow_conformance.support.paths import CONFORMANCE, DEFAULT_CATALOGUE, META_TESTS
from mlflow_conformance.targets import registry
from mlflow_conformance.targets.target import Subject

Promise = Callable[..., None]
CLAIMS = 20
CLAIMED = r"(?P<claims>L\d+(?:, L\d+)*)?(?:; )?"
SOURCES = re.compile(rf"\({CLAIMED}(?:(?:MLflow|Azure): (?P<page>[a-z-]+))?\)\.$")


def modules_in(folder: Path, package: str) -> list[ModuleType]:
    """Return the modules in a folder of tests."""
    files = sorted(folder.glob("test_*.py"))
    return [importlib.import_module(f"{package}.{file.stem}") for file in files]


def promises() -> dict[str, Promise]:
    """Return every test in ``conformance``, by module and name."""
    return {
        f"{module.__name__}.{name}": function
        for module in modules_in(CONFORMANCE, "conformance")
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("test_") and function.__module__ == module.__name__
    }


def mutants() -> list[Mutant | TopicMutant]:
    """Return the mutants of all modules of mutants."""
    modules = modules_in(META_TESTS / "mutants", "meta_tests.mutants")
    return [mutant for module in modules for mutant in getattr(module, "MUTANTS", ())]


def owner(mutant: Mutant | TopicMutant) -> str:
    """Return the owner of a mutant, by module and name."""
    return f"{mutant.owner.__module__}.{mutant.owner.__name__}"


def pages() -> set[str]:
    """Return the short names of MLflow's pages in the docstring of ``conformance``."""
    explained = " ".join(str(conformance.__doc__).split())
    return set(re.findall(r"([a-z-]+) \([a-z0-9/-]+\)", explained))


PROMISES = promises()
NOTHING_BROKEN = Mutant(
    "nothing-broken",
    "infer-frame",
    outcome.test_mode_leaves_exactly_one_model,
    lambda bench: None,
    "anything",
)


@each((NOTHING_BROKEN,))
def test_a_mutant_that_breaks_nothing_is_not_caught(mutant: Mutant, bench: Bench) -> None:
    """A mutant that breaks nothing is reported as not caught."""
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        require_caught(mutant, bench)


def test_every_promise_has_a_mutant() -> None:
    """Every promise has a mutant."""
    without = sorted(set(PROMISES) - {owner(mutant) for mutant in mutants()})
    assert not without, f"no mutant shows that these checks can fail: {', '.join(without)}"


def test_every_promise_applies_to_a_mode() -> None:
    """Every promise about modes is made by one of the suite's own catalogue at one of the targets.

    Every mode there states its estimator and no run tree, so modes that do otherwise are added.
    """
    modes = read_catalogue(DEFAULT_CATALOGUE).modes
    searching = replace(modes[0], runs=(StatedRun("search", 1, NO_LOGS),))
    selected = (*modes, *map(that_states_nothing, modes), searching)
    first = registry.default().name
    subjects = [
        Subject(mode, name, None if name == first else first)
        for name in registry.names()
        for mode in selected
    ]
    settings = cast(Settings, SimpleNamespace(subjects=subjects, are_named=True))
    idle = [
        name
        for name, promise in PROMISES.items()
        if topics.of_module(importlib.import_module(promise.__module__)) is None
        and not applicable(marks(promise), settings)
    ]
    # No mode of this catalogue logs anything beside its model.
    expected = ["conformance.test_tracking.test_what_the_script_logs_itself_is_there"]
    assert idle == expected, f"no mode makes these promises: {idle}, should be: {expected}"


def that_states_nothing(mode: Mode) -> Mode:
    """Return a mode that has only a name and a script."""
    stated = ("refit", "flavors", "autologs", "origin", "signature", "requirements")
    unstated: dict[str, Any] = dict.fromkeys((*stated, "logged_with", "artifact_path"))
    return replace(mode, **unstated, same_model_as=None)


def marks(promise: Promise) -> list[pytest.Mark]:
    """Return the marks of a promise and of its module."""
    module = importlib.import_module(promise.__module__)
    own = getattr(promise, "pytestmark", [])
    of_module = getattr(module, "pytestmark", [])
    decorators = of_module if isinstance(of_module, list) else [of_module]
    return [*own, *(getattr(one, "mark", one) for one in decorators)]


def test_every_mutant_belongs_to_a_promise() -> None:
    """The owner of every mutant is a test in ``conformance``, not a helper."""
    without_promise = [m.name for m in mutants() if owner(m) not in PROMISES]
    assert not without_promise, (
        f"these mutants are owned by no promise: {', '.join(without_promise)}"
    )


@pytest.mark.parametrize("name", PROMISES)
def test_promise_is_one_sentence_with_a_source(name: str) -> None:
    """The docstring of a promise is one line and one sentence, and ends with its source."""
    docstring = PROMISES[name].__doc__ or ""
    source = SOURCES.search(docstring)
    assert "\n" not in docstring, f"{name}: the docstring should be one line"
    assert re.search(r"[.!?]\s", docstring) is None, f"{name}: should be one sentence: {docstring}"
    assert source is not None, f"{name}: should end with (L1; MLflow: page), says: {docstring}"
    claims = [int(claim) for claim in re.findall(r"\d+", source["claims"] or "")]
    assert claims or source["page"], f"{name}: names no source: {docstring}"
    unknown = [f"L{claim}" for claim in claims if not 1 <= claim <= CLAIMS]
    assert not unknown, f"{name}: there is no claim {', '.join(unknown)}"
    assert source["page"] is None or source["page"] in pages(), (
        f"{name}: the page {source['page']!r} is not explained in {conformance.__file__}"
    )
