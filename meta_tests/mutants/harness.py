"""Mutants: good models with one thing broken, and the check that has to notice.

A mutant names the conformance test that owns the broken thing. That test passes on the good copy
and fails on the broken one, with a message that says what is wrong.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from fixtures.azure.records import JobFacts, Registration, WorkspaceFacts
from fixtures.catalogue.modes import Mode
from fixtures.model.environment_files import REBUILT_FROM
from fixtures.model.model_under_test import ModelUnderTest
from fixtures.promises.rebuilt_environment import RebuiltEnvironments
from fixtures.promises.reference import Reference
from fixtures.runner.outcome import Outcome
from fixtures.servers.scoring_server import ScoringServer
from fixtures.targets.target import Subject
from meta_tests.mutants.fake_registry import InventedRegistry, good_registry
from meta_tests.mutants.fake_scoring_server import CannedServer, good_server
from meta_tests.mutants.fake_workspace import good_job, good_registration, good_workspace


@dataclass
class Bench:
    """A copy of a mode's good model, and what else a check may ask for by name.

    What is made only when asked for can be replaced by assigning to it.
    """

    model: ModelUnderTest
    twin: ModelUnderTest | None
    reference: Reference
    experiment: str
    case: Any
    folder: Path
    closing: ExitStack

    @cached_property
    def outcome(self) -> Outcome:
        """Return how the mode's training ended."""
        return self.model.outcome

    @cached_property
    def pyfunc(self) -> Any:
        """Return the copy as MLflow loads it for anybody."""
        import mlflow.pyfunc

        return mlflow.pyfunc.load_model(str(self.model.directory))

    @cached_property
    def native(self) -> Any:
        """Return the copy as ``mlflow.sklearn`` loads it."""
        import mlflow.sklearn

        return mlflow.sklearn.load_model(str(self.model.directory))

    @cached_property
    def canned(self) -> CannedServer:
        """Return a loopback server that answers as a model's server should."""
        return self.closing.enter_context(good_server(self.model.mode, self.reference))

    @property
    def server(self) -> ScoringServer:
        """Return the address of the server, as checks know it."""
        return self.canned.client

    @cached_property
    def registered(self) -> InventedRegistry:
        """Return a registry that answers as one should."""
        return good_registry(self.model, self.reference, self.folder)

    @cached_property
    def rebuilt_environments(self) -> RebuiltEnvironments:
        """Return environments in which the model scores as it should, without building any."""
        predictions = self.reference.predictions()
        return CannedEnvironments(
            root=self.folder,
            rebuild_from=REBUILT_FROM[0],
            answer={"dtype": str(predictions.dtype), "predictions": predictions.tolist()},
        )

    @property
    def uuids(self) -> dict[str, str]:
        """Return the uuid of the other model that there is."""
        others = () if self.twin is None else (self.twin,)
        return {other.outcome.id: str(other.mlmodel.model_uuid) for other in others}

    @property
    def subject(self) -> Subject:
        """Return what the checks are about."""
        return Subject(self.model.mode, self.model.outcome.target)

    @cached_property
    def workspace(self) -> WorkspaceFacts:
        """Return the workspace that an invented job ran in."""
        return good_workspace()

    @cached_property
    def job(self) -> JobFacts:
        """Return a job that logged the model as it should."""
        return good_job(self.model, self.experiment)

    @cached_property
    def registration(self) -> Registration:
        """Return what comes of registering the model in a workspace."""
        return good_registration(self.model, self.folder)

    @property
    def record_property(self) -> Callable[[str, object], None]:
        """Return what pytest gives a test for its report: nobody reads it here."""
        return lambda name, value: None


@dataclass(frozen=True)
class CannedEnvironments(RebuiltEnvironments):
    """Environments that were never built: every model scores the same."""

    answer: dict[str, Any]

    def score(self, model: ModelUnderTest) -> dict[str, Any]:
        """Return the answer, whatever the model."""
        return self.answer


@dataclass(frozen=True)
class Mutant:
    """One thing broken in a mode's good model: by whom it must be noticed, and in which words.

    ``message`` is a regular expression, ``case`` the name of one of the owner's cases where it has
    some, ``twin`` the mode it is compared with, ``weakness`` why the owner does not notice yet.
    """

    name: str
    mode: str
    owner: Callable[..., None]
    break_: Callable[[Bench], None]
    message: str
    case: str | None = None
    twin: str | None = None
    error: type[Exception] = AssertionError
    weakness: str | None = None

    def find_case(self, mode: Mode) -> Any:
        """Return the owner's case of that name for the mode."""
        if self.case is None:
            return None
        marks: list[pytest.Mark] = getattr(self.owner, "pytestmark", [])
        cases = next(mark.kwargs["of"] for mark in marks if mark.name == "each_case")
        return next(case for case in cases(mode) if case.name == self.case)


def each(mutants: Sequence[Mutant]) -> pytest.MarkDecorator:
    """Parametrise a test with the mutants; the modes they start from are trained before."""
    parameters = []
    for mutant in mutants:
        modes = [mode for mode in (mutant.mode, mutant.twin) if mode is not None]
        marks = [pytest.mark.needs_modes(*modes)]
        if mutant.weakness is not None:
            unnoticed = (pytest.fail.Exception, OSError)  # did not raise, or broke down
            marks.append(pytest.mark.xfail(reason=mutant.weakness, raises=unnoticed, strict=True))
        parameters.append(pytest.param(mutant, id=mutant.name, marks=marks))
    return pytest.mark.parametrize("mutant", parameters)


def require_caught(mutant: Mutant, bench: Bench) -> None:
    """Fail unless the owner passes on the good copy and notices what the mutant breaks."""
    call(mutant.owner, bench)
    broken = replace(bench)
    mutant.break_(broken)
    broken.model = replace(broken.model)  # forgets what was read before it was broken
    with pytest.raises(mutant.error, match=mutant.message):
        call(mutant.owner, broken)


def call(owner: Callable[..., None], bench: Bench) -> None:
    """Call a conformance test as pytest would, with what the bench has."""
    owner(**{name: getattr(bench, name) for name in inspect.signature(owner).parameters})
