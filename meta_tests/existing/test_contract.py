"""Contracts of existing models: which are refused, and what breaks them."""

from __future__ import annotations

from pathlib import Path

import pytest

from meta_tests.existing.sample_loaders import write_model
from mlflow_conformance.existing.contract import read_contract
from mlflow_conformance.existing.examine import examine
from mlflow_conformance.support.yaml_entry import ConfigurationError

KEPT = """\
flavors: [python_function]
signature:
  inputs: {columns: [{name: a, type: double}]}
  outputs: {tensor: {dtype: float64, shape: [-1]}}
requires: [mlflow]
"""


def broken(text: str, folder: Path) -> list[str]:
    """Return what breaks a contract of the sample model."""
    (folder / "contract.yaml").write_text(text, encoding="utf-8")
    contract = read_contract(folder / "contract.yaml")
    found = examine(write_model(folder / "model"), contract).findings
    assert all(f.level == "damaged" and f.way_out for f in found if f.check == "contract")
    return [f.what.removeprefix("breaks the contract: ") for f in found if f.check == "contract"]


def test_a_contract_that_is_kept_finds_nothing(tmp_path: Path) -> None:
    """A model that is as the contract says has no finding."""
    assert broken(KEPT, tmp_path) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "flavors: [python_function, sklearn]",
            "flavors: found python_function, should be python_function, sklearn",
        ),
        ("signature: none", "the signature: found there, should be none"),
        (
            "signature: {inputs: {columns: [{name: a, type: long}]}}",
            "fields of signature.inputs: found a: double, should be a: long",
        ),
        (
            "signature: {inputs: {columns: [{name: a, type: double}, {name: b, type: long}]}}",
            "fields of signature.inputs: found nothing else, should be b: long",
        ),
        (
            "signature: {inputs: {tensor: {dtype: float64, shape: [-1, 1]}}}",
            "signature.inputs: found column-based, should be tensor-based",
        ),
        (
            "signature: {outputs: {tensor: {dtype: int64, shape: [-1]}}}",
            "fields of signature.outputs: found tensor float64 [-1], should be tensor int64 [-1]",
        ),
        ("params: {threshold: 0.5}", "inference params: found {}, should be {'threshold': 0.5}"),
        ("metadata: {team: risk}", "metadata 'team': found None, should be risk"),
        ("requires: [xgboost>=2]", "requirement of xgboost: found none, should be xgboost>=2"),
    ],
)
def test_each_thing_that_differs_is_told(text: str, what: str, tmp_path: Path) -> None:
    """One finding says what was found, and what should be."""
    assert broken(text, tmp_path) == [what]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "contract: should be a mapping"),
        ("{}", "states nothing; known are flavors"),
        ("flavours: [sklearn]", "flavours: unknown key"),
        ("requires: ['not a requirement !']", "is no requirement"),
        ("signature: {inputs: {columns: []}}", "columns: is empty"),
        ("signature: {input: {}}", "input: unknown key"),
        ("flavors: [", "not readable"),
    ],
)
def test_a_contract_that_says_nothing_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    """The line names the file and the key."""
    file = tmp_path / "contract.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        read_contract(file)
    assert str(file) in str(refused.value)
    assert problem in str(refused.value)
