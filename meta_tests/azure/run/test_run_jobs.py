"""Tests of ``azure.jobs.run_jobs``: the copies of downloaded models that are scored."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from meta_tests.azure.run.fake_workspace import write_model
from mlflow_conformance.azure.errors import AzureMisconfigured
from mlflow_conformance.azure.jobs import run_jobs
from mlflow_conformance.azure.jobs.run_jobs import applying, score_copies
from mlflow_conformance.azure.preflight.checks import JobsRequest
from mlflow_conformance.azure.setup.options import AzureSettings
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.processes.job import Job, Result
from mlflow_conformance.rehearsal.start import Rehearsal
from mlflow_conformance.runner import outcome as outcomes
from mlflow_conformance.runner.outcome import Outcome, read_outcome
from mlflow_conformance.runner.training_setup import Training
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.targets.azure_options import DEFAULT_COMPUTE, SERVERLESS

CATALOGUE = read_catalogue(DEFAULT_CATALOGUE)
BAD, GOOD = (mode.name for mode in CATALOGUE.modes[:2])


@dataclass
class FakeLauncher:
    """A launcher whose jobs all succeed at once; it keeps them."""

    jobs: list[Job] = field(default_factory=list)

    def submit(self, job: Job) -> None:
        """Keep a job."""
        assert Path(job.arguments[0]).is_dir(), "the copy to score is there"
        self.jobs.append(job)

    def next_result(self) -> Result:
        """Return that the latest job has ended."""
        return Result(self.jobs[-1].id, 0, False, 1.0, 0)


class Scene:
    """Two modes whose jobs have ended, with the models that were downloaded."""

    def __init__(self, root: Path) -> None:
        self.training = Training(CATALOGUE, RunFolder(root), {}, timeout=1.0, parallel=1)
        self.launcher = FakeLauncher()
        self.training.folder.outcomes.mkdir()
        self.training.folder.rows.mkdir()
        self.models = {name: self._download(name) for name in (BAD, GOOD)}

    def score(self) -> tuple[Outcome, Outcome]:
        """Score both copies and return the outcomes of the bad and the good mode."""
        downloaded = tuple(self._downloaded(name) for name in (BAD, GOOD))
        launcher: Any = self.launcher
        bad, good = score_copies(self.training, downloaded, launcher)
        for outcome in (bad, good):
            assert read_outcome(self.training.folder, outcome.mode, "azure") == outcome
        return bad, good

    def _download(self, name: str) -> Path:
        model = self.training.folder.path / f"{name}.outputs" / "model"
        write_model(model, name)
        self.training.folder.rows_of(name).write_text("{}")
        return model

    def _downloaded(self, name: str) -> Outcome:
        return Outcome(
            mode=name,
            target="azure",
            verdict=outcomes.LOGGED,
            message="",
            output="",
            started=1.0,
            ended=2.0,
            seconds=1.0,
            peak_kib=0,
            model_directory=str(self.models[name]),
            database="",
            elsewhere=None,
        )


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Two modes with whole models."""
    return Scene(tmp_path)


def _with_a_fifo(model: Path) -> None:
    os.mkfifo(model / "pipe")


def _without_its_folder(model: Path) -> None:
    model.rename(model.with_name("gone"))


def _in_a_folder_that_is_taken(model: Path) -> None:
    away = model.with_name(f"{model.name}-away")
    away.mkdir()
    (away / "file").touch()


def test_modes_that_do_not_apply_to_the_jobs_mlflow_are_left_out() -> None:
    """A mode of MLflow 3 gets no job with MLflow 2, and a line says why."""
    modes = tuple(CATALOGUE.mode(name) for name in ("save-log", "by-name"))
    lines: list[str] = []
    assert applying(modes, "2.22.5", lines.append) == modes[:1]
    [line] = lines
    assert line.startswith("does not apply: by-name: from MLflow 3.0 on: log_model(name=…) came")
    assert line.endswith(" (in the jobs: 2.22.5)")
    assert applying(modes, "3.15.0", lines.append) == modes
    assert len(lines) == 1


