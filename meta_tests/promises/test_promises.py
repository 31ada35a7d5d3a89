"""Is every promise one sentence with a source, and is there a mutant that it notices?"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import conformance
from conformance import test_outcome as outcome
from fixtures.support.paths import CONFORMANCE, META_TESTS
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught

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


def mutants() -> list[Mutant]:
    """Return the mutants of every module of mutants."""
    modules = modules_in(META_TESTS / "mutants", "meta_tests.mutants")
    return [mutant for module in modules for mutant in getattr(module, "MUTANTS", ())]


def pages() -> set[str]:
    """Return the short names of MLflow's pages, as ``conformance`` explains them."""
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
    """What is required of mutants can fail: a check that notices nothing is told of."""
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        require_caught(mutant, bench)


def test_every_promise_has_a_mutant() -> None:
    """A check that no mutant makes fail does not exist."""
    owned = {f"{m.owner.__module__}.{m.owner.__name__}" for m in mutants()}
    without = sorted(set(PROMISES) - owned)
    assert not without, f"no mutant shows that these checks can fail: {', '.join(without)}"


def test_every_mutant_belongs_to_a_promise() -> None:
    """A mutant's owner is a test of ``conformance``, not one of its helpers."""
    strangers = [m.name for m in mutants() if m.owner not in PROMISES.values()]
    assert not strangers, f"these mutants are owned by no promise: {', '.join(strangers)}"


@pytest.mark.parametrize("name", PROMISES)
def test_promise_is_one_sentence_with_a_source(name: str) -> None:
    """A promise's docstring is one line, one sentence, and ends with where it is from."""
    said = PROMISES[name].__doc__ or ""
    source = SOURCES.search(said)
    assert "\n" not in said, f"{name}: the docstring should be one line"
    assert re.search(r"[.!?]\s", said) is None, f"{name}: should be one sentence: {said}"
    assert source is not None, f"{name}: should end with (L1; MLflow: page), says: {said}"
    claims = [int(claim) for claim in re.findall(r"\d+", source["claims"] or "")]
    assert claims or source["page"], f"{name}: names no source: {said}"
    unknown = [f"L{claim}" for claim in claims if not 1 <= claim <= CLAIMS]
    assert not unknown, f"{name}: there is no claim {', '.join(unknown)}"
    assert source["page"] is None or source["page"] in pages(), (
        f"{name}: the page {source['page']!r} is not explained in {conformance.__file__}"
    )
