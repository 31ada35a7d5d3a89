"""Fakes for the run tests: a manual clock, a report and an ``MLClient``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceResponseError,
)

from mlflow_conformance.azure.client.retries import Clock, Retries, Stopped
from mlflow_conformance.azure.records import STEP_TAG, JobEnvironment, WorkspaceFacts

RUN_ID = "20260301-120000-abc123"
STUDIO = "https://ml.azure.com/runs/{}?wsid=/subscriptions/s/resourceGroups/g/workspaces/w"
KINDS = {401: ClientAuthenticationError, 404: ResourceNotFoundError, 409: ResourceExistsError}
FACTS = WorkspaceFacts(
    subscription="s",
    resource_group="g",
    workspace="w",
    compute="aml-cluster",
    run_id=RUN_ID,
    model_name="mlflow-diabetes",
    logged_models="missing",
    environment=JobEnvironment("conformance", "1a2b", "image:1", "3.11", {"mlflow": "2.22.5"}),
)


class ManualClock(Clock):
    """A clock that advances only in ``wait``, at once; ``waits`` has the seconds of each wait."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 1_000_000.0
        self.waits: list[float] = []
        self.until: Callable[[float], None] = lambda time: None

    def now(self) -> float:
        """Return the current time of the test."""
        return self.time

    def wait(self, seconds: float) -> None:
        """Advance the clock by the seconds."""
        if self._stopped.is_set():
            raise Stopped("the run is being ended")
        seconds = max(0.0, seconds)
        self.waits.append(seconds)
        self.time += seconds
        self.until(self.time)


@dataclass
class ReportedLines:
    """The lines that a run reports."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        """Record a line."""
        self.lines.append(line)

    @property
    def text(self) -> str:
        """Return all lines as one text."""
        return "\n".join(self.lines)


def retries(clock: Clock, report: Callable[[str], None] = lambda line: None) -> Retries:
    """Return a retry policy with the budget of a real run."""
    return Retries(clock, report)


def http_error(
    status: int, code: str = "", message: str = "", url: str = "", **headers: str
) -> HttpResponseError:
    """Return the SDK's exception for an HTTP error response."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    address = (
        url or "https://management.azure.com/subscriptions/s/workspaces/w/jobs/x?api-version=1"
    )
    response: Any = SimpleNamespace(
        status_code=status,
        reason=code,
        headers=named,
        request=SimpleNamespace(method="GET", url=address),
    )
    error = KINDS.get(status, HttpResponseError)(message=message or code, response=response)
    error.error = SimpleNamespace(code=code, message=message) if code else None  # type: ignore[assignment]
    return error


def connection_reset() -> ServiceResponseError:
    """Return the SDK's exception for a connection that was reset."""
    return ServiceResponseError("('Connection aborted.', ConnectionResetError(104, 'reset'))")


class Status(str, Enum):
    """The job statuses that the SDK returns as an enumeration; others are plain strings."""

    Queued = "Queued"
    Preparing = "Preparing"
    Running = "Running"
    Completed = "Completed"
    Failed = "Failed"
    Canceled = "Canceled"


@dataclass
class Faults:
    """The next errors by operation: before it takes effect, or after (a lost response)."""

    before: dict[str, list[Exception]] = field(default_factory=dict)
    after: dict[str, list[Exception]] = field(default_factory=dict)

    def raise_next(self, errors: dict[str, list[Exception]], operation: str) -> None:
        """Raise the next error of an operation, if there is one."""
        remaining = errors.get(operation)
        if remaining:
            raise remaining.pop(0)


@dataclass
class FakeJobs:
    """A fake ``MLClient.jobs``; ``states`` returns a job's status from its name and age in s."""

    clock: Clock
    faults: Faults
    states: Callable[[str, float], str] = lambda name, age: "Completed"
    created: dict[str, Any] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    polls: dict[str, list[float]] = field(default_factory=dict)
    canceled: list[str] = field(default_factory=list)

    def create_or_update(self, job: Any) -> Any:
        """Accept a job."""
        self.faults.raise_next(self.faults.before, "submit")
        self.faults.raise_next(self.faults.before, f"submit {job.display_name}")
        self.puts.append(job.name)
        self.created[job.name] = (job, self.clock.now())
        self.faults.raise_next(self.faults.after, "submit")
        return self._answer(job.name, "Starting")

    def get(self, name: str) -> Any:
        """Return a job in its current state."""
        self.polls.setdefault(name, []).append(self.clock.now())
        self.faults.raise_next(self.faults.before, "get")
        self.faults.raise_next(self.faults.before, f"get {name}")
        if name not in self.created:
            raise http_error(404, "NotFound", f"no job {name}")
        if name in self.canceled:
            return self._answer(name, "Canceled")
        return self._answer(name, self.states(name, self.clock.now() - self.created[name][1]))

    def begin_cancel(self, name: str, *, polling: bool = True) -> None:
        """Cancel a job at once."""
        assert not polling
        self.faults.raise_next(self.faults.before, "cancel")
        if name not in self.created:
            raise http_error(404, "NotFound", f"no job {name}")
        self.canceled.append(name)

    def _answer(self, name: str, status: str) -> Any:
        job, _ = self.created[name]
        workspace = "/subscriptions/s/resourceGroups/G/providers/P/workspaces/w"
        environment, _, version = str(job.environment).removeprefix("azureml:").partition(":")
        return SimpleNamespace(
            name=name,
            # Like the SDK: an enumeration for some statuses, whose str() is not the value.
            status=Status.__members__.get(status, status),
            studio_url=STUDIO.format(name),
            display_name=job.display_name,
            experiment_name=job.experiment_name,
            command=job.command,
            environment=f"{workspace}/environments/{environment}/versions/{version}",
            compute=f"{workspace}/computes/{job.compute}",
            tags=dict(job.tags),
            outputs={},
        )


