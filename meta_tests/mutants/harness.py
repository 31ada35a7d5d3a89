"""Mutants: copies of good models with one thing broken.

A mutant names the conformance test that must notice. This test passes on the good copy and fails on
the broken one, with a message that says what is wrong.
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

from meta_tests.mutants.fake_registry import FakeRegistry, good_registry
from meta_tests.mutants.fake_scoring_server import (
    FakeScoringServer,
    good_azure_server,
    good_server,
)
from meta_tests.mutants.fake_workspace import (
    good_job,
    good_registration,
    good_script_version,
    good_workspace,
)
from mlflow_conformance.azure.records import JobFacts, Registration, ScriptVersion, WorkspaceFacts
from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.catalogue.signature import Schema, Signature
from mlflow_conformance.existing.examine import examine
from mlflow_conformance.existing.findings import Finding
from mlflow_conformance.model.environment_files import REBUILT_FROM
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.deployment_environments import DeploymentEnvironments
from mlflow_conformance.promises.memo import Memo, as_broken_promise
from mlflow_conformance.promises.rebuilt_environment import RebuiltEnvironments
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.promises.refit import Refitted
from mlflow_conformance.promises.signature import passed_signature
from mlflow_conformance.runner.outcome import Outcome
from mlflow_conformance.servers.deployed.inference_server import InferenceServer
from mlflow_conformance.servers.scoring_server import ScoringServer, ServerEnded
from mlflow_conformance.stores.records import Store
from mlflow_conformance.targets.target import Subject
from mlflow_conformance.witness.report import ObservedModel

# The inference parameters of a model that has some, with other values than the defaults.
PARAMETERS = {"threshold": 1.1}


@dataclass
class Bench:
    """The arguments of a check: a copy of a mode's good model, and everything else by name.

    A cached property can be replaced by assigning to it.
    """

    model: ModelUnderTest
    twin: ModelUnderTest | None
    reference: Reference
    refitted: Refitted
    experiment: str
    case: Any
    folder: Path
    closing: ExitStack

    @property
    def experiments(self) -> tuple[str, ...]:
        """Return the only experiment that the mode may log to."""
        return (self.experiment,)

    @cached_property
    def outcome(self) -> Outcome:
        """Return the outcome of the mode's training."""
        return self.model.outcome

    @cached_property
    def pyfunc(self) -> Any:
        """Return the copy, loaded with ``mlflow.pyfunc``."""
        import mlflow.pyfunc

        with as_broken_promise("mlflow.pyfunc cannot load the copy"):
            return mlflow.pyfunc.load_model(str(self.model.directory))

    @cached_property
    def native(self) -> Any:
        """Return the copy, loaded with ``mlflow.sklearn``."""
        import mlflow.sklearn

        with as_broken_promise("mlflow.sklearn cannot load the copy"):
            return mlflow.sklearn.load_model(str(self.model.directory))

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Return what is found in the copy without running anything of it."""
        return examine(self.model.directory).findings

    @cached_property
    def observed(self) -> ObservedModel:
        """Return what the witness saw of the good model."""
        assert self.model.observed is not None
        return self.model.observed

    @property
    def observed_or_told(self) -> ObservedModel:
        """Return the same."""
        return self.observed

    @cached_property
    def trained_rows(self) -> ObservedModel:
        """Return the same; its fitted rows are what the checks score."""
        return self.observed

    @property
    def changed_parameters(self) -> ObservedModel:
        """Return the same, as if the object had a parameter that changes nothing."""
        predictions = self.reference.predictions
        return replace(self.observed, other_params=dict(PARAMETERS), with_other_params=predictions)

    @property
    def memo(self) -> Memo:
        """Return an empty memo: what is broken must be seen again."""
        return Memo()

    @property
    def store(self) -> Store:
        """Return the reader of the copied store."""
        return self.model.store

    @property
    def at_first_target(self) -> ModelUnderTest:
        """Return the twin, as if it had been logged to another store."""
        assert self.twin is not None
        return self.twin

    @property
    def number_parameter(self) -> str:
        """Return the parameter."""
        return next(iter(PARAMETERS))

    @property
    def passed_signature(self) -> Signature:
        """Return the signature that the script passed."""
        found = passed_signature(self.observed)
        assert found is not None
        return found

    @property
    def inputs(self) -> Schema:
        """Return the inputs of the recorded signature."""
        signature = self.model.mlmodel.signature
        assert signature is not None
        assert signature.inputs is not None
        return signature.inputs

    @property
    def outputs(self) -> Schema:
        """Return the outputs of the recorded signature."""
        signature = self.model.mlmodel.signature
        assert signature is not None
        assert signature.outputs is not None
        return signature.outputs

    @cached_property
    def fake_server(self) -> FakeScoringServer:
        """Return a loopback server with the correct answers of a scoring server."""
        return self.closing.enter_context(good_server(self.model.mode, self.reference))

    @property
    def server(self) -> ScoringServer:
        """Return the client of the fake server."""
        return self.fake_server.client

    @cached_property
    def fake_inference_server(self) -> FakeScoringServer:
        """Return a loopback server with the correct answers of Azure's inference server."""
        log = self.folder / "azure-server.txt"
        good = good_azure_server(self.model.mode, self.reference, log, PARAMETERS)
        return self.closing.enter_context(good)

    @property
    def inference_server(self) -> ScoringServer:
        """Return the client of the fake server."""
        return self.fake_inference_server.client

    @cached_property
    def deployment_environments(self) -> DeploymentEnvironments:
        """Return environments in which every model is served; none is built."""
        return FakeDeployments(self.folder, server=self.inference_server)

    @cached_property
    def registered(self) -> FakeRegistry:
        """Return a registry with correct answers."""
        return good_registry(self.model, self.reference, self.folder)

    @cached_property
    def rebuilt_environments(self) -> RebuiltEnvironments:
        """Return environments in which the model scores correctly; none is built."""
        return FakeEnvironments(
            root=self.folder,
            rebuild_from=REBUILT_FROM[0],
            answer={"predictions": self.reference.predictions},
        )

    @property
    def uuids(self) -> dict[str, str]:
        """Return the uuid of the twin, by its id."""
        others = () if self.twin is None else (self.twin,)
        return {other.outcome.id: str(other.mlmodel.model_uuid) for other in others}

    @property
    def subject(self) -> Subject:
        """Return the subject of the checks."""
        return Subject(self.model.mode, self.model.outcome.target)

    @cached_property
    def workspace(self) -> WorkspaceFacts:
        """Return the workspace of the fake job."""
        return good_workspace()

    @cached_property
    def job(self) -> JobFacts:
        """Return a job that logged the model correctly."""
        return good_job(self.model, self.experiment)

    @cached_property
    def registration(self) -> Registration:
        """Return the result of registering the model in a workspace."""
        return good_registration(self.model, self.folder)

    @cached_property
    def script_versions(self) -> tuple[ScriptVersion, ...]:
        """Return the version that the script registered in a workspace."""
        return (good_script_version(self.model, self.folder),)

    @property
    def record_property(self) -> Callable[[str, object], None]:
        """Return a ``record_property`` that does nothing."""
        return lambda name, value: None


