"""Tests of runs with ``--evidence`` in what looks like a real workspace."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.whole.azure_run import (
    END_SECONDS,
    HANG,
    SuiteRunner,
    await_line,
    suite_runner,
)
from meta_tests.end_to_end.suite_run import SuiteRun, run
from mlflow_conformance.azure.evidence.collect import FILE
from mlflow_conformance.rehearsal.start import Rehearsal

USAGE_ERROR = 4
MODE = "infer-array"
# What a workspace may answer that registers a path without MLmodel.
REGISTERED = {
    "id": "/subscriptions/31aa6452-9fed-4eaa-adbf-a2ee35287e22/resourceGroups/x/providers"
    "/Microsoft.MachineLearningServices/workspaces/x/models/refused/versions/1",
    "name": "1",
    "properties": {
        "modelUri": "azureml://x",
        "modelType": "mlflow_model",
        "tags": {},
        "flavors": {},
    },
    "systemData": {"createdAt": "2026-01-01T00:00:00Z"},
}
WITHOUT_MLMODEL = {
    "method": "PUT",
    "path": r"/models/[^/]+-refused/versions/",
    "status": 201,
    "headers": {"Content-Type": "application/json"},
    "body": json.dumps(REGISTERED),
    "times": None,
}


@dataclass(frozen=True)
class Deviating:
    """A run in a workspace that registers a path without MLmodel, and its bundle."""

    run: SuiteRun
    bundle: dict[str, Any]
    text: str
    private: tuple[str, ...]

    def judgement(self, id_: str) -> tuple[str, str]:
        """Return the judgement on an assumption, and what was seen."""
        [found] = [one for one in self.bundle["assumptions"] if one["id"] == id_]
        return found["judgement"], found["seen"]


@pytest.fixture(scope="module")
def deviating(rehearsal_service: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> Deviating:
    """A run whose workspace is not as the rehearsal assumes."""
    folder = tmp_path_factory.mktemp("deviating")
    with suite_runner(rehearsal_service, folder, faults=[WITHOUT_MLMODEL]) as runner:
        words = ("--mode", MODE, "--evidence", str(folder / "evidence"))
        ended = runner.run(*words, modules=["azure_job", "azure_registration"])
        secrets = {*runner.control.secrets(), rehearsal_service.variables["AZURE_CLIENT_SECRET"]}
        private = (
            *(form for secret in secrets for form in (secret, quote(secret, safe=""))),
            *(value for name, value in rehearsal_service.variables.items() if "AZURE_" in name),
            *(rehearsal_service.subscription, rehearsal_service.compute, *runner.jobs()),
            *(str(Path.home()), str(folder), "mlflow-diabetes", "conformance-infer", "infer-array"),
        )
    assert len(private) > 20
    text = (folder / "evidence" / FILE).read_text(encoding="utf-8")
    return Deviating(ended, json.loads(text), text, private)


def test_what_is_only_observed_fails_nothing(deviating: Deviating) -> None:
    """A promise that no bundle confirms is told and counted in a workspace, and fails nothing."""
    assert deviating.run.exit_code == 0, deviating.run.output
    line = "observed, not promised: not as assumed (path-without-mlmodel-is-refused): 1 test"
    assert deviating.run.lines_with(line) == [line], deviating.run.output
    assert not deviating.run.lines_with("LOST"), deviating.run.output


def test_what_is_otherwise_contradicts(deviating: Deviating) -> None:
    """The bundle says what was contradicted, and what was confirmed all the same."""
    judged = deviating.judgement
    assert judged("path-without-mlmodel-is-refused") == ("contradicted", "1 x registered")
    assert judged("job-name-is-set")[0] == "confirmed"
    assert judged("canceled-at-the-limit")[0] == "not seen"
    assert deviating.bundle["written_by"] == "workspace"
    assert deviating.bundle["ended"] == "completed"


def test_a_bundle_has_nothing_private(deviating: Deviating) -> None:
    """No secret that the rehearsal issued, no id, name or path is in the bundle."""
    found = [word[:6] for word in deviating.private if len(word) > 3 and word in deviating.text]
    assert found == []


def test_an_existing_bundle_is_refused(
    rehearsal_service: Rehearsal, control: Control, tmp_path: Path
) -> None:
    """A bundle that exists ends the run in one line, before any request."""
    (tmp_path / FILE).write_text("old")
    runner = SuiteRunner(rehearsal_service, control, tmp_path)
    arguments = ("-m", "azure", "--mode", MODE, "--evidence", str(tmp_path))
    ended = run(tmp_path, *arguments, environment=runner.variables(), modules=["outcome"])
    assert ended.exit_code == USAGE_ERROR, ended.output
    problem = "exists already, and is not overwritten: name another folder"
    line = f"ERROR: --evidence: {tmp_path / FILE}: {problem}"
    assert ended.lines_with("--evidence") == [line], ended.output
    assert not control.requests(), "something was sent"
    assert (tmp_path / FILE).read_text() == "old"


def test_it_is_an_option_of_a_workspace(tmp_path: Path) -> None:
    """Without ``-m azure`` the option is refused, as the others of a workspace."""
    ended = run(tmp_path, "--evidence", str(tmp_path), modules=["outcome"])
    assert ended.exit_code == USAGE_ERROR, ended.output
    line = "ERROR: --evidence: only a run in a workspace writes it: add -m azure"
    assert ended.lines_with("--evidence") == [line], ended.output
    assert not (tmp_path / FILE).exists()


def test_an_interrupted_run_writes_its_bundle(rehearsal_service: Rehearsal, tmp_path: Path) -> None:
    """A run that is interrupted has a bundle, with the cancellation of its jobs."""
    with suite_runner(rehearsal_service, tmp_path, jobs=HANG) as runner:
        words = ("--mode", MODE, "--evidence", str(tmp_path / "bundle"))
        with runner.background(*words) as running:
            await_line(running, f"  {MODE}: submitted, ")
            os.killpg(running.process.pid, signal.SIGINT)
            running.process.wait(END_SECONDS)
    [file] = tmp_path.rglob(FILE)
    bundle = json.loads(file.read_text(encoding="utf-8"))
    assert bundle["ended"] == "KeyboardInterrupt"
    [canceled] = [one for one in bundle["assumptions"] if one["id"] == "cancel-202"]
    assert canceled["judgement"] == "confirmed", canceled
    assert running.output.count("evidence: ") == 1, running.output
