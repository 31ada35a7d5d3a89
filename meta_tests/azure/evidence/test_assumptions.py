"""Tests of the assumptions as data: the documentation, the marks and the judges agree with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlflow_conformance.azure.evidence.assumptions import (
    BUNDLES,
    CONFIRMED,
    CONTRADICTED,
    NOT_SEEN,
    NOTHING,
    Assumption,
    judged,
    read_assumptions,
)
from mlflow_conformance.azure.evidence.bundle import WORKSPACE
from mlflow_conformance.azure.evidence.documentation import BEGIN, END, PAGE, with_section
from mlflow_conformance.azure.evidence.judges import BY_EXCHANGE, BY_TIMES
from mlflow_conformance.azure.evidence.replay import read_bundle
from mlflow_conformance.azure.evidence.seen import Seen
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.support.yaml_entry import ConfigurationError

ALL = read_assumptions()
MARK = re.compile(r'@pytest\.mark\.assumes\("([^"]+)"\)')
SAMPLE = Assumption("sample", "a sentence", unseen="it needs a job")


def test_the_documentation_lists_every_assumption_as_it_is() -> None:
    """The section of docs/rehearsal.md is generated from the data, and up to date."""
    page = PAGE.read_text(encoding="utf-8")
    assert with_section(page) == page, (
        "docs/rehearsal.md and assumptions.yaml differ: run"
        " python -m mlflow_conformance.azure.evidence.documentation"
    )


def test_an_old_section_is_noticed() -> None:
    """A page whose list differs from the data is written anew; one without the list is an error."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    assert with_section(f"{page[:begin]}- something old.\n{page[end:]}") == page
    with pytest.raises(ValueError, match="the page should have"):
        with_section(page.replace(BEGIN, ""))


@pytest.mark.parametrize("one", ALL.values(), ids=lambda one: one.id)
def test_an_assumption_is_well_formed(one: Assumption) -> None:
    """An id is words and numbers; a sentence is one line that the list ends with a mark."""
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", one.id)
    for text in (one.sentence, one.unseen):
        assert text == text.strip()
        assert "\n" not in text
        assert not text.endswith((".", ";", ","))


def test_what_has_no_judge_says_why() -> None:
    """Each judge belongs to an assumption, and one without a judge says why it is not seen."""
    judges = {*BY_EXCHANGE, *BY_TIMES}
    assert not set(BY_EXCHANGE) & set(BY_TIMES)
    assert judges <= set(ALL)
    assert not [id_ for id_, one in ALL.items() if id_ not in judges and one.unseen == NOTHING]


def test_promises_are_marked() -> None:
    """The marks of the promises name assumptions; those that are only observed have a promise."""
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "conformance").glob("*.py")]
    marked = {id_ for text in texts for id_ in MARK.findall(text)}
    assert marked <= set(ALL)
    assert {id_ for id_, one in ALL.items() if not one.is_promised} <= marked


@pytest.mark.parametrize(
    "id_", [id_ for id_, one in ALL.items() if not one.is_promised or one.confirmed_by] or [None]
)
def test_a_shipped_bundle_confirms(id_: str) -> None:
    """Each bundle that an assumption names is there, of a real workspace, and confirms it."""
    for name in ALL[id_].confirmed_by:
        bundle = read_bundle(BUNDLES / name)
        [found] = [one for one in bundle["assumptions"] if one["id"] == id_]
        assert (bundle["written_by"], found["judgement"]) == (WORKSPACE, CONFIRMED), name
    assert ALL[id_].is_only_observed == (not ALL[id_].confirmed_by)


@pytest.mark.parametrize(
    ("seen", "judgement", "told"),
    [
        ([], NOT_SEEN, "it needs a job"),
        ([Seen(None, "neither")], NOT_SEEN, "1 x neither; it needs a job"),
        ([Seen(True, "yes")] * 3 + [Seen(None, "neither")], CONFIRMED, "3 x yes; 1 x neither"),
        ([Seen(True, "yes"), Seen(False, "no")], CONTRADICTED, "1 x no; 1 x yes"),
        ([Seen(True, f"{n}") for n in range(10)], CONFIRMED,
         "; ".join(f"1 x {n}" for n in range(8)) + "; and 2 others"),
    ],
)  # fmt: skip
def test_judged(seen: list[Seen], judgement: str, told: str) -> None:
    """A contradiction decides, then a confirmation; what says neither is only told."""
    found = judged(SAMPLE, seen)
    assert (found.judgement, found.seen) == (judgement, told)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("assumptions: [{id: a, sentence: b}, {id: a, sentence: c}]", "a is there twice"),
        ("assumptions: [{id: a}]", "sentence: is missing"),
        ("assumptions: [{id: a, sentence: b, promise: no}]", "promise: unknown key"),
    ],
)
def test_a_wrong_file_is_refused(text: str, message: str, tmp_path: Path) -> None:
    """A mistake in the file is one line that names it."""
    file = tmp_path / "assumptions.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        read_assumptions(file)
