"""Tests of ``azure.jobs.session``: what a run leaves, and the outcome of each mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.azure.run.fake_workspace import (
    FACTS,
    RUN_ID,
    STUDIO,
    connection_reset,
    http_error,
    write_model,
)
from meta_tests.azure.run.session_scene import (
    CATALOGUE,
    FIRST,
    MODES,
    SECOND,
    SETTINGS,
    THIRD,
    Scene,
    verdicts,
)
from mlflow_conformance.azure.client.request_errors import Answer, RequestFailed
from mlflow_conformance.azure.records import (
    read_job,
    read_registration,
    read_script_versions,
    read_workspace,
)
from mlflow_conformance.catalogue.details import Registration
from mlflow_conformance.runner import outcome as outcomes
from mlflow_conformance.runner.outcome import read_outcome
from mlflow_conformance.runner.ways_out import NO_LOGGED_MODELS, way_out
from mlflow_conformance.stores.run_record import read_record

SCRIPT_FAILED = {
    "error": {"code": "UserError", "message": "User process 'python' exited with code 1"}
}
BUILD_FAILED = {"error": {"code": "UserError", "message": "Image build failed. See the log file."}}


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A workspace without faults."""
    return Scene(tmp_path, monkeypatch)


def test_a_run_leaves_facts_for_every_mode_and_nothing_else(scene: Scene) -> None:
    """A run writes outcomes, facts, runs and registrations, and archives all models."""
    found = scene.go()
    assert verdicts(found) == [outcomes.LOGGED] * 3
    assert read_workspace(scene.folder) == FACTS
    for mode, outcome in zip(MODES, found, strict=True):
        assert read_outcome(scene.folder, mode.name, "azure") == outcome
        job = read_job(mode.name, scene.folder)
        assert job.status == "Completed"
        assert job.asked == job.found
        assert job.asked.experiment == CATALOGUE.experiment
        assert job.tags["conformance-run"] == RUN_ID
        assert job.files == ("model/MLmodel", "user_logs/std_log.txt")
        assert outcome.message == ""
        assert outcome.output == str(Path(job.outputs) / "user_logs" / "std_log.txt")
        assert outcome.model_directory == str(Path(job.outputs) / "model")
        (run,) = read_record(Path(outcome.database)).runs
        assert run.run_id == job.name
        assert run.artifacts == job.files
        assert outcome.seconds == pytest.approx(60.3765433)
        assert outcome.started == pytest.approx(1772366400.123456)
        registration = read_registration(mode.name, scene.folder)
        assert int(registration.second.version) == int(registration.first.version) + 1
        assert not scene.folder.azure.registration_error(mode.name).exists()
    assert scene.client.models.active == []
    assert len(scene.client.jobs.puts) == 3


def test_models_are_kept_when_asked_for(scene: Scene) -> None:
    """With ``--keep``, nothing is archived and the created resources are listed."""
    scene.settings = SimpleNamespace(**{**vars(SETTINGS), "keeps": True})
    scene.go()
    assert len(scene.client.models.active) == 6
    assert "kept in the workspace (--keep):" in scene.reported.lines
    assert "  model mlflow-diabetes, version 6" in scene.reported.lines


@pytest.mark.parametrize("log", ["std_log.txt", "std_log_process_0.txt"])
def test_a_script_that_fails_is_crashed_with_its_last_lines(scene: Scene, log: str) -> None:
    """A failed script's message has the job, the error, the link and the redacted log's end."""
    scene.log = log
    scene.client.jobs.states = lambda name, age: (
        "Failed" if name == scene.name(SECOND) else "Completed"
    )
    scene.errors[SECOND] = SCRIPT_FAILED
    found = scene.go()
    assert verdicts(found) == [outcomes.LOGGED, outcomes.CRASHED, outcomes.LOGGED]
    assert found[1].message == (
        f"{SECOND}: {MODES[1].script.name} failed in the job {scene.name(SECOND)} (UserError: User"
        f" process 'python' exited with code 1); {STUDIO.format(scene.name(SECOND))}. Its last"
        f" lines:\n{SECOND} says sig=***"
    )
    assert Path(found[1].output).name == log


def test_an_image_that_cannot_be_built_is_no_crash(scene: Scene) -> None:
    """A failed image build makes the mode undecided, with a hint."""
    scene.client.jobs.states = lambda name, age: "Failed"
    scene.errors = dict.fromkeys((FIRST, SECOND, THIRD), BUILD_FAILED)
    found = scene.go()
    assert verdicts(found) == [outcomes.UNDECIDED] * 3
    assert found[0].message == (
        f"{FIRST}: the job {scene.name(FIRST)} is Failed (UserError: Image build failed. See the"
        " log file.): the job's image could not be built: look at the image build log among its"
        f" Outputs + logs; {STUDIO.format(scene.name(FIRST))}"
    )
    assert Path(found[0].output).read_text() == found[0].message + "\n"


