"""Tests of the script that a job runs first, and of what is read from the job's log."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflow_conformance.azure.preflight.installed_packages import (
    MARKER,
    MOST_BYTES,
    SCRIPT,
    Installed,
    has_more,
    read_installed,
    without_line,
    write_script,
)

FOUND = Installed("3.10.14", {"mlflow": "2.22.5", "azureml-mlflow": "1.62.0.post6"})
LINE = f"{MARKER}{json.dumps({'python': '3.10.14', 'packages': dict(FOUND.packages)})}\n"


def log_of(folder: Path, text: str | bytes) -> Path:
    """Write a log and return its path."""
    log = folder / "std_log.txt"
    log.write_bytes(text if isinstance(text, bytes) else text.encode())
    return log


def run_script(folder: Path, *options: str) -> Path:
    """Run the script as a job does, and return the log."""
    script = write_script(folder)
    done = subprocess.run(
        [sys.executable, *options, script],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "packages")},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return log_of(folder, done.stdout)


def distribution(folder: Path, name: str, metadata: str | None) -> None:
    """Write the record of an installed package, ``None`` for one without metadata."""
    record = folder / f"{name}.dist-info"
    record.mkdir(parents=True)
    if metadata is not None:
        (record / "METADATA").write_text(metadata)


def test_the_script_says_what_is_installed(tmp_path: Path) -> None:
    """It prints one line, whatever the modules beside it are named."""
    for name in ("json", "email", "platform", "re", "typing"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)")
    log = run_script(tmp_path)
    assert log.read_text().count("\n") == 1
    found = read_installed(log)
    assert found is not None
    assert found.python == platform.python_version()
    for package in ("mlflow", "pytest-xdist"):
        assert found.packages[package] == version(package)


def test_broken_installations_are_left_out(tmp_path: Path) -> None:
    """The first of two installations counts, as in an import; a package has one spelling."""
    packages = tmp_path / "packages"
    distribution(packages, "MLflow-0.1", "Metadata-Version: 2.1\nName: MLflow\nVersion: 0.1\n")
    distribution(
        packages, "My_Own.Thing-2", "Metadata-Version: 2.1\nName: My_Own.Thing\nVersion: 2"
    )
    distribution(packages, "broken-1", None)
    found = read_installed(run_script(tmp_path))
    assert found is not None
    assert (found.packages["mlflow"], found.packages["my-own-thing"]) == ("0.1", "2")


def test_a_script_that_cannot_read_its_packages_prints_no_list(tmp_path: Path) -> None:
    """An error in it is a line and no failure: the mode's script runs nevertheless."""
    spoilt = SCRIPT.replace("    packages = {}\n", "    raise OSError('no disk')\n")
    done = subprocess.run(
        [sys.executable, "-c", f"__file__ = 'x'\n{spoilt}"], capture_output=True, check=True
    )
    assert done.stdout == b"OSError no disk\n"
    assert read_installed(log_of(tmp_path, done.stdout)) is None


def test_old_pythons_can_read_the_script() -> None:
    """The script's syntax is that of Python 3.8."""
    import ast

    assert ast.parse(SCRIPT, feature_version=(3, 8)).body


def test_the_script_overwrites_nothing(tmp_path: Path) -> None:
    """A file of this name, in any spelling, keeps its content."""
    (tmp_path / "Conformance-Environment.py").write_text("mine")
    (tmp_path / "conformance-environment-2.py").mkdir()
    assert write_script(tmp_path) == "conformance-environment-3.py"
    assert (tmp_path / "Conformance-Environment.py").read_text() == "mine"


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        f"bash: cannot set terminal process group\n\n{LINE}the script's\n",
        LINE.replace("\n", "\r\n"),
        LINE.replace("azureml-mlflow", "AzureML_MLflow"),
        f"{LINE}{MARKER}{{}}\n{LINE.replace('2.22.5', '9.9.9')}",
        f"{LINE}{'x' * (MOST_BYTES + 1)}",
        LINE.encode() + b"\xff\xfe\x00\n",
    ],
    ids=["alone", "later", "windows", "spelling", "again", "huge", "binary"],
)
def test_the_first_list_counts(text: str | bytes, tmp_path: Path) -> None:
    """Whatever the mode's script prints after it changes nothing."""
    assert read_installed(log_of(tmp_path, text)) == FOUND


HOSTILE = {
    "empty": "",
    "no list": "a script printed this\n",
    "cut": LINE[:60],
    "not at the beginning": f"x {LINE}",
    "not json": f"{MARKER}python\n",
    "deep": f"{MARKER}{'[' * 100_000}\n",
    "number": f"{MARKER}{'9' * 5_000}\n",
    "a list": f"{MARKER}[]\n",
    "no python": f'{MARKER}{{"packages": {{}}}}\n',
    "no version": f'{MARKER}{{"python": "three", "packages": {{}}}}\n',
    "no packages": f'{MARKER}{{"python": "3.10.1", "packages": ["mlflow"]}}\n',
    "a version that is none": f'{MARKER}{{"python": "3.10.1", "packages": {{"mlflow": 2}}}}\n',
    "empty name": f'{MARKER}{{"python": "3.10.1", "packages": {{"": "2"}}}}\n',
    "two lines": f'{MARKER}{{"python": "3.10.1", "packages": {{"mlflow": "2\\n0"}}}}\n',
    "long": f'{MARKER}{{"python": "3.10.1", "packages": {{"mlflow": "{"2" * 201}"}}}}\n',
    "later one is good": f"{MARKER}\n{LINE}",
    "beyond what is read": f"{'x' * MOST_BYTES}\n{LINE}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_anything_else_is_no_list(name: str, tmp_path: Path) -> None:
    """A log that was cut or forged has no list, and is no error."""
    assert read_installed(log_of(tmp_path, HOSTILE[name])) is None


@settings(deadline=None)  # it writes files
@given(text=st.text() | st.builds(lambda text: f"{MARKER}{text}", st.text()))
def test_no_log_is_an_error(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Reading never raises."""
    assert read_installed(log_of(tmp_path_factory.mktemp("log"), text.encode())) is None


def test_what_is_no_plain_file_has_no_list(tmp_path: Path) -> None:
    """A missing log, a folder and a FIFO have none; nothing waits."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "pipe"):
        assert read_installed(path) is None
        assert not has_more(path)


@pytest.mark.parametrize(
    ("text", "more"), [("", False), (LINE, False), (f"\n{LINE} \n", False), (f"{LINE}x", True)]
)
def test_the_line_is_no_output_of_the_script(text: str, more: bool, tmp_path: Path) -> None:
    """A job that failed after the line alone has printed nothing."""
    assert has_more(log_of(tmp_path, text)) is more
    assert without_line(text).strip() == ("x" if more else "")
