"""Runs with ``--model``: models that exist are checked, and nothing of them is executed."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, caller, run

# Saves a model, and registers another one with an alias.
SCRIPT = """\
import sys
from pathlib import Path

import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

folder = Path(sys.argv[1])
mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
features = pd.DataFrame({"a": range(20), "b": range(20)}, dtype="float64")
model = LogisticRegression().fit(features, [0, 1] * 10)
kept = {"signature": infer_signature(features, model.predict(features))}
mlflow.sklearn.save_model(model, folder / "fine", input_example=features.head(2), **kept)
with mlflow.start_run():
    mlflow.sklearn.log_model(model, "model", registered_model_name="churn", **kept)
mlflow.MlflowClient().set_registered_model_alias("churn", "champion", "1")
"""
LAST = "all: {0} of {0} promises checked"


@dataclass(frozen=True)
class Models:
    """A folder with models, and a registry with the model ``churn``."""

    folder: Path

    @property
    def uri(self) -> str:
        """Return the address of the registry."""
        return f"sqlite:///{self.folder}/mlflow.db"

    def copy(self, name: str) -> Path:
        """Return a copy of the model that is fine."""
        return Path(shutil.copytree(self.folder / "fine", self.folder / name))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Models that were logged before."""
    folder = tmp_path_factory.mktemp("models")
    script = folder / "train.py"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, str(script), str(folder)]
    subprocess.run(command, cwd=folder, env=caller(), check=True)
    return Models(folder)


def check(folder: Path, *options: str, **variables: str) -> SuiteRun:
    """Return a run of all promises in one process."""
    environment = caller(**variables) if variables else None
    return run(folder, "-m", "local", "-n", "0", *options, environment=environment)


def number(ended: SuiteRun) -> int:
    """Return how many promises were checked, which should be all."""
    checked, of, due = ended.lines_with("all: ")[-1].split()[1:4]
    assert (of, checked) == ("of", due), ended.output
    return int(due)


def test_a_model_that_is_fine_keeps_all_promises(models: Models, tmp_path: Path) -> None:
    """A folder is checked, the header says so, the report has it, and training is not mentioned."""
    fine, report = models.folder / "fine", tmp_path / "report"
    ended = check(tmp_path, "--model", str(fine), "--report", str(report))
    assert ended.exit_code == 0, ended.output
    assert number(ended) > 20
    (last,) = [line for line in ended.output.splitlines() if line][-1:]
    assert last == LAST.format(number(ended))
    assert ended.lines_with("existing models: 1; only their files are read, nothing of them is run")
    (line,) = ended.lines_with("-fine: /")
    assert line.endswith(f"-fine: {fine}")
    assert not ended.lines_with("training")
    assert not ended.lines_with("scripts")
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))
    (subject,) = results["subjects"]
    assert subject["id"].endswith("-fine-existing")
    (left_out,) = results["not_looked_at"]
    assert left_out.startswith("not promised of models that exist: what needs their scripts")


def test_a_registered_model_is_found_by_its_alias(models: Models, tmp_path: Path) -> None:
    """An alias and all versions name the same model, which is checked once, by two workers, too.

    A copy of a model has the same uuid, which is no mistake here.
    """
    named = ("--model", "models:/churn@champion", "--model", "models:/churn")
    fine = ("--model", str(models.folder / "fine"), "--model", str(models.copy("again")))
    options = (*named, *fine, "--tracking-uri", models.uri)
    ended = run(tmp_path, "-m", "local", "-n", "2", *options)
    assert ended.exit_code == 0, ended.output
    assert ended.lines_with(f"model churn-1: models:/churn/1 at {models.uri}, files: ")
    assert ended.lines_with("existing models: 3; ")
    assert len(ended.lines_with("churn-1-existing: ")) == 1
    assert number(ended) > 60


def test_a_store_may_be_named_by_mlflow_s_variable(models: Models, tmp_path: Path) -> None:
    """Without ``--tracking-uri``, MLflow's own variable says where models are."""
    found = check(tmp_path, "--model", "models:/churn/1", MLFLOW_TRACKING_URI=models.uri)
    assert found.exit_code == 0, found.output
    assert found.lines_with("churn-1-existing: ")


def test_a_pickle_that_runs_a_program_is_told_and_not_run(models: Models, tmp_path: Path) -> None:
    """The program in a pickle is named as the cause, with the way out, and is never started."""
    trace = tmp_path / "trace"
    evil = models.copy("evil")
    (evil / "data.pkl").write_bytes(pickle.dumps(_Runs(f"touch {trace}")))
    os.mkfifo(evil / "pipe")
    (evil / "link").symlink_to("/etc")
    ended = check(tmp_path, "--model", str(evil))
    assert ended.exit_code == 1, ended.output
    (cause,) = ended.lines_with("CAUSE models0-evil-existing: what makes it unsafe to load")
    assert "loading it runs 'posix.system' ('data.pkl'); do not load it; ask its owner" in cause
    (cause,) = ended.lines_with("CAUSE models0-evil-existing: what leads out of the model's")
    assert "is in the folder ('pipe')" in cause or "a link leads out" in cause
    assert ended.lines_with("a link leads out of the folder ('link'); do not load it")
    assert not trace.exists()


@dataclass
class _Runs:
    command: str

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, (self.command,))


def test_a_damaged_mlmodel_is_told_once(models: Models, tmp_path: Path) -> None:
    """What cannot be read fails one promise; the others that need it are not checked."""
    cut = models.copy("cut")
    text = (cut / "MLmodel").read_text(encoding="utf-8")
    place = text.index("inputs: ") + 20
    (cut / "MLmodel").write_text(text[:place], encoding="utf-8")
    fine = models.folder / "fine"
    ended = check(tmp_path, "--model", str(cut), "--model", str(fine))
    assert ended.exit_code == 1, ended.output
    (cause,) = ended.lines_with("CAUSE ")
    assert cause.startswith("CAUSE models0-cut-existing: …/MLmodel: ")
    assert " 1 failed, " in cause
    assert ended.lines_with("LOST models0-cut-existing: ")
    assert ended.lines_with("models0-fine-existing: ")


def test_a_lost_model_among_others_is_told_once(models: Models, tmp_path: Path) -> None:
    """A model whose files are gone is not checked; the others are."""
    known = subprocess.run(
        [sys.executable, "-c", RUNS, models.uri], capture_output=True, text=True, check=True
    )
    lost = f"runs:/{known.stdout.strip()}/elsewhere"
    options = ("--model", lost, "--tracking-uri", models.uri)
    ended = check(tmp_path, *options, "--model", str(models.folder / "fine"))
    assert ended.exit_code == 1, ended.output
    (cause,) = ended.lines_with("CAUSE ")
    assert "elsewhere': cannot be downloaded: " in cause
    (way_out,) = ended.lines_with("way out: ")
    assert way_out.strip().startswith("way out: name a model that is there (--model)")
    assert ended.lines_with("models0-fine-existing: ")
    alone = check(tmp_path, *options)
    assert alone.exit_code == pytest.ExitCode.USAGE_ERROR, alone.output
    (line,) = alone.lines_with("ERROR: ")
    assert line.startswith("ERROR: --model: 'runs:/"), line
    assert "cannot be downloaded: " in line


RUNS = """\
import sys
import mlflow

mlflow.set_tracking_uri(sys.argv[1])
print(mlflow.search_runs(search_all_experiments=True)["run_id"][0])
"""
