"""The fuzz session: it reads hostile inputs, and finds readers that break a rule."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from meta_tests.fuzzing import session, starts
from meta_tests.fuzzing.__main__ import main as fuzz
from meta_tests.fuzzing.readers import READERS
from meta_tests.fuzzing.session import Tally, fuzz_round, report
from mlflow_conformance.support.paths import ROOT

SABOTAGED = "meta_tests.fuzzing.sabotaged_readers"


def findings(name: str, folder: Path) -> str:
    """Return the findings of a round of a sabotaged reader."""
    tally = Tally(name)
    fuzz_round(tally, SABOTAGED, "input.txt", 1, folder / "round", inputs=3)
    lines: list[str] = []
    assert report([tally], lines.append) == 1
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("raises KeyError", "KeyError: 'no such thing'"),
        ("takes memory", "MemoryError"),
        ("says two lines", "the message is not one short line: 'one\\nanother'"),
        ("ends the process", "exit code 7"),
        ("recurses", "RecursionError"),
    ],
)
def test_a_reader_that_breaks_its_word_is_found(name: str, finding: str, tmp_path: Path) -> None:
    """An undeclared error, too much memory and a long message are findings."""
    assert finding in findings(name, tmp_path)


def test_a_reader_that_hangs_is_killed_and_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An input that takes longer than the limit ends the round, and is kept."""
    monkeypatch.setattr(session, "MAX_SECONDS", 1.0)
    monkeypatch.setattr(session, "STARTING_SECONDS", 20.0)
    found = findings("hangs", tmp_path)
    assert "more than 1 s; the input: " in found
    (kept,) = tmp_path.glob("round-1-input.txt")
    assert str(kept) in found


def test_a_reader_that_keeps_its_word_is_not_found(tmp_path: Path) -> None:
    """A declared error counts as refused, and is not a finding."""
    tally = Tally("refuses")
    fuzz_round(tally, SABOTAGED, "input.txt", 1, tmp_path / "round", inputs=3)
    lines: list[str] = []
    assert report([tally], lines.append) == 0
    assert tally.inputs == tally.refused == 3
    assert "| refuses | 3 | 3 | 0 | " in "\n".join(lines)


def test_a_session_in_which_nothing_was_read_is_not_green() -> None:
    """A session in which nothing was read fails."""
    lines: list[str] = []
    assert report([Tally("idle")], lines.append) == 1
    assert lines[-1] == "nothing was read by: idle"


def test_a_start_that_ends_in_a_traceback_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unusual exit code or a traceback of pytest is a finding."""
    starts.hostile_things(tmp_path / "things")
    monkeypatch.setattr(starts, "USUAL", ())
    tally = Tally(starts.NAME)
    starts.fuzz_start(tally, 1, tmp_path, [])
    assert tally.inputs == 1
    assert len(tally.findings) == 1


def test_the_whole_session_runs() -> None:
    """The shortest session lets every reader read once, and has no findings."""
    done = subprocess.run(
        [sys.executable, "-m", "meta_tests.fuzzing", "1e-9", "--seed", "7", "--inputs", "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("seed 7, 1e-09 minutes")
    for reader in READERS:
        assert f"| {reader.name} | 5 | " in done.stdout
    assert f"| {starts.NAME} | {4} | " in done.stdout


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_sample_is_read(reader: object, tmp_path: Path) -> None:
    """The samples themselves are valid, so that edits get beyond the first line."""
    found = next(each for each in READERS if each is reader)
    if found.name == "--baseline":  # the last sample names a file that does not exist
        return
    for sample in found.samples:
        (tmp_path / found.file).write_bytes(sample)
        found.read(tmp_path / found.file)


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf"])
def test_a_session_without_time_is_refused(
    minutes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A session that would run no minutes, or without end, does not start."""
    with pytest.raises(SystemExit) as ended:
        fuzz(["--", minutes])
    assert ended.value.code == 2
    assert f"MINUTES: should be above 0 minutes, is {float(minutes):g}" in capsys.readouterr().err
