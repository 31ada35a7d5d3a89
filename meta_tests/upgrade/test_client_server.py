"""Tests the checks of what a mode logs to a server, and of a scoring server's answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from meta_tests.end_to_end.suite_run import mode, write_catalogue
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.catalogue.signature import Tensor, TensorSchema
from mlflow_conformance.processes.job import Result
from mlflow_conformance.promises.rows import Rows, write_rows
from mlflow_conformance.runner.working_folder import WorkingFolder, folders_to_copy
from mlflow_conformance.servers.scoring_server import Response, ScoringServer, ServerEnded
from mlflow_conformance.servers.tracking_server import TrackingServer
from mlflow_conformance.support.run_folder import ModeFolder
from mlflow_conformance.upgrade.crossings.client_server import logging_error, script_job
from mlflow_conformance.upgrade.crossings.serve import ServingTrial, serve
from mlflow_conformance.upgrade.crossings.server_folder import (
    Experiments,
    ServerFolder,
    experiments_at,
)
from mlflow_conformance.upgrade.profile.fact_texts import ANSWERED, SERVER_ENDS
from mlflow_conformance.upgrade.profile.observe.serving import answer as served
from mlflow_conformance.upgrade.runs.recorded_release import CrossingFailed, RecordedRelease

TABLES = """
CREATE TABLE experiments (experiment_id INTEGER, name TEXT);
CREATE TABLE runs (run_uuid TEXT, experiment_id INTEGER, status TEXT, start_time INTEGER,
                   end_time INTEGER, artifact_uri TEXT, lifecycle_stage TEXT);
CREATE TABLE params (run_uuid TEXT, key TEXT, value TEXT);
CREATE TABLE latest_metrics (run_uuid TEXT, key TEXT, value REAL, is_nan INTEGER);
CREATE TABLE tags (run_uuid TEXT, key TEXT, value TEXT);
INSERT INTO experiments VALUES (7, 'lab-one'), (8, 'lab-two');
INSERT INTO runs VALUES ('r1', 7, 'FINISHED', 0, 1, 'mlflow-artifacts:/7/r1', 'active');
INSERT INTO runs VALUES ('r2', 8, 'RUNNING', 0, 1, 'mlflow-artifacts:/8/r2', 'active');
"""


def write_model(folder: Path, run_id: str = "r1") -> None:
    """Write the files of a model."""
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_text(
        f"flavors: {{sklearn: {{}}}}\nrun_id: {run_id}\n", encoding="utf-8"
    )
    (folder / "model.pkl").write_bytes(b"x")


class Scene:
    """A client's own model, and the run and model that it logged to another release's server."""

    def __init__(self, folder: Path) -> None:
        """Write the files and rows of a mode that logged correctly."""
        write_model(folder / "own")
        self.client = cast(
            RecordedRelease,
            SimpleNamespace(
                models={"one": folder / "own"},
                number_of_models=lambda mode: 1,
                profile=SimpleNamespace(modes={"one": {"run": {"status": "FINISHED"}}}),
            ),
        )
        self.folder = ServerFolder(ModeFolder(folder / "mode"), "lab-one", "http://127.0.0.1:1")
        self.experiments = Experiments(frozenset({"lab-one"}))
        self.folder.prepare()
        self.folder.files.output.write_text("all is well\n", encoding="utf-8")
        self.server = TrackingServer("http://127.0.0.1:1", "output.txt", folder)
        self.model = self.server.artifacts / "7" / "r1" / "artifacts" / "model"
        write_model(self.model)
        self.sql(TABLES)

    def sql(self, script: str) -> None:
        """Run SQL on the server's database."""
        with closing(sqlite3.connect(self.server.database)) as store:
            store.executescript(script)

    def error(self, exit_code: int = 0) -> str | None:
        """Return the logging error of the mode, or ``None``."""
        result = Result("log one", exit_code, timed_out=False, seconds=1.0, peak_kib=0)
        return logging_error(self.client, "one", self.folder, self.server, result, self.experiments)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Return a mode that logged correctly."""
    return Scene(tmp_path)


def test_a_script_runs_in_the_copy_of_its_folder(tmp_path: Path) -> None:
    """A mode with a folder and variables has them at the server of another release, too."""
    own = tmp_path / "own"
    own.mkdir()
    entry = mode("one", "model.py", "{folder}", "{out}", folder=".", environment={"OWN": "1"})
    catalogue = read_catalogue(write_catalogue(own, [entry], {}))
    (one,) = catalogue.modes
    client = cast(
        RecordedRelease,
        SimpleNamespace(catalogue=catalogue, run=SimpleNamespace(environment={"BASE": "2"})),
    )
    folder = ServerFolder(ModeFolder(tmp_path / "one"), "lab-one", "http://127.0.0.1:1")
    files = folders_to_copy(catalogue, [one], tmp_path)["one"]
    working_folder = WorkingFolder(catalogue, one, folder.files, files)
    job = script_job(client, folder, working_folder, 1.0)
    copy = folder.files.working_directory
    assert (job.script, job.directory) == (str(copy / "model.py"), str(copy))
    assert job.arguments == (str(own / "data.csv"), str(copy), str(folder.files.out))
    assert (job.environment["OWN"], job.environment["BASE"]) == ("1", "2")
    assert sorted(file.name for file in copy.iterdir()) == ["data.csv", "model.py", "modes.yaml"]
    assert not list(folder.files.out.iterdir())


def test_a_mode_that_logged_is_found_good(scene: Scene) -> None:
    """A mode with its model, all files and a finished run on the server has no error."""
    assert scene.error() is None


def test_a_second_model_of_another_mode_is_nobodys_business(scene: Scene) -> None:
    """A model in another mode's experiment is ignored."""
    write_model(scene.server.artifacts / "8" / "r2" / "artifacts" / "model", "r2")
    assert scene.error() is None


