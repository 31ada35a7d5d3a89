"""Finds the commands and options that a document shows.

In a fenced block of a shell, every line is a command, or, if some lines begin with ``$``, those
are, and the others are their output. Output alone is in a block of kind ``text``. In the text, a
code span is a command if it begins as one, a part of one if it names a subcommand alone or begins
with one (``compare --no-probes``), and an option if it begins with one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mlflow_conformance.command.main import COMMANDS, NAME

Kind = Literal["part", "command", "option"]
SHELLS: Final = ("bash", "console", "sh", "shell")
FENCE: Final = re.compile(r" *```+ *(\S*)")
SPAN: Final = re.compile(r"(?<!`)`([^`]+)`(?!`)")
VARIABLES: Final = r"(?:[A-Z_]+=\S+ )*"
# The first that fits says what a code span is.
FORMS: Final[Mapping[Kind, re.Pattern[str]]] = {
    "part": re.compile(rf"{NAME} \w+|(?:{'|'.join(COMMANDS)}) .*--?\w.*"),
    "command": re.compile(
        rf"{VARIABLES}(?:uv|nox|pytest|{NAME}|pip install|python -m|pre-commit) \S.*|\.ci/run"
    ),
    "option": re.compile(r"--?\w.*"),
}
FIRST_CELL: Final = re.compile(r"\|(?:\\\||[^|])*")
# Words that stand for a value of a certain form; every other word may be taken as it is.
STANDS_FOR: Final[Mapping[str, str]] = {
    **dict.fromkeys(("MINUTES", "N", "NUMBER", "SECONDS"), "5"),
    "I/N": "1/5",
    "LEVEL": "warning",
}
PROMPT, LEFT_OUT = "$ ", "…"


@dataclass(frozen=True)
class Shown:
    """A command or an option in a document, with the output that is shown under it.

    ``in_row`` says whether a row of a table begins with it.
    """

    document: str
    line: int
    text: str
    kind: Kind = "command"
    output: tuple[str, ...] = ()
    in_row: bool = False

    def __str__(self) -> str:
        return f"{self.document}:{self.line}: `{self.text}`"

    @property
    def words(self) -> list[str]:
        """Return its words, with values in place of words that stand for one, without variables.

        Raises:
            ValueError: A quotation mark is missing.
        """
        text = re.sub(rf"^{VARIABLES}", "", self.text)
        return [_value(word) for word in shlex.split(text) if word != LEFT_OUT]

    @property
    def normal(self) -> str:
        """Return the text without variables, and without ``uv run`` if that has no options."""
        return re.sub(rf"^{VARIABLES}(?:uv run (?!-))?", "", self.text)


def shown_in(document: str, text: str) -> Iterator[Shown]:
    """Yield the commands and options of a document."""
    lines = text.splitlines()
    kind: str | None = None
    start = 0
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if fence is None and kind is None:
            yield from _spans(document, number, line)
        elif fence is not None and kind is None:
            kind, start = fence[1], number
        elif fence is not None:
            if kind in SHELLS:
                yield from _block(document, start + 1, lines[start : number - 1])
            kind = None


def _block(document: str, first: int, lines: Sequence[str]) -> Iterator[Shown]:
    """Yield the commands of a fenced block, whose first line has the number ``first``."""
    prompts = [place for place, line in enumerate(lines) if line.startswith(PROMPT)]
    places = prompts or [place for place, line in enumerate(lines) if line.strip()]
    ends = [*places[1:], len(lines)]
    for place, end in zip(places, ends, strict=True):
        output = tuple(lines[place + 1 : end]) if prompts else ()
        for command in lines[place].removeprefix(PROMPT).split(" && "):
            yield Shown(document, first + place, command.strip(), output=output)


def _spans(document: str, number: int, line: str) -> Iterator[Shown]:
    """Yield what the code spans of a line are, if they are anything."""
    cell = FIRST_CELL.match(line)
    for span in SPAN.finditer(line):
        text = span[1].replace("\\|", "|")  # as a table needs it
        in_row = cell is not None and span.end() <= cell.end()
        for kind, form in FORMS.items():
            if form.fullmatch(text):
                yield Shown(document, number, text, kind, in_row=in_row)
                break


def _value(word: str) -> str:
    """Return a word without the brackets of what may be left out, or what it stands for."""
    word = word.removeprefix("[")
    word = word if "[" in word else word.removesuffix("]")
    return STANDS_FOR.get(word, word)
