"""Every command that the documents show exists, and is run: here, in CI, or in a test."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import pytest
from mlflow import MlflowClient

from meta_tests.documented_commands.accounts import (
    account_of,
    left_over,
    lines_of_ci,
    unaccounted,
    unlike,
    untrue,
)
from meta_tests.documented_commands.check import OF_OTHERS, ROWS_OF, problem_of
from meta_tests.documented_commands.extract import Shown, shown_in
from meta_tests.documented_commands.sessions import commands_of
from meta_tests.documented_commands.table import ELSEWHERE, Elsewhere, Quick
from meta_tests.end_to_end.suite_run import SuiteRun, caller, ended
from meta_tests.existing.sample_loaders import write_model
from mlflow_conformance.command.main import NAME
from mlflow_conformance.support.paths import PACKAGE, ROOT

DOCUMENTS: Final = tuple(
    file.relative_to(ROOT).as_posix()
    for pattern in ("README.md", "CONTRIBUTING.md", "docs/*.md", "docs/ci/*.md")
    for file in sorted(ROOT.glob(pattern))
)
SHOWN: Final = tuple(
    shown
    for document in DOCUMENTS
    for shown in shown_in(document, (ROOT / document).read_text(encoding="utf-8"))
)
COMMANDS: Final = tuple(shown for shown in SHOWN if shown.kind == "command")
QUICK_ONES: Final = {
    shown.normal: entry for shown in COMMANDS if isinstance(entry := account_of(shown), Quick)
}
SECONDS: Final = 120.0
REGISTRY: Final = "mlflow.db"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_shows_is_there(document: str, pytestconfig: pytest.Config) -> None:
    """Sessions, subcommands, options, extras, markers, modes and releases are there."""
    found = [
        f"{shown}: {problem}"
        for shown in SHOWN
        if shown.document == document and (problem := problem_of(shown, pytestconfig))
    ]
    assert not found, "\n".join(found)


def test_every_command_is_run_somewhere() -> None:
    """Each command has an entry that says where it is run, or why it is not."""
    found = unaccounted(COMMANDS)
    assert not found, "\n".join(found)


def test_no_entry_is_left_over() -> None:
    """Each entry is for a command that a document shows; so are the other lists."""
    found = left_over(COMMANDS)
    assert not found, "\n".join(found)
    options = {name for shown in SHOWN if shown.kind == "option" for name in shown.words}
    assert not OF_OTHERS.keys() - options, "remove from OF_OTHERS what no document names"
    in_rows = {shown.document for shown in SHOWN if shown.kind == "option" and shown.in_row}
    assert not ROWS_OF.keys() - in_rows, "remove from ROWS_OF documents without such a table"


@pytest.mark.parametrize("entry", ELSEWHERE, ids=lambda entry: entry.commands)
def test_an_entry_names_what_is_there(entry: Elsewhere) -> None:
    """The line of CI, and the tests, that an entry names are there."""
    found = untrue(entry)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("session", ["docs", "lint", "types"])
def test_ci_runs_the_commands_of_a_session(session: str) -> None:
    """CI has the commands of these sessions instead of the sessions."""
    commands = commands_of(session, [])
    assert not isinstance(commands, str), commands
    assert commands
    assert {" ".join(words) for words in commands} <= {*lines_of_ci()}


@pytest.mark.parametrize("text", QUICK_ONES)
def test_a_quick_command_does_what_is_said(text: str, tmp_path: Path) -> None:
    """What takes seconds is run as it is, in a folder with a model and a registry."""
    churn = write_model(tmp_path / "models" / "churn")
    if REGISTRY in text:
        client = MlflowClient(f"sqlite:///{tmp_path / REGISTRY}")
        client.create_registered_model("churn")
        client.create_model_version("churn", str(churn))
    words = Shown("", 0, text).words
    environment = caller(PYTHONPATH=str(PACKAGE.parent))
    run = ended(started_as(words), tmp_path, environment, SECONDS)
    output = [line for shown in COMMANDS if shown.normal == text for line in shown.output]
    found = unlike(QUICK_ONES[text], output, run, tmp_path)
    assert not found, "\n".join([*found, run.output])


def started_as(words: list[str]) -> list[str]:
    """Return the command line with this Python; of a session, the one that it would run."""
    if words[0] == NAME:
        return [sys.executable, "-m", "mlflow_conformance", *words[1:]]
    _, _, session, _, *arguments = words
    commands = commands_of(session, arguments)
    assert not isinstance(commands, str), commands
    (command,) = commands
    return command


SAMPLE: Final = """\
Run `uv run pytest`, or `CI=1 pytest -n 2` with `--mode NAME`; a model has `flavors`. Of
`compare --list` and `mlflow-conformance model`, the first needs `no` `model.pkl`.