def test_a_mode_without_a_run_of_its_own_needs_none(scene: Scene) -> None:
    """No run is expected on the server if the mode creates none in its own store."""
    scene.client.profile.modes["one"].pop("run")
    scene.sql("DELETE FROM runs")
    (scene.model / "MLmodel").write_text("flavors: {sklearn: {}}\n", encoding="utf-8")
    assert scene.error() is None


def without_file(scene: Scene) -> None:
    """Delete one of the model's files."""
    (scene.model / "model.pkl").unlink()


def without_model(scene: Scene) -> None:
    """Delete the model and print a warning, as autologging does."""
    without_file(scene)
    (scene.model / "MLmodel").unlink()
    lines = "INFO fine\nWARNING Encountered unexpected error during autologging: 404\nAccuracy: 1\n"
    scene.folder.files.output.write_text(lines, encoding="utf-8")


def with_another(scene: Scene) -> None:
    """Log a second model."""
    write_model(scene.server.artifacts / "7" / "r1" / "artifacts" / "again")


def test_a_mode_may_log_several_models(scene: Scene, tmp_path: Path) -> None:
    """As many models as in the mode's own store are on the server, one of which counts."""
    with_another(scene)
    (scene.model / "model.pkl").unlink()  # this one is not the mode's model
    own = {**vars(scene.client), "number_of_models": lambda mode: 2}
    scene.client = cast(RecordedRelease, SimpleNamespace(**own))
    assert scene.error() is None
    (tmp_path / "own" / "more.txt").touch()
    assert "the model on the server lacks" in str(scene.error())


def test_a_script_may_set_an_experiment_of_its_own(scene: Scene) -> None:
    """What a mode logs is looked for in the experiment that its script sets."""
    scene.sql("UPDATE experiments SET name = 'churn' WHERE experiment_id = 7")
    assert "0 models on the server" in str(scene.error())
    scene.experiments = Experiments(frozenset({"churn"}))
    assert scene.error() is None


def test_modes_that_share_an_experiment_see_each_other_s_models(scene: Scene) -> None:
    """There may be more models and runs than the mode's own, but no fewer."""
    with_another(scene)
    scene.sql(
        "INSERT INTO runs VALUES ('r3', 7, 'RUNNING', 0, 1, 'mlflow-artifacts:/7/r3', 'active')"
    )
    scene.experiments = Experiments(frozenset({"lab-one"}), are_shared=True)
    assert scene.error() is None
    unfinished(scene)
    assert "the run on the server is RUNNING" in str(scene.error())
    own = {**vars(scene.client), "number_of_models": lambda mode: 3}
    scene.client = cast(RecordedRelease, SimpleNamespace(**own))
    assert "2 models on the server" in str(scene.error())


def test_experiments_at_a_server_are_the_given_one_or_the_script_s(tmp_path: Path) -> None:
    """A mode logs to the experiment that it is given, unless its script sets one."""
    folders = {
        name: ServerFolder(ModeFolder(tmp_path / name), f"lab-{name}", "http://127.0.0.1:1")
        for name in ("one", "two", "three", "none")
    }
    own = {"one": ["lab"], "two": ["churn"], "three": ["churn", "lab"], "none": []}
    assert experiments_at(folders, own, "lab") == {
        "one": Experiments(frozenset({"lab-one"})),
        "two": Experiments(frozenset({"churn"}), are_shared=True),
        "three": Experiments(frozenset({"churn", "lab-three"}), are_shared=True),
        "none": Experiments(frozenset({"lab-none"})),
    }


