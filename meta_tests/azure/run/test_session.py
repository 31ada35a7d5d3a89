"""Tests of ``fixtures.azure.jobs.session`` with a fake workspace."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fixtures.azure.client.process_guards import silent_sdk
from fixtures.azure.errors import AzureUnreachable
from fixtures.azure.jobs import session
from fixtures.azure.jobs.session import run_in_workspace
from fixtures.azure.jobs.submit import job_name
from fixtures.azure.preflight.checks import JobsRequest
from fixtures.azure.records import read_job, read_registration, read_workspace
from fixtures.azure.results.downloads import CorruptDownload, Place
from fixtures.azure.results.run_record import read_record
from fixtures.catalogue.reader import read_catalogue
from fixtures.runner import outcome as outcomes
from fixtures.runner.outcome import Outcome, read_outcome
from fixtures.support.paths import ROOT
from fixtures.support.run_folder import RunFolder
from meta_tests.azure.run.fake_workspace import (
    FACTS,
    RUN_ID,
    STUDIO,
    FakeClient,
    ManualClock,
    ReportedLines,
    connection_reset,
    http_error,
    write_model,
)

CATALOGUE = read_catalogue(ROOT / "training" / "modes.yaml")
MODES = CATALOGUE.modes[:3]
FIRST, SECOND, THIRD = (mode.name for mode in MODES)
SETTINGS: Any = SimpleNamespace(experiment=None, timeout=600.0, poll_seconds=10.0, keeps=False)
SCRIPT_FAILED = {
    "error": {"code": "UserError", "message": "User process 'python' exited with code 1"}
}
BUILD_FAILED = {"error": {"code": "UserError", "message": "Image build failed. See the log file."}}


class Scene:
    """A run with a fake workspace; ``leaves`` writes the outputs of a mode's job."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = RunFolder(root)
        self.clock = ManualClock()
        self.client = FakeClient(self.clock)
        self.reported = ReportedLines()
        self.settings = SETTINGS
        self.errors: dict[str, Any] = {}
        self.leaves: Callable[[str, Path], None] = lambda mode, folder: write_model(
            folder / "model", mode
        )
        self.wrong: dict[str, Exception] = {}
        self.log = "std_log.txt"
        monkeypatch.setattr(session, "Clock", lambda: self.clock)
        monkeypatch.setattr(session, "BlobStores", lambda *_: self)
        monkeypatch.setattr(session, "DataPlane", lambda *_: self)

    def go(self) -> tuple[Outcome, ...]:
        """Run three modes."""
        connected: Any = SimpleNamespace(
            client=self.client,
            credential=None,
            facts=FACTS,
            code=Path(__file__).parent,
            commands={mode.name: f"python {mode.name}.py" for mode in MODES},
        )
        request = JobsRequest(self.settings, CATALOGUE, MODES, self.folder, self.reported)
        return run_in_workspace(connected, request)

    def name(self, mode: str) -> str:
        """Return the name of a mode's job."""
        return job_name(RUN_ID, mode)

    # The blob store.

    def download(self, place: Place, folder: Path, is_growing: bool = False) -> tuple[str, ...]:
        """Write the outputs of the mode's job."""
        mode = folder.name.partition(".")[0]
        if folder.name in self.wrong:
            raise self.wrong[folder.name]
        (folder / "user_logs").mkdir(parents=True)
        (folder / "user_logs" / self.log).write_text(f"{mode} says sig=aBcDeF\n")
        if folder.name.endswith(".outputs"):
            self.leaves(mode, folder)
        files = (file for file in folder.rglob("*") if file.is_file())
        return tuple(sorted(file.relative_to(folder).as_posix() for file in files))

    def close(self) -> None:
        """Do nothing."""

    # The workspace's own host.

    def details(self, job: str) -> dict[str, Any]:
        """Return the times and the error of a job."""
        times = ("2026-03-01T12:00:00.1234567Z", "2026-03-01T12:01:00.5+00:00")
        error = next((e for mode, e in self.errors.items() if job == self.name(mode)), None)
        return {"startTimeUtc": times[0], "endTimeUtc": times[1], "error": error}

    def run(self, run_id: str, *, has_metrics: bool) -> dict[str, Any]:
        """Return a finished run."""
        info = {"run_id": run_id, "experiment_id": "1", "status": "FINISHED", "start_time": 1}
        return {"info": {**info, "end_time": 2}, "data": {}}

    def experiment(self, experiment_id: str) -> dict[str, Any]:
        """Return the experiment."""
        return {"name": CATALOGUE.experiment}


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A workspace without faults."""
    return Scene(tmp_path, monkeypatch)


def _verdicts(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [outcome.verdict for outcome in outcomes]


def test_a_run_leaves_facts_for_every_mode_and_nothing_else(scene: Scene) -> None:
    """A run writes outcomes, facts, runs and registrations, and archives all models."""
    found = scene.go()
    assert _verdicts(found) == [outcomes.LOGGED] * 3
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
    assert _verdicts(found) == [outcomes.LOGGED, outcomes.CRASHED, outcomes.LOGGED]
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
    assert _verdicts(found) == [outcomes.UNDECIDED] * 3
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
    assert _verdicts(found) == [outcomes.NO_MODEL] * 3
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
    assert _verdicts(found) == [outcomes.SEVERAL_MODELS] * 3
    assert "logged 2 models, a mode logs one: model, other; https://" in found[0].message


def test_a_script_that_never_ends_is_timed_out(scene: Scene) -> None:
    """A script that runs at the deadline is timed out, and its job is canceled."""
    scene.client.jobs.states = lambda name, age: "Running"
    found = scene.go()
    assert _verdicts(found) == [outcomes.TIMED_OUT] * 3
    text = "was still running after 600 s (--job-timeout) and was canceled; https://"
    assert f"{FIRST}: {MODES[0].script.name} {text}" in found[0].message
    assert sorted(scene.client.jobs.canceled) == sorted(map(scene.name, (FIRST, SECOND, THIRD)))


@pytest.mark.parametrize(
    "error", [NotADirectoryError(20, "Not a directory"), OSError(36, "File name too long")]
)
def test_a_name_that_no_file_can_have_is_its_modes_own(error: OSError, scene: Scene) -> None:
    """A download that cannot be written here leaves that mode undecided, and the others alone."""
    scene.wrong[f"{SECOND}.outputs"] = error
    found = scene.go()
    assert _verdicts(found) == [outcomes.LOGGED, outcomes.UNDECIDED, outcomes.LOGGED]
    assert type(error).__name__ in found[1].message


def test_a_wrong_file_is_no_failed_promise(scene: Scene) -> None:
    """An incomplete download makes the mode undecided and is named in the message."""
    scene.wrong[f"{SECOND}.outputs"] = CorruptDownload(
        "model/MLmodel: 9 bytes arrived, there are 12"
    )
    found = scene.go()
    assert _verdicts(found) == [outcomes.LOGGED, outcomes.UNDECIDED, outcomes.LOGGED]
    assert found[1].message == (
        f"{SECOND}: the job {scene.name(SECOND)} is Completed, but its outputs could not be read:"
        f" model/MLmodel: 9 bytes arrived, there are 12; {STUDIO.format(scene.name(SECOND))}"
    )


def test_a_registration_that_fails_is_written_down(scene: Scene) -> None:
    """If a registration fails, the mode is logged and the error is written to a file."""
    scene.wrong[f"{FIRST}.registered"] = CorruptDownload("model/MLmodel: not whole")
    found = scene.go()
    assert _verdicts(found) == [outcomes.LOGGED] * 3
    trouble = scene.folder.azure.registration_error(FIRST).read_text(encoding="utf-8")
    assert trouble == "model/MLmodel: not whole\n"
    assert read_registration(SECOND, scene.folder)
    assert scene.client.models.active == []


def test_one_mode_that_cannot_be_submitted_does_not_stop_the_others(scene: Scene) -> None:
    """A mode that cannot be submitted is undecided with the error; the others run."""
    operation = f"submit {MODES[1].display_name}"
    scene.client.faults.before[operation] = [http_error(400, "UserError", "bad request")]
    found = scene.go()
    assert _verdicts(found) == [outcomes.LOGGED, outcomes.UNDECIDED, outcomes.LOGGED]
    assert "HTTP 400 UserError (bad request)" in found[1].message
    assert len(scene.client.jobs.puts) == 2


def test_a_service_that_is_away_while_submitting_costs_one_budget(scene: Scene) -> None:
    """After one mode has used up the retry budget, the others get a shorter one."""
    scene.client.faults.before["submit"] = [http_error(503, "ServiceUnavailable")] * 1000
    found = scene.go()
    assert _verdicts(found) == [outcomes.UNDECIDED] * 3
    assert scene.clock.time - 1_000_000 < 300
    assert not scene.client.jobs.created


def test_without_an_environment_nothing_is_submitted(scene: Scene) -> None:
    """If the environment cannot be created, no job is submitted."""
    scene.client.faults.before["create environment"] = [http_error(503, "ServerBusy")] * 1000
    with pytest.raises(AzureUnreachable, match="no job was submitted"):
        scene.go()
    assert not scene.client.jobs.puts
    assert scene.reported.lines == [line for line in scene.reported.lines if "next try in" in line]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cancels_and_lists(scene: Scene, number: int) -> None:
    """SIGINT and SIGTERM cancel the jobs, list the resources and archive the versions."""
    scene.client.jobs.states = lambda name, age: (
        "Completed" if name == scene.name(FIRST) else "Running"
    )

    def interrupt(time: float) -> None:
        if time > 1_000_100 and not scene.client.jobs.canceled:
            scene.clock.until = lambda time: None
            os.kill(os.getpid(), number)

    scene.clock.until = interrupt
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        scene.go()
    assert sorted(scene.client.jobs.canceled) == sorted(map(scene.name, (SECOND, THIRD)))
    text = scene.reported.text
    canceling, listing = "canceling 2 jobs that have not ended", "made in the workspace so far:"
    assert 0 < text.index(canceling) < text.index(listing)
    for mode in (FIRST, SECOND, THIRD):
        assert f"  job {scene.name(mode)}  {STUDIO.format(scene.name(mode))}" in text
    assert "  model mlflow-diabetes, version 1" in text
    assert scene.client.models.active == []
    assert signal.getsignal(signal.SIGTERM) is before
    deadline = time.monotonic() + 10
    while [t for t in threading.enumerate() if t.name.startswith("azure-ending")]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_second_interrupt_says_which_jobs_go_on(scene: Scene) -> None:
    """A second interrupt reports the jobs that still run, with their links."""
    scene.client.jobs.states = lambda name, age: "Running"
    canceled = scene.client.jobs.begin_cancel

    def interrupted(name: str, polling: bool = True) -> None:
        if scene.client.jobs.canceled:
            raise KeyboardInterrupt
        canceled(name, polling=polling)

    scene.client.jobs.begin_cancel = interrupted  # type: ignore[method-assign]

    def interrupt(time: float) -> None:
        scene.clock.until = lambda time: None
        raise KeyboardInterrupt

    scene.clock.until = interrupt
    with pytest.raises(KeyboardInterrupt):
        scene.go()
    reported = [line for line in scene.reported.lines if "NOT canceled" in line]
    assert reported == [
        f"  NOT canceled: {scene.name(mode)} (interrupted again); cancel it in the studio, or the"
        f" service ends it 15 min after --job-timeout: {STUDIO.format(scene.name(mode))}"
        for mode in (SECOND, THIRD)
    ]


def test_an_interrupt_while_archiving_archives_all_the_same(scene: Scene) -> None:
    """An interrupt during archiving still archives all versions."""
    archive = scene.client.models.archive
    times: list[str] = []

    def interrupted(name: str, version: str) -> None:
        times.append(version)
        if len(times) == 4:  # the first three calls archive the second version of each mode
            raise KeyboardInterrupt
        archive(name, version)

    scene.client.models.archive = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        scene.go()
    assert scene.client.models.active == []


def test_the_sdk_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """The SDK's warnings about experimental features are not printed."""
    logger = logging.getLogger("azure.ai.ml")
    handler = logging.StreamHandler(sys.stderr)
    logger.addHandler(handler)
    try:
        with silent_sdk():
            logging.getLogger("azure.ai.ml._utils._experimental").warning("experimental")
        assert handler.level == logging.NOTSET
    finally:
        logger.removeHandler(handler)
    assert capfd.readouterr().err == ""


def test_an_error_of_the_suite_itself_leaves_no_job(scene: Scene) -> None:
    """An unexpected exception cancels the running jobs and is raised again."""
    scene.client.jobs.states = lambda name, age: (
        "Completed" if name == scene.name(FIRST) else "Running"
    )

    def broken(mode: str, folder: Path) -> None:
        raise ZeroDivisionError("a mistake")

    scene.leaves = broken
    scene.clock.until = lambda now: time.sleep(0.01)  # lets the other threads run
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        scene.go()
    assert scene.clock.time - 1_000_000 < SETTINGS.timeout, "noticed while the others still run"
    assert sorted(scene.client.jobs.canceled) == sorted(map(scene.name, (SECOND, THIRD)))


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
