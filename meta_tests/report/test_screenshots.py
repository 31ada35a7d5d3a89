"""The pictures of the documentation: each is shown, and the script still takes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from meta_tests.report.screenshots import IMAGES, SHOTS, take
from mlflow_conformance.support.paths import ROOT

DOCUMENTS: Final = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
SHOWN: Final = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# Bytes: a page that shows nothing has less, and a document does not wait for more.
SMALLEST, LARGEST = 15_000, 120_000


def shown() -> Iterator[tuple[Path, str, Path]]:
    """Yield each picture that a document shows: the document, its words, the file."""
    for document in DOCUMENTS:
        for words, place in SHOWN.findall(document.read_text(encoding="utf-8")):
            yield document, words, (document.parent / place).resolve()


def problems(file: Path) -> list[str]:
    """Return what is wrong with a picture, each in a line."""
    if not file.is_file():
        return [f"{file.name}: is not there; uv run nox -s screenshots takes it"]
    content = file.read_bytes()
    found = []
    if not content.startswith(SIGNATURE):
        found.append(f"{file.name}: begins with {content[:8]!r}, should be a PNG file")
    if not SMALLEST <= len(content) <= LARGEST:
        found.append(
            f"{file.name}: has {len(content)} bytes, should have {SMALLEST} to {LARGEST};"
            " is the page empty, or the window of SHOTS too large?"
        )
    return found


def test_documents_show_what_the_script_takes() -> None:
    """Every picture of the script is in the folder and in a document, and there are no others."""
    taken = {shot.name for shot in SHOTS}
    assert {file.name for file in IMAGES.iterdir()} == taken
    assert {file for _, _, file in shown()} == {IMAGES / name for name in taken}
    assert [line for name in sorted(taken) for line in problems(IMAGES / name)] == []


def test_a_picture_says_in_words_what_it_shows() -> None:
    """Who does not see it reads a sentence."""
    assert [(document.name, words) for document, words, _ in shown() if len(words) < 30] == []


def test_the_script_takes_its_pictures(tmp_path: Path) -> None:
    """The pages of runs and comparisons are taken; the tests of the atlas have its picture."""
    from meta_tests.report.browser import CHROMIUM  # without its packages, this skips

    if CHROMIUM is None:
        pytest.skip("the program chromium is not installed")
    of_reports = [shot for shot in SHOTS if shot.page != "atlas"]
    written = take(of_reports, tmp_path)
    assert [file.name for file in written] == [shot.name for shot in of_reports]
    assert [line for file in written for line in problems(file)] == []


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    """A file that is not there, not a PNG or empty is one line, with the way out."""
    file = tmp_path / "report.png"
    assert problems(file) == ["report.png: is not there; uv run nox -s screenshots takes it"]
    file.write_bytes(b"<html>")
    not_png, too_small = problems(file)
    assert not_png == "report.png: begins with b'<html>', should be a PNG file"
    assert too_small.startswith("report.png: has 6 bytes, should have 15000 to 120000; ")
