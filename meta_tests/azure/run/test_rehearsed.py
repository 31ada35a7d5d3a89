"""Tests of a run with the unmodified SDK and a rehearsal that injects faults."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from conformance import test_azure_registration as promises
from meta_tests.azure.client.fake_clients import PUBLIC
from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.rehearsal.jobs import (
    IMAGE,
    SCRIPT,
    WITHOUT_RUNNING,
    client_of,
    unique,
    wait_for_job,
    write_script,
)
from meta_tests.azure.run.fake_workspace import ReportedLines
from mlflow_conformance.azure.client.request_errors import CLIENT_ARGUMENTS
from mlflow_conformance.azure.jobs import list_checks
from mlflow_conformance.azure.jobs.model_lists import versions_with_tags
from mlflow_conformance.azure.jobs.session import run_in_workspace
from mlflow_conformance.azure.jobs.submit import job_name
from mlflow_conformance.azure.preflight.checks import Connected, JobsRequest, new_run_id
from mlflow_conformance.azure.records import (
    RUN_TAG,
    JobEnvironment,
    WorkspaceFacts,
    read_registration,
    read_script_versions,
)
from mlflow_conformance.azure.setup.options import AzureSettings
from mlflow_conformance.catalogue.details import Registration as Registered
from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.rehearsal.start import Rehearsal
from mlflow_conformance.runner import outcome as outcomes
from mlflow_conformance.runner.outcome import Outcome
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.support.run_folder import RunFolder

CATALOGUE = read_catalogue(ROOT / "training" / "modes.yaml")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# No autologging modes: the run would wait for metrics, which these scripts do not log.
MODES = (CATALOGUE.mode("infer-array"), CATALOGUE.mode("infer-frame"))
FIRST, SECOND = MODES
# Faults that occur one after the other at the same step.
TROUBLE: tuple[dict[str, Any], ...] = (
    {"reset": True},
    {"status": 500},
    {"status": 429, "headers": {"Retry-After": "1"}, "times": 2},
)
# Uploads the model and registers it as MLflow does, with nothing but Python.
REGISTERING = (
    SCRIPT
    + """
import json, os, urllib.request

def send(path, method="POST", body=None, root=None):
    root = root or os.environ["MLFLOW_TRACKING_URI"].replace("azureml:", "https:")
    token = {"Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"]}
    data = None if body is None else json.dumps(body).encode()
    all_headers = {**token, "Content-Type": "application/json"}
    request = urllib.request.Request(root + path, data, all_headers, method=method)
    return json.load(urllib.request.urlopen(request))

run, api = os.environ["MLFLOW_RUN_ID"], "/api/2.0/mlflow"
host = os.environ["AZUREML_SERVICE_ENDPOINT"]
artifacts = "/history/v1.0" + os.environ["AZUREML_WORKSPACE_SCOPE"]
artifacts += f"/experiments/any/runs/{run}/artifacts/batch/metadata"
paths = {f"outputs/model/{file.name}": file for file in model.iterdir()}
made = send(artifacts, body={"paths": [{"path": path} for path in paths]}, root=host)
for path, file in paths.items():
    url = made["artifactContentInformation"][path]["contentUri"]
    headers = {"x-ms-blob-type": "BlockBlob"}
    urllib.request.urlopen(
        urllib.request.Request(url, file.read_bytes(), headers, method="PUT")
    )
