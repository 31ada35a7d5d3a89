"""Tests the words and causes of changes between two environments of one MLflow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from meta_tests.upgrade.sample_upgrades import MLFLOW, changed, sample_facts, without
from mlflow_conformance.upgrade.causes.attribution import (
    NOT_SEPARABLE,
    Evidence,
    causes_of_crossings,
)
from mlflow_conformance.upgrade.changes.classify import changes
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.rules.between_environments import (
    WORDS,
    between_environments,
)
from mlflow_conformance.upgrade.changes.rules.crossing import CROSSING_RULES
from mlflow_conformance.upgrade.compare import compared
from mlflow_conformance.upgrade.profile.fact_texts import LOADS, NEW_MODEL, OLD_MODEL
from mlflow_conformance.upgrade.profile.profile import write_profile
from mlflow_conformance.upgrade.runs.recorded_release import failed_step

# What is measured is MLflow's own upgrade, whatever differs besides.
MEASURED = "store-upgrade-grows"
OF_MLFLOW = re.compile(r"(old|new|newer|older) release|upgrad|rollback|downgrade")
SKOPS = "MlflowException: Unrecognized serialization format: skops"


@pytest.mark.parametrize(
    "rule", [r for r in CROSSING_RULES if r.id != MEASURED], ids=lambda rule: str(rule.id)
)
def test_the_words_of_cross_checks_are_about_packages(rule: object) -> None:
    """With one MLflow on both sides, nobody is told to upgrade or keep a release of it."""
    (found,) = (between_environments(each) for each in CROSSING_RULES if each is rule)
    assert found.id in WORDS
    for words in (found.name, found.why, found.way_out):
        assert OF_MLFLOW.search(words) is None, words


def test_every_rule_with_words_of_its_own_is_there() -> None:
    """A rule that was renamed would silently lose its words."""
    assert set(WORDS) <= {rule.id for rule in RULES}


def test_no_rule_speaks_of_two_releases() -> None:
    """Other rules keep their words, but for the two releases."""
    for rule in map(between_environments, RULES):
        for words in (rule.name, rule.way_out):
            assert re.search(r"(old|new) release\b", words) is None or "stores" in rule.at[0], rule


@pytest.mark.parametrize(("kind", "error"), [(OLD_MODEL, "no"), (NEW_MODEL, SKOPS)])
def test_a_change_has_the_words_of_both_sides(kind: str, error: str) -> None:
    """The advice for an error, too, depends on what differs."""
    found = [failed_step("one", kind, LOADS, "works", error)]
    (between_releases,) = changes(found, RULES)
    (of_packages,) = changes(found, RULES, is_same_mlflow=True)
    assert between_releases.rule.id == of_packages.rule.id
    assert OF_MLFLOW.search(between_releases.rule.name + between_releases.way_out)
    said = (of_packages.rule.name, of_packages.why, of_packages.way_out)
    assert OF_MLFLOW.search(" ".join(said)) is None


PLACE = failed_step("one", OLD_MODEL, LOADS, "works", "no")


@pytest.mark.parametrize(
    ("moved", "is_same_mlflow", "cause"),
    [
        ((), False, ("mlflow",)),
        (("pandas",), True, ("pandas",)),
        (("numpy", "pandas"), True, (NOT_SEPARABLE, "numpy", "pandas")),
        (("pandas",), False, None),
    ],
)
def test_a_cross_check_has_a_cause_if_it_is_known(
    moved: tuple[str, ...], cause: tuple[str, ...] | None, *, is_same_mlflow: bool
) -> None:
    """If only MLflow or only packages differ, it is they; of both, nothing is claimed."""
    evidence = Evidence(moved, None, {})
    found = causes_of_crossings([PLACE], evidence, is_same_mlflow=is_same_mlflow)
    assert found == ({} if cause is None else {PLACE.path: cause})


@pytest.mark.parametrize(("release", "side"), [("2.22.5", "environment"), ("3.17.2", "release")])
def test_the_recordings_decide_which_words_are_used(
    release: str, side: str, tmp_path: Path
) -> None:
    """``compare`` looks at the MLflow of both sides."""
    path = ("modes", "autolog-array", "model", "flavors", "sklearn")
    for name, facts in (("old", sample_facts()), ("new", without(sample_facts(), path))):
        used = "2.22.5" if name == "old" else release
        write_profile(changed(facts, MLFLOW, used), tmp_path / name)
    verdict = compared(str(tmp_path / "old"), str(tmp_path / "new"))
    (lost,) = [f.change for f in verdict.findings if f.change.rule.id == "flavor-lost"]
    assert lost.way_out.endswith(f"or stay on the old {side}")
