"""Reports show the address of each source that a promise names."""

from __future__ import annotations

import re

import conformance
from mlflow_conformance.pytest_plugin.requirement_texts import requirements
from mlflow_conformance.report.sources import CLAIMS, PAGES, in_full
from mlflow_conformance.support.paths import CONFORMANCE, ROOT


def test_every_page_that_a_promise_names_has_an_address() -> None:
    """No source of a promise is shown as it is written in the docstring."""
    tests = [
        f"conformance/{file.name}::{name}"
        for file in sorted(CONFORMANCE.glob("test_*.py"))
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    found = requirements(tests)
    assert len(found) == len(tests) > 150
    assert [each.id for each in found if not each.text] == []
    bare = [source for each in found for source in each.source.split("; ") if "(" not in source]
    assert bare == []


def test_addresses_are_those_of_the_list_of_sources() -> None:
    """The end of each address stands in the docstring of the promises, after the page's name."""
    explained = " ".join((conformance.__doc__ or "").split())
    for page, address in PAGES.items():
        name = page.partition(": ")[2]
        ending = re.search(rf"{re.escape(name)} \(([^)]+)\)", explained)
        assert ending is not None, f"{page}: is not explained in conformance/__init__.py"
        assert ending[1] in address, f"{page}: {address} should contain {ending[1]}"


def test_a_claim_is_told_in_its_words() -> None:
    """A claim of the exercise is shown with its sentence; another word stays."""
    wanted = "L7 (the exercise: the inferred signature is recorded: tensor-based for arrays,"
    assert in_full("L7").startswith(wanted)
    assert in_full("Lake") == "Lake"


def test_claims_are_those_of_the_documentation() -> None:
    """The table of the documentation has the same sentences."""
    table = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (L[^|]+) \| ([^|]+) \|", table, re.MULTILINE)
    listed = {claim: text.replace("`", "") for claims, text in rows for claim in claims.split(", ")}
    assert listed == CLAIMS
    assert list(CLAIMS) == [f"L{number}" for number in range(1, 21)]