source = send(f"{api}/runs/get?run_id={run}", "GET")["run"]["info"]["artifact_uri"]
send(f"{api}/registered-models/create", body={"name": run})
version = {"name": run, "source": source + "/outputs/model", "run_id": run}
send(f"{api}/model-versions/create", body=version)
"""
)
MODEL_FILE = r"/outputs/model/data\.bin$"


@dataclass
class Scene:
    """A rehearsal whose jobs only write a folder that looks like a model."""

    rehearsed: Rehearsal
    control: Control
    client: Any
    credential: Any
    folder: RunFolder
    reported: ReportedLines
    facts: WorkspaceFacts
    script: str = SCRIPT

    def go(self, modes: tuple[Mode, ...] = MODES, **settings: Any) -> dict[str, Outcome]:
        """Run modes and return their outcomes by mode name."""
        code = write_script(self.folder.path / "code", self.script)
        commands = {mode.name: "python script.py" for mode in modes}
        connected = Connected(self.client, self.credential, PUBLIC, self.facts, code, commands)
        azure = AzureSettings(**{"timeout": 120.0, "poll_seconds": 0.5, **settings})
        request = JobsRequest(azure, CATALOGUE, modes, self.folder, self.reported)
        found = run_in_workspace(connected, request)
        return {outcome.mode: outcome for outcome in found}

    def end(self, mode: Mode) -> str:
        """Wait for the end of a mode's job and return its status."""
        return str(wait_for_job(self.client, job_name(self.facts.run_id, mode.name)).status.value)

    @property
    def submitted(self) -> Counter[str]:
        """Return how often each job was created, by name."""
        puts = self.control.requests("PUT", "/jobs/")
        return Counter(put["path"].rpartition("/")[2] for put in puts if put["status"] == 201)

    @property
    def registered(self) -> list[str]:
        """Return the versions of the run that are not archived."""
        names = (self.facts.model_name, f"{self.facts.model_name}-refused")
        tags = {RUN_TAG: self.facts.run_id}
        found = [versions_with_tags(self.client, name, tags, after=None) for name in names]
        return [str(version.version) for versions in found for version in versions]

    @property
    def texts(self) -> str:
        """Return all reported lines and written files, except the jobs' logs."""
        files = [*self.folder.path.rglob("*.json"), *self.folder.path.rglob("*.txt")]
        return "\n".join([*self.reported.lines, *(file.read_text("utf-8") for file in files)])


@pytest.fixture
def scene(rehearsed: Rehearsal, control: Control, tmp_path: Path) -> Scene:
    """A run in the rehearsal, without faults."""
    from azure.identity import DefaultAzureCredential

    credential = DefaultAzureCredential()
    facts = WorkspaceFacts(
        subscription=rehearsed.subscription,
        resource_group=rehearsed.resource_group,
        workspace=rehearsed.workspace,
        compute=rehearsed.compute,
        run_id=new_run_id(),
        model_name=unique("model"),
        logged_models="missing",
        environment=JobEnvironment("nothing", "1", IMAGE, PYTHON, {}),
    )
    client = client_of(rehearsed, **CLIENT_ARGUMENTS)
    return Scene(
        rehearsed, control, client, credential, RunFolder(tmp_path), ReportedLines(), facts
    )


def test_all_goes_well(scene: Scene) -> None:
    """Without faults, each job is submitted once, and its model is logged and archived."""
    found = scene.go()
    for mode in MODES:
        assert found[mode.name].verdict == outcomes.LOGGED, found[mode.name].message
        facts = read_registration(mode.name, scene.folder)
        assert int(facts.second.version) == int(facts.first.version) + 1
        assert facts.first.type == "mlflow_model"
        assert facts.first.flavors == ("python_function", "sklearn")
        assert facts.first.job_name == job_name(scene.facts.run_id, mode.name)
        assert facts.refusal is not None
        registered, logged = Path(facts.downloaded), Path(str(found[mode.name].model_directory))
        assert (registered / "data.bin").read_bytes() == (logged / "data.bin").read_bytes()
    assert set(scene.submitted.values()) == {1}
    assert scene.registered == []
    assert not [secret for secret in scene.control.secrets() if secret in scene.texts]


@dataclass
class Foreigner:
    """Another client that registers versions under the same name, in the middle of a run.

    It acts around each registration of the run, as long as ``actions`` are left.
    """

    models: Any
    run: Any
    name: str
    actions: list[tuple[str | None, bool]]

    def create_or_update(self, model: Any) -> Any:
        """Register the run's version, and then one of the foreigner's."""
        created = self.run(model)
        if model.name == self.name and self.actions:
            version, is_archived = self.actions.pop(0)
            self._register(model, version, is_archived=is_archived)
        return created

    def _register(self, model: Any, version: str | None, *, is_archived: bool) -> None:
        from azure.ai.ml.entities import Model

        tags = {"conformance-run": "another"}
        own = Model(name=self.name, version=version, path=model.path, type=model.type, tags=tags)
        created = self.run(own)
        if is_archived:
            self.models.archive(name=self.name, version=created.version)


