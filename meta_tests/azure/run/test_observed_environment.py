"""Tests of a run in an environment that exists: what its jobs say is installed there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from meta_tests.azure.run.fake_workspace import FACTS, http_error
from meta_tests.azure.run.session_scene import FIRST, SECOND, THIRD, Scene, verdicts
from mlflow_conformance.azure.errors import AzureMisconfigured
from mlflow_conformance.azure.jobs.observed_environment import difference
from mlflow_conformance.azure.jobs.target import AzureTarget
from mlflow_conformance.azure.preflight.existing_environment import (
    ExistingEnvironment,
    ExpectedMlflow,
)
from mlflow_conformance.azure.preflight.installed_packages import MARKER, Installed
from mlflow_conformance.azure.records import JobEnvironment, read_job, read_workspace
from mlflow_conformance.runner import outcome as outcomes

THERE = {"mlflow": "2.22.5", "azureml-mlflow": "1.62.0", "pandas": "2.3.3"}
# The third job ends so much later that the others were read before; seconds.
LATER = 100.0
REGISTRY = "azureml://registries/azureml/environments/lab/labels/latest"
SCRIPT_FAILED = {
    "error": {"code": "UserError", "message": "User process 'python' exited with code 1"}
}


def line(python: str = "3.10.14", **packages: str) -> str:
    """Return the first line of a job's log."""
    named = {name.replace("_", "-"): version for name, version in packages.items()}
    return f"{MARKER}{json.dumps({'python': python, 'packages': {**THERE, **named}})}\n"


def enter(
    scene: Scene, reference: str = "azureml:lab:2", mlflow: ExpectedMlflow | None = None
) -> None:
    """Let the scene's jobs run in an environment that exists, and say what is there."""
    environment = JobEnvironment("lab", "2", "", "", {}, reference)
    is_found = reference != REGISTRY
    scene.existing = ExistingEnvironment(environment, mlflow, is_found=is_found)
    scene.facts = replace(FACTS, environment=environment)
    scene.first_lines = dict.fromkeys((FIRST, SECOND, THIRD), line())


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A workspace without faults, and an environment in it."""
    made = Scene(tmp_path, monkeypatch)
    enter(made)
    return made


def test_promises_are_compared_with_what_was_there(scene: Scene) -> None:
    """No environment is made; the facts have what the logs say."""
    assert verdicts(scene.go()) == [outcomes.LOGGED] * 3
    assert scene.client.created == []
    workspace = read_workspace(scene.folder)
    assert workspace.environment == JobEnvironment(
        "lab", "2", "", "3.10.14", THERE, "azureml:lab:2"
    )
    target = AzureTarget()
    assert target.facts(scene.folder)["job_mlflow"] == "2.22.5"
    there = target.logging_environment(scene.folder)
    assert (there.python, there.packages) == ("3.10.14", THERE)
    assert read_job(FIRST, scene.folder).found.environment == "lab:2"
    said = [text for text in scene.reported.lines if " has Python " in text]
    assert said == [
        "  azureml:lab:2 has Python 3.10.14, MLflow 2.22.5, azureml-mlflow 1.62.0, 3 packages"
    ]


def test_a_job_without_a_list_is_undecided(scene: Scene) -> None:
    """It is no broken promise: nobody knows what was installed."""
    scene.first_lines[SECOND] = ""
    found = scene.go()
    assert verdicts(found) == [outcomes.LOGGED, outcomes.UNDECIDED, outcomes.LOGGED]
    assert "printed no list of what is installed there" in found[1].message
    assert read_workspace(scene.folder).environment.packages == THERE


def test_no_job_has_a_list(scene: Scene) -> None:
    """Every mode is undecided, and the facts say nothing about packages."""
    scene.first_lines = {}
    assert verdicts(scene.go()) == [outcomes.UNDECIDED] * 3
    assert read_workspace(scene.folder).environment.packages == {}


def test_a_label_that_moved_is_noticed(scene: Scene) -> None:
    """A job in other packages than the first is undecided, with what differs."""
    scene.first_lines[THIRD] = line(pandas="3.0.0")
    scene.client.jobs.states = lambda name, age: (
        "Running" if name == scene.name(THIRD) and age < LATER else "Completed"
    )
    found = scene.go()
    assert verdicts(found) == [outcomes.LOGGED, outcomes.LOGGED, outcomes.UNDECIDED]
    assert (
        "ran in another environment than the first job (pandas 3.0.0, not 2.3.3): its label may"
        " have moved; run again, or name a version"
    ) in found[2].message


def test_differences_are_named() -> None:
    """Three are named, and the others counted."""
    first = Installed("3.10.14", {**THERE, "old": "1"})
    other = Installed("3.11.2", {**THERE, "pandas": "3.0.0", "new": "2"})
    assert difference(first, first) is None
    assert difference(first, other) == (
        "ran in another environment than the first job (Python 3.11.2, not 3.10.14; new 2, not"
        " missing; old is missing, not 1 and 1 more): its label may have moved; run again, or name"
        " a version"
    )


def test_a_job_that_failed_after_the_line_alone_printed_nothing(scene: Scene) -> None:
    """The suite's own line is no sign that the script ran, and is not among its last lines."""
    scene.client.jobs.states = lambda name, age: "Failed"
    scene.errors = {FIRST: SCRIPT_FAILED, SECOND: {"error": {"message": "something"}}}
    scene.says = ""
    found = scene.go()
    assert found[0].verdict == outcomes.CRASHED
    assert found[0].message.endswith("Its last lines:\n(no output)")
    assert found[1].verdict == outcomes.UNDECIDED
    assert "it failed before its script printed anything" in found[1].message


