"""Tests that a run which compares nothing says so in the files of ``--verdict``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest

from meta_tests.upgrade.sample_upgrades import profile, sample_facts
from mlflow_conformance.pytest_plugin.tally import Tally
from mlflow_conformance.pytest_plugin.upgrade_gate import NOTHING_HERE, STOPPED, UpgradeGate
from mlflow_conformance.pytest_plugin.upgrade_options import UpgradeSettings
from mlflow_conformance.upgrade.changes.verdict import NO_TELLING


def asking(folder: Path, **more: Any) -> UpgradeSettings:
    """Return settings that ask for a comparison and its verdict."""
    names = (folder / "baseline.json", folder / "accepted.yaml")
    return UpgradeSettings(*names, baseline=profile(sample_facts()), asked=("--baseline",), **more)


@pytest.mark.parametrize(("is_stopped", "why"), [(True, STOPPED), (False, NOTHING_HERE)])
def test_what_was_not_compared_is_written(is_stopped: bool, why: str, tmp_path: Path) -> None:
    """The reason and the exit code are in the files, and JUnit has an error."""
    folder = tmp_path / "v"
    gate = UpgradeGate(asking(tmp_path, verdict=folder))
    gate.finish(cast(Any, None), Tally({}), is_stopped=is_stopped)
    document = json.loads((folder / "verdict.json").read_text())
    assert document["reason"] == why
    assert document["exit_code"] == NO_TELLING == gate.exit_code
    suite = ElementTree.parse(folder / "verdict.xml").getroot()  # noqa: S314 - our own
    assert suite.attrib["errors"] == "1"


def test_without_the_option_nothing_is_written(tmp_path: Path) -> None:
    """A run that asks for no files gets none."""
    gate = UpgradeGate(asking(tmp_path))
    gate.finish(cast(Any, None), Tally({}), is_stopped=True)
    assert [*tmp_path.iterdir()] == []


def test_a_folder_that_vanished_breaks_the_run(tmp_path: Path) -> None:
    """If the files cannot be written, a line says so."""
    (tmp_path / "file").write_text("")
    gate = UpgradeGate(asking(tmp_path, verdict=tmp_path / "file" / "v"))
    gate.finish(cast(Any, None), Tally({}), is_stopped=True)
    assert gate.is_broken
    assert gate.lines[-1].startswith("the verdict cannot be written: ")
