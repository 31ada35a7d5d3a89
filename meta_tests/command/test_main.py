"""Tests of ``command.main`` and its help: which command is run, and its mistakes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from mlflow_conformance.command import main as command
from mlflow_conformance.command.help_text import command_help
from mlflow_conformance.command.main import COMMANDS, USAGE_ERROR, main
from mlflow_conformance.pytest_plugin.option_groups import option_names


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_subcommand_is_in_the_help(name: str) -> None:
    """The help has an example of every subcommand."""
    assert f"  mlflow-conformance {name} " in command_help() or name == "doctor"
    assert re.search(rf"^  mlflow-conformance {name}\b", command_help(), re.MULTILINE)


def test_the_help_has_every_option_in_its_group() -> None:
    """All options of the suite are in the help, in groups; an internal one is not."""
    text = command_help()
    shown = set(re.findall(r"(?<![\w-])--[\w-]+", text))
    assert {*option_names()} - shown == {"--draft-argument"}
    for group in ("what is checked", "what changes with another MLflow", "jobs in an Azure"):
        assert f"MLflow logging conformance: {group}" in text
    assert "--with REQUIREMENT" in text


def test_help_is_printed_and_no_test_is_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--help`` prints the help of the suite."""
    assert main(["--help"]) == 0
    assert capsys.readouterr().out.startswith("usage: mlflow-conformance [COMMAND] [OPTIONS]")


def test_draft_names_its_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """``draft`` without a script says how it is used."""
    assert main(["draft"]) == USAGE_ERROR
    assert main(["draft", "--help"]) == 0
    usage = "mlflow-conformance draft SCRIPT [-- ARGUMENTS OF THE SCRIPT]\n"
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (f"usage: {usage}", f"ERROR: name the script: {usage}")


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["-m", "local"], ["-m", "local"]),
        (["draft", "a.py", "--", "b"], ["--draft-catalogue", "a.py", "--", "b"]),
        (["draft", "a.py", "--", "-h"], ["--draft-catalogue", "a.py", "--", "-h"]),
        (["conformance"], ["conformance"]),
        ([], []),
    ],
)
def test_what_is_no_subcommand_is_pytest_s(
    given: list[str], passed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promises are checked with all arguments; ``draft`` is an option of pytest."""
    seen: list[Sequence[str]] = []

    def check(arguments: Sequence[str]) -> int:
        seen.append(arguments)
        return 3

    monkeypatch.setattr(command, "check", check)
    assert main(given) == 3
    assert seen == [passed]


@pytest.mark.parametrize("name", ["gate", "compare", "doctor"])
def test_an_unknown_option_names_the_nearest(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt option of a subcommand is one line with the nearest option."""
    releases = ["2.16.2", "3.1.4"] if name == "compare" else []
    with pytest.raises(SystemExit) as ended:
        main([name, *releases, "--cataloque" if name == "doctor" else "--fail-in", "x"])
    (line,) = capsys.readouterr().err.splitlines()
    wanted = "--catalogue" if name == "doctor" else "--fail-on"
    assert ended.value.code == USAGE_ERROR
    assert line.startswith(f"mlflow-conformance {name}: ")
    assert line.endswith(f"; did you mean {wanted}?")


def test_a_command_wins_over_a_folder_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``compare`` is the command, also where a folder is called so."""
    (tmp_path / "compare").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["compare", "2.16.2", "2.16.2"]) == USAGE_ERROR
    assert "OLD and NEW are the same (2.16.2)" in capsys.readouterr().err


def test_a_catalogue_without_its_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A catalogue is no test; the line says which option it belongs to."""
    assert main(["models/modes.yaml"]) == USAGE_ERROR
    assert capsys.readouterr().err == (
        "ERROR: models/modes.yaml: write --catalogue models/modes.yaml\n"
    )


def test_a_removed_working_directory_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a working directory no path means anything."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert main(["doctor"]) == USAGE_ERROR
    assert capsys.readouterr().err == (
        "ERROR: the working directory does not exist any more; change to another one\n"
    )


def test_an_unknown_command_names_the_nearest(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word that is neither a command nor a file is one line with the nearest command."""
    monkeypatch.chdir(tmp_path)
    assert main(["gat", "2.22.5"]) == USAGE_ERROR
    assert capsys.readouterr().err == (
        "ERROR: mlflow-conformance: there is no command gat; did you mean gate? (the commands are"
        " gate, compare, draft, model, doctor, changed, annotate; without one, the promises are"
        " checked)\n"
    )


def test_missing_packages_are_told_by_every_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that the suite needs is named before a command imports it."""
    monkeypatch.setattr(command, "missing_requirement", lambda: "pyyaml: not installed")
    assert [main([name]) for name in (*COMMANDS, "-m")] == [USAGE_ERROR] * 8
    assert capsys.readouterr().err == "ERROR: pyyaml: not installed\n" * 8


def test_with_without_a_requirement_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """``--with`` without a requirement is refused."""
    assert main(["-m", "local", "--with"]) == USAGE_ERROR
    assert capsys.readouterr().err == (
        "ERROR: --with: name a requirement, such as mlflow==3.17.2\n"
    )