REFUSED = {
    "other": (
        ExpectedMlflow("2.20.0", "--job-mlflow"),
        line(),
        "--job-mlflow says MLflow 2.20.0, but azureml:lab:2 has MLflow 2.22.5",
    ),
    "old": (
        None,
        line(mlflow="2.7.1"),
        "--job-environment: azureml:lab:2 has MLflow 2.7.1; the suite checks 2.8 and newer",
    ),
    "unreadable": (
        None,
        line(mlflow="two"),
        "--job-environment: azureml:lab:2 has an MLflow whose version cannot be read: two",
    ),
    "none": (
        None,
        line().replace('"mlflow"', '"mlflow-skinny"'),
        "--job-environment: azureml:lab:2 has no mlflow; name an environment that has it",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_checked_ends_the_run(name: str, scene: Scene) -> None:
    """One line says what is there; the jobs that still run are canceled."""
    mlflow, first_line, message = REFUSED[name]
    enter(scene, mlflow=mlflow)
    scene.first_lines = dict.fromkeys((FIRST, SECOND, THIRD), first_line)
    scene.client.jobs.states = lambda job, age: (
        "Completed" if job == scene.name(FIRST) else "Running"
    )
    with pytest.raises(AzureMisconfigured) as caught:
        scene.go()
    assert str(caught.value) == message
    assert sorted(scene.client.jobs.canceled) == sorted([scene.name(SECOND), scene.name(THIRD)])


def test_the_same_version_in_another_spelling_agrees(scene: Scene) -> None:
    """Versions are compared as versions."""
    enter(scene, mlflow=ExpectedMlflow("2.22.5.0", "--job-mlflow"))
    assert verdicts(scene.go()) == [outcomes.LOGGED] * 3


def test_an_unknown_environment_of_a_registry_is_one_line(scene: Scene) -> None:
    """The first refusal ends the run: no other job is submitted, and none is canceled."""
    enter(scene, REGISTRY)
    refusal = "No environment exists for name: lab, version: , label: latest"
    scene.client.faults.before["submit"] = [http_error(400, "UserError", refusal)]
    with pytest.raises(AzureMisconfigured) as caught:
        scene.go()
    assert str(caught.value) == (
        f"--job-environment: no job can run in {REGISTRY}: HTTP 400 UserError ({refusal}); `az ml"
        " environment list --registry-name REGISTRY` lists those that exist"
    )
    assert (scene.client.jobs.puts, scene.client.jobs.canceled) == ([], [])
    assert "made in the workspace so far:" not in scene.reported.lines


def test_another_refusal_is_that_of_its_mode(scene: Scene) -> None:
    """A refusal that does not speak of environments ends one mode."""
    enter(scene, REGISTRY)
    scene.client.faults.before["submit"] = [http_error(400, "UserError", "no such thing")]
    found = scene.go()
    assert verdicts(found) == [outcomes.UNDECIDED, outcomes.LOGGED, outcomes.LOGGED]
