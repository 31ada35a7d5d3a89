"""Tests of runs of the suite that cannot start: they end with one line and submit nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from meta_tests.azure.whole.azure_run import VERBOSE_OPTIONS, SuiteRunner, suite_runner
from meta_tests.end_to_end.suite_run import SuiteRun, caller, run
from mlflow_conformance.rehearsal.start import Rehearsal

UNREACHABLE, USAGE_ERROR = 3, 4
REGISTRY = "azureml://registries/azureml/environments"


@pytest.fixture
def runner(rehearsal_service: Rehearsal, tmp_path: Path) -> Iterator[SuiteRunner]:
    """A runner for the rehearsal without faults."""
    with suite_runner(rehearsal_service, tmp_path) as found:
        yield found


def one_line(ended: SuiteRun, beginning: str) -> str:
    """Return the error line with this beginning: the output has one, which is its last line."""
    lines = ended.lines_with(beginning)
    assert len(lines) == 1, ended.output
    assert ended.output.rstrip().endswith(lines[0]), ended.output
    assert "Traceback" not in ended.output
    return lines[0]


def nothing_submitted(runner: SuiteRunner) -> bool:
    """Return whether nothing was created in the workspace."""
    return not runner.control.requests("PUT")


def test_unknown_compute(runner: SuiteRunner) -> None:
    """An unknown --compute ends the run with the names of the workspace's computes."""
    ended = runner.run("--mode", "save-log", "--compute", "nowhere")
    assert ended.exit_code == USAGE_ERROR, ended.output
    line = one_line(ended, "ERROR: --compute nowhere: ")
    assert "there is no such compute; the workspace has aml-cluster, 'serverless'" in line
    assert nothing_submitted(runner)


def test_newest_mlflow(runner: SuiteRunner) -> None:
    """An MLflow that azureml-mlflow does not support ends the run with the way out.

    ``test_job_mlflow.py`` follows it: everything is checked.
    """
    ended = runner.run("--mode", "save-log", "--job-mlflow", "3.17.2")
    assert ended.exit_code == USAGE_ERROR, ended.output
    line = one_line(ended, "ERROR: MLflow 3.17.2 does not run in a")
    assert "allows MLflow up to 3.15.0; use --job-mlflow auto, " in line
    assert nothing_submitted(runner)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("azureml:nothing@latest", "the workspace has no environment azureml:nothing@latest ("),
        ("azureml:team-lab:3", "the workspace has no environment azureml:team-lab:3 ("),
        (f"{REGISTRY}/nothing/labels/latest", "(No environment exists for name: nothing, "),
        (f"{REGISTRY}/sklearn-lab/versions/8", "name: sklearn-lab, version: 8, label:"),
        (
            "azureml://registries/other/environments/sklearn-lab/versions/7",
            "(Registry other not found.)",
        ),
    ],
)
def test_unknown_environment(reference: str, words: str, runner: SuiteRunner) -> None:
    """An unknown --job-environment ends the run with one line, and no job was made."""
    ended = runner.run("--mode", "save-log", "--job-environment", reference)
    assert ended.exit_code == USAGE_ERROR, ended.output
    assert words in one_line(ended, "ERROR: --job-environment: ")
    assert runner.jobs() == []


def test_another_mlflow_than_was_said(runner: SuiteRunner) -> None:
    """What the first job finds there is compared with --job-mlflow; the others are canceled."""
    words = ("--job-environment", "azureml:team-lab@latest", "--job-mlflow", "2.20.0")
    ended = runner.run("--mode", "save-log", *words)
    assert ended.exit_code == USAGE_ERROR, ended.output
    line = one_line(ended, "ERROR: --job-mlflow says ")
    assert line.endswith("says MLflow 2.20.0, but azureml:team-lab:2 has MLflow 2.22.5")


