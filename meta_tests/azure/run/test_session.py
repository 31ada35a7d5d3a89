"""Tests of ``azure.jobs.session``: what a run leaves, and the outcome of each mode."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

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
from mlflow_conformance.azure.records import read_job, read_registration, read_workspace
from mlflow_conformance.runner import outcome as outcomes
from mlflow_conformance.runner.outcome import read_outcome
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
        " model: no MLmodel file is among its Outputs + logs; https://ml.azure.com/runs/"
    )
    assert not scene.client.models.versions


def test_several_models_are_named(scene: Scene) -> None:
    """Several models in a job's outputs are listed in the message."""

    def leaves_two(mode: str, folder: Path) -> None:
        for name in ("model", "other"):
            write_model(folder / name, mode)

    scene.leaves = leaves_two
    found = scene.go()
    assert verdicts(found) == [outcomes.SEVERAL_MODELS] * 3
    assert "logged 2 models, a mode logs one: model, other; https://" in found[0].message


def test_a_script_that_never_ends_is_timed_out(scene: Scene) -> None:
    """A script that runs at the deadline is timed out, and its job is canceled."""
    scene.client.jobs.states = lambda name, age: "Running"
    found = scene.go()
    assert verdicts(found) == [outcomes.TIMED_OUT] * 3
    text = "was still running after 600 s (--job-timeout) and was canceled; https://"
    assert f"{FIRST}: {MODES[0].script.name} {text}" in found[0].message
    assert sorted(scene.client.jobs.canceled) == sorted(map(scene.name, (FIRST, SECOND, THIRD)))


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
