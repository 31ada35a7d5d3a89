"""Runs whose output nobody reads to the end: a closed pipe, a full disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import RUN_SECONDS, caller, command, mode, write_catalogue
from mlflow_conformance.support.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")

NOTHING_CHECKED = 3
WAY_OUT = (
    "so the run has ended early: let it write to a file (> FILE), or to a pipe that is read to its"
    " end\n"
)


@pytest.mark.parametrize(
    ("path", "problem"), [("", "Broken pipe"), ("/dev/full", "No space left on device")]
)
def test_an_output_that_takes_no_more_is_one_line_and_no_broken_promise(
    path: str, problem: str, tmp_path: Path
) -> None:
    """The run ends with 3 and one line on standard error; the report is written nevertheless."""
    catalogue = write_catalogue(tmp_path, [mode("only", "model.py")], {})
    options = ("-m", "local", "--catalogue", str(catalogue), "--report", str(tmp_path / "report"))
    arguments = command(tmp_path, *options, modules=["outcome"])
    if path:
        taker = os.open(path, os.O_WRONLY)
    else:
        reader, taker = os.pipe()
        os.close(reader)
    try:
        ended = subprocess.run(
            arguments,
            env=caller(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=taker,
            stderr=subprocess.PIPE,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
    finally:
        os.close(taker)
    assert ended.returncode == NOTHING_CHECKED, ended.stderr
    assert ended.stderr == f"ERROR: the output cannot be written ({problem}), {WAY_OUT}"
    assert (tmp_path / "report" / "report.html").is_file()
