"""The target of models that exist: what is copied, what is found, and what cannot be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import pytest

from meta_tests.exercise import EXERCISE
from mlflow_conformance.existing import target as module
from mlflow_conformance.existing.named_models import NamedModel
from mlflow_conformance.existing.registry import ExistingModel
from mlflow_conformance.existing.target import ExistingTarget, read_findings
from mlflow_conformance.pytest_plugin import existing_models
from mlflow_conformance.runner.outcome import NOT_READ, Outcome, read_outcomes
from mlflow_conformance.runner.training import StartedSession
from mlflow_conformance.runner.training_setup import Training
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.targets.target import TargetMisconfigured


def read(folder: Path, *models: Path) -> tuple[Outcome, ...]:
    """Return the outcomes of reading models."""
    named = tuple(
        NamedModel(f"m{number}", ExistingModel(str(model), str(model)))
        for number, model in enumerate(models)
    )
    run = RunFolder(folder / "run")
    run.path.mkdir()
    modes = tuple(map(existing_models.mode_of, named))
    training = Training(EXERCISE, run, {}, 1.0, 1)
    lines: list[str] = []
    outcomes = ExistingTarget(named).run(training, modes, cast(StartedSession, None), lines.append)
    assert len(lines) == 1
    assert read_outcomes(run) == outcomes
    return outcomes


def model_in(folder: Path, name: str = "model") -> Path:
    """Return a folder with an ``MLmodel`` file, a folder in it, and a secret beside it."""
    model = folder / name
    (model / "code").mkdir(parents=True)
    (model / "MLmodel").write_text("flavors: {python_function: {}}\n", encoding="utf-8")
    (model / "code" / "own.py").write_text("", encoding="utf-8")
    (folder / "secret").write_text("hunter2", encoding="utf-8")
    return model


def test_only_plain_files_are_copied(tmp_path: Path) -> None:
    """Links out of the folder and FIFOs are told, and not followed; a link inside is a file."""
    model = model_in(tmp_path)
    (model / "out").symlink_to(tmp_path / "secret")
    (model / "folder").symlink_to(tmp_path)
    (model / "inside").symlink_to("MLmodel")
    os.mkfifo(model / "pipe")
    (outcome,) = read(tmp_path, model)
    copy = Path(str(outcome.model_directory))
    copied = sorted(str(file.relative_to(copy)) for file in copy.rglob("*") if file.is_file())
    assert copied == ["MLmodel", "code/own.py", "inside"]
    assert not any(file.is_symlink() for file in copy.rglob("*"))
    found = read_findings(RunFolder(tmp_path / "run"), "m0")
    of_files = sorted((each.what, each.where) for each in found if each.check == "files")
    assert of_files == [
        ("a FIFO, a socket or a device is in the folder", "'pipe'"),
        ("a link leads out of the folder", "'folder'"),
        ("a link leads out of the folder", "'out'"),
    ]


def test_a_model_that_cannot_be_read_is_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is gone, or too large to be copied, has one line as its outcome."""
    monkeypatch.setattr(module, "MOST_MODEL_BYTES", 1000)
    large = model_in(tmp_path, "large")
    (large / "weights").write_bytes(b"x" * 1001)
    gone, fine, lost = read(tmp_path, tmp_path / "gone", model_in(tmp_path), large)
    assert (gone.verdict, fine.has_model, lost.verdict) == (NOT_READ, True, NOT_READ)
    assert gone.message.endswith("gone: there is no such folder on this machine")
    assert "more than 1000 bytes, which are not copied; mlflow-conformance model" in lost.message
    assert gone.model_directory is lost.model_directory is None
    assert "\n" not in gone.message + lost.message


def test_without_any_model_nothing_is_checked(tmp_path: Path) -> None:
    """If no model can be read, the run ends with the first problem, and the option."""
    with pytest.raises(TargetMisconfigured, match=r"^--model: '.*gone': .*no such folder on this"):
        read(tmp_path, tmp_path / "gone")
