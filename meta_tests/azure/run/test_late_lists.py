"""Tests of lists of models that lag behind: when they are waited for, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.azure.run.fake_workspace import (
    RUN_ID,
    FakeClient,
    FakeModels,
    ManualClock,
    ReportedLines,
    connection_reset,
    http_error,
    retries,
)
from mlflow_conformance.azure.client.request_errors import RequestFailed
from mlflow_conformance.azure.client.retries import SETTLING_PAUSE
from mlflow_conformance.azure.jobs.created_resources import CreatedResources
from mlflow_conformance.azure.jobs.list_checks import LATE, check_lists
from mlflow_conformance.azure.jobs.model_lists import LIST_SECONDS
from mlflow_conformance.azure.jobs.registration import Registry
from mlflow_conformance.azure.records import Registration

NAME = "mlflow-diabetes"
FOREVER = 1e9


class LateModels(FakeModels):
    """A fake registry whose lists and label are ``lag`` seconds behind; single versions are not."""

    def __init__(self, client: FakeClient, clock: ManualClock, lag: float) -> None:
        super().__init__(client.faults)
        self.clock = clock
        self.lag = lag
        self.history: list[tuple[float, FakeModels]] = []

    def create_or_update(self, model: Any) -> Any:
        """Register the next version."""
        try:
            return super().create_or_update(model)
        finally:
            self._note()

    def archive(self, name: str, version: str) -> None:
        """Archive a version."""
        super().archive(name, version)
        self._note()

    def restore(self, name: str, version: str) -> None:
        """Restore a version."""
        super().restore(name, version)
        self._note()

    def get(self, name: str, version: str | None = None, label: str | None = None) -> Any:
        """Return a version at once, or that of the label as it was ``lag`` seconds ago."""
        return super().get(name, version) if version else self._before().get(name)

    def list(self, name: str, list_view_type: str = "ActiveOnly") -> Iterator[Any]:
        """Yield the versions as they were ``lag`` seconds ago."""
        return self._before().list(name, list_view_type)

    def _note(self) -> None:
        now = FakeModels(self.faults, dict(self.versions), set(self.archived))
        self.history.append((self.clock.now(), now))

    def _before(self) -> FakeModels:
        until = self.clock.now() - self.lag
        old = [found for at, found in self.history if at <= until]
        return old[-1] if old else FakeModels(self.faults)


class Scene:
    """A registry with late lists in which several modes are registered."""

    def __init__(self, lag: float) -> None:
        self.clock = ManualClock()
        self.client = FakeClient(self.clock)
        self.models = LateModels(self.client, self.clock, lag)
        self.client.models = self.models
        self.created = CreatedResources(RUN_ID)
        self.reported = ReportedLines()
        stores: Any = SimpleNamespace(download=lambda place, folder: None)
        self.registry = Registry(
            self.client, stores, retries(self.clock), self.created, RUN_ID, NAME
        )

    def register(self, modes: int = 1) -> list[Registration]:
        """Register the models of several modes and check all lists."""
        twice = [
            self.registry.register(f"mode-{number}", f"job-{number}", "model", Path("downloads"))
            for number in range(modes)
        ]
        found = check_lists(self.registry, twice, self.reported)
        assert all(isinstance(each, Registration) for each in found.values()), found
        return [each for each in found.values() if isinstance(each, Registration)]

    @property
    def waited(self) -> float:
        """Return the seconds that the run has waited."""
        return sum(self.clock.waits)

    def archive(self) -> list[str]:
        """Archive what the run has registered."""
        return self.created.archive(self.client, retries(self.clock))


def is_right(facts: Registration) -> bool:
    """Return whether every list shows what has happened."""
    first, second = facts.first.version, facts.second.version
    return (
        {first, second} <= {*facts.versions}
        and first in facts.listed_archived
        and second not in facts.listed_archived
        and {first, second} <= {*facts.listed_restored}
        and int(facts.latest) >= int(second)
    )


def test_a_list_that_is_right_at_once_costs_no_time() -> None:
    """Without a lag nothing is waited for, and nothing is reported."""
    scene = Scene(0.0)
    assert all(map(is_right, scene.register(9)))
    assert scene.clock.waits == []
    assert scene.reported.lines == []


@pytest.mark.parametrize("modes", [1, 9])
def test_late_lists_are_waited_for_once_for_all_modes(modes: int) -> None:
    """A lag of 31 s costs two lags, not two for each mode, and one line says so."""
    scene = Scene(31.0)
    assert all(map(is_right, scene.register(modes)))
    assert 2 * 31.0 <= scene.waited <= 2 * (31.0 + SETTLING_PAUSE)
    assert scene.reported.lines == [f"  {LATE}"]


def test_a_list_that_never_comes_is_wrong_after_90_s() -> None:
    """After 90 s the last list is what is checked, and the lists are not those promised."""
    scene = Scene(FOREVER)
    (facts,) = scene.register()
    assert (facts.versions, facts.listed_archived, facts.listed_restored) == ((), (), ())
    assert facts.latest == ""
    assert scene.waited <= 2 * (LIST_SECONDS + SETTLING_PAUSE)


def test_a_list_that_forgets_nothing_is_wrong_after_90_s() -> None:
    """If archiving changes no list, the archived version is listed after 90 s, too."""
    scene = Scene(0.0)
    scene.models.archive = lambda name, version: None  # type: ignore[method-assign]
    (facts,) = scene.register()
    assert facts.listed_archived == ("1", "2")
    assert scene.waited >= LIST_SECONDS


def test_a_version_that_is_not_listed_yet_is_not_taken_for_an_archived_one() -> None:
    """A list without the second version proves its archiving only if another list has it."""
    scene = Scene(20.0)
    create = scene.models.create_or_update

    def slowly(model: Any) -> Any:
        scene.clock.time += 15.0  # the list has the first version long before the second
        return create(model)

    scene.models.create_or_update = slowly  # type: ignore[method-assign]
    (facts,) = scene.register()
    assert facts.versions == ("1", "2")
    assert facts.listed_archived == ("1",)


def test_a_lost_answer_does_not_register_twice_while_lists_are_late() -> None:
    """A version whose response is lost is found by its number, though no list shows it."""
    scene = Scene(FOREVER)
    scene.client.faults.after["register"] = [connection_reset()]
    (facts,) = scene.register()
    assert (facts.first.version, facts.second.version) == ("1", "2")
    assert [key for key in scene.models.versions if key[0] == NAME] == [(NAME, "1"), (NAME, "2")]


def test_what_no_list_shows_is_archived() -> None:
    """What the run has registered is archived even if no list shows it."""
    scene = Scene(FOREVER)
    scene.register(3)
    assert scene.archive() == []
    assert scene.models.active == []


def test_a_version_without_an_answer_is_archived_while_lists_are_late() -> None:
    """A version that was made although the request failed is looked up and archived."""
    scene = Scene(FOREVER)
    scene.client.faults.after["register"] = [http_error(400, "UserError", "and made it")]
    with pytest.raises(RequestFailed):
        scene.register()
    assert scene.models.active == ["mlflow-diabetes:1 (mode-0-1)"]
    assert scene.archive() == []
    assert scene.models.active == []


def test_what_may_be_left_is_said() -> None:
    """A registration without an answer, of which no version is found, is named with its tag."""
    scene = Scene(0.0)
    scene.client.faults.before["register"] = [connection_reset()] * 1000
    with pytest.raises(RequestFailed):
        scene.register()
    (line,) = scene.archive()
    assert line == (
        "the registration mode-0-1 of the model mlflow-diabetes had no answer, and no version has"
        f" its tag yet: look for versions with the tag conformance-run={RUN_ID}"
    )


def test_a_refused_registration_leaves_nothing_to_say() -> None:
    """A path that is refused, as it should be, is not reported as a version that may be left."""
    scene = Scene(0.0)
    (facts,) = scene.register()
    assert facts.refusal is not None
    assert scene.archive() == []
