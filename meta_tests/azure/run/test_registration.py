"""Tests of ``registration`` and ``CreatedResources``, also with concurrent clients."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.azure.run.fake_workspace import (
    RUN_ID,
    FakeClient,
    ManualClock,
    ReportedLines,
    connection_reset,
    http_error,
    retries,
)
from mlflow_conformance.azure.client.request_errors import RequestFailed
from mlflow_conformance.azure.jobs.created_resources import CreatedResources
from mlflow_conformance.azure.jobs.list_checks import check_lists
from mlflow_conformance.azure.jobs.registration import TRIES, Registry
from mlflow_conformance.azure.records import Registration
from mlflow_conformance.azure.results.downloads import Place

NAME = "mlflow-diabetes"


class Scene:
    """A fake registry, in which other clients may register models."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.client = FakeClient(self.clock)
        self.created_resources = CreatedResources(RUN_ID)
        self.downloaded: list[Place] = []
        self.reported = ReportedLines()

    def others_register(self, tags: dict[str, str] | None = None) -> Any:
        """Register a version of another client."""
        path = "azureml://jobs/theirs/outputs/artifacts/paths/model/"
        model = SimpleNamespace(name=NAME, path=path, type="mlflow_model", tags=tags or {})
        return self.client.models.create_or_update(model)

    def register(self, child: str | None = None) -> Registration:
        """Register a mode's model, of its job or of a run below it."""
        stores: Any = SimpleNamespace(download=lambda place, _: self.downloaded.append(place))
        held = retries(self.clock)
        registry = Registry(self.client, stores, held, self.created_resources, RUN_ID, NAME)
        twice = registry.register("infer-frame", "job-1", "model", Path("downloads"), child=child)
        found = check_lists(registry, [twice], self.reported)["infer-frame"]
        assert isinstance(found, Registration)
        return found

    def archive(self) -> list[str]:
        """Archive the versions of the run."""
        return self.created_resources.archive(self.client, retries(self.clock))


def test_everything_is_tried_once() -> None:
    """A registration contains both versions, lists, label, archive, restore and a refusal."""
    scene = Scene()
    facts = scene.register()
    assert facts.source == "azureml://jobs/job-1/outputs/artifacts/paths/model/"
    assert (facts.first.version, facts.second.version) == ("1", "2")
    assert facts.first == facts.first_later
    assert facts.first.type == "mlflow_model"
    assert facts.first.job_name == "job-1"
    assert facts.first.flavors == ("python_function", "sklearn")
    assert not facts.first.is_archived
    assert facts.versions == facts.listed_restored == ("1", "2")
    assert (facts.latest, facts.latest_run) == ("2", RUN_ID)
    assert facts.listed_archived == ("1",)
    assert scene.downloaded == [Place("workspaceartifactstore", "ExperimentRun/dcid.job-1/model")]
    assert facts.refused_path == "azureml://jobs/job-1/outputs/artifacts/paths/user_logs/"
    assert facts.refusal == "HTTP 400 UserError (no MLmodel file below the path)"


def test_a_model_of_a_run_below_the_job_is_registered_from_the_datastore() -> None:
    """A run below that of the job is no job: its model is registered from the datastore."""
    scene = Scene()
    facts = scene.register(child="c-1")
    assert facts.source == (
        "azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.c-1/model/"
    )
    assert scene.downloaded == [Place("workspaceartifactstore", "ExperimentRun/dcid.c-1/model")]
    assert facts.refused_path == "azureml://jobs/job-1/outputs/artifacts/paths/user_logs/"


def test_a_path_that_is_accepted_is_recorded_and_archived() -> None:
    """A registered path without a model is recorded without a refusal, and is archived."""
    scene = Scene()
    scene.client.models.refuses = "nothing"
    assert scene.register().refusal is None
    assert "mlflow-diabetes-refused:1 (infer-frame-refused)" in scene.client.models.active
    assert scene.archive() == []
    assert scene.client.models.active == []


def test_an_answer_that_is_lost_does_not_register_twice() -> None:
    """If the response to a registration is lost, the version is found by its tags."""
    scene = Scene()
    scene.client.faults.after["register"] = [connection_reset()]
    facts = scene.register()
    assert (facts.first.version, facts.second.version) == ("1", "2")
    assert len(scene.client.models.versions) == 2


def test_a_number_that_others_took_is_no_trouble() -> None:
    """After a 409, the model is registered as the next version."""
    scene = Scene()
    scene.others_register()
    scene.client.faults.before["register"] = [http_error(409, "Conflict", "version 2 exists")]
    facts = scene.register()
    assert (facts.first.version, facts.second.version) == ("2", "3")
    assert facts.versions == ("2", "3")


