"""Promises that a release is excused from are checked in another environment."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from meta_tests.promises.test_promises import PROMISES
from meta_tests.pytest_plugin.sample_entries import written
from mlflow_conformance.environments import releases
from mlflow_conformance.pytest_plugin import excused
from mlflow_conformance.pytest_plugin.deviations_reader import read_known_deviations
from mlflow_conformance.pytest_plugin.excused import Excused, excused_here
from mlflow_conformance.pytest_plugin.known_deviations import KnownDeviation
from mlflow_conformance.support.paths import KNOWN_DEVIATIONS

ENTRY: dict[str, Any] = {
    "tests": "conformance/test_serving.py::*",
    "message": "no attribute 'route'",
    "reason": "because",
    "link": "https://example.org/1",
    "checked_with": {"packages": ["starlette<1"]},
}


def excused_files(deviation: KnownDeviation) -> list[str]:
    """Return the files in which a deviation covers every local promise."""
    by_file: dict[str, list[str]] = {}
    for promise in PROMISES:
        package, module, name = promise.split(".")
        by_file.setdefault(f"{package}/{module}.py", []).append(name)
    return [
        file
        for file, names in by_file.items()
        if all(deviation.covers(f"{file}::{name}[a-mode-sqlite]") for name in names)
    ]


def test_no_file_is_excused_that_is_checked_nowhere() -> None:
    """A shipped entry that covers all promises of a file says where they are checked."""
    shipped = read_known_deviations(KNOWN_DEVIATIONS)
    found = {file: d.checked_with for d in shipped for file in excused_files(d)}
    assert [file for file, checked_with in found.items() if checked_with is None] == []
    assert sorted(found) == [
        "conformance/test_rebuilt_environment.py",
        "conformance/test_serving.py",
    ]


@pytest.mark.parametrize("tests", ["*", "*test_serving.py::test_*", "conformance/test_serving*"])
def test_a_file_is_excused_by_any_pattern_that_covers_it(tests: str, tmp_path: Path) -> None:
    """Whether an entry covers a whole file depends on the promises, not on its pattern."""
    (wide,) = read_known_deviations(written(tmp_path, {**ENTRY, "tests": tests}))
    assert "conformance/test_serving.py" in excused_files(wide)
    assert not excused_files(replace(wide, tests="conformance/test_serving.py::test_ping*"))


def test_what_is_excused_here_is_said_with_the_way_out(tmp_path: Path) -> None:
    """Only entries that apply to the installed packages and have ``checked_with`` are named."""
    without = {key: value for key, value in ENTRY.items() if key != "checked_with"}
    elsewhere = {**ENTRY, "when": {"mlflow": "<1"}}
    of_jobs = {**ENTRY, "when": {"target": "azure"}}
    by_option = {
        **ENTRY,
        "tests": "conformance/test_rebuilt_environment.py::*",
        "when": {"rebuilt_from": "requirements"},
        "checked_with": {"options": ["--rebuild-from=python_env"]},
    }
    path = written(tmp_path, ENTRY, without, elsewhere, of_jobs, by_option)
    reason = "because (https://example.org/1)"
    option = "--rebuild-from=python_env"
    assert excused_here(path) == (
        Excused("conformance/test_serving.py", ("starlette<1",), (), reason),
        Excused("conformance/test_rebuilt_environment.py", (), (option,), reason),
    )


def test_what_is_excused_is_printed_for_nox(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command prints one line of JSON for each excused file, and nothing if there is none."""
    found = Excused("conformance/test_serving.py", ("starlette<1",), (), "because")
    monkeypatch.setattr(excused, "excused_here", lambda: (found,))
    assert excused.main() == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "file": "conformance/test_serving.py",
        "packages": ["starlette<1"],
        "options": [],
        "reason": "because",
    }
    monkeypatch.setattr(excused, "excused_here", lambda: ())
    assert excused.main() == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("beside", "folder"),
    [
        ((), "mlflow-2.22.5"),
        (("starlette<1",), "mlflow-2.22.5-starlette-below-1"),
        (("starlette>=1", "fastapi==0.1"), "mlflow-2.22.5-starlette-above-1-fastapi-0.1"),
        (("a/../b ; c",), "mlflow-2.22.5-a-..-b-c"),
    ],
)
def test_an_environment_with_more_beside_mlflow_is_one_of_its_own(
    beside: tuple[str, ...], folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packages besides MLflow are passed to uv, and the environment has its own folder."""
    built: list[tuple[Path, list[str]]] = []

    def build(directory: Path, *, python: str, arguments: list[str]) -> Path:
        built.append((directory, arguments))
        return directory / python

    monkeypatch.setattr(releases, "build", build)
    releases.build_release("2.22.5", tmp_path, beside)
    ((directory, arguments),) = built
    assert directory == tmp_path / folder
    assert arguments[:2] == ["--exclude-newer", "2026-05-26"]
    assert "mlflow==2.22.5" in arguments
    assert tuple(arguments[len(arguments) - len(beside) :]) == beside
