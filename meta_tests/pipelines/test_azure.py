"""Tests of the pipelines that people copy: what they declare, and each of their scripts, run."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlflow_conformance.azure.client import federated
from mlflow_conformance.azure.setup.workspace_name import PARTS
from mlflow_conformance.support.paths import ROOT

GITHUB = ROOT / ".github" / "workflows" / "azure.yml"
AZURE = ROOT / "docs" / "ci" / "azure-pipelines.yml"
COMMAND = "-m uv run --extra azure pytest -m azure --report report --junitxml report/junit.xml"
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
LAST_LINE = "all: 1353 of 1353 promises checked"


def document(file: Path) -> Any:
    """Return a pipeline; YAML 1.1 reads GitHub's key ``on`` as true."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def steps() -> list[dict[str, Any]]:
    """Return the steps of GitHub's workflow."""
    (job,) = document(GITHUB)["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def scripts() -> Iterator[tuple[str, str]]:
    """Yield the name of each script of both pipelines, and its text."""
    for step in steps():
        if "run" in step:
            yield step["name"], step["run"]
    (job,) = document(AZURE)["jobs"]
    for step in job["steps"]:
        if "task" in step and "inlineScript" in step["inputs"]:
            yield f"Azure: {step['displayName']}", step["inputs"]["inlineScript"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a Python that writes its arguments to a file, instead of running the suite."""
    tools = tmp_path / "tools"
    tools.mkdir()
    fake = tools / "python3"
    fake.write_text(
        f'#!/bin/sh\necho "$@" >> arguments.txt\necho "{LAST_LINE}"\nexit "${{ENDS_WITH:-0}}"\n'
    )
    fake.chmod(0o755)
    return tmp_path


def run(script: str, folder: Path, **variables: str) -> int:
    """Run a script as both build servers do, with ``bash -e``, and return its exit code."""
    path = os.pathsep.join([str(folder / "tools"), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-c", script],
        cwd=folder,
        env={
            "PATH": path,
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "OPTIONS": "",
            **variables,
        },
        capture_output=True,
        check=False,
    )
    return done.returncode


@pytest.mark.parametrize(("name", "script"), [s for s in scripts() if "pytest" in s[1]])
def test_the_suite_is_run_and_its_exit_code_is_the_job_s(
    name: str, script: str, folder: Path
) -> None:
    """The job runs the command of the README, keeps its output, and fails as it fails."""
    assert run(script, folder) == 0
    assert (folder / "arguments.txt").read_text().splitlines()[-1].strip() == COMMAND
    assert LAST_LINE in (folder / "output.txt").read_text()
    for code in (1, 3):
        # pip has to succeed, and the suite to fail.
        only_suite = script.replace("python3 -m pip", "true")
        assert run(only_suite, folder, ENDS_WITH=str(code)) == code


def test_the_last_screen_is_in_the_summary(folder: Path) -> None:
    """The summary of a job has the last lines of the run, also if they are not so many."""
    (script,) = [text for name, text in scripts() if name == "Show the last screen"]
    (folder / "output.txt").write_text(f"first\n{LAST_LINE}\n")
    assert run(script, folder) == 0
    assert (folder / "summary.md").read_text() == f"```\nfirst\n{LAST_LINE}\n```\n"


def test_options_of_a_manual_start_reach_pytest(folder: Path) -> None:
    """Options are words of the command, and are no code."""
    (script,) = [text for name, text in scripts() if name == "Check the promises"]
    assert run(script, folder, OPTIONS="--mode infer-frame; touch hacked") == 0
    told = (folder / "arguments.txt").read_text().splitlines()[-1].strip()
    assert told == f"{COMMAND} --mode infer-frame; touch hacked"
    assert not (folder / "hacked").exists()


def test_the_workflow_gets_id_tokens_and_nothing_else() -> None:
    """The job may read the repository and ask for id tokens; nothing is granted above it."""
    (job,) = document(GITHUB)["jobs"].values()
    assert document(GITHUB)["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert not re.search(r"secrets\.", GITHUB.read_text(encoding="utf-8"))


def test_runs_do_not_wait_for_each_other_s_nodes() -> None:
    """One run at a time; a run is started by hand or by the clock, not by a pull request."""
    found = document(GITHUB)
    assert found["concurrency"] == {"group": "azure", "cancel-in-progress": False}
    assert sorted(found[True]) == ["schedule", "workflow_dispatch"]
    azure = document(AZURE)
    assert (azure["trigger"], azure["pr"]) == ("none", "none")
    assert azure["lockBehavior"] == "sequential"


def test_the_jobs_are_given_what_the_suite_reads() -> None:
    """The variables are those that name the workspace and the application that signs in."""
    (job,) = document(GITHUB)["jobs"].values()
    wanted = {part.variable for part in PARTS} | {federated.CLIENT, federated.TENANT, "OPTIONS"}
    assert set(job["env"]) == wanted
    (azure,) = document(AZURE)["jobs"]
    (task,) = [step for step in azure["steps"] if step.get("task") == "AzureCLI@2"]
    assert task["env"] == {federated.PIPELINES_TOKEN: "$(System.AccessToken)"}


def test_results_are_kept_also_if_the_run_fails() -> None:
    """JUnit and the output are artifacts of the run, whatever its result is."""
    (kept,) = [step for step in steps() if "upload-artifact" in step.get("uses", "")]
    assert kept["with"]["path"].split() == ["report", "output.txt"]
    (azure,) = document(AZURE)["jobs"]
    always = [kept, *(s for s in steps() if s.get("name") == "Show the last screen")]
    always_of_azure = [step for step in azure["steps"] if "publish" in str(step).lower()]
    assert len(always_of_azure) == 2
    assert [step["if"] for step in always] == ["always()"] * 2
    assert [step["condition"] for step in always_of_azure] == ["always()"] * 2


def test_actions_are_pinned_to_a_commit() -> None:
    """Other people's actions are named by commit, and the clone keeps no credentials."""
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    assert [name for name in used if not PINNED.fullmatch(name)] == []
    assert steps()[0]["with"] == {"persist-credentials": False}