```console
pip install uv && uv sync

.ci/run
```

| option | meaning |
|---|---|
| `--model PATH\\|URI` or `-n 2` | not `--load` |

```console
$ mlflow-conformance doctor
ready: pytest -m local
$ uv run --extra azure pytest -m azure
```

```text
nox -s output
```
"""


def test_all_forms_of_commands_are_found() -> None:
    """Blocks of a shell, with and without prompts and output, and code spans of every kind."""
    found = list(shown_in("sample.md", SAMPLE))
    assert [(shown.line, shown.kind, shown.text) for shown in found] == [
        (1, "command", "uv run pytest"),
        (1, "command", "CI=1 pytest -n 2"),
        (1, "option", "--mode NAME"),
        (2, "part", "compare --list"),
        (2, "part", "mlflow-conformance model"),
        (5, "command", "pip install uv"),
        (5, "command", "uv sync"),
        (7, "command", ".ci/run"),
        (12, "option", "--model PATH|URI"),
        (12, "option", "-n 2"),
        (12, "option", "--load"),
        (15, "command", "mlflow-conformance doctor"),
        (17, "command", "uv run --extra azure pytest -m azure"),
    ]
    assert [shown.text for shown in found if shown.in_row] == ["--model PATH|URI", "-n 2"]
    assert [shown.output for shown in found if shown.output] == [("ready: pytest -m local",)]
    assert found[1].words == ["pytest", "-n", "2"]
    assert [shown.normal for shown in found[:2]] == ["pytest", "pytest -n 2"]


def test_words_stand_for_values() -> None:
    """Words for numbers get one, brackets of what may be left out and three dots are removed."""
    text = "X=1 a 'b c' MINUTES --shard I/N … [--list-lag SECONDS] d[azure]"
    assert Shown("", 0, text).words == ["a", "b c", "5", "--shard", "1/5", "--list-lag", "5"] + [
        "d[azure]"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("uv run nox -s compair -- 1 2", "noxfile.py has no session compair; did you mean compare"),
        ("nox -s local", "name an MLflow release: nox -s local -- 2.22.5"),
        ("nox -s local -- 2.99.1", "2.99.1 is not in mlflow_releases.yaml; known are "),
        ("nox -s local -- 2.22.5 --lff", "pytest has no option --lff"),
        ("nox -s lint -- --fix", "the session lint does not take --fix"),
        ("nox gate", "should be nox -s SESSION [-- ARGUMENTS]"),
        ("nox -s gate -- 3.17.2 --no-estimator", "nox -s gate: unrecognized arguments: --no-est"),
        ("nox -s gate -- 2.99.1 3.17.2", "2.99.1 is not in mlflow_releases.yaml; known are "),
        ("nox -s baselines -- --section probe", "argument --section: invalid choice: 'probe'"),
        ("nox -s fuzz -- 30 --sead 1", "error: unrecognized arguments: --sead 1"),
        ("mlflow-conformance gat 2.22.5", "there is no command gat; did you mean gate?"),
        ("mlflow-conformance compare 2.22.5", "the following arguments are required: NEW"),
        ("mlflow-conformance compare 2.22.5 9.9.9", "there is no baseline 9.9.9"),
        ("mlflow-conformance doctor --catalog a", "unrecognized arguments: --catalog a; did you"),
        ("mlflow-conformance model X --shard 1", "--shard: should be I/N with I from 1 to N"),
        ("mlflow-conformance draft", "name the script: mlflow-conformance draft SCRIPT"),
        ("mlflow-conformance -m local --mod x", "pytest has no option --mod; did you mean --mode"),
        ("mlflow-conformance --with mlflow==9.9", "9.9 is not in mlflow_releases.yaml"),
        ("mlflow-conformance model 'models:/*", "the shell cannot read it: No closing quotation"),
        ("uv run --extra azur pytest", "pyproject.toml has no extra azur; did you mean azure?"),
        ("uv sync --group lints", "pyproject.toml has no group lints; did you mean lint?"),
        ("uv add --dev 'path[azur]'", "pyproject.toml has no extra azur; did you mean azure?"),
        ("uv run --extras azure pytest", "uv run has no option --extras; did you mean --extra?"),
        ("uv instal x", "uv has no command instal"),
        ("pip install 'path[azur]'", "pyproject.toml has no extra azur; did you mean azure?"),
        ("pytest -m locale", "-m 'locale': there is no marker locale; did you mean local?"),
        ("pytest -m local --repport x", "pytest has no option --repport; did you mean --report?"),
        ("pytest -m local --baseline 2.22.4", "there is no baseline 2.22.4; did you mean 2.22.5?"),
        ("pytest --mode infer-fram", "there is no mode infer-fram; did you mean infer-frame?"),
        ("pytest --target sqlit", ", is sqlit"),
        ("pytest --rebuild-from conda", "argument --rebuild-from: invalid choice: 'conda'"),
        ("pytest meta_tests/test_room.py", "there is no meta_tests/test_room.py"),
        ("python -m benchmarks.nothing", "there is no module benchmarks.nothing"),
        ("python -m mlflow_conformance.rehearsal X --lag 3", "unrecognized arguments: --lag 3"),
        ("python -m mlflow_conformance.processes.orphans x", "orphans takes no arguments"),
        ("make test", "make is not a program that the docs use"),
    ],
)
def test_a_stale_command_is_told(text: str, problem: str, pytestconfig: pytest.Config) -> None:
    """One line has the document, the line in it, the command, and what is wrong."""
    (shown,) = shown_in("sample.md", f"# Sample\n\n```sh\n{text}\n```\n")
    assert str(shown) == f"sample.md:4: `{text}`"
    told = problem_of(shown, pytestconfig)
    assert problem in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("--reprot FOLDER", "the suite has no option --reprot; did you mean --report?"),
        ("--mode infer-fram", "there is no mode infer-fram; did you mean infer-frame?"),
        ("-m 'local and x'", "-m 'local and x': there is no marker x"),
        ("--extra azur", "pyproject.toml has no extra azur; did you mean azure?"),
        ("compare --no-probe", "compare has no option --no-probe; did you mean --no-probes?"),
        ("mlflow-conformance modle", "there is no command modle; did you mean model?"),
    ],
)
def test_a_stale_option_is_told(text: str, problem: str, pytestconfig: pytest.Config) -> None:
    """Options in the text, and parts of commands, are looked for in all programs."""
    (shown,) = shown_in("sample.md", f"It has `{text}`.")
    assert problem in problem_of(shown, pytestconfig)


@pytest.mark.parametrize(
    ("document", "option", "problem"),
    [
        ("docs/options.md", "--load", "pytest has no option --load"),
        ("docs/models.md", "--mode NAME", "mlflow-conformance model has no option --mode"),
        ("docs/stores.md", "--load", ""),
    ],
)
def test_a_table_has_the_options_of_one_program(
    document: str, option: str, problem: str, pytestconfig: pytest.Config
) -> None:
    """An option at the beginning of a row must be one of the program that the table is about."""
    (shown,) = shown_in(document, f"| `{option}` | what it does |")
    assert problem_of(shown, pytestconfig).startswith(problem)
    assert bool(problem) == bool(problem_of(shown, pytestconfig))


def test_a_command_that_nothing_runs_is_told() -> None:
    """The line says what to do; an entry without a command is told, too."""
    (line,) = unaccounted(shown_in("sample.md", "Try `uv run pytest --lf -x`."))
    assert line == (
        "sample.md:1: `uv run pytest --lf -x`: nothing runs it: add an entry to QUICK or ELSEWHERE"
        " in meta_tests/documented_commands/table.py"
    )
    told = left_over(shown for shown in COMMANDS if shown.normal != "nox -s truth")
    assert told == ["nox -s truth: no document has such a command: remove it"]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (Elsewhere("a", ci="uv run pytest -n 3"), "a: .ci/run has no line uv run pytest -n 3"),
        (
            Elsewhere("a", tests=("test_rooms.py::test_gone",)),
            "a: there is no test meta_tests/test_rooms.py::test_gone",
        ),
        (
            Elsewhere("a", tests=("gone/test_x.py::test_x",)),
            "a: there is no test meta_tests/gone/test_x.py::test_x",
        ),
        (Elsewhere("a"), "a: says neither where the command is run nor why it is not"),
    ],
)
def test_an_entry_that_is_not_true_is_told(entry: Elsewhere, problem: str) -> None:
    """A line of CI or a test that is gone, and an entry that says nothing, are told."""
    assert untrue(entry) == [problem]


def test_a_quick_command_that_does_something_else_is_told(tmp_path: Path) -> None:
    """Another exit code, output or file than the entry and the document say are told."""
    entry = Quick("a", 1, "NOT SAFE", "report.html", as_shown=True)
    shown = ("NOT SAFE: 1 change", "…", "cut here: …", "gone: …", "gone")
    assert unlike(entry, shown, SuiteRun(0, "cut here: x\n"), tmp_path) == [
        "the exit code is 0, should be 1",
        "the output lacks 'NOT SAFE'",
        "report.html was not written",
        "the output lacks the line 'NOT SAFE: 1 change'",
        "the output lacks the line 'gone: …'",
        "the output lacks the line 'gone'",
    ]
    (tmp_path / "report.html").touch()
    good = SuiteRun(1, "NOT SAFE: 1 change\ncut here: x\ngone: y\ngone\n")
    assert unlike(entry, shown, good, tmp_path) == []
