"""Only plain files are opened, and only up to a limit; anything else is refused in one line."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mlflow_conformance.support.plain_files import (
    UnreadableFile,
    open_plain,
    read_bytes,
    read_end,
    read_text,
    resolved,
)

LIMIT = 1000


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with one file of every kind."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "one").symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(tmp_path / "one")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "link to a fifo").symlink_to(tmp_path / "fifo")
    (tmp_path / "link to a device").symlink_to("/dev/zero")
    (tmp_path / "plain").write_bytes("é\r\n".encode())
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10 * 1024**3)
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket(socket.AF_UNIX))
        # The address of a socket is limited to about a hundred characters.
        here = os.open(tmp_path, os.O_RDONLY)
        stack.callback(os.close, here)
        listening.bind(f"/proc/self/fd/{here}/socket")
        yield tmp_path


REFUSED = {
    "fifo": "cannot be read: it is a FIFO, not a plain file",
    "link to a fifo": "cannot be read: it is a FIFO, not a plain file",
    "folder": "cannot be read: it is a folder, not a plain file",
    "socket": "cannot be read: it is a socket, not a plain file",
    "link to a device": "cannot be read: it is a device, not a plain file",
    "loop": "cannot be read: Too many levels of symbolic links",
    "one": "cannot be read: Too many levels of symbolic links",
    "dangling": "cannot be read: No such file or directory",
    "nowhere": "cannot be read: No such file or directory",
    "plain/below": "cannot be read: Not a directory",
    "x" * 300: "cannot be read: File name too long",
    "a\0b": "cannot be read: embedded null byte",
}
READERS: list[Callable[[Path], object]] = [
    lambda path: open_plain(path),
    lambda path: read_bytes(path, LIMIT),
    lambda path: read_text(path, LIMIT),
    lambda path: read_end(path, LIMIT),
]


@pytest.mark.parametrize("reader", READERS, ids=["open", "bytes", "text", "end"])
@pytest.mark.parametrize("name", REFUSED, ids=lambda name: ascii(name)[1:21])
def test_what_is_no_plain_file_is_refused_at_once(
    name: str, reader: Callable[[Path], object], folder: Path
) -> None:
    """Every reader refuses anything but a plain file in one line, without waiting for a writer."""
    with pytest.raises(UnreadableFile) as refused:
        reader(folder / name)
    assert refused.value.problem == REFUSED[name]
    assert str(refused.value).endswith(f": {REFUSED[name]}")


@pytest.mark.parametrize("size", [LIMIT + 1, 10 * 1024**3], ids=["one more", "sparse"])
def test_a_larger_file_is_refused_with_the_way_out(size: int, tmp_path: Path) -> None:
    """A file above the limit is not read; the message names the limit and the way out."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(size)
    with pytest.raises(UnreadableFile) as refused:
        read_bytes(tmp_path / "large", LIMIT, "make it smaller")
    told = "is larger than 1000 bytes, the limit; make it smaller"
    assert refused.value.problem == told


def test_a_file_without_a_size_is_limited(tmp_path: Path) -> None:
    """A file with the size 0, as in /proc, is not read beyond the limit."""
    (tmp_path / "link").symlink_to("/proc/self/environ")
    with pytest.raises(UnreadableFile, match="is larger than 3 bytes"):
        read_bytes(tmp_path / "link", 3)


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    """A file of exactly the largest size is read."""
    (tmp_path / "file").write_bytes(b"x" * LIMIT)
    assert read_bytes(tmp_path / "file", LIMIT) == b"x" * LIMIT


def test_text_is_read_as_it_is(folder: Path) -> None:
    """Line breaks are kept, and a byte order mark is removed."""
    assert read_text(folder / "plain", LIMIT) == "é\r\n"
    (folder / "marked").write_bytes(b"\xef\xbb\xbfx")
    assert read_text(folder / "marked", LIMIT) == "x"


def test_text_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are refused, and the message names their position."""
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    with pytest.raises(UnreadableFile, match=r"cannot be read: not UTF-8 \(.* in position 3"):
        read_text(tmp_path / "latin", LIMIT)


def test_the_end_of_a_file_of_any_size_is_read(folder: Path) -> None:
    """Only the requested bytes at the end of a large file are read."""
    assert read_end(folder / "sparse", 3) == b"\0\0\0"
    assert read_end(folder / "plain", 100) == "é\r\n".encode()


@pytest.mark.parametrize("name", ["loop", "one", "loop/below", "x" * 300, "a\0b", "plain/below"])
def test_a_path_that_leads_nowhere_is_refused(name: str, folder: Path) -> None:
    """A loop, an overlong name and a malformed path are refused in one line."""
    with pytest.raises(UnreadableFile, match="cannot be resolved: "):
        resolved(folder / name)


def test_a_path_to_nothing_yet_is_resolved(folder: Path) -> None:
    """A path that does not exist yet is resolved; links on the way are followed."""
    assert resolved(folder / "dangling") == folder / "nowhere"
    assert resolved(folder / "new" / "deep") == folder / "new" / "deep"


def test_a_message_escapes_the_path(tmp_path: Path) -> None:
    """The path is escaped and shortened in the message."""
    with pytest.raises(UnreadableFile) as refused:
        read_bytes(tmp_path / "a\nb\x1b[2J\u202e", LIMIT)
    assert str(refused.value).isprintable()
    assert "\\x1b[2J\\u202e: cannot be read" in str(refused.value)
    with pytest.raises(UnreadableFile) as refused:
        read_bytes(Path("x" * 10_000), LIMIT)
    assert len(str(refused.value)) < 500