def of_another_run(scene: Scene) -> None:
    """Let the model name another mode's run."""
    text = (scene.model / "MLmodel").read_text(encoding="utf-8").replace("r1", "r2")
    (scene.model / "MLmodel").write_text(text, encoding="utf-8")


def unfinished(scene: Scene) -> None:
    """Set the run's status to RUNNING."""
    scene.sql("UPDATE runs SET status = 'RUNNING'")


def without_experiment(scene: Scene) -> None:
    """Delete the experiments."""
    scene.sql("DELETE FROM experiments")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_file, "the model on the server lacks model.pkl"),
        (without_model, "0 models on the server, and printed: WARNING Encountered unexpected"),
        (with_another, "2 models on the server"),
        (of_another_run, "names a run that is not in the mode's experiment"),
        (unfinished, "the run on the server is RUNNING"),
        (without_experiment, "0 models on the server"),
    ],
)
def test_what_a_mode_leaves_wrong_is_told(
    scene: Scene, spoil: Callable[[Scene], None], message: str
) -> None:
    """A missing or wrong run or model on the server is reported."""
    spoil(scene)
    assert message in str(scene.error())


def test_a_script_that_fails_is_told_with_its_error(scene: Scene) -> None:
    """A script that fails is reported with its exit code and the error line of its traceback."""
    lines = "Traceback (most recent call last):\n  File x\nMlflowException: 404 '<html>\n<p>\n'"
    scene.folder.files.output.write_text(lines, encoding="utf-8")
    assert scene.error(1) == "ended with exit code 1: MlflowException: 404 '<html>"


def test_a_store_that_cannot_be_read_is_trouble_of_the_run(scene: Scene) -> None:
    """A store that cannot be read raises CrossingFailed."""
    scene.sql("DROP TABLE runs")
    with pytest.raises(CrossingFailed, match="not a tracking store"):
        scene.error()


class FakeServer:
    """A scoring server that gives one answer, or has ended (``None``)."""

    def __init__(self, answer: Response | None) -> None:
        """Set the answer."""
        self._answer = answer

    def wait_until_ready(self) -> None:
        """Return at once, or raise if the server has ended."""
        if self._answer is None:
            raise ServerEnded("mlflow models serve ended with exit code 1:\nImportError: x")

    def post(self, document: Any) -> Response:
        """Return the answer."""
        assert self._answer is not None
        return self._answer


ANSWER = Response(200, json.dumps({"predictions": [0, 1]}))
OWN = served(cast(ScoringServer, FakeServer(ANSWER)), {})


@pytest.mark.parametrize(
    ("answer", "own", "message"),
    [
        (ANSWER, OWN, None),
        (Response(200, json.dumps({"predictions": [1, 1]})), OWN, "other predictions"),
        (Response(200, "{}"), OWN, "answered 200: {}"),
        (Response(500, "oops"), OWN, "answered 500: oops"),
        (None, OWN, "exit code 1: ImportError: x"),
        (None, f"{SERVER_ENDS}: ImportError: x", None),
        (Response(500, "oops"), "400: no", None),
    ],
)
def test_a_served_model_has_to_predict_as_it_did(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    answer: Response | None,
    own: str,
    message: str | None,
) -> None:
    """A model is answered as by the release that logged it, unless that cannot serve it either."""
    frame = pd.DataFrame({"a": [1, 2]})
    write_rows(Rows(frame, frame, frame), tmp_path / "rows.json")
    (tmp_path / "empty.db").touch()
    stopped: list[str] = []
    launcher = SimpleNamespace(submit=lambda job: None, stop=stopped.append)
    started = SimpleNamespace(launcher=launcher, empty_store=tmp_path / "empty.db")
    modes = {"one": {"model": {"serving": {"dataframe_split": own}}}}
    side = cast(
        RecordedRelease,
        SimpleNamespace(
            run=SimpleNamespace(name="MLflow 1", environment={}, started=started),
            release="MLflow 1",
            models={"one": tmp_path},
            profile=SimpleNamespace(modes=modes),
            input_schema=lambda name: TensorSchema((Tensor("int64", (-1, 1)),)),
            rows=lambda name: tmp_path / "rows.json",
            folder=lambda name: tmp_path,
        ),
    )
    server = FakeServer(answer), SimpleNamespace(id="serve one")
    monkeypatch.setattr(
        "mlflow_conformance.upgrade.crossings.serve.serve_job", lambda *arguments: server
    )
    (error,) = serve([ServingTrial(side, side, "one")], 2)
    assert (error is None) == (message is None)
    assert (message or "") in str(error)
    assert stopped == (["serve one"] if own.startswith(ANSWERED) else [])