FOREIGN: dict[str, list[tuple[str | None, bool]]] = {
    "between": [(None, False)],
    "between, archived": [(None, True)],
    "between, with a number far away": [("90", False)],
    "between, with a name": [("theirs", False)],
    "last": [("10", False), (None, False)],
    "last, archived": [("10", True), (None, True)],
    "last, with a name": [("10", False), ("theirs", False)],
}


@pytest.mark.parametrize("name", FOREIGN)
def test_versions_of_others_change_no_promise(
    name: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A foreign version that comes in the middle of a run breaks no promise about versions."""
    # Lists never become what the run expects if somebody else's version is the last one.
    monkeypatch.setattr(list_checks, "LIST_SECONDS", 5.0)
    models = scene.client.models
    foreigner = Foreigner(
        models, models.create_or_update, scene.facts.model_name, list(FOREIGN[name])
    )
    models.create_or_update = foreigner.create_or_update
    found = scene.go((FIRST,))
    assert foreigner.actions == []
    assert found[FIRST.name].verdict == outcomes.LOGGED, found[FIRST.name].message
    facts = read_registration(FIRST.name, scene.folder)
    assert facts.versions == facts.listed_restored == (facts.first.version, facts.second.version)
    promises.test_model_is_registered_as_an_mlflow_model(facts)
    promises.test_version_has_the_tag_of_its_run(facts, scene.facts)
    promises.test_second_registration_is_the_next_version(facts)
    promises.test_old_version_is_intact(facts)
    promises.test_model_is_found_by_name(facts)
    promises.test_latest_is_the_newest_version(facts, scene.facts)
    promises.test_archived_version_is_not_listed(facts)
    promises.test_restored_version_is_listed_again(facts)
    promises.test_path_without_a_model_is_refused(facts)
    assert scene.registered == []


@pytest.mark.parametrize(
    "settings", [{"list_lag": 5.0}, {"credentials": "None"}], ids=["late-lists", "no-credentials"]
)
def test_a_workspace_as_recorded_changes_nothing(scene: Scene, settings: dict[str, Any]) -> None:
    """With late lists, and without credentials of the datastores, the run finds the same."""
    scene.control.set(**settings)
    found = scene.go()
    for mode in MODES:
        assert found[mode.name].verdict == outcomes.LOGGED, found[mode.name].message
        facts = read_registration(mode.name, scene.folder)
        both = {facts.first.version, facts.second.version}
        assert both <= {*facts.versions}
        assert facts.second.version not in facts.listed_archived
        assert both <= {*facts.listed_restored}
        registered = Path(facts.downloaded, "data.bin").read_bytes()
        assert registered == bytes(range(256))
        assert "NoMatchingArtifacts" not in str(facts.refusal)
    scene.control.set(list_lag=0.0)
    assert scene.registered == []


def test_what_a_script_registers_in_its_job_is_found(scene: Scene, tmp_path: Path) -> None:
    """A model that a job registers over MLflow's API is read, resolved, and archived at the end."""
    scene.control.set(list_lag=3.0)
    registered = replace(FIRST.details, registered_as=Registered())
    scene.script = REGISTERING
    found = scene.go((replace(FIRST, details=registered),))
    assert found[FIRST.name].verdict == outcomes.LOGGED, found[FIRST.name].message
    (version,) = read_script_versions(FIRST.name, scene.folder)
    job = job_name(scene.facts.run_id, FIRST.name)
    assert (version.name, version.version) == (job, "1")
    assert (version.found.type, version.found.job_name) == ("mlflow_model", job)
    assert version.address.endswith(f"/runs/{job}/artifacts/outputs/model")
    assert Path(version.downloaded, "data.bin").read_bytes() == bytes(range(256))
    scene.control.set(list_lag=0.0)
    assert list(scene.client.models.list(job)) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("PUT", r"/environments/", id="environment"),
        pytest.param("POST", r"/startPendingUpload$", id="upload-address"),
        pytest.param("PUT", r"/jobs/[^/]+$", id="submit"),
        pytest.param("GET", r"/jobs/[^/]+$", id="poll"),
        pytest.param("GET", r"/history/.*/details$", id="history"),
        pytest.param("GET", r"/mlflow/runs/get", id="run"),
        pytest.param("POST", r"/listSecrets$", id="secrets"),
        pytest.param("GET", MODEL_FILE, id="download"),
        pytest.param("PUT", r"/models/[^/]+/versions/", id="register"),
        pytest.param("GET", r"/models/[^/]+/versions$", id="list"),
    ],
)
def test_trouble_that_passes_changes_nothing(scene: Scene, method: str, path: str) -> None:
    """A lost connection, a 500 and 429s at any step are retried; nothing is created twice."""
    scene.control.set(faults=[{"method": method, "path": path, **how} for how in TROUBLE])
    found = scene.go((FIRST,))
    assert found[FIRST.name].verdict == outcomes.LOGGED, found[FIRST.name].message
    assert not scene.folder.azure.registration_error(FIRST.name).exists()
    facts = read_registration(FIRST.name, scene.folder)
    assert (facts.first.version, facts.second.version) == ("1", "2")
    assert set(scene.submitted.values()) == {1}
    assert scene.registered == []


