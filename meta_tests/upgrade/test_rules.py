"""Tests that every rule explains its samples and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from meta_tests.upgrade.sample_profiles import ONE, TWO, profile
from meta_tests.upgrade.samples.all import (
    ALL_RULES,
    DifferenceSample,
    Edit,
    Sample,
    each_trip,
    placed,
)
from meta_tests.upgrade.samples.behaviour import BEHAVIOUR_SAMPLES
from meta_tests.upgrade.samples.crossing import CROSSING_SAMPLES
from meta_tests.upgrade.samples.estimators import ESTIMATOR_SAMPLES
from meta_tests.upgrade.samples.model import MODEL_SAMPLES
from meta_tests.upgrade.samples.outcome import OUTCOME_SAMPLES
from meta_tests.upgrade.samples.probes import PROBE_SAMPLES
from meta_tests.upgrade.samples.run import RUN_SAMPLES
from meta_tests.upgrade.samples.stores import STORE_SAMPLES
from meta_tests.upgrade.samples.surface import PARAMETERS, SURFACE_SAMPLES
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.upgrade.changes.classify import Change, changes, rule_for
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.rules.rule import LEVELS, Rule
from mlflow_conformance.upgrade.profile.differences import Difference, differences

SAMPLES: tuple[Sample, ...] = (
    *(*OUTCOME_SAMPLES, *MODEL_SAMPLES, *BEHAVIOUR_SAMPLES, *RUN_SAMPLES),
    *(*ESTIMATOR_SAMPLES, *PROBE_SAMPLES, *STORE_SAMPLES),
)
DIFFERENCE_SAMPLES: tuple[DifferenceSample, ...] = (*CROSSING_SAMPLES, *SURFACE_SAMPLES)


def changes_of(edit: Edit) -> tuple[Change, ...]:
    """Return the changes that an edit causes."""
    before, after = edit.sides()
    return changes(differences(profile(before), profile(after, "new")), RULES)


@each_trip(SAMPLES)
def test_a_rule_explains_its_sample(sample: Sample, edit: Edit) -> None:
    """The edit is exactly one change, with the rule, level, place, mode and values."""
    found = changes_of(edit)
    assert [change.rule.id for change in found] == [sample.rule]
    (change,) = found
    mode = edit.difference.mode
    assert change.rule.level == sample.level
    assert change.what == (edit.path if mode is None else edit.path[2:])
    assert change.modes == (() if mode is None else (mode,))
    assert (repr(change.before), repr(change.after)) == (repr(edit.before), repr(edit.after))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.rule)
def test_a_rule_leaves_its_neighbour_alone(sample: Sample) -> None:
    """A near miss is another rule's change, or no change."""
    found = [change.rule.id for change in changes_of(sample.near)]
    assert found == ([] if sample.other is None else [sample.other])
    assert sample.other != sample.rule


@pytest.mark.parametrize("sample", DIFFERENCE_SAMPLES, ids=lambda sample: sample.rule)
def test_a_rule_explains_its_differences_and_not_the_neighbour(sample: DifferenceSample) -> None:
    """Exactly one rule explains each sample, with the expected level."""
    for difference in sample.trips:
        found = rule_for(difference, RULES)
        assert (found.id, found.level) == (sample.rule, sample.level)
    assert rule_for(sample.near, RULES).id == sample.other != sample.rule


@pytest.mark.parametrize("difference", PARAMETERS, ids=lambda difference: difference.path[-1])
def test_parameters_of_scripts_have_the_rules_of_observed_ones(difference: Difference) -> None:
    """A parameter that a script uses is lost, required or changed as an observed one is."""
    assert rule_for(difference, RULES).id == difference.path[-1]


@each_trip(SAMPLES, lambda edit: edit.difference.mode == ONE)
def test_the_same_in_two_modes_is_one_change(sample: Sample, edit: Edit) -> None:
    """The same difference in two modes is one change with both modes."""
    before, after = edit.sides()
    twin = ("modes", TWO, *edit.path[2:])
    before, after = placed(before, twin, edit.before), placed(after, twin, edit.after)
    found = changes(differences(profile(before), profile(after, "new")), RULES)
    assert [(change.rule.id, change.modes) for change in found] == [(sample.rule, (ONE, TWO))]


@pytest.mark.parametrize("explained", ALL_RULES, ids=lambda rule: rule.id)
def test_every_place_of_a_rule_is_met_by_a_sample(explained: Rule) -> None:
    """Each place pattern of a rule matches at least one of its samples."""
    found = [e.difference for s in SAMPLES if s.rule == explained.id for e in s.trips]
    found += [d for s in DIFFERENCE_SAMPLES if s.rule == explained.id for d in s.trips]
    found += [d for d in PARAMETERS if d.path[-1] == explained.id]
    for place in explained.at:
        narrowed = replace(explained, at=(place,))
        assert any(narrowed.explains(difference) for difference in found), place


def test_every_rule_has_one_sample() -> None:
    """Each rule has exactly one sample, and each sample has a rule."""
    tripped = [(sample.rule, len(sample.trips)) for sample in SAMPLES]
    tripped += [(sample.rule, len(sample.trips)) for sample in DIFFERENCE_SAMPLES]
    assert sorted(rule for rule, _ in tripped) == sorted(rule.id for rule in ALL_RULES)
    assert all(number for _, number in tripped)


def test_ids_are_unique() -> None:
    """No two rules have the same id or the same name."""
    assert len({rule.id for rule in ALL_RULES}) == len(ALL_RULES)
    assert len({rule.name for rule in ALL_RULES}) == len(ALL_RULES)


@pytest.mark.parametrize("declared", ALL_RULES, ids=lambda rule: rule.id)
def test_a_rule_says_all_that_a_report_needs(declared: Rule) -> None:
    """A rule has an id, a level, one-line texts without a final stop, and a link."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", declared.id)
    assert declared.level in LEVELS
    for words in (declared.name, declared.why, declared.way_out):
        assert words.strip() == words
        assert words
        assert "\n" not in words
        assert not words.endswith(".")
    assert re.fullmatch(r"https://[\w.-]+(/[\w./-]*)?(#[\w-]+)?", declared.link)


def test_the_documentation_lists_every_rule_as_it_is() -> None:
    """The table in docs/upgrade.md lists each rule with its level and name."""
    text = (ROOT / "docs" / "upgrade.md").read_text(encoding="utf-8")
    listed = {
        line for line in text.splitlines() if line.startswith(("| breaking", "| warning", "| info"))
    }
    assert listed == {f"| {rule.level} | `{rule.id}` | {rule.name} |" for rule in ALL_RULES}
