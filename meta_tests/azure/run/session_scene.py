"""A run of three modes in a fake workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.azure.client.fake_clients import PUBLIC
from meta_tests.azure.run.fake_workspace import (
    FACTS,
    RUN_ID,
    FakeClient,
    ManualClock,
    ReportedLines,
    retries,
    write_model,
)
from mlflow_conformance.azure.jobs import session
from mlflow_conformance.azure.jobs.session import run_in_workspace
from mlflow_conformance.azure.jobs.submit import job_name
from mlflow_conformance.azure.preflight.checks import JobsRequest
from mlflow_conformance.azure.preflight.existing_environment import ExistingEnvironment
from mlflow_conformance.azure.results.downloads import Place
from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.runner.outcome import Outcome
from mlflow_conformance.stores.records import PARENT, RUN_NAME
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.support.run_folder import RunFolder

CATALOGUE = read_catalogue(ROOT / "training" / "modes.yaml")
MODES = CATALOGUE.modes[:3]
FIRST, SECOND, THIRD = (mode.name for mode in MODES)
SETTINGS: Any = SimpleNamespace(experiment=None, timeout=600.0, poll_seconds=10.0, keeps=False)


class Scene:
    """A run with a fake workspace; ``leaves`` writes the outputs of a mode's job."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = RunFolder(root)
        self.clock = ManualClock()
        self.client = FakeClient(self.clock)
        self.reported = ReportedLines()
        self.settings = SETTINGS
        self.errors: dict[str, Any] = {}
        self.leaves: Callable[[str, Path], None] = lambda mode, folder: write_model(
            folder / "model", mode
        )
        self.wrong: dict[str, Exception] = {}
        self.below: dict[str, str] = {}
        self.scripts: dict[str, list[dict[str, Any]]] = {}
        self.retries = retries(self.clock)
        self.log = "std_log.txt"
        self.facts = FACTS
        self.existing: ExistingEnvironment | None = None
        self.first_lines: dict[str, str] = {}
        self.says = "{} says sig=aBcDeF\n"
        monkeypatch.setattr(session, "Clock", lambda: self.clock)
        monkeypatch.setattr(session, "BlobStores", lambda *_: self)
        monkeypatch.setattr(session, "DataPlane", lambda *_: self)

    def go(self, modes: tuple[Mode, ...] = MODES) -> tuple[Outcome, ...]:
        """Run modes, by default three."""
        connected: Any = SimpleNamespace(
            client=self.client,
            credential=None,
            cloud=PUBLIC,
            facts=self.facts,
            existing=self.existing,
            code=Path(__file__).parent,
            commands={mode.name: f"python {mode.name}.py" for mode in modes},
        )
        request = JobsRequest(self.settings, CATALOGUE, modes, self.folder, self.reported)
        return run_in_workspace(connected, request)

    def name(self, mode: str) -> str:
        """Return the name of a mode's job."""
        return job_name(RUN_ID, mode)

    # The blob store.

    def download(self, place: Place, folder: Path, is_growing: bool = False) -> tuple[str, ...]:
        """Write the outputs of the mode's job."""
        mode = folder.name.partition(".")[0]
        if folder.name in self.wrong:
            raise self.wrong[folder.name]
        (folder / "user_logs").mkdir(parents=True)
        (folder / "user_logs" / self.log).write_text(
            self.first_lines.get(mode, "") + self.says.format(mode)
        )
        if folder.name.endswith(".outputs"):
            self.leaves(mode, folder)
        files = (file for file in folder.rglob("*") if file.is_file())
        return tuple(sorted(file.relative_to(folder).as_posix() for file in files))

    def close(self) -> None:
        """Do nothing."""

    # The workspace's own host.

    def details(self, job: str) -> dict[str, Any]:
        """Return the times and the error of a job."""
        times = ("2026-03-01T12:00:00.1234567Z", "2026-03-01T12:01:00.5+00:00")
        error = next((e for mode, e in self.errors.items() if job == self.name(mode)), None)
        return {"startTimeUtc": times[0], "endTimeUtc": times[1], "error": error}

    def run(self, run_id: str, *, has_metrics: bool = False) -> dict[str, Any]:
        """Return a finished run; one below another has its name, and its parent."""
        info = {"run_id": run_id, "experiment_id": "1", "status": "FINISHED", "start_time": 1}
        tags = {RUN_NAME: self.below[run_id], PARENT: "job"} if run_id in self.below else {}
        listed = [{"key": key, "value": value} for key, value in tags.items()]
        return {"info": {**info, "end_time": 2}, "data": {"tags": listed}}

    def children(self, run_id: str, experiment_id: str, number: int) -> list[dict[str, Any]]:
        """Return the runs below that of a job."""
        return [self.run(child) for child in self.below]

    def registered_by(self, run_id: str, model_id: str | None = None) -> list[dict[str, Any]]:
        """Return the versions that a mode's script registered."""
        return next((v for mode, v in self.scripts.items() if run_id == self.name(mode)), [])

    def address_of_version(self, name: str, version: str) -> str:
        """Return the URI of a version."""
        return f"azureml://host/{name}/{version}"

    def experiment(self, experiment_id: str) -> dict[str, Any]:
        """Return the experiment."""
        return {"name": CATALOGUE.experiment}


def verdicts(outcomes: tuple[Outcome, ...]) -> list[str]:
    """Return the verdict of each outcome."""
    return [outcome.verdict for outcome in outcomes]
