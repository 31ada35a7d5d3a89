"""An estimator that ends its process, hangs or raises is one result; the others are swept."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mlflow_conformance.processes.job import Job, Result
from mlflow_conformance.processes.launcher import Launcher
from mlflow_conformance.runner.training import PreparationFailed
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.sweep import jobs
from mlflow_conformance.sweep.jobs import Sweeping, sweep
from mlflow_conformance.sweep.results import (
    DONE,
    FIT,
    LOG,
    MOST_SECONDS,
    NATIVE,
    PYFUNC,
    READ,
    EstimatorResult,
    all_results,
    read_results,
    write_result,
)

NAMES = ("A", "B", "C", "D")
# What a process does when it comes to an estimator: an exit code, or the loss of the interpreter.
Ends = dict[str, list[int | str]]


class Processes:
    """A launcher whose jobs write results at once, and end at an estimator as told."""

    def __init__(self, folder: RunFolder, ends: Ends) -> None:
        """Take the run's folder, and how processes end, by estimator."""
        self.folder, self.ends = folder, ends
        self.waiting: list[Result] = []
        self.shares: list[tuple[str, ...]] = []

    def submit(self, job: Job) -> None:
        """Write what the job would write until it ends."""
        if job.script.endswith("names"):
            self.folder.estimator_names.write_text(json.dumps(NAMES))
            self.waiting.append(Result(job.id, 0, False, 0.0, 0))
            return
        names = job.arguments[1:]
        self.shares.append(names)
        self.waiting.append(self._run(job.id, names))

    def next_result(self) -> Result:
        """Return the results in the order of the jobs."""
        return self.waiting.pop(0)

    def _run(self, job: str, names: tuple[str, ...]) -> Result:
        for name in names:
            result = EstimatorResult(name, LOG)
            if self.ends.get(name):
                how = self.ends[name].pop(0)
                if how == "before":
                    return Result(job, 1, False, 0.0, 0)
                write_result(result, self.folder.estimator_results)
                if isinstance(how, str):
                    return Result(job, -9, False, 0.0, 0, lost=how)
                return Result(job, how, False, 0.0, 0)
            write_result(result.at(DONE), self.folder.estimator_results)
        return Result(job, 0, False, 0.0, 0)


@pytest.fixture
def swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Ends], Any]:
    """Return a function that sweeps with processes that end as told."""
    monkeypatch.setattr(jobs, "SHARE_SIZE", 3)
    folder = RunFolder(tmp_path)

    def run(ends: Ends) -> Any:
        processes = Processes(folder, ends)
        lines: list[str] = []
        launcher = cast(Launcher, processes)
        sweep(Sweeping(folder, {}, b""), launcher, 2, lines.append)
        results = read_results(folder.estimator_results, NAMES)
        return SimpleNamespace(results=results, shares=processes.shares, lines=lines)

    return run


def test_all_estimators_are_swept_in_shares(swept: Callable[[Ends], Any], tmp_path: Path) -> None:
    """Every estimator has a result, and the lines say how many have."""
    found = swept({})
    assert found.shares == [NAMES[:3], NAMES[3:]]
    assert [result.stage for result in found.results.values()] == [DONE] * 4
    assert [result.name for result in all_results(RunFolder(tmp_path))] == list(NAMES)
    assert found.lines[-1] == "  4 of 4 estimators"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (-signal.SIGSEGV, "the process ended with signal 11"),
        (-signal.SIGALRM, f"did not end within {MOST_SECONDS} s"),
        (0, "the process ended with exit code 0"),
        (3, "the process ended with exit code 3"),
    ],
)
def test_an_estimator_that_ends_its_process_is_one_result(
    code: int, said: str, swept: Callable[[Ends], Any]
) -> None:
    """The error stands at the stage, and at all that it did not reach; others are swept."""
    found = swept({"B": [code]})
    assert found.results["B"].problems == dict.fromkeys((LOG, READ, NATIVE, PYFUNC), said)
    assert found.results["B"].problem(FIT) == ""
    assert [found.results[name].problems for name in "ACD"] == [{}, {}, {}]
    assert ("C",) in found.shares


def test_a_lost_interpreter_is_tried_again_once(swept: Callable[[Ends], Any]) -> None:
    """Another job may have killed the interpreter; twice at the same estimator, it is to blame."""
    assert swept({"B": ["gone"]}).results["B"].problems == {}


def test_an_estimator_that_kills_the_interpreter_is_one_result(
    swept: Callable[[Ends], Any],
) -> None:
    """The second loss at the same estimator is its result."""
    found = swept({"B": ["gone", "gone"]})
    assert found.results["B"].problem(LOG) == "the process ended with signal 9"
    assert found.results["C"].problems == {}


def test_a_process_that_cannot_begin_is_an_error_of_the_run(swept: Callable[[Ends], Any]) -> None:
    """Where no estimator was reached, none is to blame."""
    with pytest.raises(PreparationFailed, match=r"^the estimators could not be logged:\n"):
        swept({"A": ["before"]})


def test_a_part_is_no_table(tmp_path: Path) -> None:
    """Results of some estimators only are not recorded as those of all."""
    folder = RunFolder(tmp_path)
    assert all_results(folder) == ()
    launcher = cast(Launcher, Processes(folder, {}))
    sweep(Sweeping(folder, {}, b""), launcher, 1, lambda line: None, only={"B"})
    assert list(read_results(folder.estimator_results, NAMES)) == ["B"]
    assert all_results(folder) == ()
