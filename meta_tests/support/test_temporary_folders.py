"""Temporary folders: those of killed processes are removed, those in use are kept."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.support.temporary_folders import OWNER, temporary_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
# Creates and holds a temporary folder with a file until it is killed; starts a child process.
HOLDS = """\
import subprocess, sys, time
from mlflow_conformance.support.temporary_folders import temporary_folder

with temporary_folder(sys.argv[1]) as folder:
    (folder / "below").mkdir()
    (folder / "below" / "file").write_text("x")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(folder, child.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, for this process and its subprocesses."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@contextmanager
def holder(prefix: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start another process that holds a folder; end it and its child afterwards."""
    command = [sys.executable, "-c", HOLDS, prefix]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    folder, child = process.stdout.readline().split()
    try:
        yield process, Path(folder)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        os.kill(int(child), signal.SIGKILL)


def test_a_folder_is_there_as_long_as_it_is_used(place: Path) -> None:
    """The folder has the prefix, is in the temporary folder, and is removed with its content."""
    with temporary_folder("gate-") as folder:
        assert folder.parent == place
        assert folder.name.startswith("gate-")
        (folder / "a").mkdir()
        (folder / "a" / "b").write_text("x")
    assert not [*place.iterdir()]


def test_a_folder_goes_when_something_fails(place: Path) -> None:
    """An error leaves no folder behind."""
    with pytest.raises(KeyboardInterrupt), temporary_folder("gate-"):
        raise KeyboardInterrupt
    assert not [*place.iterdir()]


@pytest.mark.parametrize("prefix", ["gate-", "baseline-"])
def test_what_a_killed_process_left_is_removed(prefix: str, place: Path) -> None:
    """The folder of a killed process is removed by the next process, even if a child still runs."""
    with holder(prefix) as (process, left):
        process.kill()
        process.wait()
        assert (left / "below" / "file").is_file()
        with temporary_folder("gate-") as own:
            assert [*place.iterdir()] == [own]


def test_what_is_in_use_stays(place: Path) -> None:
    """Two processes at the same time do not remove each other's folders."""
    with holder("gate-") as (_, others), temporary_folder("gate-") as own:
        with temporary_folder("gate-"):
            assert (others / "below" / "file").is_file()
            assert own.is_dir()
        assert (others / "below" / "file").is_file()


def test_what_stopped_is_in_use(place: Path) -> None:
    """The folder of a stopped process is kept, since the process can continue."""
    with holder("gate-") as (process, others):
        process.send_signal(signal.SIGSTOP)
        with temporary_folder("gate-"):
            assert (others / "below" / "file").is_file()


def test_what_is_not_the_suite_s_stays(place: Path) -> None:
    """Folders without the suite's lock file, and the targets of links, are kept."""
    (place / "gate-other").mkdir()
    elsewhere = place / "elsewhere"
    (elsewhere / "real").mkdir(parents=True)
    (elsewhere / "real" / OWNER).write_text("")
    (place / "gate-link").symlink_to(elsewhere / "real")
    (place / "gate-lock").mkdir()
    (place / "gate-lock" / OWNER).symlink_to(elsewhere / "real" / OWNER)
    (place / "gate-pipe").mkdir()
    os.mkfifo(place / "gate-pipe" / f"{OWNER}.new")
    before = sorted(path.relative_to(place) for path in place.rglob("*"))
    with temporary_folder("gate-"):
        pass
    assert sorted(path.relative_to(place) for path in place.rglob("*")) == before


def test_removing_that_was_cut_short_is_taken_up_again(place: Path) -> None:
    """A partly removed folder is removed by the next process, since its lock file is left."""
    half = place / "gate-half"
    half.mkdir()
    (half / OWNER).write_text("")
    with temporary_folder("gate-"):
        assert not half.exists()


def test_the_lock_s_file_is_removed_last(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock file is removed last, so that an interrupted removal can be continued."""
    remove = shutil.rmtree
    left: list[list[str]] = []

    def removing(path: Path, **options: Any) -> None:
        if path == folder and folder.exists():
            left.append([inner.name for inner in folder.iterdir()])
        remove(path, **options)

    monkeypatch.setattr(shutil, "rmtree", removing)
    with temporary_folder("gate-") as folder:
        (folder / "a" / "b").mkdir(parents=True)
    assert left[0] == [OWNER]
    assert not folder.exists()
