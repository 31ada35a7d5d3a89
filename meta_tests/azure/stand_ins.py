"""A clock that a test turns and a workspace's client that answers as a test says."""

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

from fixtures.azure.facts import JobEnvironment, WorkspaceFacts
from fixtures.azure.patience import Clock, Patience, Stopped
from fixtures.azure.registration import STEP_TAG

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


class TurnedClock(Clock):
    """Time that passes only while somebody waits; every wait is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 1_000_000.0
        self.waits: list[float] = []
        self.until: Callable[[float], None] = lambda time: None

    def now(self) -> float:
        """Return the time that was turned to."""
        return self.time

    def wait(self, seconds: float) -> None:
        """Let the seconds pass at once."""
        if self._stopped.is_set():
            raise Stopped("the run is being ended")
        seconds = max(0.0, seconds)
        self.waits.append(seconds)
        self.time += seconds
        self.until(self.time)


@dataclass
class Told:
    """Lines that were told."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        """Write the line down."""
        self.lines.append(line)

    @property
    def text(self) -> str:
        """Return all lines."""
        return "\n".join(self.lines)


def patience(clock: Clock, told: Callable[[str], None] = lambda line: None) -> Patience:
    """Return a patience with the budget of a real run."""
    return Patience(clock, told)


def answered(
    status: int, code: str = "", said: str = "", url: str = "", **headers: str
) -> HttpResponseError:
    """Return the exception with which the SDK says that a request was answered so."""
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
    error = KINDS.get(status, HttpResponseError)(message=said or code, response=response)
    error.error = SimpleNamespace(code=code, message=said) if code else None  # type: ignore[assignment]
    return error


def reset() -> ServiceResponseError:
    """Return the exception with which the SDK says that the connection was reset."""
    return ServiceResponseError("('Connection aborted.', ConnectionResetError(104, 'reset'))")


class Status(str, Enum):
    """The words that the SDK has in an enumeration; it passes others on as they come."""

    Queued = "Queued"
    Preparing = "Preparing"
    Running = "Running"
    Completed = "Completed"
    Failed = "Failed"
    Canceled = "Canceled"


@dataclass
class Faults:
    """What goes wrong next, by operation: before it is done, or after, when its answer is lost."""

    before: dict[str, list[Exception]] = field(default_factory=dict)
    after: dict[str, list[Exception]] = field(default_factory=dict)

    def strike(self, moment: dict[str, list[Exception]], operation: str) -> None:
        """Raise what is to go wrong with an operation now, if anything is."""
        waiting = moment.get(operation)
        if waiting:
            raise waiting.pop(0)


@dataclass
class StandInJobs:
    """``MLClient.jobs``: ``states`` says how a job goes on, by seconds after it was submitted."""

    clock: Clock
    faults: Faults
    states: Callable[[str, float], str] = lambda name, age: "Completed"
    made: dict[str, Any] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    asked: dict[str, list[float]] = field(default_factory=dict)
    canceled: list[str] = field(default_factory=list)

    def create_or_update(self, job: Any) -> Any:
        """Accept a job."""
        self.faults.strike(self.faults.before, "submit")
        self.faults.strike(self.faults.before, f"submit {job.display_name}")
        self.puts.append(job.name)
        self.made[job.name] = (job, self.clock.now())
        self.faults.strike(self.faults.after, "submit")
        return self._answer(job.name, "Starting")

    def get(self, name: str) -> Any:
        """Return a job as it is now."""
        self.asked.setdefault(name, []).append(self.clock.now())
        self.faults.strike(self.faults.before, "get")
        self.faults.strike(self.faults.before, f"get {name}")
        if name not in self.made:
            raise answered(404, "NotFound", f"no job {name}")
        if name in self.canceled:
            return self._answer(name, "Canceled")
        return self._answer(name, self.states(name, self.clock.now() - self.made[name][1]))

    def begin_cancel(self, name: str, *, polling: bool = True) -> None:
        """Cancel a job at once."""
        assert not polling
        self.faults.strike(self.faults.before, "cancel")
        if name not in self.made:
            raise answered(404, "NotFound", f"no job {name}")
        self.canceled.append(name)

    def _answer(self, name: str, status: str) -> Any:
        job, _ = self.made[name]
        workspace = "/subscriptions/s/resourceGroups/G/providers/P/workspaces/w"
        environment, _, version = str(job.environment).removeprefix("azureml:").partition(":")
        return SimpleNamespace(
            name=name,
            # An enumeration where the SDK has one: its str() is not the word.
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
class StandInModels:
    """``MLClient.models`` over a registry in memory; paths in ``refuses`` are refused."""

    faults: Faults
    versions: dict[tuple[str, str], Any] = field(default_factory=dict)
    archived: set[tuple[str, str]] = field(default_factory=set)
    refuses: str = "user_logs"

    def create_or_update(self, model: Any) -> Any:
        """Register the next version."""
        self.faults.strike(self.faults.before, "register")
        if self.refuses in str(model.path):
            raise answered(400, "UserError", "no MLmodel file below the path")
        number = str(1 + sum(name == model.name for name, _ in self.versions))
        job = str(model.path).removeprefix("azureml://jobs/").partition("/")[0]
        path = str(model.path).partition("/paths/")[2]
        store = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores"
        made = SimpleNamespace(
            name=model.name,
            version=number,
            type=model.type,
            path=f"{store}/workspaceartifactstore/paths/ExperimentRun/dcid.{job}/{path}",
            job_name=job,
            flavors={"sklearn": {}, "python_function": {}},
            tags=dict(model.tags),
        )
        self.versions[model.name, number] = made
        self.faults.strike(self.faults.after, "register")
        return made

    def get(self, name: str, version: str | None = None, label: str | None = None) -> Any:
        """Return a version, or the latest."""
        self.faults.strike(self.faults.before, "get model")
        found = [key for key in self.versions if key[0] == name and version in (None, key[1])]
        if not found:
            raise answered(404, "NotFound", f"no model {name}")
        return self.versions[max(found, key=lambda key: int(key[1]))]

    def list(self, name: str, list_view_type: str = "ActiveOnly") -> Iterator[Any]:
        """Return the versions that are not archived, or all, newest first."""
        self.faults.strike(self.faults.before, "list")
        keys = [key for key in self.versions if key[0] == name]
        if not keys:
            raise answered(404, "NotFound", f"no model {name}")
        hidden = self.archived if list_view_type == "ActiveOnly" else ()
        return (self.versions[key] for key in reversed(keys) if key not in hidden)

    def archive(self, name: str, version: str) -> None:
        """Archive a version."""
        self.faults.strike(self.faults.before, "archive")
        self.archived.add((name, version))

    def restore(self, name: str, version: str) -> None:
        """Restore a version."""
        self.archived.discard((name, version))

    @property
    def left(self) -> Sequence[str]:
        """Return what is registered and not archived, as "name:version (step)"."""
        return [
            f"{name}:{version} ({made.tags.get(STEP_TAG)})"
            for (name, version), made in self.versions.items()
            if (name, version) not in self.archived
        ]


class StandInClient:
    """An ``MLClient`` as far as a run uses it."""

    def __init__(self, clock: Clock) -> None:
        self.faults = Faults()
        self.jobs = StandInJobs(clock, self.faults)
        self.models = StandInModels(self.faults)
        self.created: list[Any] = []
        self.environments = SimpleNamespace(get=self._no_environment, create_or_update=self._create)
        uri = "azureml://westeurope.api.azureml.ms/mlflow/v1.0/subscriptions/s/workspaces/w?"
        self.workspaces = SimpleNamespace(
            get=lambda name: SimpleNamespace(mlflow_tracking_uri=uri),
        )

    def _no_environment(self, name: str, version: str) -> Any:
        self.faults.strike(self.faults.before, "get environment")
        if not self.created:
            raise answered(404, "NotFound", f"no environment {name}:{version}")
        return self.created[0]

    def _create(self, environment: Any) -> Any:
        self.faults.strike(self.faults.before, "create environment")
        self.created.append(environment)
        return environment


def write_model(folder: Path, run_id: str) -> None:
    """Write the least that is a logged model."""
    folder.mkdir(parents=True, exist_ok=True)
    text = f"artifact_path: model\nflavors:\n  python_function: {{}}\nrun_id: {run_id}\n"
    (folder / "MLmodel").write_text(text, encoding="utf-8")
