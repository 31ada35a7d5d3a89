"""Tests that cross-checks report failures correctly, and errors of the run as such."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mlflow_conformance.processes.job import Job, Result
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.upgrade.crossings.load_trials import Trial, Trials, first_failure
from mlflow_conformance.upgrade.profile.fact_texts import LOADS, NATIVE, PYFUNC, SCORES, WORKS
from mlflow_conformance.upgrade.runs.recorded_release import (
    CrossingFailed,
    RecordedRelease,
    run_concurrently,
    run_jobs,
)
from mlflow_conformance.upgrade.runs.release_run import ReleaseRun

RIGHT, OTHER = "ndarray of int64 (3,), digest aa", "ndarray of int64 (3,), digest bb"
EXPECTED = {PYFUNC: RIGHT, NATIVE: RIGHT}
GOOD = [WORKS, RIGHT]


class FakeLauncher:
    """A launcher that returns prepared results, then blocks until it is closed."""

    def __init__(self, results: Sequence[Result] = ()) -> None:
        """Prepare the results."""
        self._results = list(results)
        self._closed = threading.Event()
        self.submitted: list[str] = []

    def submit(self, job: Job) -> None:
        """Remember the job's id."""
        self.submitted.append(job.id)

    def next_result(self) -> Result:
        """Return the next result, or raise after the launcher was closed."""
        if self._results:
            return self._results.pop(0)
        assert self._closed.wait(20)
        raise RuntimeError("the warm interpreter died")

    def close(self) -> None:
        """Wake up threads that wait for a result."""
        self._closed.set()


def run_with(launcher: FakeLauncher, root: Path = Path()) -> ReleaseRun:
    """Return a release run with the fake launcher."""
    started = cast(Any, SimpleNamespace(launcher=launcher))
    return ReleaseRun("MLflow 1", RunFolder(root), {}, started)


def job(name: str, output: Path = Path("output.txt")) -> Job:
    """Return a job with an id."""
    return Job(name, "script.py", (), "folder", str(output), {}, 1.0)


def ended(name: str, exit_code: int = 0, *, timed_out: bool = False) -> Result:
    """Return the result of a job."""
    return Result(name, exit_code, timed_out, 1.0, 0)


def test_a_model_that_predicts_as_before_is_no_complaint() -> None:
    """A model with the expected predictions has no failure."""
    assert first_failure({PYFUNC: GOOD, NATIVE: GOOD}, EXPECTED) is None


@pytest.mark.parametrize(
    ("result", "failure"),
    [
        ({PYFUNC: [LOADS, "E: no"], NATIVE: [LOADS, "E: no"]}, (LOADS, "E: no")),
        ({PYFUNC: GOOD, NATIVE: [LOADS, "E: no"]}, (LOADS, "mlflow.sklearn: E: no")),
        ({PYFUNC: [SCORES, "E: no"], NATIVE: GOOD}, (SCORES, "mlflow.pyfunc: E: no")),
        (
            {PYFUNC: [WORKS, OTHER], NATIVE: GOOD},
            (SCORES, f"mlflow.pyfunc: predicts {OTHER}, should be {RIGHT}"),
        ),
        ({PYFUNC: [SCORES, "E: late"], NATIVE: [LOADS, "E: no"]}, (LOADS, "mlflow.sklearn: E: no")),
    ],
)
def test_the_first_step_that_fails_is_told(
    result: dict[str, list[str]], failure: tuple[str, str]
) -> None:
    """The first step that fails is reported: loading, scoring or other predictions."""
    assert first_failure(result, EXPECTED) == failure


def test_what_the_writer_itself_cannot_do_does_not_count() -> None:
    """A way of loading that fails under the model's own release is not a failure."""
    assert first_failure({PYFUNC: GOOD, NATIVE: [LOADS, "E: no"]}, {PYFUNC: RIGHT}) is None


@pytest.fixture
def trials(tmp_path: Path) -> Trials:
    """Return one trial of a release."""
    reader = cast(RecordedRelease, SimpleNamespace(run=run_with(FakeLauncher(), tmp_path)))
    return Trials("one", reader, tmp_path, (Trial("one", "uri", "rows"),))


def test_a_model_that_kills_its_process_does_not_load(trials: Trials) -> None:
    """A model that ends its process with a signal is reported as not loading."""
    result = trials.results(ended("load one", -11))["one"]
    assert first_failure(result, EXPECTED) == (LOADS, "the process ended with signal 11")


def test_a_job_that_fails_itself_is_trouble_of_the_run(trials: Trials) -> None:
    """A job that fails by itself raises CrossingFailed."""
    with pytest.raises(CrossingFailed, match="load one failed"):
        trials.results(ended("load one", 1))


def test_a_job_that_does_not_end_is_trouble_of_the_run(tmp_path: Path) -> None:
    """A timeout raises CrossingFailed with the release, the job and its output."""
    (tmp_path / "output.txt").write_text("waiting for data", encoding="utf-8")
    launcher = FakeLauncher([ended("one", -9, timed_out=True)])
    with pytest.raises(CrossingFailed, match="MLflow 1: one: timed out after 1 s:\nwaiting for"):
        run_jobs(run_with(launcher), [job("one", tmp_path / "output.txt")], 1)


def test_results_of_others_are_passed_over() -> None:
    """Results of other jobs, such as a server that ends, are ignored."""
    launcher = FakeLauncher([ended("serve x", 1), ended("two"), ended("one", 3)])
    found = run_jobs(run_with(launcher), [job("one"), job("two")], 2)
    assert {name: result.exit_code for name, result in found.items()} == {"one": 3, "two": 0}


def test_one_failure_ends_what_runs_beside_it() -> None:
    """When one task fails, the launchers are closed, which ends the other tasks."""
    waits, fails = run_with(FakeLauncher()), run_with(FakeLauncher())

    def fail() -> None:
        raise CrossingFailed("no answer")

    def wait() -> None:
        run_jobs(waits, [job("one")], 1)

    with pytest.raises(CrossingFailed, match="no answer"):
        run_concurrently([wait, fail], [waits, fails])
