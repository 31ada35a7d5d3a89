"""The files of a report, and the folder that they are written to."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from meta_tests.report.sample_results import results
from mlflow_conformance.report.privacy import LONGEST_ERROR, Person
from mlflow_conformance.report.results import run_document
from mlflow_conformance.report.write import NAMES, folder_problem, remove_reports, write_report

MOST_BYTES = 1_000_000


@pytest.fixture
def page(tmp_path: Path) -> str:
    """The page of a run with 5,000 checks."""
    folder = tmp_path / "new" / "report"
    file = write_report(run_document(results(5000)), folder, {}, Person("annabel"))
    return file.read_text(encoding="utf-8")


def test_all_files_are_written_to_a_new_folder(tmp_path: Path) -> None:
    """The folder is created, with nothing else in it; the data are JSON."""
    page = write_report(run_document(results()), tmp_path / "a" / "b", {}, Person())
    assert {file.name for file in page.parent.iterdir()} == set(NAMES)
    assert json.loads((page.parent / "results.json").read_text(encoding="utf-8"))["exit_code"] == 1


def test_the_page_is_small_and_loads_nothing(page: str) -> None:
    """A page of 5,000 checks has less than a megabyte, and no address that a browser would ask."""
    assert len(page.encode()) < MOST_BYTES
    assert "default-src 'none'" in page
    elements = re.findall(r"<(?:link|script|img|iframe|object|embed|form)\b[^>]*>", page)
    assert [e for e in elements if "http" in e or "src" in e] == []
    for text in ("@import", "url(", "fetch(", "XMLHttpRequest"):
        assert text not in page


def test_texts_of_others_are_no_markup(page: str) -> None:
    """What a script wrote is shown, and never run."""
    assert "window.attacked" in page
    assert "<script>window.attacked" not in page
    assert "<img" not in page


def test_no_file_names_the_user(tmp_path: Path) -> None:
    """Home folders are hidden in every file."""
    folder = write_report(run_document(results()), tmp_path / "r", {}, Person("annabel")).parent
    assert [name for name in NAMES if "/home/ann" in (folder / name).read_text("utf-8")] == []


def test_the_summary_is_appended_for_github(tmp_path: Path) -> None:
    """What other steps wrote to the summary stays."""
    steps = tmp_path / "steps.md"
    steps.write_text("before\n", encoding="utf-8")
    variables = {"GITHUB_STEP_SUMMARY": str(steps)}
    write_report(run_document(results()), tmp_path / "r", variables, Person())
    assert steps.read_text(encoding="utf-8").startswith("before\n## all: 4 of 5 promises")


def test_an_earlier_report_is_removed_and_nothing_else(tmp_path: Path) -> None:
    """Only the files of a report are removed."""
    for name in (*NAMES, "mine.txt"):
        (tmp_path / name).write_text("old")
    remove_reports(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file in the place of the folder, and a folder in the place of a file, are told."""
    (tmp_path / "file").write_text("")
    assert folder_problem(tmp_path / "file" / "x") == f"{tmp_path / 'file' / 'x'}: Not a directory"
    assert folder_problem(tmp_path / "file") == f"{tmp_path / 'file'}: is not a folder"
    (tmp_path / "r" / "report.html").mkdir(parents=True)
    assert folder_problem(tmp_path / "r") == f"{tmp_path / 'r' / 'report.html'}: is a folder"
    assert folder_problem(tmp_path / "new" / "folder") == ""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="the system has no /proc")
def test_a_file_system_that_takes_nothing_is_told_at_the_start() -> None:
    """Its permissions allow root everything, so only trying tells."""
    assert folder_problem(Path("/proc/verdict")).startswith("/proc: cannot be written to: ")


def test_whether_a_folder_can_be_written_to_leaves_nothing(tmp_path: Path) -> None:
    """Nothing is created where the files will be."""
    assert folder_problem(tmp_path) == folder_problem(tmp_path / "v") == ""
    assert list(tmp_path.iterdir()) == []


def test_a_results_file_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    """A ``results.json`` that is no report is named; one of an earlier run is not in the way."""
    (tmp_path / "results.json").write_text('{"mine": 1}')
    problem = folder_problem(tmp_path)
    assert problem == f"{tmp_path / 'results.json'}: exists, and is no report of this suite"
    (tmp_path / "results.json").unlink()
    write_report(run_document(results()), tmp_path, {}, Person())
    assert folder_problem(tmp_path) == ""


def test_a_summary_file_that_is_no_file_is_left_alone(tmp_path: Path) -> None:
    """A FIFO would block the run at its end."""
    os.mkfifo(tmp_path / "steps")
    variables = {"GITHUB_STEP_SUMMARY": str(tmp_path / "steps")}
    assert write_report(run_document(results()), tmp_path / "r", variables, Person()).is_file()


def test_a_secret_is_not_kept_by_a_cut(tmp_path: Path) -> None:
    """An error is cut when its secrets are gone, and no earlier."""
    long = "x" * (LONGEST_ERROR - 20) + " postgresql://u:secret-word@host/" + "y" * 99
    found = results()
    checks = (replace(found.checks[0], message=long), *found.checks[1:])
    write_report(run_document(replace(found, checks=checks)), tmp_path, {}, Person())
    text = (tmp_path / "results.json").read_text(encoding="utf-8")
    assert "secret-w" not in text
    assert "y" * 20 not in text
