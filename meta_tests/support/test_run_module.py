"""Tests of ``support.run_module`` and ``nearest``: modules of the suite in any Python."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mlflow_conformance.support.nearest import did_you_mean
from mlflow_conformance.support.run_module import module_command

PROBE = """\
import sys
import conformance, fixtures
from mlflow_conformance.support.text import one_line
print(__name__, sys.argv[1:], fixtures.__file__, conformance.VALUE, one_line("a\\nb"))
print([path for path in sys.path if "mlflow_conformance" in path])
"""


def test_a_module_runs_without_the_suite_on_the_path(tmp_path: Path) -> None:
    """It runs in a Python that knows nothing of the suite, and finds the user's own modules.

    ``-S`` leaves out site-packages, and with it the suite that is installed there.
    """
    (tmp_path / "fixtures.py").write_text("")
    (tmp_path / "conformance").mkdir()
    (tmp_path / "conformance" / "__init__.py").write_text("VALUE = 7")
    (tmp_path / "probe.py").write_text(PROBE)
    python, *rest = module_command("probe", "a", "b c")
    done = subprocess.run(
        [python, "-S", *rest],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    first, second = done.stdout.splitlines() or ["", done.stderr]
    assert first == f"__main__ ['a', 'b c'] {tmp_path / 'fixtures.py'} 7 a\\nb"
    assert second == "[]"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("--catalog", "; did you mean --catalogue?"), ("--mod", "; did you mean --mode?"), ("-q", "")],
)
def test_the_nearest_name_is_suggested(name: str, hint: str) -> None:
    """A similar known name is suggested, and none if nothing is similar."""
    assert did_you_mean(name, ["--mode", "--catalogue", "--record"]) == hint
