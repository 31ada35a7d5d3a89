"""Tests of the warm interpreter: what it has imported when a job begins."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mlflow_conformance.processes.job import Job
from mlflow_conformance.processes.launcher import run_all
from mlflow_conformance.processes.warm_launcher import WarmLauncher

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

SCRIPT = "import sys\nprint('{}' in sys.modules)\n"


def test_a_library_of_some_jobs_is_imported_with_the_first_of_them(tmp_path: Path) -> None:
    """Scripts that do not autolog do not wait for what draws the plots of autologging."""
    scripts = {"by-hand": "", "autologs": "# mlflow.autolog()\n", "also": "# autolog\n"}
    jobs = []
    for name, text in scripts.items():
        script = tmp_path / f"{name}.py"
        script.write_text(text + SCRIPT.format("matplotlib.pyplot"), encoding="utf-8")
        jobs.append(
            Job(
                id=name,
                script=str(script),
                arguments=(),
                directory=str(tmp_path),
                output=str(tmp_path / name),
                environment=dict(os.environ),
                timeout=60.0,
            )
        )
    launcher = WarmLauncher(dict(os.environ), tmp_path, sys.executable)
    try:
        assert [result.exit_code for result in run_all(launcher, jobs, parallel=1)] == [0, 0, 0]
    finally:
        launcher.close()
    printed = {name: (tmp_path / name).read_text().strip() for name in scripts}
    assert printed == {"by-hand": "False", "autologs": "True", "also": "True"}
