"""Tests of ``azure.jobs.poll`` and ``watched_jobs``: polling, deadlines, canceling."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from meta_tests.azure.run.fake_workspace import (
    FACTS,
    RUN_ID,
    STUDIO,
    FakeClient,
    ManualClock,
    ReportedLines,
    connection_reset,
    http_error,
    retries,
)
from mlflow_conformance.azure.client.retries import BUDGET_SECONDS
from mlflow_conformance.azure.jobs.cancel import CANCEL_SECONDS, JobCanceler
from mlflow_conformance.azure.jobs.job_snapshot import job_snapshot
from mlflow_conformance.azure.jobs.poll import await_jobs
from mlflow_conformance.azure.jobs.submit import JobRequest, SubmittedJob, job_name, submit
from mlflow_conformance.azure.jobs.watched_jobs import EndedJob, PollCallbacks, format_duration


class Scene:
    """Jobs that were submitted to a fake client, and how each ended."""

    def __init__(self, *modes: str) -> None:
        self.clock = ManualClock()
        self.client = FakeClient(self.clock)
        self.reported = ReportedLines()
        self.ended: dict[str, EndedJob] = {}
        self.jobs = [self._submitted(mode) for mode in modes]
        self.began = self.clock.time

    @property
    def seconds(self) -> float:
        """Return the elapsed time in seconds."""
        return self.clock.time - self.began

    def go(self, states: Callable[[str, float], str], timeout: float = 3600.0) -> None:
        """Await all jobs; ``states`` returns a job's status from its name and age."""
        self.client.jobs.states = states
        shared = retries(self.clock, self.reported)
        callbacks = PollCallbacks(
            get=lambda name: job_snapshot(self.client.jobs.get(name)),
            cancel=JobCanceler(self.client, self.clock, self.reported).cancel,
            ended=self._record,
            report=self.reported,
        )
        await_jobs(self.jobs, callbacks, shared, timeout=timeout, poll_seconds=10.0)

    def _record(self, ended: EndedJob) -> None:
        self.ended[ended.job.mode] = ended

    def _submitted(self, mode: str) -> SubmittedJob:
        held = retries(self.clock)
        request = JobRequest(
            mode=mode,
            display_name=mode,
            experiment="diabetes-training",
            command=f"python {mode}.py",
            code=Path(__file__).parent,
            timeout=3600.0,
        )
        return submit(self.client, FACTS, request, held)


def _after(seconds: float, then: str = "Completed", before: str = "Running") -> Callable[..., str]:
    return lambda name, age: before if age < seconds else then


def test_fifty_jobs_cost_one_request_a_job_every_ten_seconds() -> None:
    """Each of many jobs is polled at most once per poll interval."""
    scene = Scene(*(f"mode-{number:02}" for number in range(50)))
    scene.go(_after(605.0))
    assert len(scene.ended) == 50
    for times in scene.client.jobs.polls.values():
        assert len(times) <= 1 + scene.seconds / 10
        assert all(later - earlier >= 10 for earlier, later in pairwise(times))
    assert scene.seconds < 605 + 11, "the end is noticed at the next poll"


def test_a_job_that_ends_is_handed_over_while_others_run() -> None:
    """A job that ends is handed over before the last job has ended."""
    scene = Scene("short", "long")
    seen: list[tuple[str, float]] = []
    scene._record = lambda ended: seen.append(  # type: ignore[method-assign]
        (ended.job.mode, scene.seconds)
    )
    scene.go(lambda name, age: "Completed" if age > (500 if "long" in name else 20) else "Running")
    assert [mode for mode, _ in seen] == ["short", "long"]
    assert seen[0][1] <= 30


def test_a_heartbeat_a_minute_tells_states_apart() -> None:
    """Every minute, each job is reported with its state, its time in it and its link."""
    scene = Scene("a", "b")

    def states(name: str, age: float) -> str:
        if age > 150:
            return "Completed"
        return "Queued" if "-b-" in name or age < 65 else "Running"

    scene.go(states)
    assert scene.reported.lines[:6] == [
        "after 1 min: 2 Queued",
        f"  a: Queued for 1 min  {STUDIO.format(job_name(RUN_ID, 'a'))}",
        f"  b: Queued for 1 min  {STUDIO.format(job_name(RUN_ID, 'b'))}",
        "after 2 min: 1 Queued, 1 Running",
        f"  a: Running for 50 s  {STUDIO.format(job_name(RUN_ID, 'a'))}",
        f"  b: Queued for 2 min  {STUDIO.format(job_name(RUN_ID, 'b'))}",
    ]
    assert len(scene.reported.lines) == 6


def test_a_script_that_runs_at_the_deadline_is_timed_out_and_canceled() -> None:
    """A job that is running at the deadline is timed out and canceled."""
    scene = Scene("slow")
    scene.go(lambda name, age: "Running", timeout=300.0)
    assert scene.ended["slow"].timed_out
    assert scene.ended["slow"].error_message is None
    assert scene.client.jobs.canceled == [job_name(RUN_ID, "slow")]
    assert 300 <= scene.seconds <= 301


