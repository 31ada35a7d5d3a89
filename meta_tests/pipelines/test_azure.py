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

# The suite's own workflow, and the one that a project copies.
OWN = ROOT / ".github" / "workflows" / "azure.yml"
GITHUB = ROOT / "docs" / "ci" / "azure.yml"
WORKFLOWS = [OWN, GITHUB]
AZURE = ROOT / "docs" / "ci" / "azure-pipelines.yml"
REPORTS = "--report report --junitxml report/junit.xml"
OWN_COMMAND = f"-m uv run --extra azure pytest -m azure {REPORTS}"
COMMAND = f"-m mlflow_conformance -m azure --catalogue modes.yaml {REPORTS}"
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
LAST_LINE = "all: 1353 of 1353 promises checked"


def document(file: Path) -> Any:
    """Return a pipeline; YAML 1.1 reads GitHub's key ``on`` as true."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def steps(file: Path) -> list[dict[str, Any]]:
    """Return the steps of a workflow of GitHub."""
    (job,) = document(file)["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


def scripts() -> Iterator[tuple[Path, str, str]]:
    """Yield the file and the name of each script of all pipelines, and its text."""
    for file in WORKFLOWS:
        for step in steps(file):
            if "run" in step:
                yield file, step["name"], step["run"]
    (job,) = document(AZURE)["jobs"]
    for step in job["steps"]:
        if "script" in step:
            yield AZURE, step["displayName"], step["script"]
        elif "inlineScript" in step.get("inputs", {}):
            yield AZURE, step["displayName"], step["inputs"]["inlineScript"]


def named(wanted: str) -> list[Any]:
    """Return the scripts of a name, each as a case of a test with its file and its text."""
    return [
        pytest.param(file, text, id=file.relative_to(ROOT).as_posix())
        for file, name, text in scripts()
        if name == wanted
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with Pythons that write their arguments to a file, instead of running anything."""
    tools = tmp_path / "tools"
    tools.mkdir()
    fake = tools / "python3"
    fake.write_text(
        f'#!/bin/sh\necho "$@" >> arguments.txt\necho "{LAST_LINE}"\nexit "${{ENDS_WITH:-0}}"\n'
    )
    fake.chmod(0o755)
    of_project = tmp_path / ".venv" / "bin"
    of_project.mkdir(parents=True)
    (of_project / "python").symlink_to(fake)
    return tmp_path


def told(folder: Path) -> list[str]:
    """Return the arguments of each call of a Python."""
    return [line.strip() for line in (folder / "arguments.txt").read_text().splitlines()]


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


@pytest.mark.parametrize(("file", "script"), named("Check the promises"))
def test_the_suite_is_run_and_its_exit_code_is_the_job_s(
    file: Path, script: str, folder: Path
) -> None:
    """The job runs the command of the docs, keeps its output, and fails as it fails."""
    assert run(script, folder) == 0
    assert told(folder)[-1] == (OWN_COMMAND if file == OWN else COMMAND)
    assert LAST_LINE in (folder / "output.txt").read_text()
    for code in (1, 3):
        # pip has to succeed, and the suite to fail.
        only_suite = script.replace("python3 -m pip", "true")
        assert run(only_suite, folder, ENDS_WITH=str(code)) == code


@pytest.mark.parametrize(("file", "script"), named("Install the project and the suite"))
def test_a_project_gets_the_suite_and_the_sdk(file: Path, script: str, folder: Path) -> None:
    """A project has no extra "azure": the suite is installed beside it, with Azure's SDK."""
    assert run(script, folder, CONFORMANCE="suite.whl") == 0
    suite = "./.conformance[azure]" if file == GITHUB else "suite.whl azure-ai-ml azure-identity"
    assert told(folder)[1:] == [
        "-m uv sync",
        f"-m uv pip install --quiet --python .venv/bin/python {suite}",
    ]


