"""Tests how changed answers of MLflow itself are told: in a user's words, and as what they are."""

from __future__ import annotations

from typing import Any

import pytest

from meta_tests.upgrade.sample_upgrades import changed, judged, sample_facts
from mlflow_conformance.support.paths import SHARED_BASELINES
from mlflow_conformance.upgrade import compare
from mlflow_conformance.upgrade.changes.verdict import Verdict
from mlflow_conformance.upgrade.profile.baselines import find_baseline
from mlflow_conformance.upgrade.profile.probe_texts import probe_text, sentences
from mlflow_conformance.upgrade.report.markdown import report_markdown
from mlflow_conformance.upgrade.report.probe_lines import MOST
from mlflow_conformance.upgrade.report.terminal import report_lines

WORKED, RAISED = "works, gives [200]", "raises 403"
MAY_NOT_MAKE = "in calls of MLflow that your scripts may not make"


def answers(result: str, *facts: str, mark: str = "relied on") -> dict[str, Any]:
    """Return sample facts with a result of each probe that is named ``SUBJECT/NAME: CASE``."""
    probes: dict[str, Any] = {}
    for fact in facts:
        subject, _, name = fact.partition("/")
        probes.setdefault(subject, {})[name] = {mark: result, "warnings": {}}
    return {**sample_facts(), "probes": probes}


def raising(*facts: str, mark: str = "relied on") -> Verdict:
    """Return the verdict on probes that raise an error on the new side."""
    return judged(answers(RAISED, *facts, mark=mark), old=answers(WORKED, *facts, mark=mark))


def test_a_probe_is_told_as_what_it_does() -> None:
    """The line has the probe's sentence, the case, before and after, and no path of a fact."""
    verdict = raising("server/hosts: mlflow.team", "server/hosts: other.team")
    line = "Ask under host names of every kind (mlflow.team): gives [200] -> raises 403"
    assert f"  {line}; and 1 more case" in report_lines(verdict)
    assert "Ask under host names of every kind (other.team)" in report_markdown(verdict)
    for report in ("\n".join(report_lines(verdict)), report_markdown(verdict)):
        assert "probes." not in report
        assert "relied on" not in report


def test_the_first_probes_have_a_line_and_the_others_are_counted() -> None:
    """What scripts rely on comes first; a line counts the rest, and names its probes."""
    named = [f"gone/probe {number}: x" for number in range(MOST + 1)]
    old, new = answers(WORKED, *named), answers(RAISED, *named)
    for facts, result in ((old, WORKED), (new, RAISED)):
        facts["probes"]["ask"] = {"first: a": {"guarded": result, "warnings": {}}}
    lines = report_lines(judged(new, old=old))
    at = lines.index(f"  {MOST + 2} answers; whether your scripts do this is not known")
    assert lines[at + 1] == "  gone, probe 0 (x): gives [200] -> raises 403"
    assert lines[at + MOST + 1] == f"  and 2 more: gone: probe {MOST}, ask: first"


def test_a_kind_of_warning_is_named() -> None:
    """A warning of a probe is told with its kind."""
    what = ("probes", "uris", "split uri: a", "warnings", "FutureWarning")
    assert probe_text(what) == "Split URIs of models into model and path (a, FutureWarning)"


@pytest.mark.parametrize("name", ["gone", "../probe", "a b", ""])
def test_a_subject_that_is_gone_has_no_sentences(name: str) -> None:
    """A baseline may name subjects that are not there, or are no names of modules."""
    assert sentences(name) == {}


def test_every_probe_of_the_newest_baseline_has_its_sentence() -> None:
    """No shipped fact is told by the name of its subject instead of a sentence."""
    probes = find_baseline("3.17.2", SHARED_BASELINES).facts["probes"]
    facts = [(subject, name) for subject, those in probes.items() for name in those]
    assert len(facts) > 2000
    assert {
        subject for subject, name in facts if name.partition(": ")[0] not in sentences(subject)
    } == set()


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({}, f", seen {MAY_NOT_MAKE}"),
        ({"outcome": "crashed"}, f", 1 of them {MAY_NOT_MAKE}"),
    ],
)
def test_the_headline_says_what_is_only_known_of_mlflow(others: dict[str, str], said: str) -> None:
    """Who reads NOT SAFE learns whether anything that was recorded of scripts breaks."""
    new = answers(RAISED, "uris/split uri: a")
    for key, value in others.items():
        new = changed(new, ("modes", "autolog-array", key), value)
    verdict = judged(new, old=answers(WORKED, "uris/split uri: a"))
    assert said in verdict.headline
    assert verdict.exit_code == 1


def test_without_probes_only_what_scripts_do_is_judged(capsys: pytest.CaptureFixture[str]) -> None:
    """With ``--no-probes`` they are not looked at, and the report says so."""
    pair = ["3.4.0", "3.5.1"]
    assert compare.main(pair) == 1
    assert f", all {MAY_NOT_MAKE}" in capsys.readouterr().out.splitlines()[0]
    assert compare.main([*pair, "--no-probes"]) == 0
    (unseen,) = [x for x in capsys.readouterr().out.splitlines() if x.startswith("not looked at")]
    assert "calls of MLflow about limits, types, URIs and errors" in unseen
