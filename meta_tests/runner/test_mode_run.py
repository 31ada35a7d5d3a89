"""A mode whose interpreter was killed is run again from the start, whatever ran in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.processes.job import Job, Result
from mlflow_conformance.runner.mode_run import ModeRun
from mlflow_conformance.runner.training_setup import Training
from mlflow_conformance.stores.records import Store
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.support.run_folder import ModeFolder, RunFolder

CATALOGUE = read_catalogue(DEFAULT_CATALOGUE)
STATED = CATALOGUE.modes[0]
OBSERVED = replace(STATED, refit=None)
MODEL = "model"


@dataclass(frozen=True)
class LoggedFolder:
    """A mode's folder in which there is a model from the start."""

    files: ModeFolder
    experiment: str

    @property
    def artifacts(self) -> Path:
        """Return the folder with the model."""
        return self.files.working_directory

    def prepare(self, empty_store: bytes) -> None:
        """Create the folder of the model."""
        (self.files.working_directory / MODEL).mkdir(parents=True)

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return no variables."""
        return {}

    def model_directories(self) -> tuple[Path, ...]:
        """Return the model."""
        return (self.files.working_directory / MODEL,)

    def store(self) -> Store:
        """Return a store with one run."""
        there = SimpleNamespace(path=Path("store"), runs=lambda: (1,), logged_models=lambda: ())
        return cast(Store, there)

    def require_readable(self, model: Path) -> None:
        """Accept the model."""


def ended(job: Job) -> Result:
    """Return the result of a job that ended without an error."""
    return Result(job.id, exit_code=0, timed_out=False, seconds=1.0, peak_kib=1)


def run_of(mode: Any, rows: bytes | None, folder: Path, **changes: Any) -> ModeRun:
    """Return a mode's run in a folder; ``changes`` are keys of the training."""
    run_folder = RunFolder(folder)
    run_folder.rows.mkdir()
    training = Training(CATALOGUE, run_folder, {}, 1.0, 1, folder_type=LoggedFolder, **changes)
    found = ModeRun(training, mode, b"", rows, {})
    found.prepare()
    return found


def next_job(run: ModeRun, job: Job) -> Job:
    """Return the job after one that ended."""
    found = run.go_on(ended(job))
    assert found is not None, run.outcome.message
    return found


def test_a_mode_that_is_lost_while_it_is_scored_is_run_again(tmp_path: Path) -> None:
    """The script runs again, and its model is scored again."""
    run = run_of(STATED, b"rows", tmp_path)
    assert next_job(run, run.start()).id == f"score {STATED.name}"
    assert run.try_again()
    scoring = next_job(run, run.start())
    assert scoring.id == f"score {STATED.name}"
    assert run.go_on(ended(scoring)) is None
    assert run.outcome.has_model
    assert "result" in cast(dict[str, object], run.outcome.elsewhere)


@pytest.mark.parametrize("lost_at", ["rows", "score"])
def test_observed_rows_are_written_again(lost_at: str, tmp_path: Path) -> None:
    """The second try states no rows to the script, and writes those that are observed anew."""
    run = run_of(OBSERVED, None, tmp_path)
    rows = RunFolder(tmp_path).rows_of(OBSERVED.name)
    job = next_job(run, run.start())
    if lost_at == "score":
        rows.write_bytes(b"of the first try")
        job = next_job(run, job)
    assert job.id.startswith(lost_at)
    assert run.try_again()
    again = run.start()
    assert again.witness_rows == ""
    assert next_job(run, again).id == f"rows {OBSERVED.name}"
    assert not rows.exists()


def fetching(mode: str, files: ModeFolder, environment: Mapping[str, str]) -> Job:
    """Return a job that fetches what a mode left at a server."""
    return Job(f"fetch {mode}", "fetch", (), "", str(files.fetch_output), environment, 1.0)


def test_a_script_is_judged_when_its_files_have_arrived(tmp_path: Path) -> None:
    """What a mode left at a server is fetched between the script and the scoring."""
    run = run_of(STATED, b"rows", tmp_path, fetch=fetching)
    fetch = next_job(run, run.start())
    assert fetch.id == f"fetch {STATED.name}"
    assert next_job(run, fetch).id == f"score {STATED.name}"
    assert run.outcome.has_model


@pytest.mark.parametrize("change", [{"exit_code": 1}, {"timed_out": True}, {"lost": "killed"}])
def test_files_that_do_not_arrive_are_no_fault_of_the_script(
    change: dict[str, Any], tmp_path: Path
) -> None:
    """The mode could not be run; the error of the server is told."""
    run = run_of(STATED, b"rows", tmp_path, fetch=fetching)
    fetch = next_job(run, run.start())
    Path(fetch.output).write_text("ConnectionError: refused\n", encoding="utf-8")
    assert run.go_on(replace(ended(fetch), **change)) is None
    assert run.outcome.is_undecided
    assert "could not be fetched from the server:\nConnectionError: refused" in run.outcome.message


def test_a_mode_is_tried_twice(tmp_path: Path) -> None:
    """There is no third try."""
    run = run_of(STATED, b"rows", tmp_path)
    run.start()
    assert run.try_again()
    run.start()
    assert not run.try_again()
