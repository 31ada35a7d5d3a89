"""``annotate``: a report as annotations of GitHub, at the catalogue's lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from meta_tests.report.sample_results import results
from mlflow_conformance.command.main import main
from mlflow_conformance.report.results import run_document

CATALOGUE = (
    "experiment: x\nmodes:\n  - name: two\n    script: a.py\n  - script: b.py\n    name: one\n"
)


def annotate(folder: Path, document: dict[str, Any], catalogue: str = CATALOGUE) -> int:
    """Write a report and a catalogue, and run the command."""
    (folder / "results.json").write_text(json.dumps(document), encoding="utf-8")
    (folder / "modes.yaml").write_text(catalogue, encoding="utf-8")
    return main(
        ["annotate", str(folder / "results.json"), "--catalogue", str(folder / "modes.yaml")]
    )


def verdict(**changes: object) -> dict[str, Any]:
    """Return the document of a run that compared two releases."""
    change = {"what": "model.location", "modes": ["two"]}
    block = {
        "level": "breaking",
        "fails": True,
        "name": "the model is elsewhere, always",
        "way_out": "use the URI",
        "changes": [change],
        **changes,
    }
    found = run_document(results()).plain
    return {**found, "subjects": [], "checks": [], "verdict": {"blocks": [block]}}


def test_a_broken_promise_is_told_at_its_mode(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each subject with broken promises is one error, at the line of its mode."""
    assert annotate(tmp_path, run_document(results()).plain) == 0
    lines = capsys.readouterr().out.splitlines()
    file = (tmp_path / "modes.yaml").as_posix()
    one, two = lines
    title = "title=one-sqlite%3A 1 of 2 promises broken"
    assert one == f"::error file={file},line=5,{title}::Inputs are as promised. inputs differ"
    assert two.startswith(
        f"::error file={file},line=3,title=two-sqlite%3A 1 of 3 promises broken::"
    )
    assert two.endswith(" error of the run: disk full")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [({}, "error"), ({"level": "warning", "fails": False}, "warning"), ({"level": "info"}, "")],
)
def test_a_change_is_told_by_its_level(
    changes: dict[str, object], kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What breaks is an error, a warning a warning, and a note nothing."""
    assert annotate(tmp_path, verdict(**changes)) == 0
    said = capsys.readouterr().out
    where = f"file={(tmp_path / 'modes.yaml').as_posix()},line=3"
    title = "title=the model is elsewhere%2C always"
    message = "model.location; way out: use the URI"
    assert said == (f"::{kind} {where},{title}::{message}\n" if kind else "")


def test_text_of_others_is_no_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line break in a message does not begin another command of GitHub's."""
    assert annotate(tmp_path, verdict(way_out="a\n::stop-commands::x\r50%")) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith("way out: a%0A::stop-commands::x%0D50%25")


def test_more_than_github_shows_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GitHub shows ten errors of a step; the others are counted."""
    document = verdict()
    document["verdict"]["blocks"] *= 13
    annotate(tmp_path, document)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "error: 3 more are in the report"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{}", "is no results.json of schema 1; name that of a report"),
        ("[1]", "is no results.json of schema 1; name that of a report"),
        ("<", "is no JSON; name the results.json of a report"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_another_file_is_refused(
    content: str | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line names the file, and the exit code is that of a mistake."""
    (tmp_path / "modes.yaml").write_text(CATALOGUE)
    file = tmp_path / "x.json"
    if content is not None:
        file.write_text(content)
    assert main(["annotate", str(file), "--catalogue", str(tmp_path / "modes.yaml")]) == 4
    assert capsys.readouterr().err == f"{file}: {says}\n"


def test_without_lines_the_first_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A catalogue that is no YAML any more has one place: its first line."""
    assert annotate(tmp_path, run_document(results()).plain, catalogue="modes: [") == 0
    assert ",line=1," in capsys.readouterr().out


@pytest.mark.parametrize(
    "changes",
    [
        {"checks": [{"subject": 0, "result": "broken", "requirement": 0}]},
        {"checks": None},
        {"subjects": 5},
        {"messages": []},
        {"verdict": {"blocks": [{"level": []}]}},
    ],
)
def test_a_damaged_document_is_one_line(
    changes: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys that are missing or have other types are a mistake, not a traceback."""
    assert annotate(tmp_path, {**run_document(results()).plain, **changes}) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{tmp_path / 'results.json'}: is no results.json of schema 1: ")


def test_nesting_is_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Documents that are nested too deeply for Python are one line, or have no lines."""
    assert annotate(tmp_path, run_document(results()).plain, catalogue="[" * 5000) == 0
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 200_000)
    capsys.readouterr()
    assert main(["annotate", str(deep), "--catalogue", str(tmp_path / "modes.yaml")]) == 4
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_paths_are_those_of_the_clone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub takes paths relative to its clone, wherever the command runs."""
    (tmp_path / "src").mkdir()
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert annotate(tmp_path / "src", run_document(results()).plain) == 0
    assert capsys.readouterr().out.startswith("::error file=src/modes.yaml,line=5,")