def test_conflicts_without_an_end_are_given_up() -> None:
    """After several 409s, ``register`` raises ``RequestFailed``."""
    scene = Scene()
    scene.client.faults.before["register"] = [http_error(409, "Conflict", "exists")] * 100
    with pytest.raises(RequestFailed, match=r"infer-frame: model mlflow-diabetes: registering"):
        scene.register()
    assert len(scene.client.faults.before["register"]) == 100 - TRIES


@pytest.mark.parametrize("status", [401, 403])
def test_missing_rights_are_no_refusal_of_the_path(status: int) -> None:
    """A 401 or 403 raises ``RequestFailed`` and is not recorded as a refusal."""
    scene = Scene()
    scene.client.models.refuses = "nothing"
    made: list[Exception] = []
    scene.client.faults.before["register"] = made
    registered = scene.client.models.create_or_update

    def third_is_forbidden(model: Any) -> Any:
        if model.name != NAME:
            raise http_error(status, "Forbidden")
        return registered(model)

    scene.client.models.create_or_update = third_is_forbidden  # type: ignore[method-assign]
    with pytest.raises(RequestFailed, match=f"HTTP {status}"):
        scene.register()


def test_only_what_is_the_run_s_is_archived() -> None:
    """Versions of other clients and other runs are not archived."""
    scene = Scene()
    scene.others_register()
    scene.others_register(tags={"conformance-run": "another"})
    scene.register()
    assert scene.archive() == []
    assert scene.client.models.active == ["mlflow-diabetes:1 (None)", "mlflow-diabetes:2 (None)"]


def test_a_version_nobody_heard_of_is_archived_too() -> None:
    """A version whose response is lost is found by the run's tag and archived."""
    scene = Scene()
    scene.client.faults.after["register"] = [http_error(400, "UserError", "and made it")]
    with pytest.raises(RequestFailed):
        scene.register()
    assert scene.client.models.active == ["mlflow-diabetes:1 (infer-frame-1)"]
    assert scene.archive() == []
    assert scene.client.models.active == []


def test_what_cannot_be_archived_is_said() -> None:
    """A version that cannot be archived is reported in a line; the others are archived."""
    scene = Scene()
    scene.register()
    scene.client.faults.before["archive"] = [http_error(403, "Forbidden")]
    (error_message,) = scene.archive()
    assert error_message.startswith("archiving version 2 of the model mlflow-diabetes: HTTP 403")
    assert scene.client.models.active == ["mlflow-diabetes:2 (infer-frame-2)"]


def test_what_creating_answers_is_not_compared_with_what_is_got() -> None:
    """The recorded version is read again, since the response to a registration may differ."""
    scene = Scene()
    made = scene.client.models.create_or_update

    def answer(model: Any) -> Any:
        return SimpleNamespace(**{**vars(made(model)), "path": model.path, "flavors": None})

    scene.client.models.create_or_update = answer  # type: ignore[method-assign]
    facts = scene.register()
    assert facts.first == facts.first_later
    assert facts.first.flavors == ("python_function", "sklearn")


def test_a_number_that_another_run_took_and_archived_is_known() -> None:
    """A version that another run registered and archived in between is recorded."""
    scene = Scene()
    made = scene.client.models.create_or_update

    def answer(model: Any) -> Any:
        if scene.client.models.versions and len(scene.client.models.versions) == 1:
            made(SimpleNamespace(name=NAME, path="theirs", type="mlflow_model", tags={}))
            scene.client.models.archive(NAME, "2")
        return made(model)

    scene.client.models.create_or_update = answer  # type: ignore[method-assign]
    facts = scene.register()
    assert (facts.first.version, facts.second.version) == ("1", "3")
    assert facts.between == ("2",)
    assert facts.versions == ("1", "3")


def test_versions_of_others_are_not_taken_for_the_run_s() -> None:
    """What other clients and other runs register is in no list; the label tells whose it is."""
    scene = Scene()
    scene.others_register()
    scene.others_register(tags={"conformance-run": "another"})
    archive = scene.client.models.archive
    get = scene.client.models.get

    def others_between(name: str, version: str) -> None:
        archive(name, version)
        scene.others_register(tags={"conformance-run": "another"})

    def others_first(name: str, version: str | None = None, label: str | None = None) -> Any:
        if label is not None:
            scene.others_register(tags={"conformance-run": "another"})
        return get(name, version, label)

    scene.client.models.archive = others_between  # type: ignore[method-assign]
    scene.client.models.get = others_first  # type: ignore[method-assign]
    facts = scene.register()
    assert (facts.first.version, facts.second.version) == ("3", "4")
    assert facts.versions == facts.listed_restored == ("3", "4")
    assert facts.listed_archived == ("3",)
    assert (int(facts.latest) > 4, facts.latest_run) == (True, "another")
    assert facts.between == ()
