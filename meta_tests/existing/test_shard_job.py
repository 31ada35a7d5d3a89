"""Tests of ``existing.shard_job``: the check of a part of a list of models, where a job runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlflow_conformance.existing import shard_job
from mlflow_conformance.existing.check_options import CheckOptions, options_of
from mlflow_conformance.existing.registry import ExistingModel, Owner, RegistryGone
from mlflow_conformance.existing.results import ResultFile
from mlflow_conformance.existing.shard_job import FAILED, ShardRequest, main, read_request

OWNER = Owner({"team": "risk"}, ("champion", "old"), "Production", "ada", 7)


@pytest.fixture
def models(tmp_path: Path) -> tuple[ExistingModel, ...]:
    """A model that has a file, and one that is not there."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "MLmodel").write_text("flavors: {}\n")
    return (
        ExistingModel("models:/here/1", str(tmp_path / "here"), OWNER),
        ExistingModel("models:/gone/1", str(tmp_path / "gone")),
    )


def run(folder: Path, models: tuple[ExistingModel, ...], options: CheckOptions) -> int:
    """Write a request and run the job's command."""
    request = folder / "request.json"
    ShardRequest(models, options).write(request)
    return main([str(request), str(folder / "outputs")])


@pytest.mark.parametrize(
    "options",
    [
        CheckOptions(),
        CheckOptions(Path("a b"), True, True, True, Path("rows"), 1.5, 10),
    ],
)
def test_options_are_the_same_in_the_job(options: CheckOptions) -> None:
    """Options survive JSON, and the header of results has each as text."""
    assert options_of(json.loads(json.dumps(options.document))) == options
    assert set(options.as_text) == set(options.document)


def test_a_request_is_read_as_it_was_written(
    tmp_path: Path, models: tuple[ExistingModel, ...]
) -> None:
    """Models keep their owners; files of the options are beside the request, wherever that is."""
    ShardRequest(models, CheckOptions(rows=Path("rows"))).write(tmp_path / "request.json")
    found = read_request(tmp_path / "request.json")
    assert found.models == models
    assert found.options == CheckOptions(rows=tmp_path / "rows")


def test_every_model_has_a_line(
    tmp_path: Path, models: tuple[ExistingModel, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code says that all were looked at, whatever was found; the header says how."""
    monkeypatch.setattr(shard_job, "_load_plugins", lambda: None)
    assert run(tmp_path, models, CheckOptions()) == 0
    file = tmp_path / "outputs" / "models.jsonl"
    here, gone = ResultFile(file, {}).results()
    assert (here.name, here.verdict, here.owner) == ("models:/here/1", "damaged", OWNER)
    assert (gone.name, gone.verdict) == ("models:/gone/1", "not checked")
    header = json.loads(file.read_text().splitlines()[0])["checked_with"]
    assert header["load"] == "False"
    assert [text.split()[0] for text in header["versions"]] == [
        *("Python", "mlflow", "scikit-learn", "pandas", "numpy")
    ]


def test_a_contract_that_is_none_ends_the_job_with_a_reason(
    tmp_path: Path, models: tuple[ExistingModel, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """The job fails, and its log says why in one line; no model has a result."""
    (tmp_path / "contract").write_text("flavours: [sklearn]\n")
    assert run(tmp_path, models, CheckOptions(contract=Path("contract"))) == FAILED
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ERROR: {tmp_path / 'contract'}: ")
    assert "flavours" in line
    assert not (tmp_path / "outputs" / "models.jsonl").exists()


def test_a_registry_that_is_gone_ends_the_job_with_a_reason(
    tmp_path: Path,
    models: tuple[ExistingModel, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The job fails, so that its other models do not count as checked; the log has one line."""

    def check(*arguments: Any) -> Any:
        raise RegistryGone("models:/gone/1: HTTP 503")

    monkeypatch.setattr(shard_job, "_load_plugins", lambda: None)
    monkeypatch.setattr(shard_job, "check_models", check)
    assert run(tmp_path, models, CheckOptions()) == FAILED
    assert capsys.readouterr().err == "ERROR: models:/gone/1: HTTP 503\n"


def test_plugins_are_loaded_before_threads_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry is asked once in the main thread; that it refuses is no error yet."""
    asked: list[Any] = []

    def search(**query: Any) -> None:
        asked.append(query)
        raise RuntimeError("HTTP 403")

    client = SimpleNamespace(search_registered_models=search)
    tracking = SimpleNamespace(MlflowClient=lambda: client)
    monkeypatch.setitem(sys.modules, "mlflow", SimpleNamespace(tracking=tracking))
    monkeypatch.setitem(sys.modules, "mlflow.tracking", tracking)
    shard_job._load_plugins()
    assert asked == [{"max_results": 1}]