def test_tokens_that_live_shortly_are_renewed(scene: Scene) -> None:
    """Tokens are renewed before they expire."""
    scene.control.set(token_seconds=2)
    found = scene.go((FIRST,))
    assert found[FIRST.name].verdict == outcomes.LOGGED, found[FIRST.name].message
    assert scene.registered == []
    assert not [one for one in scene.control.requests() if one["status"] == 401]


@pytest.mark.parametrize("path", [r"/jobs/[^/]+$", r"/models/[^/]+/versions/"])
def test_an_answer_that_is_lost_makes_nothing_twice(scene: Scene, path: str) -> None:
    """If a response is lost, nothing is created twice."""
    scene.control.set(faults=[{"method": "PUT", "path": path, "reset": True, "after": True}])
    found = scene.go((FIRST,))
    assert found[FIRST.name].verdict == outcomes.LOGGED, found[FIRST.name].message
    facts = read_registration(FIRST.name, scene.folder)
    assert facts.versions == ("1", "2")
    assert len(scene.control.requests("PUT", "/jobs/")) == 1
    assert scene.registered == []


@pytest.mark.parametrize(
    ("direction", "verdict", "words"),
    [
        pytest.param(
            {"fail": "ValueError: no such column"},
            outcomes.CRASHED,
            "Its last lines:\nValueError: no such column",
            id="fails",
        ),
        pytest.param(
            {"fail_image_build": "no such package"},
            outcomes.UNDECIDED,
            "the job's image could not be built: look at the image build log",
            id="image",
        ),
        pytest.param(
            {"preempt": True}, outcomes.UNDECIDED, "its node was pre-empted", id="preempted"
        ),
        pytest.param(
            {"fail_service": "An internal error occurred."},
            outcomes.UNDECIDED,
            "An internal error occurred.",
            id="service",
        ),
        pytest.param(
            {"complete_without_model": True},
            outcomes.NO_MODEL,
            "logged no model: no MLmodel file is among its Outputs + logs",
            id="without-model",
        ),
    ],
)
def test_how_a_job_ends_is_told_apart(
    scene: Scene, direction: dict[str, Any], verdict: str, words: str
) -> None:
    """A failing job gets its verdict and its link; the other job is not affected."""
    scene.control.set(jobs={FIRST.display_name: direction})
    found = scene.go()
    assert found[FIRST.name].verdict == verdict, found[FIRST.name].message
    assert words in found[FIRST.name].message
    assert "https://ml.azure.com/runs/" in found[FIRST.name].message
    assert found[SECOND.name].verdict == outcomes.LOGGED
    assert not [secret for secret in scene.control.secrets() if secret in scene.texts]


@pytest.mark.parametrize(
    ("direction", "verdict", "words"),
    [
        ({"hang": True}, outcomes.TIMED_OUT, "was still running after 8 s (--job-timeout)"),
        ({"hold": "Queued"}, outcomes.UNDECIDED, "was still Queued after 8 s (--job-timeout)"),
        ({"hold": "Preparing"}, outcomes.UNDECIDED, "was still Preparing after 8 s"),
    ],
    ids=["running", "queued", "preparing"],
)
def test_the_deadline_cancels(
    scene: Scene, direction: dict[str, Any], verdict: str, words: str
) -> None:
    """At the deadline, jobs are canceled; the verdict depends on whether the script ran."""
    scene.control.set(jobs={"*": direction})
    found = scene.go((FIRST,), timeout=8.0)
    assert found[FIRST.name].verdict == verdict, found[FIRST.name].message
    assert words in found[FIRST.name].message
    assert scene.end(FIRST) == "Canceled"


