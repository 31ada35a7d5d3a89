"""Tests of ``azure.setup.check_settings``: the message for an incomplete configuration."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from meta_tests.azure.client.fake_clients import NAMED, SUBSCRIPTION, settings_of
from mlflow_conformance.azure.setup import check_settings
from mlflow_conformance.azure.setup.check_settings import configuration_problem, described_name
from mlflow_conformance.support.paths import ROOT


@pytest.fixture(autouse=True)
def _sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that the SDK is installed."""
    monkeypatch.setattr(check_settings, "_is_installed", lambda name: True)


def test_nothing_configured_names_all_ways(tmp_path: Path) -> None:
    """Without configuration, the message names the file, variables, options and rehearsal."""
    assert configuration_problem(settings_of(tmp_path)) == (
        "no workspace to submit jobs to, as its subscription, resource group and workspace are not"
        " given: put the config.json that the studio offers for download here, or set"
        " AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AZURE_ML_WORKSPACE, or use"
        " --subscription, --resource-group and --workspace; to try it without a workspace:"
        " --workspace rehearsal"
    )


def test_what_is_missing_is_named_with_what_is_there(tmp_path: Path) -> None:
    """The message names the missing part, and where the other parts were found."""
    environment = {"AZURE_RESOURCE_GROUP": "lab", "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION}
    problem = configuration_problem(settings_of(tmp_path, environment=environment))
    assert problem is not None
    assert "as its workspace is not given (subscription from AZURE_SUBSCRIPTION_ID" in problem
    assert "or set AZURE_ML_WORKSPACE, or use --workspace;" in problem


def test_a_complete_configuration_is_none() -> None:
    """A configuration with all three parts has no problem."""
    assert configuration_problem(NAMED) is None


def test_a_problem_found_while_reading_goes_first() -> None:
    """An invalid part is reported instead of the missing parts."""
    settings = replace(NAMED, workspace=None, problem="config.json: is odd")
    assert configuration_problem(settings) == "config.json: is odd"


def test_the_rehearsal_is_a_complete_configuration(tmp_path: Path) -> None:
    """The rehearsal needs no workspace configuration."""
    assert configuration_problem(settings_of(tmp_path, "--workspace", "rehearsal")) is None


def test_a_missing_sdk_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, the message contains the command that installs it."""
    monkeypatch.setattr(check_settings, "_is_installed", lambda name: False)
    assert configuration_problem(NAMED) == (
        "azure-ai-ml and azure-identity are not installed: run uv run --extra azure pytest -m azure"
    )


def test_the_rehearsal_misses_packages_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message for the rehearsal names the extra ``rehearsal``."""
    monkeypatch.setattr(check_settings, "_is_installed", lambda name: name != "trustme")
    assert configuration_problem(settings_of(tmp_path, "--workspace", "rehearsal")) == (
        "trustme is not installed: run"
        " uv run --extra rehearsal pytest -m azure --workspace rehearsal"
    )


def test_two_problems_are_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Missing packages and a missing workspace are reported together."""
    monkeypatch.setattr(check_settings, "_is_installed", lambda name: name != "azure.ai.ml")
    problem = configuration_problem(settings_of(tmp_path))
    assert problem is not None
    assert problem.startswith("azure-ai-ml is not installed: run ")
    assert "; and no workspace to submit jobs to" in problem


def test_the_name_says_where_each_part_is_from() -> None:
    """The described name contains the origin of each part."""
    assert described_name(NAMED) == (
        "workspace lab-workspace (from --workspace), resource group lab"
        f" (from AZURE_RESOURCE_GROUP), subscription {SUBSCRIPTION}"
    )


def test_asking_imports_nothing_of_azure() -> None:
    """``configuration_problem`` does not import the SDK, which takes a second."""
    code = (
        "import sys; from mlflow_conformance.azure.setup import check_settings, options;"
        " check_settings.configuration_problem(options.AzureSettings());"
        " print([m for m in sys.modules if m.startswith(('azure.ai.ml', 'azure.', 'msal'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() in ("[]", "['azure.ai']"), done.stderr