def test_modes_with_limits_are_left_out_if_nobody_knows_the_version() -> None:
    """A line says why, and how to say which MLflow is there."""
    modes = tuple(CATALOGUE.mode(name) for name in ("save-log", "by-name"))
    lines: list[str] = []
    assert applying(modes, None, lines.append) == modes[:1]
    [line] = lines
    assert line.startswith("does not apply: by-name: from MLflow 3.0 on: log_model(name=…) came")
    assert line.endswith(" (in the jobs: not known before they run; --job-mlflow VERSION says it)")


def test_no_mode_that_applies_is_refused() -> None:
    """If no mode applies to the jobs' MLflow, nothing is submitted."""
    with pytest.raises(AzureMisconfigured, match=r"^nothing to check: by-name: from MLflow 3\.0"):
        applying((CATALOGUE.mode("by-name"),), "2.22.5", lambda line: None)


def test_copies_of_whole_models_are_scored(scene: Scene) -> None:
    """Each model is scored, is back in its place, and its outcome has the result."""
    for outcome in scene.score():
        assert outcome.verdict == outcomes.LOGGED
        assert outcome.elsewhere is not None
        assert "result" in outcome.elsewhere
        assert (scene.models[outcome.mode] / "MLmodel").is_file()
    assert [job.id for job in scene.launcher.jobs] == [f"score {BAD}-azure", f"score {GOOD}-azure"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_with_a_fifo, "pipe"),
        (_without_its_folder, "cannot be read"),
        (_in_a_folder_that_is_taken, "not empty"),
    ],
    ids=["fifo", "no folder", "folder taken"],
)
def test_a_model_that_cannot_be_copied_is_its_modes_outcome(
    scene: Scene, spoil: Callable[[Path], None], reason: str
) -> None:
    """The mode has left files that cannot be read; the other mode's copy is scored."""
    spoil(scene.models[BAD])
    bad, good = scene.score()
    assert (bad.verdict, bad.model_directory) == (outcomes.UNREADABLE, None)
    assert bad.message.startswith(f"{BAD}: {outcomes.UNREADABLE}: ")
    assert reason in bad.message
    assert good.verdict == outcomes.LOGGED
    assert good.elsewhere is not None
    assert [job.id for job in scene.launcher.jobs] == [f"score {GOOD}-azure"]


def test_a_download_that_cannot_be_put_back_is_its_modes_outcome(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that appears where the download was spoils that mode alone."""
    submit = scene.launcher.submit

    def occupy(job: Job) -> None:
        submit(job)
        if BAD in job.id:
            (scene.models[BAD] / "in the way").mkdir(parents=True)

    monkeypatch.setattr(scene.launcher, "submit", occupy)
    bad, good = scene.score()
    assert (bad.verdict, bad.model_directory) == (outcomes.UNREADABLE, None)
    assert (good.verdict, good.elsewhere is None) == (outcomes.LOGGED, False)


@pytest.mark.parametrize("compute", ["nowhere", SERVERLESS, DEFAULT_COMPUTE])
def test_a_rehearsal_takes_the_compute_that_the_user_names(
    compute: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings of the preflight have the rehearsal's workspace and the user's compute."""

    @contextmanager
    def rehearsal(*arguments: Any, **options: Any) -> Iterator[Rehearsal]:
        yield Rehearsal({}, {}, "", "subscription", "group", "workspace", "its-own", tmp_path)

    seen: list[AzureSettings] = []

    def preflight(request: JobsRequest, **options: Any) -> None:
        seen.append(request.settings)
        raise AzureMisconfigured("enough")

    monkeypatch.setattr("mlflow_conformance.rehearsal.start.rehearsal", rehearsal)
    monkeypatch.setattr(run_jobs, "preflight", preflight)
    training = Training(CATALOGUE, RunFolder(tmp_path), {}, timeout=1.0, parallel=1)
    launcher: Any = FakeLauncher()
    settings = AzureSettings(is_rehearsal=True, compute=compute)
    with pytest.raises(AzureMisconfigured, match="enough"):
        run_jobs.run_jobs(settings, training, (), launcher, lambda line: None)
    assert [(one.workspace, one.compute) for one in seen] == [("workspace", compute)]
