"""Tests of ``azure.jobs.session``: requests and downloads that fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from meta_tests.azure.run.fake_workspace import STUDIO, http_error
from meta_tests.azure.run.session_scene import FIRST, MODES, SECOND, Scene, verdicts
from mlflow_conformance.azure.errors import AzureUnreachable
from mlflow_conformance.azure.records import read_registration
from mlflow_conformance.azure.results.downloads import CorruptDownload
from mlflow_conformance.runner import outcome as outcomes


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A workspace without faults."""
    return Scene(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "error", [NotADirectoryError(20, "Not a directory"), OSError(36, "File name too long")]
)
def test_a_name_that_no_file_can_have_is_its_modes_own(error: OSError, scene: Scene) -> None:
    """A download that cannot be written here leaves that mode undecided, and the others alone."""
    scene.wrong[f"{SECOND}.outputs"] = error
    found = scene.go()
    assert verdicts(found) == [outcomes.LOGGED, outcomes.UNDECIDED, outcomes.LOGGED]
    assert type(error).__name__ in found[1].message


def test_a_wrong_file_is_no_failed_promise(scene: Scene) -> None:
    """An incomplete download makes the mode undecided and is named in the message."""
    scene.wrong[f"{SECOND}.outputs"] = CorruptDownload(
        "model/MLmodel: 9 bytes arrived, there are 12"
    )
    found = scene.go()
    assert verdicts(found) == [outcomes.LOGGED, outcomes.UNDECIDED, outcomes.LOGGED]
    assert found[1].message == (
        f"{SECOND}: the job {scene.name(SECOND)} is Completed, but its outputs could not be read:"
        f" model/MLmodel: 9 bytes arrived, there are 12; {STUDIO.format(scene.name(SECOND))}"
    )


def test_a_registration_that_fails_is_written_down(scene: Scene) -> None:
    """If a registration fails, the mode is logged and the error is written to a file."""
    scene.wrong[f"{FIRST}.registered"] = CorruptDownload("model/MLmodel: not whole")
    found = scene.go()
    assert verdicts(found) == [outcomes.LOGGED] * 3
    trouble = scene.folder.azure.registration_error(FIRST).read_text(encoding="utf-8")
    assert trouble == "model/MLmodel: not whole\n"
    assert read_registration(SECOND, scene.folder)
    assert scene.client.models.active == []


def test_one_mode_that_cannot_be_submitted_does_not_stop_the_others(scene: Scene) -> None:
    """A mode that cannot be submitted is undecided with the error; the others run."""
    operation = f"submit {MODES[1].display_name}"
    scene.client.faults.before[operation] = [http_error(400, "UserError", "bad request")]
    found = scene.go()
    assert verdicts(found) == [outcomes.LOGGED, outcomes.UNDECIDED, outcomes.LOGGED]
    assert "HTTP 400 UserError (bad request)" in found[1].message
    assert len(scene.client.jobs.puts) == 2


def test_a_service_that_is_away_while_submitting_costs_one_budget(scene: Scene) -> None:
    """After one mode has used up the retry budget, the others get a shorter one."""
    scene.client.faults.before["submit"] = [http_error(503, "ServiceUnavailable")] * 1000
    found = scene.go()
    assert verdicts(found) == [outcomes.UNDECIDED] * 3
    assert scene.clock.time - 1_000_000 < 300
    assert not scene.client.jobs.created


def test_without_an_environment_nothing_is_submitted(scene: Scene) -> None:
    """If the environment cannot be created, no job is submitted."""
    scene.client.faults.before["create environment"] = [http_error(503, "ServerBusy")] * 1000
    with pytest.raises(AzureUnreachable, match="no job was submitted"):
        scene.go()
    assert not scene.client.jobs.puts
    assert scene.reported.lines == [line for line in scene.reported.lines if "next try in" in line]
