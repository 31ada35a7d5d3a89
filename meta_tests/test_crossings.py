"""Do the crossings judge right what they find, and is trouble of the run never a finding?"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fixtures.launcher import Job, Result
from fixtures.upgrade.carry_over import compare
from fixtures.upgrade.changes import rule_for
from fixtures.upgrade.crossing import (
    NATIVE,
    PYFUNC,
    CrossingFailed,
    Participant,
    at_once,
    run_jobs,
)
from fixtures.upgrade.crossing_kinds import LOADS, SCORES
from fixtures.upgrade.loading import WORKS, Trial, Trials, complaint
from fixtures.upgrade.release_run import ReleaseRun
from fixtures.upgrade.rules import RULES
from meta_tests.crossing_samples import CROSSING_SAMPLES, CrossingSample

RIGHT, OTHER = "ndarray of int64 (3,), digest aa", "ndarray of int64 (3,), digest bb"
WANTED = {PYFUNC: RIGHT, NATIVE: RIGHT}
GOOD = [WORKS, RIGHT]


class FakeLauncher:
    """Gives the results it was told to, then blocks until it is closed."""

    def __init__(self, results: Sequence[Result] = ()) -> None:
        """Have nothing submitted yet."""
        self._results = list(results)
        self._closed = threading.Event()
        self.submitted: list[str] = []

    def submit(self, job: Job) -> None:
        """Note a job."""
        self.submitted.append(job.id)

    def next_result(self) -> Result:
        """Return the next result, or fail as a launcher that was closed."""
        if self._results:
            return self._results.pop(0)
        assert self._closed.wait(20)
        raise RuntimeError("the warm interpreter died")

    def close(self) -> None:
        """Let nobody wait any more."""
        self._closed.set()


def run_with(launcher: FakeLauncher, root: Path = Path()) -> ReleaseRun:
    """Return a release that runs jobs with a launcher."""
    begun = cast(Any, SimpleNamespace(launcher=launcher))
    return ReleaseRun("MLflow 1", root, {}, begun)


def job(name: str, output: Path = Path("output.txt")) -> Job:
    """Return a job of that name."""
    return Job(name, "script.py", (), "folder", str(output), {}, 1.0)


def ended(name: str, exit_code: int = 0, *, timed_out: bool = False) -> Result:
    """Return how a job ended."""
    return Result(name, exit_code, timed_out, 1.0, 0)


@pytest.mark.parametrize("sample", CROSSING_SAMPLES, ids=lambda sample: sample.rule)
def test_a_rule_explains_its_samples_and_not_the_neighbour(sample: CrossingSample) -> None:
    """Each sample is explained by exactly its rule, as grave as it must be."""
    for difference in sample.trips:
        found = rule_for(difference, RULES)
        assert (found.id, found.level) == (sample.rule, sample.level)
    assert rule_for(sample.near, RULES).id == sample.other != sample.rule


def test_a_model_that_predicts_as_before_is_no_complaint() -> None:
    """Nothing is said of a model that works in every way that counts."""
    assert complaint({PYFUNC: GOOD, NATIVE: GOOD}, WANTED) is None


@pytest.mark.parametrize(
    ("tried", "wanted"),
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
    tried: dict[str, list[str]], wanted: tuple[str, str]
) -> None:
    """A model that does not load, does not score or scores otherwise is told with its error."""
    assert complaint(tried, WANTED) == wanted


def test_what_the_writer_itself_cannot_do_does_not_count() -> None:
    """A way that failed under the model's own release is nobody else's failure."""
    assert complaint({PYFUNC: GOOD, NATIVE: [LOADS, "E: no"]}, {PYFUNC: RIGHT}) is None


@pytest.fixture
def trials(tmp_path: Path) -> Trials:
    """One trial of a release."""
    reader = cast(Participant, SimpleNamespace(run=run_with(FakeLauncher(), tmp_path)))
    return Trials("one", reader, tmp_path, (Trial("one", "uri", "rows", "frame"),))


def test_a_model_that_kills_its_process_does_not_load(trials: Trials) -> None:
    """A signal is the model's doing."""
    found = trials.found(ended("load one", -11))["one"]
    assert complaint(found, WANTED) == (LOADS, "the process ended with signal 11")


def test_a_job_that_fails_itself_is_trouble_of_the_run(trials: Trials) -> None:
    """What the job did not catch is no finding."""
    with pytest.raises(CrossingFailed, match="load one failed"):
        trials.found(ended("load one", 1))


def test_a_job_that_does_not_end_is_trouble_of_the_run(tmp_path: Path) -> None:
    """The message names the release, the job and what it printed."""
    (tmp_path / "output.txt").write_text("waiting for nobody", encoding="utf-8")
    launcher = FakeLauncher([ended("one", -9, timed_out=True)])
    with pytest.raises(CrossingFailed, match="MLflow 1: one: no end after 1 s:\nwaiting for"):
        run_jobs(run_with(launcher), [job("one", tmp_path / "output.txt")], 1)


def test_results_of_others_are_passed_over() -> None:
    """A server that ends while jobs run is none of them."""
    launcher = FakeLauncher([ended("serve x", 1), ended("two"), ended("one", 3)])
    found = run_jobs(run_with(launcher), [job("one"), job("two")], 2)
    assert {name: result.exit_code for name, result in found.items()} == {"one": 3, "two": 0}


def test_one_failure_ends_what_runs_beside_it() -> None:
    """The launchers are closed, so nobody waits for jobs that nobody wants any more."""
    waits, fails = run_with(FakeLauncher()), run_with(FakeLauncher())

    def fail() -> None:
        raise CrossingFailed("trouble")

    def wait() -> None:
        run_jobs(waits, [job("one")], 1)

    with pytest.raises(CrossingFailed, match="trouble"):
        at_once([wait, fail], [waits, fails])


def test_what_is_gone_from_a_store_or_changed_is_lost() -> None:
    """Each is one difference; what an upgrade adds is none."""
    before = {"version one/1": "READY", "version one/2": "READY", "alias one@champion": "1"}
    after = {"version one/1": "READY", "alias one@champion": "2", "run two": "FINISHED"}
    found = {d.path[-1]: repr(d.after) for d in compare(before, after)}
    assert found == {"version one/2": "(nothing)", "alias one@champion": "'2'"}
    assert compare(before, before) == ()
