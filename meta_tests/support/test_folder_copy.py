"""Tests of copying a folder: what is left out, and what is refused in one line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mlflow_conformance.support import folder_copy
from mlflow_conformance.support.folder_copy import FolderNotCopied, copy_files, files_to_copy

WAY_OUT = "; list it in .amlignore to leave it out"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with a script and a file in another folder."""
    folder = tmp_path / "source"
    (folder / "deep").mkdir(parents=True)
    (folder / "train.py").write_text("", encoding="utf-8")
    (folder / "deep" / "config.yaml").write_text("a: 1\n", encoding="utf-8")
    return folder


def found(source: Path) -> list[str]:
    """Return the relative paths of the files to copy."""
    return sorted(path.as_posix() for path in files_to_copy(source, {}, source / "run"))


def test_all_plain_files_are_copied(source: Path, tmp_path: Path) -> None:
    """Files are copied with content and permissions, and a link to a file becomes a file."""
    (source / "tool.sh").write_text("exit\n", encoding="utf-8")
    (source / "tool.sh").chmod(0o755)
    (source / "link.yaml").symlink_to(source / "deep" / "config.yaml")
    copy = tmp_path / "copy"
    copy_files(files_to_copy(source, {}, tmp_path / "run"), copy)
    assert sorted(file.name for file in copy.rglob("*") if file.is_file()) == [
        *("config.yaml", "link.yaml", "tool.sh", "train.py")
    ]
    assert not (copy / "link.yaml").is_symlink()
    assert (copy / "link.yaml").read_text(encoding="utf-8") == "a: 1\n"
    assert os.access(copy / "tool.sh", os.X_OK)


def test_the_folder_of_the_run_is_left_out(source: Path) -> None:
    """A temporary folder inside the folder is not copied into itself."""
    (source / "run" / "deep").mkdir(parents=True)
    (source / "run" / "deep" / "file").write_text("", encoding="utf-8")
    os.mkfifo(source / "run" / "pipe")
    assert found(source) == ["deep/config.yaml", "train.py"]


@pytest.mark.parametrize("kept", ["", "!deep/kept.csv\n"])
def test_ignored_files_are_left_out(kept: str, source: Path) -> None:
    """What the ignore file lists is not even looked at, unless it is to be kept."""
    (source / "deep" / "kept.csv").write_text("", encoding="utf-8")
    os.mkfifo(source / "deep" / "pipe")
    (source / "deep" / "far").symlink_to(source)
    (source / ".amlignore").write_text(f"deep\n{kept}", encoding="utf-8")
    assert found(source) == [".amlignore", *(["deep/kept.csv"] if kept else []), "train.py"]


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: os.mkfifo(path), "cannot be read: it is a FIFO, not a plain file"),
        (lambda path: path.symlink_to("gone"), "cannot be read: No such file or directory"),
        (lambda path: path.symlink_to(path), "cannot be read: Too many levels of symbolic links"),
        (lambda path: path.symlink_to(path.parent), "a link to a folder, which is not copied"),
        (lambda path: path.symlink_to("/dev/null"), "cannot be read: it is a device, not a plain"),
    ],
    ids=["fifo", "dangling", "loop", "folder", "device"],
)
def test_what_is_no_file_is_refused(
    make: Callable[[Path], None], problem: str, source: Path
) -> None:
    """Anything but a readable file is named in one line, with the way out."""
    path = source / "deep" / "odd"
    make(path)
    with pytest.raises(FolderNotCopied) as refused:
        found(source)
    assert str(refused.value).startswith(f"{path}: {problem}")
    assert str(refused.value).endswith(WAY_OUT)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
@pytest.mark.parametrize("name", ["deep", "train.py"])
def test_what_cannot_be_read_is_refused(name: str, source: Path) -> None:
    """A file or folder without permission is named."""
    (source / name).chmod(0)
    with pytest.raises(FolderNotCopied) as refused:
        found(source)
    (source / name).chmod(0o755)
    assert str(refused.value) == f"{source / name}: cannot be read: Permission denied{WAY_OUT}"


@pytest.mark.parametrize(("limit", "value"), [("LARGEST_BYTES", 9_000), ("MOST_FILES", 5)])
def test_a_folder_that_is_too_large_names_the_largest_file(
    limit: str, value: int, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the largest file and the folder with the most files."""
    for number in range(6):
        (source / "deep" / f"{number}.bin").write_bytes(bytes(8_000 if number == 3 else 500))
    monkeypatch.setattr(folder_copy, limit, value)
    with pytest.raises(FolderNotCopied) as refused:
        found(source)
    message = str(refused.value)
    assert message.startswith(f"{source}: is too large to copy (at most ")
    assert ": 'deep/3.bin' has 0.0 MiB and the folder 'deep' at least " in message
    assert message.endswith(
        " files; list in .amlignore what no script needs, or move catalogue, scripts and data to a"
        " separate folder"
    )


def test_a_file_that_changed_since_is_refused(source: Path, tmp_path: Path) -> None:
    """A file that is gone when it is copied is named, too."""
    files = files_to_copy(source, {}, tmp_path / "run")
    (source / "train.py").unlink()
    with pytest.raises(FolderNotCopied, match=r"train\.py: cannot be read: No such file"):
        copy_files(files, tmp_path / "copy")