@dataclass
class FakeModels:
    """A fake ``MLClient.models``; a path that contains ``refuses`` is refused."""

    faults: Faults
    versions: dict[tuple[str, str], Any] = field(default_factory=dict)
    archived: set[tuple[str, str]] = field(default_factory=set)
    refuses: str = "user_logs"

    def create_or_update(self, model: Any) -> Any:
        """Register the next version."""
        self.faults.raise_next(self.faults.before, "register")
        if self.refuses in str(model.path):
            raise http_error(400, "UserError", "no MLmodel file below the path")
        number = str(1 + sum(name == model.name for name, _ in self.versions))
        job = None
        path = str(model.path).partition("/paths/")[2]
        if str(model.path).startswith("azureml://jobs/"):
            job = str(model.path).removeprefix("azureml://jobs/").partition("/")[0]
            path = f"ExperimentRun/dcid.{job}/{path}"
        store = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores"
        created = SimpleNamespace(
            name=model.name,
            version=number,
            type=model.type,
            path=f"{store}/workspaceartifactstore/paths/{path}",
            job_name=job,
            flavors={"sklearn": {}, "python_function": {}},
            tags=dict(model.tags),
        )
        self.versions[model.name, number] = created
        self.faults.raise_next(self.faults.after, "register")
        return created

    def get(self, name: str, version: str | None = None, label: str | None = None) -> Any:
        """Return a version, by default the latest."""
        self.faults.raise_next(self.faults.before, "get model")
        found = [key for key in self.versions if key[0] == name and version in (None, key[1])]
        if not found:
            raise http_error(404, "NotFound", f"no model {name}")
        return self.versions[max(found, key=lambda key: int(key[1]))]

    def list(self, name: str, list_view_type: str = "ActiveOnly") -> Iterator[Any]:
        """Yield the versions, newest first; by default only those that are not archived."""
        self.faults.raise_next(self.faults.before, "list")
        keys = [key for key in self.versions if key[0] == name]
        if not keys:
            raise http_error(404, "NotFound", f"no model {name}")
        hidden = self.archived if list_view_type == "ActiveOnly" else ()
        return (self.versions[key] for key in reversed(keys) if key not in hidden)

    def archive(self, name: str, version: str) -> None:
        """Archive a version."""
        self.faults.raise_next(self.faults.before, "archive")
        self.archived.add((name, version))

    def restore(self, name: str, version: str) -> None:
        """Restore a version."""
        self.archived.discard((name, version))

    @property
    def active(self) -> Sequence[str]:
        """Return the versions that are not archived, as "name:version (step)"."""
        return [
            f"{name}:{version} ({model.tags.get(STEP_TAG)})"
            for (name, version), model in self.versions.items()
            if (name, version) not in self.archived
        ]


class FakeClient:
    """A fake ``MLClient`` with the operations that a run uses."""

    def __init__(self, clock: Clock) -> None:
        self.faults = Faults()
        self.jobs = FakeJobs(clock, self.faults)
        self.models = FakeModels(self.faults)
        self.created: list[Any] = []
        self.environments = SimpleNamespace(get=self._no_environment, create_or_update=self._create)
        uri = "azureml://westeurope.api.azureml.ms/mlflow/v1.0/subscriptions/s/workspaces/w?"
        self.workspaces = SimpleNamespace(
            get=lambda name: SimpleNamespace(mlflow_tracking_uri=uri),
        )

    def _no_environment(self, name: str, version: str) -> Any:
        self.faults.raise_next(self.faults.before, "get environment")
        if not self.created:
            raise http_error(404, "NotFound", f"no environment {name}:{version}")
        return self.created[0]

    def _create(self, environment: Any) -> Any:
        self.faults.raise_next(self.faults.before, "create environment")
        self.created.append(environment)
        return environment


def write_model(folder: Path, run_id: str) -> None:
    """Write a minimal logged model."""
    folder.mkdir(parents=True, exist_ok=True)
    text = f"artifact_path: model\nflavors:\n  python_function: {{}}\nrun_id: {run_id}\n"
    (folder / "MLmodel").write_text(text, encoding="utf-8")
