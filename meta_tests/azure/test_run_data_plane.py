"""Is a run read when its end is written, and without what the platform puts beside the script's?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from fixtures.azure.data_plane import DataPlane
from fixtures.azure.job_store import JobStore
from fixtures.azure.run_record import write_record
from fixtures.run_store import Run
from meta_tests.azure.stand_ins import TurnedClock, patience

URI = "azureml://region.api.azureml.ms/mlflow/v1.0/subscriptions/s/workspaces/w?"
RUNNING: dict[str, Any] = {"info": {"status": "RUNNING"}}
FINISHED: dict[str, Any] = {"info": {"status": "FINISHED", "end_time": 2}}


class Credential:
    """A credential that nobody asks."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token."""
        return AccessToken("token", 2**40)


@pytest.mark.parametrize(("times", "found"), [(0, FINISHED), (2, FINISHED), (99, RUNNING)])
def test_the_end_of_a_run_is_waited_for(
    times: int, found: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that has ended may have a run that has not, for a moment."""
    clock = TurnedClock()
    plane = DataPlane(URI, Credential(), patience(clock))
    answers = iter(times * [RUNNING])
    monkeypatch.setattr(plane, "_document", lambda *_: next(answers, FINISHED))
    assert plane.run("job-1") == found
    assert sum(clock.waits) <= 10


def test_what_the_platform_writes_is_not_the_script_s(tmp_path: Path) -> None:
    """Tags and files of Azure's own are left out, and those of the script are not."""
    tags = {
        "_aml_system_ComputeTargetStatus": '{"AllocationState":"steady"}',
        "azureml.nodeid": "1",
        "conformance-run": "1",
        "conformance-mode": "a",
        "mlflow.user": "me",
        "lab": "8",
    }
    files = ("logs/azureml/a.log", "logs/own.log", "system_logs/b.log", "user_logs/std_log.txt")
    run = Run("job-1", "lab", "FINISHED", 1, 2, {}, {}, tags, tmp_path, files)
    write_record(tmp_path / "run.json", [run], [])
    (found,) = JobStore(tmp_path / "run.json").runs()
    assert set(found.tags) == {"mlflow.user", "lab"}
    assert found.artifacts == ("logs/own.log",)
