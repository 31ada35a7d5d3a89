"""Failing scripts in a forked process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlflow_conformance.support.paths import ROOT

FORKED = (
    "import os, sys; from mlflow_conformance.processes.forked_script import run_script;"
    " sys.exit(run_script(sys.argv[1], [], directory='.', environment=os.environ.copy()))"
)
SCRIPTS = {
    "raises": "def fail():\n    raise RuntimeError('I fail')\n\n\nfail()\n",
    "raises-from-another": "try:\n    1 / 0\nexcept Exception as e:\n    raise OSError from e\n",
    "raises-in-a-library": "import json\n\njson.loads('{')\n",
    "is-no-python": "print('never')\nif\n",
    "imports-nothing": "import nowhere_at_all\n",
    "leaves-with-words": "import sys\n\nsys.exit('I leave')\n",
}


def failure_of(*arguments: str) -> tuple[int, str]:
    """Return the exit code and the standard error of a Python process."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_fails_as_under_plain_python(name: str, tmp_path: Path) -> None:
    """Exit code and traceback are those of plain Python, without a frame of the suite."""
    script = tmp_path / f"{name}.py"
    script.write_text(SCRIPTS[name], encoding="utf-8")
    forked = failure_of("-c", FORKED, str(script))
    assert forked == failure_of(str(script))
    assert "forked_script" not in forked[1]
    assert "runpy" not in forked[1]
