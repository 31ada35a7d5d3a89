"""The models that ``--model`` names: their modes' names, what the header says, and refusals."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mlflow_conformance.existing import named_models as module
from mlflow_conformance.existing.named_models import NamedModel, mode_names, named_models
from mlflow_conformance.existing.registry import ExistingModel


def config_of(folder: Path, *models: str, uri: str | None = None) -> pytest.Config:
    """Return pytest's configuration as far as the reader uses it."""
    options = {"--model": list(models) or None, "--tracking-uri": uri}
    found = SimpleNamespace(
        option=SimpleNamespace(),
        getoption=options.__getitem__,
        invocation_params=SimpleNamespace(dir=folder),
        add_cleanup=lambda cleanup: None,
    )
    return cast(pytest.Config, found)


@pytest.mark.parametrize(
    ("names", "modes"),
    [
        (["models:/churn/3"], ["churn-3"]),
        (["runs:/0a1b/model"], ["0a1b-model"]),
        (["/a/b/c/model"], ["c-model"]),
        (["model", "./model"], ["model", "model-2"]),
        (["a/model", "b/model", "a-model"], ["a-model", "b-model", "a-model-2"]),
        (["a/Model", "A/model"], ["a-Model", "A-model-2"]),
        (["models:/a b\n[x]/1", "модель"], ["a-b-x-1", "model"]),
        (["x" * 200], ["x" * 60]),
        (["..", "/"], ["model", "model-2"]),
    ],
)
def test_modes_have_names_of_their_own(names: list[str], modes: list[str]) -> None:
    """A mode's name is short and printable, and no two are the same, also not in lower case."""
    assert mode_names(names) == modes
    assert all(name.isascii() and name.isprintable() for name in modes)


def test_folders_are_named_without_asking_mlflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder may be relative to where pytest was started; MLflow is not asked for it."""
    (tmp_path / "model").mkdir()
    monkeypatch.setitem(sys.modules, "mlflow", None)  # importing it would raise
    (found,) = named_models(config_of(tmp_path, "model", "model"))
    assert found == NamedModel("model", ExistingModel("model", str(tmp_path / "model")))
    assert found.described == str(tmp_path / "model")


def test_workers_do_not_ask_again(tmp_path: Path) -> None:
    """What was found once stands in the options, which xdist passes to its workers as text."""
    (tmp_path / "model").mkdir()
    config = config_of(tmp_path, "model")
    first = named_models(config)
    (tmp_path / "model").rmdir()
    assert named_models(config) == first
    assert getattr(config.option, module.FOUND) == [("model", str(tmp_path / "model"), "")]


def test_the_header_hides_logins() -> None:
    """The address of a store and of files are shown without passwords."""
    found = NamedModel(
        "churn-1",
        ExistingModel("models:/churn/1", "https://me:hunter2@host/files"),
        "https://me:hunter2@host",
    )
    assert found.described == "models:/churn/1 at https://***@host, files: https://***@host/files"


@pytest.mark.parametrize(
    ("models", "uri", "message"),
    [
        ((), "http://host", "--tracking-uri: is where --model is looked for: add --model"),
        (("nowhere",), None, "--model: 'nowhere': does not exist; name a folder with an MLmodel"),
        (("file",), None, "--model: 'file': is no folder; name a folder with an MLmodel file"),
        (("ftp://host/model",), None, "--model: 'ftp://host/model': name a folder with an MLmo"),
        (("models:/a/b/c",), None, "--model: 'models:/a/b/c': name a folder with an MLmodel f"),
        (("models:/none/1",), "sqlite:////nowhere/x.db", "--model: /nowhere/x.db: cannot be read"),
        (("models:/none/1",), "sqlite:////etc/hostname", "--model: /etc/hostname: is no SQLite st"),
        (("models:/none/1",), "sqlite", "--model: 'models:/none/1': "),
        (("models:/none",), "sqlite", "--model: 'models:/none': there is no version"),
        (("runs:/none/model",), "sqlite", "--model: 'runs:/none/model': "),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(
    models: tuple[str, ...], uri: str | None, message: str, tmp_path: Path
) -> None:
    """A model that does not exist is one line with the option, the model and the way out."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    sqlite3.connect(tmp_path / "mlflow.db").close()
    address = f"sqlite:///{tmp_path}/mlflow.db" if uri == "sqlite" else uri
    before = dict(os.environ)
    with pytest.raises(pytest.UsageError) as refused:
        named_models(config_of(tmp_path, *models, uri=address))
    (line,) = str(refused.value).splitlines()
    assert line.startswith(message)
    assert dict(os.environ) == before
