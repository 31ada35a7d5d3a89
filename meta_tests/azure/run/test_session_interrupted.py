"""Tests of ``azure.jobs.session``: runs that an interrupt or an error ends early."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.azure.run.fake_workspace import RUN_ID, STUDIO
from meta_tests.azure.run.session_scene import FIRST, SECOND, SETTINGS, THIRD, Scene
from mlflow_conformance.azure.client.retries import Stopped
from mlflow_conformance.azure.jobs.collector import OutcomeCollector
from mlflow_conformance.azure.jobs.script_models import UNKNOWN


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A workspace without faults."""
    return Scene(tmp_path, monkeypatch)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_cancels_and_lists(scene: Scene, number: int) -> None:
    """SIGINT, SIGTERM and SIGHUP cancel the jobs, list the resources and archive the versions."""
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


NOT_ARCHIVED = (
    f"  NOT archived (interrupted again): look for versions with the tag conformance-run={RUN_ID}"
)


@pytest.mark.parametrize("has_models", [True, False])
def test_a_second_interrupt_says_what_is_not_archived(
    scene: Scene, has_models: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second interrupt, while models are archived, names the tag of those that are left."""
    ended = {scene.name(FIRST)} if has_models else set()
    scene.client.jobs.states = lambda name, age: "Completed" if name in ended else "Running"
    shut_down = OutcomeCollector.shut_down

    def interrupted(collector: OutcomeCollector) -> None:
        shut_down(collector)
        raise KeyboardInterrupt

    def interrupt(time: float) -> None:
        if time > 1_000_100:
            scene.clock.until = lambda time: None
            raise KeyboardInterrupt

    scene.clock.until = interrupt
    monkeypatch.setattr(OutcomeCollector, "shut_down", interrupted)
    with pytest.raises(KeyboardInterrupt):
        scene.go()
    assert (NOT_ARCHIVED in scene.reported.lines) is has_models
    assert bool(scene.client.models.active) is has_models


@pytest.mark.parametrize("is_silent", [False, True], ids=["answers", "silent"])
def test_what_scripts_registered_is_archived_after_an_interrupt(
    is_silent: bool, scene: Scene
) -> None:
    """The models of scripts are archived after an interrupt, or a line says that none is known."""
    path = "azureml://jobs/theirs/outputs/artifacts/paths/model/"
    theirs = SimpleNamespace(name="churn", path=path, type="mlflow_model", tags={})
    scene.client.models.create_or_update(theirs)
    scene.client.jobs.states = lambda name, age: "Running"
    scene.scripts[SECOND] = [{"name": "churn", "version": "1"}]

    def silent(run_id: str, model_id: str | None = None) -> list[dict[str, Any]]:
        raise Stopped("the run is being ended")

    if is_silent:
        scene.registered_by = silent  # type: ignore[method-assign]

    def interrupt(time: float) -> None:
        scene.clock.until = lambda time: None
        raise KeyboardInterrupt

    scene.clock.until = interrupt
    with pytest.raises(KeyboardInterrupt):
        scene.go()
    said = [line for line in scene.reported.lines if "what scripts registered" in line]
    assert said == ([f"  {UNKNOWN}: the run is being ended"] if is_silent else [])
    assert scene.client.models.active == (["churn:1 (None)"] if is_silent else [])


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


@pytest.mark.parametrize("text", ["after 1 min", f"{FIRST}-azure", f"{SECOND}: submitted"])
def test_a_terminal_that_is_gone_leaves_no_job(scene: Scene, text: str) -> None:
    """A line that cannot be written ends the run: jobs are canceled and versions archived."""
    scene.client.jobs.states = lambda name, age: (
        "Completed" if name == scene.name(FIRST) else "Running"
    )
    scene.clock.until = lambda now: time.sleep(0.01)  # lets the other threads run
    taken = scene.reported.__call__
    is_gone = False

    def gone(line: str) -> None:
        nonlocal is_gone
        is_gone = is_gone or text in line
        if is_gone:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        taken(line)

    scene.reported = gone  # type: ignore[assignment]
    with pytest.raises(BrokenPipeError):
        scene.go()
    submitted = {FIRST, SECOND, THIRD} if "submitted" not in text else {FIRST, SECOND}
    running = submitted - ({FIRST} if "submitted" not in text else set())
    assert sorted(scene.client.jobs.canceled) == sorted(map(scene.name, running))
    assert scene.client.models.active == []
