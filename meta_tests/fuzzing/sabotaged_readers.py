"""Readers that each break one rule; the fuzz session must notice."""

from __future__ import annotations

import os
import time
from pathlib import Path

from meta_tests.fuzzing.readers import Reader


class Refused(ValueError):
    """The declared error of these readers."""


def _raises(path: Path) -> None:
    raise KeyError("no such thing")


def _hangs(path: Path) -> None:
    time.sleep(600)


def _takes_memory(path: Path) -> None:
    bytearray(2 * 1024**3)


def _says_two_lines(path: Path) -> None:
    raise Refused("one\nanother")


def _ends(path: Path) -> None:
    os._exit(7)


def _recurses(path: Path) -> None:
    _recurses(path)


def _refuses(path: Path) -> None:
    raise Refused("no")


READERS = tuple(
    Reader(name, "input.txt", (b"x",), (b"y",), read, (Refused,))
    for name, read in {
        "raises KeyError": _raises,
        "hangs": _hangs,
        "takes memory": _takes_memory,
        "says two lines": _says_two_lines,
        "ends the process": _ends,
        "recurses": _recurses,
        "refuses": _refuses,
    }.items()
)
