"""The collector of a run's report."""

from __future__ import annotations

from mlflow_conformance.pytest_plugin.run_report import RunReport


def test_it_can_be_a_plugin_of_every_pytest() -> None:
    """Older releases of pytest keep plugins in a set, so they need a hash."""
    assert len({RunReport(None), RunReport(None)}) == 2
