"""The section of profiles about stores: scripts that name none, and stores of other releases."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from mlflow_conformance.environments.packages import installed
from mlflow_conformance.processes.job import Job, Result
from mlflow_conformance.stores.file_store import ALLOWED
from mlflow_conformance.stores.records import TRACKING_URI
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.upgrade.changes.classify import rule_for
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.profile.differences import ABSENT, Difference
from mlflow_conformance.upgrade.profile.fact_texts import (
    AUTOLOGGED,
    DATABASES,
    FAILS,
    LOGGED_BY_HAND,
    LOGS_NOTHING,
    LOGS_TO,
    LOST_RECORDS,
    MLRUNS_STORE,
    OLD_RECORDS_SEEN,
    OWN_METRIC,
    REFUSED_UNTIL_UPGRADED,
    SCRIPTS,
    UPGRADED_UNASKED,
    WORKS,
)
from mlflow_conformance.upgrade.profile.profile import STORES, Profile
from mlflow_conformance.upgrade.profile.recording import RecordingFailed
from mlflow_conformance.upgrade.profile.seeds import read_seeds
from mlflow_conformance.upgrade.runs import release_run, store_section
from mlflow_conformance.upgrade.runs.optional_sections import with_sections
from mlflow_conformance.upgrade.runs.release_run import ReleaseRun
from mlflow_conformance.upgrade.runs.storeless_scripts import Script, situations

DONE = Result("x", 0, timed_out=False, seconds=0.1, peak_kib=1)
FAILED = replace(DONE, exit_code=1)
BY_HAND, BY_AUTOLOGGING = ("metrics", OWN_METRIC, "1 1.0 0"), ("params", "fit_intercept", "True")


def own_store(folder: Path) -> bytes:
    """Return the content of a database."""
    seeds = read_seeds()
    return seeds.plant(seeds.databases[-1], folder, "own.db").read_bytes()


def add_run(work: Path, kind: str, name: str, text: str) -> None:
    """Add a run with a metric or a parameter to the file store in a folder."""
    experiment = work / "mlruns" / "0"
    run = experiment / name
    (run / kind).mkdir(parents=True)
    (run / kind / name).write_text(text)
    uri = (run / "artifacts").as_uri()
    facts = {"run_id": name, "status": 3, "start_time": 1, "artifact_uri": uri}
    (experiment / "meta.yaml").write_text("name: Default\n")
    (run / "meta.yaml").write_text(yaml.safe_dump(facts))


def script(folder: Path, result: Mapping[str, Any], *, has_records: bool = False) -> Script:
    """Return a script that has ended; a run that is not its own was there before."""
    (first, *_) = situations(read_seeds(), b"")
    found = Script(replace(first, has_records=has_records), folder)
    found.prepare()
    add_run(found.place.working_directory, "params", "param", "1.5")
    both = {LOGGED_BY_HAND: {"lost": []}, AUTOLOGGED: {"lost": []}, **result}
    found.result.write_text(json.dumps(both))
    return found


@pytest.mark.parametrize(
    ("lost", "fact"),
    [
        (None, LOGS_TO + MLRUNS_STORE),
        ([], LOGS_TO + MLRUNS_STORE + OLD_RECORDS_SEEN),
        (["the run", "its tag"], f"{LOGS_TO}{MLRUNS_STORE}{LOST_RECORDS}the run, its tag"),
    ],
    ids=["none-there", "seen", "lost"],
)
@pytest.mark.parametrize(
    ("way", "run", "other"),
    [(LOGGED_BY_HAND, BY_HAND, AUTOLOGGED), (AUTOLOGGED, BY_AUTOLOGGING, LOGGED_BY_HAND)],
)
def test_a_script_that_logs_says_where(
    tmp_path: Path, way: str, run: tuple[str, str, str], other: str, lost: Any, fact: str
) -> None:
    """The fact has the store with the new run; a way without a run of its own logs nothing."""
    found = script(tmp_path, {way: {"lost": lost}}, has_records=lost is not None)
    add_run(found.place.working_directory, *run)
    facts = found.facts()
    assert (facts[way], facts[other]) == (fact, LOGS_NOTHING)


def test_a_script_that_fails_has_its_error(tmp_path: Path) -> None:
    """The error is masked; a run that was begun does not count."""
    found = script(tmp_path, {LOGGED_BY_HAND: {"error": "OSError: no store at /tmp/a/b"}})
    add_run(found.place.working_directory, *BY_HAND)
    assert found.facts()[LOGGED_BY_HAND] == f"{FAILS}: OSError: no store at <folder>/b"


def test_only_warnings_about_stores_are_facts(tmp_path: Path) -> None:
    """Modes raise the others, too."""
    found = script(tmp_path, {})
    found.place.output.write_text(
        "/a/site-packages/mlflow/x.py:3: FutureWarning: The filesystem backend is deprecated\n"
        "/a/site-packages/pydantic/x.py:3: UserWarning: a field\n"
    )
    warned = {"FutureWarning in mlflow/x.py": "The filesystem backend is deprecated"}
    assert found.facts()["warnings"] == warned


def test_a_deprecation_of_a_store_is_a_warning_wherever_mlflow_raises_it() -> None:
    """MLflow raises it itself; the same warning of a mode's libraries is a note."""
    warned = "FutureWarning in mlflow/x.py"
    of_script = ("stores", SCRIPTS, "empty folder", "warnings", warned)
    for path, rule in (
        (of_script, "deprecation-raised"),
        (("modes", "one", "warnings", warned), "warning-raised"),
    ):
        assert rule_for(Difference(path, ABSENT, "raised"), RULES).id == rule


