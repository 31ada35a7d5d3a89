"""The error that ended a script: its first line, not the last line of its advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.support.output import error_and_tail, error_line
from mlflow_conformance.support.text import LONGEST_MESSAGE

TRACEBACK = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    f()\n'
DURING = "\nDuring handling of the above exception, another exception occurred:\n\n"
REFUSED = "mlflow.exceptions.MlflowException: The model references untrusted types."


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("", ""),
        ("I leave with words\n", ""),
        (f"WARNING: first\n{TRACEBACK}{REFUSED}\n\n- advice\n\nRead the error.\n", REFUSED),
        (f"{TRACEBACK}KeyError: 'a'\n{DURING}{TRACEBACK}{REFUSED}\n", REFUSED),
        (f"{TRACEBACK}ValueError: a\x1b[31mred\n", "ValueError: a\\x1b[31mred"),
        (TRACEBACK, ""),
    ],
)
def test_the_first_line_of_the_last_error_is_quoted(
    output: str, expected: str, tmp_path: Path
) -> None:
    """Warnings before the traceback and advice after the first line are left out."""
    file = tmp_path / "output.txt"
    file.write_text(output, encoding="utf-8")
    assert error_line(file) == expected


def test_a_long_line_is_quoted_whole(tmp_path: Path) -> None:
    """The first line is not cut before it is as long as a whole message may be."""
    file = tmp_path / "output.txt"
    line = "ValueError: " + "x" * 1500
    file.write_text(f"{TRACEBACK}{line}\n" + "advice\n" * 20_000, encoding="utf-8")
    assert error_line(file) == line
    file.write_text(f"{TRACEBACK}{line * 9}\n", encoding="utf-8")
    assert len(error_line(file)) == LONGEST_MESSAGE
    assert error_line(tmp_path / "missing.txt") == ""


def test_the_error_stands_before_the_last_lines(tmp_path: Path) -> None:
    """The first line of the error is there, however long the advice is; without one, the tail."""
    file = tmp_path / "output.txt"
    file.write_text(f"{TRACEBACK}{REFUSED}\n" + "advice\n" * 30, encoding="utf-8")
    assert error_and_tail(file) == "\n".join([REFUSED, *["advice"] * 20])
    file.write_text("some words\n", encoding="utf-8")
    assert error_and_tail(file) == "some words"
