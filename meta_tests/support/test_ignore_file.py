"""Tests of the ignore file: patterns decide as for git and the Azure SDK."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.support.ignore_file import IGNORE_FILE, IgnoreFile, read_ignore_file
from mlflow_conformance.support.plain_files import UnreadableFile

# Patterns, a path, and whether it is ignored.
SAMPLES = [
    ("*.bin", "a.bin", True),
    ("*.bin", "deep/a.bin", True),
    ("*.bin", "a.bin.txt", False),
    ("/a.bin", "deep/a.bin", False),
    ("/a.bin", "a.bin", True),
    ("data/", "data/rows.csv", True),
    ("data/", "deep/data/rows.csv", True),
    ("data/", "data", False),
    ("data", "data", True),
    ("deep/data", "deep/data/rows.csv", True),
    ("deep/data", "other/deep/data/rows.csv", False),
    ("**/data", "other/deep/data/rows.csv", True),
    ("deep/**", "deep/data/rows.csv", True),
    ("deep/**", "deep", False),
    ("deep/**/rows.csv", "deep/rows.csv", True),
    ("deep/**/rows.csv", "deep/a/b/rows.csv", True),
    ("deep/*.csv", "deep/a/rows.csv", False),
    ("?.csv", "a.csv", True),
    ("?.csv", "ab.csv", False),
    ("[a-c].csv", "b.csv", True),
    ("[!a-c].csv", "b.csv", False),
    ("[!a-c].csv", "d.csv", True),
    ("[z-a].csv", "b.csv", False),
    ("*.csv\n!keep.csv", "keep.csv", False),
    ("!keep.csv\n*.csv", "keep.csv", True),
    ("# a.csv\n\n", "# a.csv", False),
    (r"\#a", "#a", True),
    ("a.csv   ", "a.csv", True),
    ("a+b(1)", "a+b(1)", True),
    ("[", "[", True),
]


def reader(folder: Path, text: str) -> IgnoreFile:
    """Return the patterns of a file with that text."""
    (folder / IGNORE_FILE).write_text(text, encoding="utf-8")
    return read_ignore_file(folder)


@pytest.mark.parametrize(("text", "path", "is_ignored"), SAMPLES)
def test_a_pattern_decides(text: str, path: str, is_ignored: bool, tmp_path: Path) -> None:
    """A path is ignored if the last pattern that matches it says so."""
    assert reader(tmp_path, text).ignores(path) is is_ignored


@pytest.mark.parametrize(("text", "path", "is_ignored"), SAMPLES)
def test_the_sdk_decides_the_same(text: str, path: str, is_ignored: bool, tmp_path: Path) -> None:
    """The Azure SDK, which reads the file itself, ignores the same paths."""
    assets = pytest.importorskip("azure.ai.ml._utils._asset_utils")
    if text == "[z-a].csv":
        pytest.skip("the SDK raises for a range that is none")
    (tmp_path / IGNORE_FILE).write_text(text, encoding="utf-8")
    assert bool(assets.AmlIgnoreFile(tmp_path).is_file_excluded(tmp_path / path)) is is_ignored


def test_a_folder_without_the_file_ignores_nothing(tmp_path: Path) -> None:
    """A missing file has no patterns; a folder in its place is refused."""
    assert not read_ignore_file(tmp_path).patterns
    (tmp_path / IGNORE_FILE).mkdir()
    with pytest.raises(UnreadableFile, match=r"\.amlignore: cannot be read: it is a folder"):
        read_ignore_file(tmp_path)