@pytest.mark.parametrize("how", ["corrupt", "truncate"])
def test_a_file_that_is_never_whole_is_an_error_of_the_run(scene: Scene, how: str) -> None:
    """If a file is never downloaded completely, the mode is undecided and the file is named."""
    rule = {"method": "GET", "path": MODEL_FILE, how: True, "times": None}
    scene.control.set(faults=[rule])
    found = scene.go((FIRST,))
    assert found[FIRST.name].verdict == outcomes.UNDECIDED
    assert "/outputs/model/data.bin: " in found[FIRST.name].message
    assert "also when it was downloaded again" in found[FIRST.name].message


@pytest.mark.parametrize("how", ["corrupt", "truncate", "drop"])
def test_a_file_that_is_not_whole_once_is_downloaded_again(scene: Scene, how: str) -> None:
    """A file that is incomplete once is downloaded again."""
    scene.control.set(faults=[{"method": "GET", "path": MODEL_FILE, how: True}])
    found = scene.go((FIRST,))
    assert found[FIRST.name].verdict == outcomes.LOGGED, found[FIRST.name].message
    folder = Path(str(found[FIRST.name].model_directory))
    assert (folder / "data.bin").read_bytes() == bytes(range(256))


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("PUT", r"/jobs/[^/]+$", 403, "it needs a role such as AzureML Data Scientist"),
        ("GET", r"/jobs/[^/]+$", 401, "sign in again, for example with `az login`"),
        ("GET", r"/history/.*/details$", 403, "it needs a role such as AzureML Data Scientist"),
    ],
    ids=["submit", "poll", "history"],
)
def test_refusals_are_said_with_the_way_out(
    scene: Scene, method: str, path: str, status: int, words: str
) -> None:
    """A refused request makes the mode undecided, with one line and the way out."""
    rule = {"method": method, "path": path, "status": status, "times": None}
    scene.control.set(faults=[rule], jobs={"*": WITHOUT_RUNNING})
    found = scene.go((FIRST,))
    assert found[FIRST.name].verdict == outcomes.UNDECIDED
    assert words in found[FIRST.name].message
    assert "\n" not in found[FIRST.name].message


def test_a_registry_that_refuses_is_an_error_of_the_run(scene: Scene) -> None:
    """If the registry refuses a model, the mode is logged and the error is in a file."""
    rule = {"method": "PUT", "path": r"/models/", "status": 409, "times": None}
    scene.control.set(faults=[rule])
    found = scene.go((FIRST,))
    assert found[FIRST.name].verdict == outcomes.LOGGED
    trouble = scene.folder.azure.registration_error(FIRST.name).read_text("utf-8")
    assert "HTTP 409" in trouble
    assert len(trouble.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_job(scene: Scene, number: int) -> None:
    """An interrupt cancels all jobs, lists the created resources and is raised again."""
    scene.control.set(jobs={"*": {"hang": True}})
    timer = threading.Timer(6.0, lambda: os.kill(os.getpid(), number))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            scene.go()
    finally:
        timer.cancel()
    for mode in MODES:
        assert scene.end(mode) == "Canceled"
        assert f"  job {job_name(scene.facts.run_id, mode.name)}" in scene.reported.text
    assert not [secret for secret in scene.control.secrets() if secret in scene.texts]


def test_fifty_jobs_cost_one_poll_each_in_the_seconds_asked_for(scene: Scene) -> None:
    """Each of many jobs is polled once per ``--poll-interval``."""
    modes = tuple(replace(FIRST, name=f"mode-{number:02}") for number in range(50))
    scene.control.set(jobs={"*": {"hold": "Queued"}})
    found = scene.go(modes, timeout=15.0, poll_seconds=5.0)
    assert {outcome.verdict for outcome in found.values()} == {outcomes.UNDECIDED}
    polls = Counter(
        request["path"].rpartition("/")[2] for request in scene.control.requests("GET", "/jobs/")
    )
    assert len(polls) == 50
    # One poll at the beginning, one every 5 s, and one at the deadline.
    assert max(polls.values()) <= 1 + 15 // 5 + 1, json.dumps(polls)
    assert set(scene.submitted.values()) == {1}
