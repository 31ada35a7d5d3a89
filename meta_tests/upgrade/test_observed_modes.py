"""Which modes a release is observed with, and what is observed of odd ones."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest
from packaging.version import Version

from meta_tests.exercise import EXERCISE
from mlflow_conformance.catalogue.modes import GATE, Mode
from mlflow_conformance.catalogue.releases import Releases
from mlflow_conformance.catalogue.signature import Column, ColumnSchema
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.reference import Reference
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.upgrade.profile.fact_texts import NOT_TYPED
from mlflow_conformance.upgrade.profile.observe.behaviour import contract
from mlflow_conformance.upgrade.profile.observe.mode import installed_versions
from mlflow_conformance.upgrade.runs import release_run
from mlflow_conformance.upgrade.runs.release_run import ReleaseRun


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the modes that are trained; nothing is run."""
    names: list[str] = []

    def train(training: object, modes: tuple[Mode, ...], *others: object) -> tuple[()]:
        names.extend(mode.name for mode in modes)
        return ()

    monkeypatch.setattr(release_run, "train", train)
    for name in ("make_ready", "start_servers"):
        monkeypatch.setattr(release_run, name, lambda *arguments: None)
    monkeypatch.setattr(release_run, "observe_all", lambda *arguments: {"modes": {}})
    return names


@pytest.mark.parametrize(
    ("release", "found"),
    [
        ("2.22.5", ["everywhere", "by the gate"]),
        ("3.17.2", ["everywhere", "by the gate", "new"]),
    ],
)
def test_modes_of_other_releases_and_places_are_left_out(
    release: str, found: list[str], trained: list[str], tmp_path: Path
) -> None:
    """The gate runs modes that apply to the release, and that it runs without being asked."""
    mode = EXERCISE.modes[0]
    modes = (
        replace(mode, name="everywhere"),
        replace(mode, name="here only", by_default=("local",)),
        replace(mode, name="by the gate", by_default=(GATE,)),
        replace(mode, name="new", releases=Releases(oldest=Version("3"), because="new")),
    )
    started: Any = SimpleNamespace(launcher=None, empty_store=tmp_path)
    run = ReleaseRun(f"MLflow {release}", RunFolder(tmp_path), {}, started)
    catalogue = replace(EXERCISE, modes=modes)
    release_run.record(
        run, catalogue, release, timeout=1.0, parallel=1, report=lambda outcome: None
    )
    assert trained == found


def test_rows_that_cannot_have_the_types_are_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow infers integers from nullable ones, whose missing values no integer column has."""
    loaded = SimpleNamespace(predict=lambda rows: rows)
    # Until it is imported, MLflow's attribute of this name is a loader, not the module.
    pyfunc = importlib.import_module("mlflow.pyfunc")
    monkeypatch.setattr(pyfunc, "load_model", lambda directory: loaded)
    schema = ColumnSchema((Column("long", "Visits"),))
    model = cast(ModelUnderTest, SimpleNamespace(input_schema=schema, directory=tmp_path))
    rows = SimpleNamespace(frame=pd.DataFrame({"Visits": pd.array([1, None], dtype="Int64")}))
    reference = cast(Reference, SimpleNamespace(rows=rows, class_name="sklearn.A"))
    found = set(contract(model, reference).values())
    assert len(found) == 1
    assert found.pop().startswith(f"{NOT_TYPED}: ")


def test_copies_inside_of_setuptools_are_no_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version of a package is that of the one that is imported, and not of a copy."""
    folders = {"_vendor": "8.0", "site-packages": "6.11", "later": "9.9"}
    for folder, version in folders.items():
        about = tmp_path / folder / f"probed-{version}.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: Probed\nVersion: {version}\n"
        )
    monkeypatch.setattr("sys.path", [str(tmp_path / folder) for folder in folders])
    assert installed_versions()["probed"] == "6.11"
