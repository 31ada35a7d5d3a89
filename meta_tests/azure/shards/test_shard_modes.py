"""Tests of ``azure.shards.shard_modes``: the jobs' code and lists of models."""

from __future__ import annotations

from pathlib import Path

import pytest

from meta_tests.azure.shards.sample_parts import MODELS
from mlflow_conformance.azure.preflight.code_folder import stage_code
from mlflow_conformance.azure.shards.run_parts import SAMPLES_SCRIPT
from mlflow_conformance.azure.shards.shard_modes import (
    SAMPLES,
    stage,
    with_samples,
    write_requests,
)
from mlflow_conformance.existing.check_models import Shard
from mlflow_conformance.existing.check_options import CheckOptions
from mlflow_conformance.existing.shard_job import read_request
from mlflow_conformance.support.plain_files import UnreadableFile
from mlflow_conformance.support.run_folder import RunFolder

SHARDS = [Shard(number, 3) for number in (1, 2, 3)]


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5])
def test_every_model_is_in_one_part(tmp_path: Path, number: int) -> None:
    """The parts have all models, differ by one at most, and those without models get no job."""
    parts = write_requests(tmp_path, MODELS[:number], SHARDS, CheckOptions())
    assert sorted(model.name for part in parts.values() for model in part) == [
        model.name for model in MODELS[:number]
    ]
    assert len(parts) == min(number, 3)
    assert sorted(map(len, parts.values()))[-1:] <= [(number + 2) // 3]
    for shard, part in parts.items():
        assert read_request(tmp_path / f"models-{shard.number}-of-3.json").models == part


def test_the_files_of_the_options_go_with_the_job(tmp_path: Path) -> None:
    """A job finds the contract and the rows beside its request, wherever they were here."""
    rows, contract = tmp_path / "my rows.csv", tmp_path / "sub" / "contract.yaml"
    contract.parent.mkdir()
    rows.write_text("a,b\n1,2\n")
    contract.write_text("params: {}\n")
    options = CheckOptions(contract=contract, rows=rows, load=True, timeout=7.5, memory=100)
    catalogue = stage(tmp_path / "models", SHARDS, options)
    code = stage_code(catalogue, catalogue.modes, RunFolder(tmp_path / "run"))
    write_requests(code.folder, MODELS, SHARDS, options)
    found = read_request(code.folder / "models-2-of-3.json")
    assert found.options == CheckOptions(
        contract=code.folder / "contract",
        rows=code.folder / "rows",
        load=True,
        timeout=7.5,
        memory=100,
    )
    assert found.options.rows is not None
    assert found.options.rows.read_text() == "a,b\n1,2\n"
    assert found.models == (MODELS[1], MODELS[4])
    assert code.commands["models-2-of-3"] == (
        "python check_models_of_shard.py models-2-of-3.json outputs"
    )


def test_rows_that_are_not_there_are_told_at_once(tmp_path: Path) -> None:
    """Nothing is submitted for a file that does not exist."""
    options = CheckOptions(rows=tmp_path / "nothing.csv")
    with pytest.raises(UnreadableFile, match=r"nothing\.csv: cannot be read: No such file"):
        stage(tmp_path / "models", SHARDS, options)


def test_the_samples_of_a_rehearsal_are_a_mode_of_their_own(tmp_path: Path) -> None:
    """A rehearsal's registry is empty: a job fills it; its script is uploaded with the others."""
    catalogue, mode = with_samples(
        stage(tmp_path / "models", SHARDS, CheckOptions()), SAMPLES_SCRIPT
    )
    code = stage_code(catalogue, catalogue.modes, RunFolder(tmp_path / "run"))
    assert mode.name == SAMPLES
    assert code.commands[SAMPLES] == "python register_sample_models.py"
    assert (code.folder / "register_sample_models.py").is_file()
    assert [one.name for one in catalogue.modes][:2] == ["models-1-of-3", "models-2-of-3"]