def test_unknown_cloud(runner: SuiteRunner) -> None:
    """A cloud that azure-ai-ml does not know ends the run with those that it knows."""
    ended = runner.run("--mode", "save-log", variables={"AZURE_CLOUD": "AzureMoon"})
    assert ended.exit_code == USAGE_ERROR, ended.output
    line = one_line(ended, "ERROR: AZURE_CLOUD: azure-ai-ml ")
    assert line.endswith("'AzureMoon'; it knows AzureCloud, AzureChinaCloud, AzureUSGovernment")
    assert nothing_submitted(runner)


def test_wrong_secret(runner: SuiteRunner) -> None:
    """A failed login ends the run with the credential's error and a way to log in."""
    ended = runner.run(
        "--mode",
        "save-log",
        *VERBOSE_OPTIONS,
        variables={"AZURE_CLIENT_SECRET": "never-the-right-1"},
    )
    assert ended.exit_code == UNREACHABLE, ended.output
    [line] = ended.lines_with("! _pytest.outcomes.Exit: nothing could be checked: no token from ")
    assert "AADSTS7000215" in line
    assert "az login" in line
    assert "never-the-right-1" not in ended.output
    assert nothing_submitted(runner)


def test_forbidden_workspace(runner: SuiteRunner) -> None:
    """A login without access to the workspace ends the run with the name of the missing role."""
    runner.control.set(
        faults=[{"method": "GET", "path": r"/workspaces/[^/]+$", "status": 403, "times": None}]
    )
    ended = runner.run("--mode", "save-log")
    assert ended.exit_code in (UNREACHABLE, USAGE_ERROR), ended.output
    assert "AzureML Data Scientist" in ended.output
    assert "Traceback" not in ended.output
    assert nothing_submitted(runner)


def broken_config(folder: Path) -> list[str]:
    """Write a truncated config.json and return the options that name it."""
    (folder / "config.json").write_text('{"subscription_id": "x"')
    return ["--workspace", str(folder / "config.json")]


AT_ONCE: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "no configuration": (
        lambda folder: [],
        "ERROR: -m azure: no workspace to submit jobs to, as its subscription",
    ),
    "broken config.json": (broken_config, "is not a workspace's config.json: is not JSON"),
    "misspelt mode": (
        lambda folder: ["--mode", "savelog"],
        "modes.yaml: no mode 'savelog'; did you mean save-log?; there are autolog-array, ",
    ),
    "cloud of the rehearsal": (
        lambda folder: ["--workspace", "rehearsal", "--cloud", "AzureUSGovernment"],
        "ERROR: --cloud: the rehearsal knows only AzureCloud, is 'AzureUSGovernment'",
    ),
    "baseline": (
        lambda folder: ["--workspace", "rehearsal", "--baseline", "2.22.5"],
        "ERROR: --baseline: only models that are trained on this machine are compared",
    ),
}


@pytest.mark.parametrize("name", AT_ONCE)
def test_mistakes_are_told_at_once(name: str, tmp_path: Path) -> None:
    """A mistake in the options ends the run with one line, before any request."""
    options, message = AT_ONCE[name]
    ended = _plain(tmp_path, *options(tmp_path))
    assert ended.exit_code == USAGE_ERROR, ended.output
    assert len(ended.output.strip().splitlines()) == 1
    one_line(ended, message)


def test_collecting_starts_nothing(tmp_path: Path) -> None:
    """``--collect-only`` lists the tests and starts no rehearsal."""
    ended = _plain(tmp_path, "--workspace", "rehearsal", "--collect-only", "-q")
    assert ended.exit_code == 0, ended.output
    assert ended.lines_with("test_mode_leaves_exactly_one_model[save-log-azure]")
    assert not ended.lines_with("preflight")
    assert not list(tmp_path.rglob("rehearsal*"))


def _plain(folder: Path, *options: str) -> SuiteRun:
    """Run the suite in an empty folder, without Azure's environment variables."""
    variables: dict[str, Any] = {k: v for k, v in caller().items() if not k.startswith("AZURE")}
    return run(
        folder,
        "-m",
        "azure",
        *options,
        environment=variables,
        directory=folder,
        modules=["outcome"],
    )
