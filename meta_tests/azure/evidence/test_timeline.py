"""Tests of the timeline: states of jobs with their times, and how late reads are."""

from __future__ import annotations

from meta_tests.azure.evidence.sample_exchanges import (
    JOB,
    managed,
    on_mlflow,
    polled,
    properties,
    registered,
    submitted,
)
from mlflow_conformance.azure.evidence.exchanges import Exchange
from mlflow_conformance.azure.evidence.timeline import (
    LISTS,
    METRICS,
    RUN_END,
    SEARCHES,
    Lag,
    Timeline,
)


def timeline_of(*exchanges: Exchange) -> Timeline:
    """Return the timeline of some exchanges."""
    found = Timeline()
    for exchange in exchanges:
        found.note(exchange)
    return found


def versions(*names: str, at: float, view: str = "ActiveOnly", **more: str) -> Exchange:
    """Return a list of versions."""
    found = {"value": [{"name": name} for name in names]}
    query = {"listViewType": view, **more}
    return managed("GET", "models/diabetes/versions", found=found, at=at, query=query)


def archived(at: float, *, is_archived: bool = True) -> Exchange:
    """Return the archiving of the first version, or that it is restored."""
    answer = properties(isArchived=is_archived)
    return managed("PUT", "models/diabetes/versions/1", sent=answer, found=answer, at=at)


def test_states_have_their_times() -> None:
    """Each change of a job's state is there once, with the seconds since it was submitted."""
    found = timeline_of(
        submitted(100.0),
        polled("Starting", 101.0),
        polled("Running", 130.0),
        polled("Running", 131),
    )
    assert found.states == ((("Starting", 0.0), ("Running", 30.0)),)


def test_other_jobs_are_left_out() -> None:
    """A job that the run did not submit, and a state that is no word, are not written."""
    found = timeline_of(polled("Running"), submitted(), polled("a text, of somebody"))
    assert found.states == ((("Starting", 0.0), ("unreadable", 0.0)),)


def test_a_late_list_is_measured() -> None:
    """The lag is the time until a list has the version, with the reads that did not."""
    found = timeline_of(registered(), versions(at=10), versions(at=20), versions("1", at=31))
    assert found.lags == (Lag(LISTS, 31.0, 2),)


def test_a_list_without_the_change_is_told() -> None:
    """A change that no list has shown is there, with the time of the last read."""
    assert timeline_of(registered(), versions(at=40)).lags == (Lag(LISTS, 40.0, 1, is_seen=False),)


def test_archiving_and_restoring_are_changes() -> None:
    """An archived version should not be listed, and a restored one should again."""
    found = timeline_of(
        archived(0.0),
        versions("1", at=5),
        versions(at=9),
        archived(10.0, is_archived=False),
        versions(at=12),
        versions("1", at=14),
    )
    assert found.lags == (Lag(LISTS, 9.0, 1), Lag(LISTS, 4.0, 1))


def test_an_archived_version_that_was_never_listed_says_nothing() -> None:
    """A list without an archived version may be late with the version itself."""
    found = timeline_of(registered(), archived(1.0), versions(at=2))
    assert not found.lags
    found.note(versions("1", at=40))
    found.note(versions(at=45))
    assert found.lags == (Lag(LISTS, 44.0, 1),)


def test_parts_of_lists_are_left_out() -> None:
    """A page, the newest alone and a list with archived versions do not say what is missing."""
    found = timeline_of(
        registered(),
        versions(at=1, **{"$top": "1"}),
        versions(at=2, **{"$skip": "a"}),
        versions(at=3, view="All"),
    )
    assert not found.lags
    found.note(versions("1", at=4, **{"$skip": "b"}))
    assert found.lags == (Lag(LISTS, 4.0, 0),)


def test_runs_are_late() -> None:
    """The end of a run, its metrics and the search for its versions are measured from its job's."""
    info = {"run_id": JOB, "status": "FINISHED", "end_time": 1}
    running = {"run": {"info": {"status": "RUNNING"}}}
    condition = f"run_id = '{JOB}'"
    versions_of_it = {"model_versions": [{"name": "a", "version": "1", "run_id": JOB}]}
    found = timeline_of(
        submitted(0.0),
        polled("Completed", 50.0),
        on_mlflow("runs/get", running, run_id=JOB, at=51),
        on_mlflow("runs/get", {"run": {"info": info}}, run_id=JOB, at=53),
        on_mlflow("runs/get", {"run": {"info": info, "data": {"metrics": [1]}}}, run_id=JOB, at=60),
        on_mlflow("runs/get", {"run": {"info": info, "data": {"metrics": [1]}}}, run_id=JOB, at=62),
        on_mlflow("model-versions/search", {}, at=55, filter=condition),
        on_mlflow("model-versions/search", versions_of_it, at=58, filter=condition),
    )
    assert set(found.lags) == {
        Lag(RUN_END, 3.0, 1),
        Lag(METRICS, 10.0, 2),
        Lag(SEARCHES, 8.0, 1),
    }