def test_a_green_job_without_a_model_is_noticed(scene: Scene) -> None:
    """A completed job without an MLmodel file has the verdict ``NO_MODEL``."""
    scene.leaves = lambda mode, folder: None
    found = scene.go()
    assert verdicts(found) == [outcomes.NO_MODEL] * 3
    assert found[0].message.startswith(
        f"{FIRST}: the job {scene.name(FIRST)} is Completed, and {MODES[0].script.name} logged no"
        " model: no MLmodel file is among its Outputs + logs, or those of the runs below it;"
        " https://ml.azure.com/runs/"
    )
    assert not scene.client.models.versions


@pytest.mark.parametrize("status", ["Failed", "Completed"])
def test_missing_logged_models_are_in_the_first_line(scene: Scene, status: str) -> None:
    """The first line says that the log has MLflow's 404, and is followed by a way out."""
    scene.client.jobs.states = lambda name, age: status
    scene.errors = dict.fromkeys((FIRST, SECOND, THIRD), SCRIPT_FAILED)
    scene.leaves = lambda mode, folder: None
    said = "/api/2.0/mlflow/logged-models failed with error code 404"
    scene.says = f"{{}} warns: API request to endpoint {said} != 200.\n"
    first_line, *_ = scene.go()[0].message.splitlines()
    assert f"; its log says: {said}" in first_line
    assert way_out(first_line) == NO_LOGGED_MODELS


def test_several_models_are_named(scene: Scene) -> None:
    """Several models in a job's outputs are listed in the message."""

    def leaves_two(mode: str, folder: Path) -> None:
        for name in ("model", "other"):
            write_model(folder / name, mode)

    scene.leaves = leaves_two
    found = scene.go()
    assert verdicts(found) == [outcomes.SEVERAL_MODELS] * 3
    assert "logged 2 models, a mode logs one: model, other; https://" in found[0].message


def leaves_in_children(mode: str, folder: Path) -> None:
    """Write a model among the files of each run below that of the job."""
    number = folder.name.removesuffix(".outputs").partition(".child-")[2]
    if number:
        write_model(folder / "model", f"c-{number}")


def test_a_model_of_a_nested_run_is_that_of_its_run(scene: Scene) -> None:
    """The files of runs below that of the job are read, and the model of one is registered."""
    scene.below = {"c-0": "weak", "c-1": "strong"}
    scene.leaves = leaves_in_children
    (found,) = scene.go((CATALOGUE.mode("nested"),))
    assert found.verdict == outcomes.LOGGED
    outputs = scene.folder.azure.outputs_of_child("nested", 1)
    assert found.model_directory == str(outputs / "model")
    job, *below = read_record(Path(found.database)).runs
    assert job.run_id == scene.name("nested")
    assert [run.run_id for run in below] == ["c-0", "c-1"]
    assert below[1].artifact_directory == outputs
    source = read_registration("nested", scene.folder).source
    assert source.endswith("/paths/ExperimentRun/dcid.c-1/model/")


def test_models_of_several_nested_runs_are_named(scene: Scene) -> None:
    """Without a choice, the models of all runs below that of the job are listed."""
    scene.below = {"c-0": "weak", "c-1": "strong"}
    scene.leaves = leaves_in_children
    (found,) = scene.go((replace(CATALOGUE.mode("nested"), model=None),))
    assert found.verdict == outcomes.SEVERAL_MODELS
    assert "a mode logs one: model of the run c-0, model of the run c-1; " in found.message


def test_the_best_of_a_search_is_beside_its_model(scene: Scene) -> None:
    """Autologging logs a search and its best estimator: the search is the model, tries are runs."""

    def leaves_search(mode: str, folder: Path) -> None:
        if ".child-" not in folder.name:
            for name in ("model", "best_estimator"):
                write_model(folder / name, mode)
            (folder / "cv_results.csv").write_text("params\n")

    scene.below = {"c-0": "a try"}
    scene.leaves = leaves_search
    (found,) = scene.go((CATALOGUE.mode("search"),))
    assert found.verdict == outcomes.LOGGED
    assert found.model_directory == str(scene.folder.azure.outputs("search") / "model")
    names = [run.name for run in read_record(Path(found.database)).runs]
    assert names == ["", "a try"]


