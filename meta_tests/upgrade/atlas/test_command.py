"""The command that writes the atlas."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.upgrade.atlas import __main__ as command
from mlflow_conformance.upgrade.profile.profile import UnusableProfile

FEW = ("2.21.3", "2.22.5", "3.0.1")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """An atlas of three releases."""
    monkeypatch.setattr(command, "recorded_releases", lambda: FEW)


@pytest.mark.usefixtures("few")
def test_the_page_is_all_that_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not there yet gets one file, with the verdicts on all pairs."""
    assert command.main(["--", str(tmp_path / "new" / "atlas")]) == 0
    (page,) = (tmp_path / "new" / "atlas").iterdir()
    assert page.name == "index.html"
    text = page.read_text(encoding="utf-8")
    for old, new in (("2.21.3", "2.22.5"), ("2.22.5", "3.0.1"), ("2.21.3", "3.0.1")):
        assert f"from MLflow {old} to {new}" in text
    said = capsys.readouterr().out
    assert "comparing 3 pairs" in said
    assert f"{page.stat().st_size:,} bytes: {page}" in said


@pytest.mark.usefixtures("few")
def test_pairs_can_be_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without pairs, no verdict is in the page."""
    assert command.main([str(tmp_path), "--no-pairs"]) == 0
    assert '"pairs":[]' in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "pairs (" not in capsys.readouterr().out


def test_a_folder_that_is_a_file_is_told_before_anything_is_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line names the folder and the way out."""
    (tmp_path / "atlas").touch()
    assert command.main([str(tmp_path / "atlas")]) == 4
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        f"the atlas cannot be written: {tmp_path / 'atlas'}: is not a folder; name another folder\n"
    )


@pytest.mark.usefixtures("few")
def test_a_recording_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is not written."""

    def unusable(releases: tuple[str, ...]) -> None:
        raise UnusableProfile("mlflow-2.22.5.json.gz: is cut off; record it again")

    monkeypatch.setattr(command, "steps", unusable)
    assert command.main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        "no atlas: mlflow-2.22.5.json.gz: is cut off; record it again\n"
    )
    assert list(tmp_path.iterdir()) == []
