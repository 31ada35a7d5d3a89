"""The files of a report, and the folder that they are written to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from meta_tests.report.sample_results import results
from mlflow_conformance.report.results import run_document
from mlflow_conformance.report.write import NAMES, folder_problem, remove_reports, write_report

MOST_BYTES = 1_000_000


@pytest.fixture
def page(tmp_path: Path) -> str:
    """The page of a run with 5,000 checks."""
    file = write_report(run_document(results(5000)), tmp_path / "new" / "report", {}, "ann")
    return file.read_text(encoding="utf-8")


def test_all_files_are_written_to_a_new_folder(tmp_path: Path) -> None:
    """The folder is created, with nothing else in it; the data are JSON."""
    page = write_report(run_document(results()), tmp_path / "a" / "b", {}, "")
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
    folder = write_report(run_document(results()), tmp_path / "r", {}, "ann").parent
    assert [name for name in NAMES if "/home/ann" in (folder / name).read_text("utf-8")] == []


def test_the_summary_is_appended_for_github(tmp_path: Path) -> None:
    """What other steps wrote to the summary stays."""
    steps = tmp_path / "steps.md"
    steps.write_text("before\n", encoding="utf-8")
    write_report(run_document(results()), tmp_path / "r", {"GITHUB_STEP_SUMMARY": str(steps)}, "")
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
