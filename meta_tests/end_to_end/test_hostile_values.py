"""Hostile paths, numbers, locales and variables are refused in one line, or do no harm."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, caller, mode, run, write_catalogue
from mlflow_conformance.support.option_values import A_YEAR, seconds, seconds_problem

PATH_OPTIONS = (
    *("--catalogue", "--training-data", "--baseline"),
    *("--record", "--accepted", "--verdict"),
)
USAGE_ERROR = 4
PLAIN = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue, with special files beside it."""
    write_catalogue(tmp_path, [mode("good", "model.py")], {})
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "there").mkdir()
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10 * 1024**3)
    return tmp_path


def refused(folder: Path, *options: str) -> SuiteRun:
    """Collect with options that are refused before anything starts."""
    ended = run(
        folder,
        "--collect-only",
        "-q",
        f"--catalogue={folder / 'modes.yaml'}",
        *options,
        modules=["outcome"],
    )
    assert ended.exit_code == USAGE_ERROR, ended.output
    assert "Traceback" not in ended.output
    assert "INTERNALERROR" not in ended.output
    assert all(line.isprintable() for line in ended.output.splitlines()), ended.output
    return ended


@pytest.mark.parametrize("option", [*PATH_OPTIONS, "--workspace"])
@pytest.mark.parametrize("name", ["fifo", "loop", "x" * 300 + "/a.json"])
def test_a_path_that_leads_to_no_file_is_refused(option: str, name: str, folder: Path) -> None:
    """Every option with a path refuses FIFOs, loops and overlong names at once, by name."""
    ended = refused(folder, f"{option}={folder / name}")
    assert ended.exit_code == USAGE_ERROR, ended.output
    assert ended.lines_with(name[:40]), ended.output


@pytest.mark.parametrize("option", ["--catalogue", "--training-data", "--baseline", "--workspace"])
def test_a_file_of_any_size_is_refused_unread(option: str, folder: Path) -> None:
    """Every option that names a file to read refuses a sparse file of 10 GiB, with the limit."""
    (folder / "sparse").rename(folder / "sparse.json")
    ended = refused(folder, f"{option}={folder / 'sparse.json'}")
    assert ended.lines_with(" bytes, the limit"), ended.output


@pytest.mark.parametrize("option", ["--training-timeout", "--job-timeout", "--poll-interval"])
def test_a_time_without_end_is_refused(option: str, folder: Path) -> None:
    """An infinite time is refused at the start."""
    ended = refused(folder, f"{option}=1e400")
    assert ended.exit_code == USAGE_ERROR
    assert ended.lines_with(f"{option}: should be 31536000 seconds (a year) at most, is inf")


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "-inf", "1e400", "1e300", "9" * 500])
def test_a_time_out_of_range_has_a_problem(text: str) -> None:
    """No time, an infinite time and a time out of range are each refused with a short message."""
    problem = seconds_problem(float(text))
    assert problem is not None
    assert problem.startswith("should be ")
    assert len(problem) < 80
    with pytest.raises(argparse.ArgumentTypeError, match="should be "):
        seconds(text)


def test_a_time_in_range_is_taken() -> None:
    """A year and a fraction of a second are valid times."""
    assert seconds("31536000") == A_YEAR
    assert seconds("0.001") == 0.001
    with pytest.raises(argparse.ArgumentTypeError, match="should be seconds, is 'soon'"):
        seconds("soon")


@pytest.mark.parametrize(
    "variables",
    [PLAIN, {**PLAIN, "PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}],
    ids=["C", "ascii", "latin-1"],
)
def test_a_locale_without_utf_8_is_no_obstacle(variables: dict[str, str], folder: Path) -> None:
    """In a locale without UTF-8, other characters in names are shown as escapes."""
    path = folder / "modes.yaml"
    text = path.read_text(encoding="utf-8").replace("experiment: whole-runs", "experiment: é→")
    path.write_text(text, encoding="utf-8")
    ended = run(
        folder,
        "--collect-only",
        f"--catalogue={path}",
        "--mode",
        "n→",
        modules=["outcome"],
        environment=caller(**variables),
    )
    assert ended.exit_code == USAGE_ERROR, ended.output
    assert ended.lines_with("no mode "), ended.output
    assert "Traceback" not in ended.output


def test_warnings_as_errors_are_kept_out_of_what_is_under_test(folder: Path) -> None:
    """``PYTHONWARNINGS=error`` does not reach MLflow, which warns on import, and is named."""
    ended = run(
        folder,
        f"--catalogue={folder / 'modes.yaml'}",
        modules=["outcome"],
        environment=caller(PYTHONWARNINGS="error"),
    )
    assert ended.exit_code == 0, ended.output
    assert ended.lines_with("kept out of the run: PYTHONWARNINGS=error"), ended.output