def test_a_script_that_never_ends_is_timed_out(scene: Scene) -> None:
    """A script that runs at the deadline is timed out, and its job is canceled."""
    scene.client.jobs.states = lambda name, age: "Running"
    found = scene.go()
    assert verdicts(found) == [outcomes.TIMED_OUT] * 3
    text = "was still running after 600 s (--job-timeout) and was canceled; https://"
    assert f"{FIRST}: {MODES[0].script.name} {text}" in found[0].message
    assert sorted(scene.client.jobs.canceled) == sorted(map(scene.name, (FIRST, SECOND, THIRD)))


def by_script(name: str, version: str, **tags: str) -> dict[str, Any]:
    """Return MLflow's document of a version."""
    pairs = [{"key": key, "value": value} for key, value in tags.items()]
    return {"name": name, "version": version, "tags": pairs}


def test_what_a_script_registers_is_archived(scene: Scene) -> None:
    """A version of a script's own is archived, but not a version that the run has registered."""
    path = "azureml://jobs/theirs/outputs/artifacts/paths/model/"
    theirs = SimpleNamespace(name="churn", path=path, type="mlflow_model", tags={})
    for _ in range(2):
        scene.client.models.create_or_update(theirs)
    own = by_script("mlflow-diabetes", "1", **{"conformance-run": RUN_ID})
    scene.scripts[FIRST] = [by_script("churn", "2"), own]
    scene.go()
    assert scene.client.models.active == ["churn:1 (None)"]
    assert not scene.folder.azure.script_versions(FIRST).exists()


@pytest.mark.parametrize("late", [0, 3, 1000])
def test_the_model_of_a_mode_that_registers_is_read(scene: Scene, late: int) -> None:
    """The version that such a script registers is waited for, resolved and downloaded."""
    registered = replace(MODES[0].details, registered_as=Registration())
    mode = replace(MODES[0], details=registered)
    path = f"azureml://jobs/{scene.name(FIRST)}/outputs/artifacts/paths/model/"
    model = SimpleNamespace(name="churn", path=path, type="mlflow_model", tags={})
    scene.client.models.create_or_update(model)
    answers: Iterator[list[dict[str, Any]]] = iter([[]] * late)
    scene.registered_by = lambda *_: next(answers, [by_script("churn", "1")])  # type: ignore[method-assign]
    scene.go((mode,))
    found = read_script_versions(FIRST, scene.folder)
    assert [each.version for each in found] == (["1"] if late < 1000 else [])
    assert sum(scene.clock.waits) <= SETTINGS.timeout + 92
    if found:
        assert found[0].found.job_name == scene.name(FIRST)
        assert found[0].address == "azureml://host/churn/1"
        assert Path(found[0].downloaded, "user_logs").is_dir()
        assert scene.client.models.active == []


def test_a_search_that_fails_is_written_down(scene: Scene) -> None:
    """If what the script registered cannot be searched, the error is that of this mode alone."""
    registered = replace(MODES[0].details, registered_as=Registration())
    failed = RequestFailed("searching: HTTP 400", Answer("HTTP 400", is_transient=False))

    def search(run_id: str, model_id: str | None = None) -> list[dict[str, Any]]:
        raise failed

    scene.registered_by = search  # type: ignore[method-assign]
    scene.go((replace(MODES[0], details=registered), MODES[1]))
    trouble = scene.folder.azure.script_versions_error(FIRST).read_text(encoding="utf-8")
    assert trouble == "searching: HTTP 400\n"
    assert not scene.folder.azure.script_versions_error(SECOND).exists()
    assert read_registration(FIRST, scene.folder)


def test_a_search_that_fails_is_said_once(scene: Scene) -> None:
    """If no mode states a registration, one line says that what scripts register is not known."""
    failed = RequestFailed("searching: HTTP 400", Answer("HTTP 400", is_transient=False))

    def search(run_id: str, model_id: str | None = None) -> list[dict[str, Any]]:
        raise failed

    scene.registered_by = search  # type: ignore[method-assign]
    scene.go()
    said = [line for line in scene.reported.lines if "what scripts registered" in line]
    assert said == ["  what scripts registered themselves is not known: searching: HTTP 400"]


def test_no_secret_is_told(scene: Scene) -> None:
    """Reported lines, written files and messages contain no secret."""
    scene.client.faults.before["get"] = [
        http_error(400, "UserError", "see https://a.blob.core.windows.net/c?sv=1&sig=aBcDeF"),
        connection_reset(),
    ]
    found = scene.go()
    written = [file for file in scene.folder.path.rglob("*") if file.suffix in (".json", ".txt")]
    logs = {"std_log.txt"}
    texts = [file.read_text(encoding="utf-8") for file in written if file.name not in logs]
    everything = "\n".join([scene.reported.text, *texts, *(one.message for one in found)])
    assert "sig=***" in everything
    assert "aBcDeF" not in everything