@dataclass(frozen=True)
class FakeEnvironments(RebuiltEnvironments):
    """Environments that are not built: every model scores the same."""

    answer: dict[str, Any]

    def score(self, model: ModelUnderTest) -> dict[str, Any]:
        """Return the prepared answer."""
        return self.answer


@dataclass(frozen=True)
class FakeDeployments(DeploymentEnvironments):
    """Environments that are not built: every model is served by the same server, or by none."""

    server: ScoringServer | None = None
    error: str = ""

    def ready_server(self, model: ModelUnderTest, *beside: str) -> InferenceServer:
        """Return the server."""
        if self.error:
            raise ServerEnded(self.error)
        assert isinstance(self.server, InferenceServer)
        return self.server


@dataclass(frozen=True)
class Mutant:
    """One broken thing in a mode's good model, and the check that must notice it.

    ``message`` is a regular expression that the check's message must match. ``case`` names one of
    the owner's cases, if it has some, and ``twin`` the mode it is compared with. ``weakness`` says
    why the owner does not notice yet. ``prepare`` makes the good model one that the owner is about.
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
    prepare: Callable[[Bench], None] | None = None

    def find_case(self, mode: Mode) -> Any:
        """Return the owner's case for the mode, or None."""
        if self.case is None:
            return None
        marks: list[pytest.Mark] = getattr(self.owner, "pytestmark", [])
        cases = next(mark.kwargs["of"] for mark in marks if mark.name == "each_case")
        return next(case for case in cases(mode) if case.name == self.case)


@dataclass(frozen=True)
class TopicMutant:
    """One broken thing, and the promise about no mode that must notice it.

    ``break_`` gets the owner's ``arguments`` and may replace some, or what MLflow does. ``message``
    is a regular expression that the check's message must match.
    """

    name: str
    owner: Callable[..., None]
    break_: Callable[[dict[str, Any], pytest.MonkeyPatch], None]
    message: str
    arguments: Callable[[], dict[str, Any]] = dict

    def require_caught(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Fail unless the owner passes with its arguments and fails with the broken ones."""
        self.owner(**self.arguments())
        broken = self.arguments()
        self.break_(broken, monkeypatch)
        with pytest.raises(AssertionError, match=self.message):
            self.owner(**broken)


def each(mutants: Sequence[Mutant]) -> pytest.MarkDecorator:
    """Parametrize a test with the mutants; their modes are trained before."""
    parameters = []
    for mutant in mutants:
        modes = [mode for mode in (mutant.mode, mutant.twin) if mode is not None]
        marks = [pytest.mark.needs_modes(*modes)]
        if mutant.weakness is not None:
            not_caught = (pytest.fail.Exception, OSError)  # the check did not raise, or crashed
            marks.append(pytest.mark.xfail(reason=mutant.weakness, raises=not_caught, strict=True))
        parameters.append(pytest.param(mutant, id=mutant.name, marks=marks))
    return pytest.mark.parametrize("mutant", parameters)


def require_caught(mutant: Mutant, bench: Bench) -> None:
    """Fail unless the owner passes on the good copy and fails on the broken one."""
    if mutant.prepare is not None:
        mutant.prepare(bench)
    call(mutant.owner, bench)
    broken = replace(bench)
    mutant.break_(broken)
    broken.model = replace(broken.model)  # drops what was cached before the edit
    with pytest.raises(mutant.error, match=mutant.message):
        call(mutant.owner, broken)


def call(owner: Callable[..., None], bench: Bench) -> None:
    """Call a conformance test with its arguments, as pytest would."""
    owner(**{name: getattr(bench, name) for name in inspect.signature(owner).parameters})
