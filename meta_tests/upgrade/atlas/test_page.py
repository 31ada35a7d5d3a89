"""The page of the atlas: nothing is lost in it, it is small, and it loads nothing."""

from __future__ import annotations

import json
import re
from typing import Any

from meta_tests.upgrade.atlas.sample_atlas import PAIRS, all_steps, data, page, rows
from mlflow_conformance.upgrade.atlas.changes_table import recorded_releases
from mlflow_conformance.upgrade.atlas.families import FAMILIES
from mlflow_conformance.upgrade.atlas.pairs import upgrades
from mlflow_conformance.upgrade.changes.classify import UNCLASSIFIED
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.report.json_file import report_json

MOST_BYTES = 2_000_000


def told(release: str, rule: str, level: str, change: dict[str, Any]) -> set[tuple[str, ...]]:
    """Return what is told of a change, once for each of its modes."""
    sides = (json.dumps(change["before"]), json.dumps(change["after"]))
    return {
        (release, rule, level, change["what"], *sides, mode) for mode in change["modes"] or [""]
    }


def test_no_change_is_lost() -> None:
    """Whatever the comparisons of neighbours tell is in the page, and nothing else."""
    on_the_page: set[tuple[str, ...]] = set()
    for row in rows():
        on_the_page |= told(row["release"], row["rule"], row["level"], row)
    wanted: set[tuple[str, ...]] = set()
    for step in all_steps():
        for verdict in (step.shared, step.of_their_day):
            levels = {
                (finding.change.rule.id, finding.change.place, finding.change.modes): (
                    finding.change.level
                )
                for finding in verdict.findings
            }
            for block in json.loads(report_json(verdict))["blocks"]:
                for change in block["changes"]:
                    level = levels[block["rule"], change["what"], tuple(change["modes"])]
                    wanted |= told(verdict.new.mlflow, block["rule"], level, change)
    assert len(wanted) > 5000
    assert wanted - on_the_page == set()
    assert on_the_page - wanted == set()


def test_nothing_is_there_twice() -> None:
    """What is MLflow's is not told again of its day's packages."""
    found = [
        each
        for row in rows()
        for each in sorted(told(row["release"], row["rule"], row["level"], row))
    ]
    assert len(found) == len(set(found))


def test_every_change_says_who_made_it_and_the_way_out() -> None:
    """What is not MLflow's alone names the packages that can be the cause."""
    for row in rows():
        assert row["way_out"]
        assert (row["made_by"] == "MLflow") or row["packages"], row


def test_every_rule_is_in_one_family() -> None:
    """A new rule needs a family, where its changes are shown."""
    families = [rule.id for family in FAMILIES for rule in family.rules]
    assert sorted(families) == sorted(rule.id for rule in (*RULES, UNCLASSIFIED))


def test_the_page_is_small_with_all_pairs() -> None:
    """Even if every pair said as much as the longest one, the page had less than 2 MB."""
    longest = max(len(json.dumps(pair, ensure_ascii=False).encode()) for pair in data()["pairs"])
    pairs = len(upgrades(recorded_releases()))
    assert pairs == 528
    assert len(data()["pairs"]) == len(PAIRS)
    assert len(page().encode()) + pairs * longest < MOST_BYTES


def test_the_page_loads_nothing() -> None:
    """No element and no script of the page has an address that a browser would ask."""
    assert "default-src 'none'" in page()
    elements = re.findall(r"<(?:link|script|img|iframe|object|embed|form)\b[^>]*>", page())
    assert len(elements) == 3
    assert [each for each in elements if "http" in each or "src" in each] == []
    scripts = page().split('id="data">')[0] + page().rpartition("<script>")[2]
    for text in ("@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML"):
        assert text not in scripts