def test_the_sdk_is_that_of_the_extra() -> None:
    """What a pipeline installs by name are the packages of the extra "azure"."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^azure = \[(.+)\]$", project, re.MULTILINE)
    names = re.findall(r'"([\w-]+)', listed)
    assert f'"$CONFORMANCE" {" ".join(names)}\n' in AZURE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("file", "script"), named("Show the last screen"))
def test_the_last_screen_is_in_the_summary(file: Path, script: str, folder: Path) -> None:
    """The summary of a job has the last lines of the run, also if they are not so many."""
    (folder / "output.txt").write_text(f"first\n{LAST_LINE}\n")
    assert run(script, folder) == 0
    assert (folder / "summary.md").read_text() == f"```\nfirst\n{LAST_LINE}\n```\n"


@pytest.mark.parametrize(("file", "script"), named("Check the promises")[: len(WORKFLOWS)])
def test_options_of_a_manual_start_reach_pytest(file: Path, script: str, folder: Path) -> None:
    """Options are words of the command, and are no code."""
    assert run(script, folder, OPTIONS="--mode infer-frame; touch hacked") == 0
    command = OWN_COMMAND if file == OWN else COMMAND
    assert told(folder)[-1] == f"{command} --mode infer-frame; touch hacked"
    assert not (folder / "hacked").exists()


@pytest.mark.parametrize(("file", "script"), named("Keep the output beside the report"))
@pytest.mark.parametrize("was_written", [True, False])
def test_the_output_is_kept_if_there_is_one(
    file: Path, script: str, was_written: bool, folder: Path
) -> None:
    """The folder to publish is there, also if the run could not begin."""
    if was_written:
        (folder / "output.txt").write_text("x")
    assert run(script, folder) == 0
    assert [path.name for path in (folder / "report").iterdir()] == ["output.txt"] * was_written


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.parent.name)
def test_the_workflow_gets_id_tokens_and_nothing_else(file: Path) -> None:
    """The job may read the repository and ask for id tokens; nothing is granted above it."""
    (job,) = document(file)["jobs"].values()
    assert document(file)["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert not re.search(r"secrets\.", file.read_text(encoding="utf-8"))


def test_runs_do_not_wait_for_each_other_s_nodes() -> None:
    """One run at a time; a run is started by hand or by the clock, not by a pull request."""
    for file in WORKFLOWS:
        found = document(file)
        assert found["concurrency"] == {"group": "azure", "cancel-in-progress": False}
        assert sorted(found[True]) == ["schedule", "workflow_dispatch"]
    azure = document(AZURE)
    assert (azure["trigger"], azure["pr"]) == ("none", "none")
    assert azure["lockBehavior"] == "sequential"


def test_the_jobs_are_given_what_the_suite_reads() -> None:
    """The variables are those that name the workspace and the application that signs in."""
    wanted = {part.variable for part in PARTS} | {federated.CLIENT, federated.TENANT, "OPTIONS"}
    for file in WORKFLOWS:
        (job,) = document(file)["jobs"].values()
        assert set(job["env"]) == wanted
    (azure,) = document(AZURE)["jobs"]
    (task,) = [step for step in azure["steps"] if step.get("task") == "AzureCLI@2"]
    assert task["env"] == {federated.PIPELINES_TOKEN: "$(System.AccessToken)"}


def test_results_are_kept_also_if_the_run_fails() -> None:
    """JUnit and the output are artifacts of the run, whatever its result is."""
    for file in WORKFLOWS:
        (kept,) = [step for step in steps(file) if "upload-artifact" in step.get("uses", "")]
        assert kept["with"]["path"].split() == ["report", "output.txt"]
        always = [kept, *(s for s in steps(file) if s.get("name") == "Show the last screen")]
        assert [step["if"] for step in always] == ["always()"] * 2
    (azure,) = document(AZURE)["jobs"]
    always_of_azure = [step for step in azure["steps"] if "publish" in str(step).lower()]
    assert len(always_of_azure) == 2
    assert [step["condition"] for step in always_of_azure] == ["always()"] * 2


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.parent.name)
def test_actions_are_pinned_to_a_commit(file: Path) -> None:
    """Other people's actions are named by commit, and the clone keeps no credentials."""
    used = [step["uses"] for step in steps(file) if "uses" in step]
    assert used
    assert [name for name in used if not PINNED.fullmatch(name)] == []
    clones = [step["with"] for step in steps(file) if "checkout" in step.get("uses", "")]
    assert all(clone["persist-credentials"] is False for clone in clones)
