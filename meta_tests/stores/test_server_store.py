"""The store behind a server, from the record of what a mode left there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.stores.records import LoggedModel, RegisteredModel, Run, UnreadableStore
from mlflow_conformance.stores.run_record import Record, write_record
from mlflow_conformance.stores.server_store import ServerStore

RUN = Run("r1", "e", "FINISHED", 1, 2, {"a": "1"}, {"m": 0.5}, {"t": "x"}, Path("/f/r1"), ("a/b",))


@pytest.fixture
def store(tmp_path: Path) -> ServerStore:
    """A store with one run, one logged and one registered model."""
    record = Record(
        runs=(RUN,),
        models=(LoggedModel("m-1", "model", "e", "r1"),),
        datasets=("d (1)",),
        model_params=(("p", "1"),),
        model_metrics=(("m", 0.5),),
        deleted_runs=("r0",),
        registered=(RegisteredModel("name", "models:/m-1", ("champion",)),),
        sources={"/f/r1": "mlflow-artifacts:/1/r1/artifacts/", "/f/m-1": "mlflow-artifacts:/1/m"},
        uri="http://host",
    )
    write_record(tmp_path / "record.json", record)
    return ServerStore(tmp_path / "record.json")


def test_everything_in_the_record_is_read(store: ServerStore) -> None:
    """Nothing is lost between writing and reading."""
    assert store.runs() == (RUN,)
    assert store.logged_models() == (LoggedModel("m-1", "model", "e", "r1"),)
    assert store.registered_models() == (RegisteredModel("name", "models:/m-1", ("champion",)),)
    assert store.uri == "http://host"
    content = store.other_content()
    assert (content.datasets, content.deleted_runs) == (("d (1)",), ("r0",))
    assert (content.model_params, content.model_metrics) == ((("p", "1"),), (("m", 0.5),))


def test_a_downloaded_folder_has_its_uri(store: ServerStore) -> None:
    """The folder of a model is found below the folder that was downloaded."""
    assert store.source_of(Path("/f/r1/model")) == "mlflow-artifacts:/1/r1/artifacts/model"
    assert store.source_of(Path("/f/m-1")) == "mlflow-artifacts:/1/m"
    with pytest.raises(ValueError, match="/f/other: was not downloaded from http://host"):
        store.source_of(Path("/f/other"))


def test_a_record_that_is_missing_is_told(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(UnreadableStore, match=r"record\.json: cannot read the record of a run"):
        ServerStore(tmp_path / "record.json").runs()
