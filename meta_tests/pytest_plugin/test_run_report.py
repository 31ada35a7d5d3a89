"""The collector of a run's report, and what a report says of the end of its run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlflow_conformance.pytest_plugin import controller as module
from mlflow_conformance.pytest_plugin.controller import UNFINISHED, Controller
from mlflow_conformance.pytest_plugin.options import CALLER, SETTINGS
from mlflow_conformance.pytest_plugin.run_report import RunReport
from mlflow_conformance.support.run_folder import RunFolder


def test_it_can_be_a_plugin_of_every_pytest() -> None:
    """Older releases of pytest keep plugins in a set, so they need a hash."""
    assert len({RunReport(None), RunReport(None)}) == 2


@pytest.mark.parametrize(
    ("exit_status", "verdict", "is_finished", "partial"),
    [
        (0, 0, True, ""),
        (0, 2, True, ""),
        (2, 0, True, "it was interrupted"),
        (0, 0, False, UNFINISHED),
    ],
)
def test_a_verdict_s_exit_code_is_no_interruption(
    exit_status: int,
    verdict: int,
    is_finished: bool,
    partial: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only pytest's own exit status says that a run was interrupted, not that of a comparison."""
    monkeypatch.setattr(module, "report_header", lambda settings, caller: [])
    gate: Any = SimpleNamespace(
        exit_code=verdict, is_broken=False, last_lines=[], header=[], document=None
    )
    config: Any = SimpleNamespace(stash={SETTINGS: SimpleNamespace(others=()), CALLER: {}})
    report = RunReport(tmp_path, is_finished=is_finished)
    controller = Controller(config, RunFolder(tmp_path), gate, report)
    session: Any = SimpleNamespace(exitstatus=exit_status, shouldfail="", shouldstop="")
    controller.pytest_sessionfinish(session, exit_status)
    assert controller._ended(verdict).partial == partial
