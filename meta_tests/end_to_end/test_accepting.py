"""A team commits a baseline and accepts the changes of a new release."""

from __future__ import annotations

from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun
from meta_tests.upgrade.sample_runs import (
    GOOD,
    MODES,
    OLD,
    PARAM,
    edited,
    gated,
    in_mode,
    two_modes,
)
from mlflow_conformance.upgrade.profile.profile import read_profile

USAGE_ERROR = 4


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue with its data and its script only."""
    return two_modes(tmp_path_factory.mktemp("two"))


@pytest.fixture(scope="module")
def first(catalogue: Path) -> SuiteRun:
    """The run that writes the first baseline, which is then edited to be of an older release."""
    ended = gated(catalogue, "--accept")
    assert ended.exit_code == 0, ended.output
    assert not catalogue.with_name("accepted_changes.yaml").exists()
    baseline = catalogue.with_name("baseline.json")
    edited(baseline, baseline, lost=[in_mode(name, PARAM) for name in MODES])
    return ended


@pytest.fixture(scope="module")
def second(catalogue: Path, first: SuiteRun) -> SuiteRun:
    """The run that writes the next baseline."""
    return gated(catalogue, "--accept")


def test_the_first_baseline_is_taken_in(first: SuiteRun, catalogue: Path) -> None:
    """Without a baseline, ``--accept`` writes one beside the catalogue, and no accepted changes."""
    baseline = catalogue.with_name("baseline.json")
    assert first.lines_with(f"accepted: {baseline} is the new baseline"), first.output
    assert "SAFE" not in first.output


def test_a_bump_is_accepted(second: SuiteRun, catalogue: Path) -> None:
    """The run reports the changes, and writes the new baseline and the changes for review."""
    assert second.exit_code == 0, second.output
    assert second.lines_with("NOT SAFE: 1 breaking change from MLflow 2.0.0 to")
    assert second.lines_with("breaking: a parameter is no longer logged [param-lost]")
    assert read_profile(catalogue.with_name("baseline.json")).mlflow != OLD
    entries = catalogue.with_name("accepted_changes.yaml")
    assert second.lines_with(f"give each change its reason in {entries}")
    assert "what: run.params.C" in entries.read_text()


def test_the_next_run_asks_for_reasons(second: SuiteRun, catalogue: Path) -> None:
    """Every run stops in one line until each change has a reason; then the verdict is SAFE."""
    assert second.exit_code == 0, second.output
    entries = catalogue.with_name("accepted_changes.yaml")
    stopped = gated(catalogue)
    assert stopped.exit_code == USAGE_ERROR, stopped.output
    assert stopped.output.strip() == (
        f"ERROR: {entries}: change 1: reason: is missing; say why it is accepted"
    )
    entries.write_text(entries.read_text().replace("reason: ''", "reason: nobody reads it"))
    plain = gated(catalogue)
    assert plain.exit_code == 0, plain.output
    safe = "SAFE for what was observed, 2 of 2 modes: no breaking change between two env"
    assert plain.output.splitlines()[-1].startswith(safe)
    assert plain.lines_with("note: accepted_changes.yaml is not applied: its changes are already")


def test_a_part_is_not_accepted(catalogue: Path) -> None:
    """``--accept`` with ``--mode`` is refused, since a baseline has all modes."""
    refused = gated(catalogue, "--accept", "--mode", GOOD)
    assert refused.exit_code == USAGE_ERROR, refused.output
    assert refused.output.strip() == (
        "ERROR: --accept writes all modes to the baseline: remove --mode"
    )
