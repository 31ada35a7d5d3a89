"""The controller: a run that lost promises or has stale entries fails."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from meta_tests.pytest_plugin.sample_plan import PLANNED
from mlflow_conformance.pytest_plugin.controller import Controller
from mlflow_conformance.pytest_plugin.tally import DEVIATED, FAILED, KEPT, UNCHECKED
from mlflow_conformance.pytest_plugin.upgrade_gate import UpgradeGate
from mlflow_conformance.pytest_plugin.upgrade_options import UpgradeSettings
from mlflow_conformance.support.run_folder import RunFolder


@pytest.mark.parametrize(
    ("results", "problems", "exit_code"),
    [
        ({"test_a[one]": FAILED, "test_b[one]": KEPT, "test_a[two]": KEPT}, (), 1),
        ({"test_a[one]": KEPT, "test_b[one]": DEVIATED, "test_a[two]": KEPT}, (), 0),
        ({"test_a[one]": KEPT, "test_b[one]": KEPT}, (), 1),
        ({"test_a[one]": KEPT, "test_b[one]": KEPT, "test_a[two]": UNCHECKED}, (), 1),
        ({"test_a[one]": KEPT, "test_b[one]": KEPT, "test_a[two]": KEPT}, ("a stale entry",), 1),
    ],
    ids=["one failed", "all checked", "one never ran", "one skipped", "a stale entry"],
)
def test_a_green_run_that_lost_something_fails(
    results: dict[str, str], problems: tuple[str, ...], exit_code: int, tmp_path: Path
) -> None:
    """A run without failures fails if a promise is lost or an entry is stale."""
    gate = UpgradeGate(UpgradeSettings(tmp_path / "baseline.json", tmp_path / "accepted.yaml"))
    controller = Controller(cast(pytest.Config, None), RunFolder(tmp_path), gate)
    controller._tally.plan(PLANNED)
    controller._problems = problems
    for test_id, result in results.items():
        controller._tally.note(test_id, result)
    session = SimpleNamespace(exitstatus=pytest.ExitCode.OK, shouldfail="", shouldstop="")
    controller.pytest_sessionfinish(cast(pytest.Session, session), pytest.ExitCode.OK)
    assert session.exitstatus == exit_code


def test_the_last_lines_name_lost_promises_and_stale_entries(tmp_path: Path) -> None:
    """A lost promise is LOST, a stale entry is an ERROR: no promise is lost by it."""
    printed: list[str] = []
    terminal = SimpleNamespace(line=lambda line, **colours: printed.append(line))
    plugins = SimpleNamespace(get_plugin=lambda name: terminal)
    gate = UpgradeGate(UpgradeSettings(tmp_path / "baseline.json", tmp_path / "accepted.yaml"))
    controller = Controller(cast(pytest.Config, None), RunFolder(tmp_path), gate)
    controller._lost, controller._problems = ("a promise",), ("a stale entry",)
    controller.pytest_unconfigure(cast(pytest.Config, SimpleNamespace(pluginmanager=plugins)))
    assert printed == ["LOST a promise", "ERROR a stale entry"]
