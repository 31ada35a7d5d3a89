"""A run in which most promises had no model says so, and fails if it chose the MLflow itself."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from meta_tests.pytest_plugin.sample_plan import ONE, PLANNED, TWO
from mlflow_conformance.azure.jobs.target import AzureTarget
from mlflow_conformance.azure.setup.options import AzureSettings
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.pytest_plugin.controller import Controller
from mlflow_conformance.pytest_plugin.options import Settings
from mlflow_conformance.pytest_plugin.tally import DEVIATED, KEPT, NO_MODEL, Tally
from mlflow_conformance.pytest_plugin.upgrade_gate import UpgradeGate
from mlflow_conformance.pytest_plugin.upgrade_options import UpgradeSettings
from mlflow_conformance.pytest_plugin.without_models import (
    AtTarget,
    WithoutModels,
    at_targets,
    without_models,
)
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.support.run_folder import RunFolder

BOTH = AtTarget("azure", frozenset((ONE, TWO)), chooses_mlflow=True)
EMPTY = AtTarget("sqlite", frozenset(), chooses_mlflow=False)
MOST = {"test_a[one]": DEVIATED, "test_b[one]": NO_MODEL, "test_a[two]": NO_MODEL}
FEW = {"test_a[one]": KEPT, "test_b[one]": NO_MODEL, "test_a[two]": KEPT}
LINE = "2 of 3 promises had no model to be checked on"


def tally_of(results: dict[str, str]) -> Tally:
    """Return a tally of three promises with these results."""
    tally = Tally()
    tally.plan(PLANNED)
    for test_id, result in results.items():
        tally.note(test_id, result, "a reason")
    return tally


def test_most_is_more_than_half() -> None:
    """One of three promises without a model is no reason to say anything."""
    assert without_models(tally_of(FEW), (BOTH,)) == ()
    assert without_models(tally_of({}), (BOTH, EMPTY)) == ()
    assert without_models(tally_of(MOST), (BOTH, EMPTY)) == (WithoutModels(LINE, fails=True),)


def test_each_target_is_counted_alone() -> None:
    """Many promises that are checked elsewhere do not hide that a target had no models."""
    one = AtTarget("azure", frozenset((ONE,)), chooses_mlflow=False)
    two = AtTarget("sqlite", frozenset((TWO,)), chooses_mlflow=False)
    results = {"test_a[one]": NO_MODEL, "test_b[one]": NO_MODEL, "test_a[two]": KEPT}
    line = "2 of 2 promises had no model to be checked on (azure)"
    assert without_models(tally_of(results), (one, two)) == (WithoutModels(line, fails=False),)


@pytest.mark.parametrize(("version", "chooses"), [(None, True), ("3.15.0", False)])
def test_a_target_without_a_version_chooses_it(version: str | None, chooses: bool) -> None:
    """``--job-mlflow auto`` is the suite's choice, a version is the user's."""
    catalogue = read_catalogue(DEFAULT_CATALOGUE)
    targets = (AzureTarget(AzureSettings(job_mlflow=version)),)
    settings = Settings(catalogue, catalogue.modes, 1.0, targets)
    [found] = at_targets(settings)
    assert found == AtTarget(
        "azure", frozenset(subject.id for subject in settings.subjects), chooses_mlflow=chooses
    )
    assert "save-log-azure" in found.subjects


@pytest.mark.parametrize(
    ("results", "chooses", "exit_code"),
    [(MOST, True, 1), (MOST, False, 0), (FEW, True, 0)],
    ids=["chosen", "named", "few"],
)
def test_the_run_ends_accordingly(
    results: dict[str, str], chooses: bool, exit_code: int, tmp_path: Path
) -> None:
    """The number is the first line of the summary; only a version that was chosen fails the run."""
    printed: list[str] = []
    terminal = SimpleNamespace(line=lambda line, **colours: printed.append(line))
    plugins = SimpleNamespace(get_plugin=lambda name: terminal)
    gate = UpgradeGate(UpgradeSettings(tmp_path / "baseline.json", tmp_path / "accepted.yaml"))
    controller = Controller(cast(pytest.Config, None), RunFolder(tmp_path), gate)
    controller._tally = tally_of(results)
    controller._at_targets = (AtTarget("azure", frozenset((ONE, TWO)), chooses_mlflow=chooses),)
    session: Any = SimpleNamespace(exitstatus=pytest.ExitCode.OK, shouldfail="", shouldstop="")
    controller.pytest_sessionfinish(session, pytest.ExitCode.OK)
    assert session.exitstatus == exit_code
    assert controller.final(pytest.ExitCode.OK) == exit_code
    controller.pytest_unconfigure(cast(pytest.Config, SimpleNamespace(pluginmanager=plugins)))
    assert (printed[0] == LINE) is (results is MOST)
    assert printed[-1].startswith("all: ")
