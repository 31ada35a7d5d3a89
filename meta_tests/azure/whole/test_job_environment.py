"""Tests of runs of the suite in environments that exist: of the workspace, and of a registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from meta_tests.azure.whole.azure_run import SuiteRunner, suite_runner
from meta_tests.end_to_end.suite_run import SuiteRun
from mlflow_conformance.rehearsal.start import Rehearsal

pytestmark = pytest.mark.package_index
REGISTRY = "azureml://registries/azureml/environments/sklearn-lab/labels/latest"
# Nobody says which MLflow is there.
UNSAID = ("--job-mlflow", "auto")


@pytest.fixture
def runner(rehearsal_service: Rehearsal, tmp_path: Path) -> Iterator[SuiteRunner]:
    """A runner for the rehearsal without faults."""
    with suite_runner(rehearsal_service, tmp_path) as found:
        yield found


def everything_was_checked(ended: SuiteRun, runner: SuiteRunner) -> None:
    """Check that no promise was left out, and that no environment was made."""
    assert ended.exit_code == 0, ended.output
    [said] = ended.lines_with(" has Python ")
    assert ", MLflow 2.22.5, azureml-mlflow 1.62.0.post6, " in said
    [total] = ended.lines_with("infer-frame-azure: ")
    checked, of = total.split()[1], total.split()[3]
    assert checked == of, ended.output
    assert "failed" not in total
    assert runner.control.requests("PUT", "/environments/") == []


def test_an_environment_of_the_workspace(runner: SuiteRunner) -> None:
    """The label is resolved before; the conda file says which modes apply."""
    options = ("--job-environment", "azureml:team-lab@latest", *UNSAID)
    ended = runner.run("--mode", "infer-frame", *options, modules=())
    everything_was_checked(ended, runner)
    assert ended.lines_with("preflight: jobs run in azureml:team-lab:2, which exists; what is ")
    assert ended.lines_with("MLflow 2.22.5, says the conda file of azureml:team-lab:2")


def test_an_environment_of_a_registry(runner: SuiteRunner) -> None:
    """Nobody knows its MLflow before: modes with limits get no job, and are counted."""
    options = ("--job-environment", REGISTRY, *UNSAID)
    ended = runner.run("--mode", "infer-frame", "--mode", "by-name", *options, modules=())
    everything_was_checked(ended, runner)
    assert ended.lines_with(f"preflight: jobs run in {REGISTRY}, which is looked up when a job")
    assert ended.lines_with("does not apply: by-name: from MLflow 3.0 on: ")
    [left_out] = ended.lines_with("skipped: ")
    assert left_out.endswith("about modes that do not apply to the MLflow that was chosen")
    assert len(runner.jobs()) == 1
