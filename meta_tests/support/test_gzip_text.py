"""Text in gzip is read like plain text, up to a limit; anything else is refused in one line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mlflow_conformance.support.gzip_text import compressed, read_text
from mlflow_conformance.support.plain_files import UnreadableFile

LIMIT = 1000
TEXT = "é\n" * 300
WHOLE = gzip.compress(TEXT.encode())
REFUSED = {
    "plain text": (b"{}", "cannot be read: not gzip ("),
    "empty": (b"", "cannot be read: not one whole gzip member"),
    "truncated": (WHOLE[:-1], "cannot be read: not one whole gzip member"),
    "with an end": (WHOLE + b"x", "cannot be read: not one whole gzip member"),
    "two members": (WHOLE + WHOLE, "cannot be read: not one whole gzip member"),
    "wrong checksum": (WHOLE[:-8] + b"\0" * 8, "cannot be read: not gzip ("),
    "not UTF-8": (gzip.compress(b"\xff"), "cannot be read: not UTF-8 ("),
    "a bomb": (
        gzip.compress(b"0" * 200_000),
        "is larger than 1000 bytes, the limit, when decompressed; way out",
    ),
    "a large file": (b"0" * (LIMIT + 1), "is larger than 1000 bytes, the limit; way out"),
}


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_text_is_read_as_it_was_written(name: str, tmp_path: Path) -> None:
    """The name of a file says whether it is compressed; the text is the same."""
    path = tmp_path / name
    path.write_bytes(compressed(TEXT) if name.endswith(".gz") else TEXT.encode())
    assert read_text(path, LIMIT) == TEXT


def test_equal_texts_give_equal_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time is written, so what did not change is not written differently."""
    before = compressed(TEXT)
    monkeypatch.setattr("time.time", lambda: 2.0**31)
    assert compressed(TEXT) == before


def test_half_a_character_becomes_an_escape(tmp_path: Path) -> None:
    """A lone surrogate, of a file name that is no text, is written as an escape."""
    path = tmp_path / "a.gz"
    path.write_bytes(compressed("\ud800"))
    assert read_text(path, LIMIT) == r"\ud800"


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_gzip_is_refused(what: str, tmp_path: Path) -> None:
    """A file that is not one whole gzip member within the limit is refused; memory is bounded."""
    content, problem = REFUSED[what]
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as refused:
        read_text(path, LIMIT, "way out")
    assert problem in str(refused.value)
    assert str(refused.value).startswith(str(path))
