"""The reader of MLflow's file store: what it reads, and how it refuses other files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mlflow_conformance.stores.file_store import FileStore
from mlflow_conformance.stores.records import (
    LocalStore,
    LoggedModel,
    OtherContent,
    RegisteredModel,
    UnreadableStore,
)

RUN = {"run_id": "r1", "status": 3, "start_time": 5, "end_time": 9, "lifecycle_stage": "active"}
MODEL = {"model_id": "m-1", "name": "model", "source_run_id": "r1", "status": 2}


def write(file: Path, content: object) -> None:
    """Write a text, or a document as YAML."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store with one experiment, in which one run has logged one model."""
    root = tmp_path / "store"
    artifacts = root / "1" / "r1" / "artifacts"
    write(root / "1" / "meta.yaml", {"name": "lab", "experiment_id": "1"})
    write(root / "1" / "r1" / "meta.yaml", {**RUN, "artifact_uri": artifacts.as_uri()})
    write(artifacts / "model" / "MLmodel", "")
    write(root / "1" / "r1" / "params" / "C", "100.0")
    write(root / "1" / "r1" / "tags" / "mlflow.runName", "own name")
    write(root / "1" / "r1" / "metrics" / "auc", "7 0.25 0\n8 0.5 1\n6 0.75 1\n")
    write(root / "1" / "r1" / "metrics" / "a" / "b", "7 nan 0\n")
    write(root / "1" / "datasets" / "d" / "meta.yaml", {"name": "data", "digest": "86dd"})
    write(root / "1" / "models" / "m-1" / "meta.yaml", MODEL)
    write(root / "1" / "models" / "m-1" / "tags" / "team", "a")
    write(root / "1" / "models" / "m-1" / "metrics" / "auc", "8 0.5 1 r1\n")
    write(root / ".trash" / "2" / "meta.yaml", {"name": "old"})
    for version, source in ((1, "models:/m-1"), (2, "file:///a%20b/model")):
        facts = {"name": "churn", "version": version, "source": source}
        write(root / "models" / "churn" / f"version-{version}" / "meta.yaml", facts)
    write(root / "models" / "churn" / "meta.yaml", {"name": "churn"})
    write(root / "models" / "churn" / "aliases" / "champion", "2")
    write(root / "models" / "churn" / "aliases" / "best", "2\n")
    return root


def test_runs_are_read(root: Path) -> None:
    """A run has its params, tags, last metrics and files; a name may contain a slash."""
    (run,) = FileStore(root).runs()
    assert (run.run_id, run.experiment, run.status) == ("r1", "lab", "FINISHED")
    assert (run.start_time, run.end_time, run.name) == (5, 9, "own name")
    assert run.params == {"C": "100.0"}
    assert run.metrics == {"auc": 0.5, "a/b": None}
    assert (run.artifacts, run.artifact_directory) == (
        ("model/MLmodel",),
        root / "1" / "r1" / "artifacts",
    )


def test_everything_else_is_read(root: Path) -> None:
    """Logged models, registered versions, datasets and deleted experiments are read."""
    store = FileStore(root)
    assert store.logged_models() == (LoggedModel("m-1", "model", "lab", "r1"),)
    assert store.registered_models() == (
        RegisteredModel("churn", "models:/m-1"),
        RegisteredModel("churn", "/a b/model", ("best", "champion")),
    )
    assert store.other_content() == OtherContent(
        experiments=("lab", "old (deleted)"),
        deleted_runs=(),
        datasets=("data (86dd)",),
        model_params=(),
        model_tags=(("team", "a"),),
        model_metrics=(("auc", 0.5),),
    )


def test_deleted_runs_are_told_apart(root: Path) -> None:
    """A deleted run is no run of the store, and is named."""
    write(root / "1" / "r1" / "meta.yaml", {**RUN, "lifecycle_stage": "deleted"})
    assert FileStore(root).runs() == ()
    assert FileStore(root).other_content().deleted_runs == ("r1",)


def test_a_store_that_nobody_has_created_is_empty(tmp_path: Path) -> None:
    """A script that logs nothing creates no folder."""
    store = FileStore(tmp_path / "nothing")
    assert (store.runs(), store.logged_models(), store.registered_models()) == ((), (), ())
    assert isinstance(store, LocalStore)


def test_a_copy_is_a_store(root: Path, tmp_path: Path) -> None:
    """The copy has another place, and the artifacts of the original."""
    uri = FileStore(root).copied_to(tmp_path)
    copy = FileStore(Path(uri.removeprefix("file://")))
    assert copy.path != root
    assert copy.runs() == FileStore(root).runs()


@pytest.mark.parametrize(
    ("break_", "message"),
    [
        (lambda root: write(root / "1" / "meta.yaml", "[1"), r"1/meta\.yaml: "),
        (lambda root: write(root / "1" / "meta.yaml", "1"), r"meta\.yaml: should be a mapping$"),
        (lambda root: write(root / "1" / "r1" / "meta.yaml", {"run_id": "r1"}), "'artifact_uri'$"),
        (lambda root: write(root / "1" / "r1" / "metrics" / "auc", "7\n"), "metrics/auc: list ind"),
        (
            lambda root: write(root / "1" / "r1" / "metrics" / "auc", "7 x 0\n"),
            "metrics/auc: could",
        ),
        (lambda root: (root / "1" / "r1" / "params" / "C").write_bytes(b"\xff"), "not UTF-8"),
    ],
    ids=["yaml", "mapping", "run", "short metric", "metric", "text"],
)
def test_other_files_are_refused(
    break_: Callable[[Path], object], message: str, root: Path
) -> None:
    """Whatever is no file store is one error that names the file."""
    break_(root)
    with pytest.raises(UnreadableStore, match=message):
        FileStore(root).runs()