def test_scripts_name_no_store_unless_the_situation_does(tmp_path: Path) -> None:
    """The variables of a run are left out; the home folder is the script's own."""
    environment = {TRACKING_URI: "sqlite:///x.db", "HOME": "/root", "A": "b"}
    found = situations(read_seeds(), own_store(tmp_path))
    for number, situation in enumerate(found):
        script = Script(situation, tmp_path / str(number))
        files = {TRACKING_URI: str(script.place.artifacts)} if situation.names_files else {}
        own = {"A": "b", "HOME": str(script.folder)}
        assert script.job(environment).environment == {**own, **files, **situation.environment}
    assert [situation.names_files for situation in found] == [False] * 4 + [True] * 2
    assert [situation.environment for situation in found] == [{}] * 5 + [{ALLOWED: "true"}]


class Launcher:
    """Ends each job at once, as ``end`` says."""

    def __init__(self, end: Callable[[Job], Result]) -> None:
        """Take what ends a job."""
        self._end = end
        self._ended: list[Result] = []

    def submit(self, job: Job) -> None:
        """End a job."""
        self._ended.append(replace(self._end(job), id=job.id))

    def next_result(self) -> Result:
        """Return the first result."""
        return self._ended.pop(0)


def ended(job: Job) -> Result:
    """Write a fact for each database that a job opens; scripts log nothing."""
    result, *databases = (Path(argument) for argument in job.arguments)
    assert all(database.is_file() for database in databases)
    opened = {database.name: WORKS for database in databases}
    logged: dict[str, Any] = {LOGGED_BY_HAND: {"lost": []}, AUTOLOGGED: {"lost": []}}
    result.write_text(json.dumps(opened or logged))
    return DONE


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Return what records the section with jobs that end as told."""
    monkeypatch.setattr(store_section, "created_store", lambda session: own_store(tmp_path))

    def record(end: Callable[[Job], Result] = ended, parallel: int = 2) -> dict[str, Any]:
        started: Any = SimpleNamespace(launcher=Launcher(end))
        run = ReleaseRun("MLflow 3.0.1", RunFolder(tmp_path), {}, started)
        return store_section.store_facts(run, parallel, lambda line: None)

    return record


@pytest.mark.parametrize("parallel", [1, 2, 50])
def test_every_situation_and_database_is_a_fact(
    recording: Callable[..., dict[str, Any]], parallel: int
) -> None:
    """With any number of processes, each seed is opened once, each script run in each way."""
    facts = recording(parallel=parallel)
    assert facts[DATABASES] == {seed.name: WORKS for seed in read_seeds().databases}
    nothing = {LOGGED_BY_HAND: LOGS_NOTHING, AUTOLOGGED: LOGS_NOTHING, "warnings": {}}
    assert facts[SCRIPTS] == {s.name: nothing for s in situations(read_seeds(), b"")}


def test_a_missing_seed_is_an_error_of_the_run(
    recording: Callable[..., dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is recorded; one line names the file."""
    monkeypatch.setattr(store_section, "read_seeds", lambda: read_seeds(tmp_path))
    with pytest.raises(RecordingFailed, match=r"MLflow 3\.0\.1: .*seeds\.yaml.*nox -s seeds"):
        recording()


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (replace(DONE, timed_out=True), "timed out"),
        (replace(DONE, lost="it is gone"), "it is gone"),
        (FAILED, "failed:"),
    ],
    ids=["timed-out", "lost", "failed"],
)
def test_what_cannot_be_observed_is_an_error_of_the_run(
    recording: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    result: Result,
    said: str,
) -> None:
    """A job that opens databases and does not end well leaves nothing to compare."""
    monkeypatch.setattr(store_section, "situations", lambda *_: ())
    with pytest.raises(RecordingFailed, match=said):
        recording(lambda job: result)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return the section, recorded twice with the installed MLflow, in different folders."""
    root = tmp_path_factory.mktemp("stores")
    run = release_run.start("this MLflow", Path(sys.executable), root / "first")
    elsewhere = replace(run, folder=RunFolder(root / "another folder"))
    none = Profile("", {})
    try:
        return [
            with_sections(none, each, (STORES,), parallel, lambda line: None).facts[STORES]
            for each, parallel in ((run, 2), (elsewhere, 1))
        ]
    finally:
        run.started.close()


def test_two_recordings_are_equal(twice: list[dict[str, Any]]) -> None:
    """Nothing in the section depends on time, place, or the number of processes."""
    assert twice[0] == twice[1]


def test_the_installed_release_does_what_is_known_of_it(twice: list[dict[str, Any]]) -> None:
    """Each database is used, upgraded or refused, with all records, and an own store is used."""
    facts = twice[0]
    for name, fact in facts[DATABASES].items():
        assert fact.startswith((WORKS, UPGRADED_UNASKED, REFUSED_UNTIL_UPGRADED)), name
        assert LOST_RECORDS not in fact, name
    own = read_seeds().until(str(installed("mlflow")))
    assert facts[DATABASES][own.name].startswith(WORKS)
    for way in (LOGGED_BY_HAND, AUTOLOGGED):
        own_database = facts[SCRIPTS]["nothing set, mlflow.db of its own"][way]
        assert own_database.startswith(LOGS_TO)
        allowed = facts[SCRIPTS]["file store set and allowed"][way]
        assert allowed == LOGS_TO + MLRUNS_STORE + OLD_RECORDS_SEEN