@pytest.mark.parametrize(
    ("state", "where_to_look"),
    [
        ("Queued", "it waits for a node: look at the quota and at the other jobs on the compute"),
        (
            "Preparing",
            "its image is being built: look at the image build log among its Outputs + logs",
        ),
        ("NotStarted", "it is accepted but not yet scheduled: look at its page in the studio"),
    ],
)
def test_a_job_that_never_ran_says_nothing_of_its_script(state: str, where_to_look: str) -> None:
    """A job whose script has not started at the deadline has an error message and no timeout."""
    scene = Scene("waits")
    scene.go(lambda name, age: state, timeout=300.0)
    ended = scene.ended["waits"]
    assert not ended.timed_out
    assert ended.error_message == (
        f"was still {state} after 300 s (--job-timeout), so its script never ran: {where_to_look}"
    )
    assert scene.client.jobs.canceled == [job_name(RUN_ID, "waits")]


def test_a_job_that_ends_just_before_the_deadline_counts() -> None:
    """At the deadline, every job that is due is polled a last time."""
    scene = Scene("close")
    scene.go(_after(299.0), timeout=300.0)
    assert scene.ended["close"].error_message is None
    assert not scene.ended["close"].timed_out
    assert not scene.client.jobs.canceled


def test_a_job_that_somebody_else_canceled_is_undecided() -> None:
    """A job that another user canceled has an error message."""
    scene = Scene("gone")
    scene.go(_after(30.0, then="Canceled"))
    assert scene.ended["gone"].error_message == (
        "was canceled by another user or a limit of the compute: run again"
    )


def test_a_node_that_stays_silent_is_given_up() -> None:
    """A job whose node has not responded for ten minutes is given up and canceled."""
    scene = Scene("silent")
    scene.go(lambda name, age: "NotResponding")
    assert scene.ended["silent"].error_message == (
        "its node has not responded for 10 min 10 s: run again"
    )
    assert scene.client.jobs.canceled


def test_a_node_that_comes_back_is_waited_for() -> None:
    """A job whose node responds again is polled until it ends."""
    scene = Scene("back")
    scene.go(lambda name, age: "NotResponding" if age < 300 else "Completed")
    assert scene.ended["back"].error_message is None


def test_a_storm_while_waiting_is_waited_out() -> None:
    """After a 429, no job is polled before the time in Retry-After has passed."""
    scene = Scene("a", "b", "c")
    scene.client.faults.before["get"] = [
        http_error(429, "TooManyRequests", Retry_After="20") for _ in range(6)
    ]
    scene.go(_after(30.0))
    assert all(ended.error_message is None for ended in scene.ended.values())
    times = sorted(time for all_times in scene.client.jobs.polls.values() for time in all_times)
    storm = times[:7]
    assert all(later - earlier >= 20 for earlier, later in pairwise(storm))


def test_lost_connections_while_waiting_are_tried_again() -> None:
    """Lost connections and 5xx responses during polls are retried."""
    scene = Scene("a")
    scene.client.faults.before["get"] = [
        connection_reset(),
        http_error(500),
        http_error(502),
        connection_reset(),
    ]
    scene.go(_after(5.0))
    assert scene.ended["a"].error_message is None


def test_a_service_that_stays_away_ends_the_waiting() -> None:
    """Beyond the retry budget, every job gets a one-line error message and is canceled."""
    scene = Scene("a", *(f"mode-{number:02}" for number in range(49)))
    scene.client.faults.before["get"] = [http_error(503, "ServiceUnavailable")] * 10_000
    scene.client.faults.before["cancel"] = [http_error(503, "ServiceUnavailable")] * 10_000
    scene.go(_after(5.0))
    assert scene.seconds < BUDGET_SECONDS + CANCEL_SECONDS
    message = scene.ended["a"].error_message
    assert message is not None
    assert message.startswith(
        "asking for the state of the jobs: HTTP 503 ServiceUnavailable 12 times [GET"
        " management.azure.com/…/w/jobs/x] within 211 s (retried for up to 240 s); an error"
        " of the Azure service: run again later; it could not be canceled: canceling the job"
    )
    assert "\n" not in message


def test_a_job_the_workspace_does_not_know_is_given_up_alone() -> None:
    """A refused request for one job does not affect the others."""
    scene = Scene("known", "lost")
    lost = job_name(RUN_ID, "lost")
    scene.client.faults.before[f"get {lost}"] = [http_error(404, "NotFound", "no such job")]
    scene.go(_after(30.0))
    assert scene.ended["known"].error_message is None
    assert "HTTP 404 NotFound (no such job)" in str(scene.ended["lost"].error_message)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.7, "1 min"), (65, "1 min 5 s"), (3600, "1 h"), (3725, "1 h 2 min")],
)
def test_durations_are_said_as_people_do(seconds: float, words: str) -> None:
    """A duration has at most two units."""
    assert format_duration(seconds) == words
