"""Tests of the gate's command: it ends with a verdict, or with one line that says why not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NoReturn

import pytest

from meta_tests.end_to_end.background_run import GRACE_SECONDS
from meta_tests.end_to_end.suite_run import mode, write_catalogue
from meta_tests.upgrade.sample_runs import two_modes
from mlflow_conformance.environments.build import EnvironmentNotBuilt, build
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.environments.releases import SUITE, UnknownRelease, release
from mlflow_conformance.servers.postgres.installation import PostgresUnavailable
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.upgrade import built_sides, compare, gate
from mlflow_conformance.upgrade.asked_sides import NothingToCompare
from mlflow_conformance.upgrade.causes import pinned_environment
from mlflow_conformance.upgrade.causes.held_packages import PYTHON
from mlflow_conformance.upgrade.command_line import ended_with
from mlflow_conformance.upgrade.runs.side_by_side import Progress, Side

USAGE_ERROR, ERROR_OF_THE_RUN = 4, 2
# Where nobody listens: whatever asks the package index fails at once.
NO_INDEX = "http://127.0.0.1:9/simple"
BROKEN = "2.8.1"


def no_version(folder: Path) -> list[str]:
    """Name what is no version."""
    return ["newest", "3.17.2"]


def no_version_but_a_path(folder: Path) -> list[str]:
    """Name a version that leads out of the folder of environments."""
    return ["2.8.1/../../x", "3.17.2"]


def three_releases(folder: Path) -> list[str]:
    """Name more than can be compared."""
    return ["2.22.5", "3.1.4", "3.17.2"]


def no_requirement(folder: Path) -> list[str]:
    """Name a package in a way that is no requirement."""
    return ["3.17.2", "--with", "scikit-learn 1.8"]


def mlflow_as_a_package(folder: Path) -> list[str]:
    """Name MLflow as a package that changes beside MLflow."""
    return ["3.17.2", "--with", "MLflow==3.1.4"]


def no_catalogue(folder: Path) -> list[str]:
    """Name a catalogue that does not exist."""
    return ["2.22.5", "3.17.2", "--catalogue", str(folder / "nowhere.yaml")]


def no_data(folder: Path) -> list[str]:
    """Name training data that does not exist."""
    return ["2.22.5", "3.17.2", "--training-data", str(folder / "nowhere.csv")]


def other_data(folder: Path) -> list[str]:
    """Name training data with other columns."""
    (folder / "other.csv").write_text("a,c,y\n1,2,3\n")
    return ["2.22.5", "3.17.2", "--training-data", str(folder / "other.csv")]


def no_folder(folder: Path) -> list[str]:
    """Name a file as the folder of the verdict."""
    (folder / "file").write_text("")
    return ["2.22.5", "3.17.2", "--verdict", str(folder / "file" / "verdict")]


def a_file_as_the_report(folder: Path) -> list[str]:
    """Name a file as the folder of the report."""
    (folder / "page").write_text("")
    return ["2.22.5", "3.17.2", "--report", str(folder / "page")]


def no_python(folder: Path) -> list[str]:
    """Name what is no version of Python."""
    return ["2.22.5", "3.17.2", "--python", "snake"]


def nothing_accepted(folder: Path) -> list[str]:
    """Name a file of accepted changes that does not exist."""
    return ["2.22.5", "3.17.2", "--accepted", str(folder / "nowhere.yaml")]


def no_project(folder: Path) -> list[str]:
    """Name a project that does not exist."""
    return ["3.17.2", "--project", str(folder / "nowhere")]


def no_team(folder: Path) -> list[str]:
    """Name a file of requirements that does not exist."""
    return ["3.17.2", "--from-requirements", str(folder / "nowhere.txt")]


MISTAKES: dict[Callable[[Path], list[str]], str] = {
    no_version: "'newest' is not a release; a version looks like 2.22.5",
    no_version_but_a_path: "'2.8.1/../../x' is not a release; a version looks like 2.22.5",
    three_releases: "name at most two releases, not 3",
    no_requirement: "--with 'scikit-learn 1.8': is not a requirement",
    mlflow_as_a_package: "--with 'MLflow==3.1.4': name the releases of MLflow without --with",
    no_catalogue: "nowhere.yaml: cannot be read: No such file or directory",
    no_data: "nowhere.csv: cannot be read: No such file or directory",
    other_data: "other.csv: has no column b",
    no_folder: "file/verdict: Not a directory; name another folder",
    a_file_as_the_report: "--report: ",
    no_python: "--python 'snake': a version looks like 3.12",
    nothing_accepted: "nowhere.yaml: there is no such file of accepted changes",
    no_project: "nowhere: is not a folder; name one that has uv.lock, pylock.toml or requ",
}


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """What SIGTERM does to the tests' own process: the gate's command takes it over."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def catalogue(tmp_path: Path) -> str:
    """The path of a catalogue of two modes."""
    return str(two_modes(tmp_path))


def complaint(captured: str) -> str:
    """Return the one line of an error of the run."""
    (line,) = captured.splitlines()
    before, _, said = line.partition("the releases could not be compared: ")
    assert not before
    return said


@pytest.mark.parametrize("prepare", MISTAKES, ids=lambda prepare: prepare.__name__)
def test_a_mistake_is_told_before_anything_is_built(
    prepare: Callable[[Path], list[str]],
    catalogue: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The exit code is 4, and one line on standard error says what is wrong."""
    monkeypatch.setattr(gate, "built_sides", None)
    assert gate.main(["--catalogue", catalogue, *prepare(tmp_path)]) == USAGE_ERROR
    captured = capsys.readouterr()
    assert MISTAKES[prepare] in complaint(captured.err)
    assert captured.out == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EnvironmentNotBuilt("uv failed"), ERROR_OF_THE_RUN),
        (ConfigurationError("no file"), USAGE_ERROR),
        (NothingToCompare("the same"), USAGE_ERROR),
        (KeyboardInterrupt(), ERROR_OF_THE_RUN),
    ],
    ids=lambda given: type(given).__name__,
)
def test_without_a_verdict_its_files_say_so(
    error: BaseException,
    code: int,
    catalogue: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A pipeline that publishes the files shows the reason, never an old or an empty result."""

    def fails(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(gate, "built_sides", fails)
    folders = ["--verdict", str(tmp_path / "v"), "--report", str(tmp_path / "r")]
    assert gate.main(["2.22.5", "3.17.2", "--catalogue", catalogue, *folders]) == code
    reason = capsys.readouterr().err.strip()
    document = json.loads((tmp_path / "v" / "verdict.json").read_text())
    assert (document["reason"], document["exit_code"]) == (reason, code)
    assert ' errors="1"' in (tmp_path / "v" / "verdict.xml").read_text()
    assert reason in (tmp_path / "r" / "report.html").read_text()


def test_without_an_index_the_newest_is_not_known(
    catalogue: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where uv cannot ask for the newest release, its own words are told in one line."""
    for name, value in (("UV_INDEX_URL", NO_INDEX), ("UV_NO_CACHE", "1"), ("UV_HTTP_RETRIES", "0")):
        monkeypatch.setenv(name, value)
    assert gate.main(["--catalogue", catalogue]) == ERROR_OF_THE_RUN
    assert "uv pip compile: error: " in complaint(capsys.readouterr().err)


def test_a_store_without_postgresql_is_told_before_anything_is_built(
    catalogue: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If there is no PostgreSQL for ``--store postgres``, one line says so at once."""

    def none(environment: object) -> NoReturn:
        raise PostgresUnavailable("there is no PostgreSQL: install it")

    monkeypatch.setattr(gate, "built_sides", None)
    monkeypatch.setattr(gate, "find_programs", none)
    asked = ["2.22.5", "3.17.2", "--store", "postgres", "--catalogue", catalogue]
    assert gate.main(asked) == ERROR_OF_THE_RUN
    assert complaint(capsys.readouterr().err) == "there is no PostgreSQL: install it"


def test_an_unknown_store_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 4, and the line names the known stores."""
    with pytest.raises(SystemExit) as ended:
        gate.main(["2.22.5", "3.17.2", "--store", "mysql"])
    assert ended.value.code == USAGE_ERROR
    (line,) = capsys.readouterr().err.splitlines()
    assert "argument --store: invalid choice: 'mysql'" in line
    assert "postgres" in line


@pytest.mark.parametrize("again", ["3.17.2", "v3.17.2"])
def test_a_release_is_not_compared_with_itself(
    again: str,
    catalogue: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same release twice is no bump: one line says what to name, and nothing is built."""
    monkeypatch.setattr(gate, "built_sides", None)
    assert gate.main(["3.17.2", again, "--catalogue", catalogue]) == USAGE_ERROR
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "OLD and NEW are the same (MLflow 3.17.2): nothing to compare; name two releases,"
        " such as 2.22.5 3.17.2, or what else changes: --with scikit-learn==1.8.0\n"
    )


@pytest.fixture
def crashing(tmp_path: Path) -> str:
    """The path of a catalogue whose only script crashes."""
    scripts = {"crashes.py": 'raise RuntimeError("no such parameter")\n'}
    return str(write_catalogue(tmp_path, [mode("only", "crashes.py")], scripts))


def test_a_script_that_crashes_under_both_releases_is_not_safe(
    crashing: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two crashes do not differ, and that is no verdict: exit code 2, and so says each report."""
    here = str(installed("mlflow"))
    both = [Side(here, Path(sys.executable), note) for note in ("", ", again")]
    monkeypatch.setattr(gate, "built_sides", lambda *_, **__: both)
    options = ["--no-estimators", "--catalogue", crashing, "--verdict", str(tmp_path / "v")]
    assert gate.main(["2.22.5", "3.17.2", *options]) == ERROR_OF_THE_RUN
    headline = (
        f"NO TELLING: no model was compared between two environments of MLflow {here}:"
        " only (crashed on both sides)"
    )
    assert headline in capsys.readouterr().out.splitlines()
    for report in ("verdict.json", "verdict.md", "verdict.xml"):
        assert headline in (tmp_path / "v" / report).read_text()


def test_an_environment_of_another_release_is_not_compared(
    crashing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is recorded must be the release that was asked for, or both sides could be one."""
    both = [Side(version, Path(sys.executable)) for version in ("2.22.5", "3.0.0")]
    monkeypatch.setattr(gate, "built_sides", lambda *_, **__: both)
    assert gate.main(["2.22.5", "3.0.0", "--catalogue", crashing]) == ERROR_OF_THE_RUN
    said = complaint(capsys.readouterr().err)
    assert said.endswith(f": its environment has MLflow {installed('mlflow')}")


def test_a_file_of_a_team_that_is_not_there_is_a_mistake(
    catalogue: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is read only when the sides are built is a mistake of the command line as well."""
    monkeypatch.setattr(built_sides, "build_beside", None)
    assert gate.main([*no_team(tmp_path), "--catalogue", catalogue]) == USAGE_ERROR
    way_out = "nowhere.txt: is not a file; name a requirements file, uv.lock or pylock.toml"
    assert way_out in complaint(capsys.readouterr().err.splitlines()[-1])


def test_a_release_that_the_index_does_not_have_is_a_mistake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the index answered, the name is wrong; where it did not, nothing is known."""
    said = ["Because there is no version of mlflow==2.22.98 and you require it", "no answer"]

    def fails(*_: object, **__: object) -> NoReturn:
        raise EnvironmentNotBuilt(said[0])

    monkeypatch.setattr(pinned_environment, "resolved", fails)
    with pytest.raises(UnknownRelease, match=r"MLflow 2\.22\.98 cannot be installed"):
        pinned_environment.require_published("2.22.98")
    said.pop(0)
    with pytest.raises(EnvironmentNotBuilt, match="no answer"):
        pinned_environment.require_published("2.22.98")


@pytest.mark.package_index
def test_an_unknown_release_is_told(
    catalogue: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A release that was never published is told in one line, with those near it."""
    assert gate.main(["2.22.98", "3.17.2", "--catalogue", catalogue]) == USAGE_ERROR
    said = complaint(capsys.readouterr().err)
    assert said.startswith(f"MLflow 2.22.98 cannot be installed for Python {PYTHON}: ")
    assert "2.22.98 is not in mlflow_releases.yaml; known are 2.22.0, " in said
    assert "there is no version of mlflow==2.22.98" in said
    assert not (ROOT / ".nox" / "mlflow-2.22.98").exists()


@pytest.mark.package_index
def test_an_environment_that_does_not_work_is_told(
    catalogue: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where packages resolve and MLflow cannot be imported, the import's error is told, soon."""
    until = release(BROKEN).packages_of.isoformat()
    python = build(
        tmp_path / "without-setuptools",
        python=PYTHON,
        arguments=["--exclude-newer", until, f"mlflow=={BROKEN}", *SUITE],
    )
    monkeypatch.setattr(built_sides, "environment_of", lambda version: python)
    monkeypatch.setattr(built_sides, "build_beside", lambda *_, **__: Path(sys.executable))
    started = time.monotonic()
    assert gate.main([BROKEN, "3.17.2", "--catalogue", catalogue]) == ERROR_OF_THE_RUN
    assert time.monotonic() - started < GRACE_SECONDS * 4
    assert complaint(capsys.readouterr().err) == (
        f"MLflow {BROKEN}: MLflow cannot be imported with the packages that are installed:"
        " ModuleNotFoundError: No module named 'pkg_resources'; one of them may be newer than this"
        " MLflow allows for: install an older one, or the packages of its release date"
    )


@pytest.mark.parametrize(
    ("arguments", "code"), [(["3.17.2", "3.17.2"], 4), (["newest", "3.17.2"], 4)]
)
def test_nox_hands_the_exit_code_on(arguments: list[str], code: int) -> None:
    """The session ends with the gate's own exit code."""
    pytest.importorskip("nox")
    ended = subprocess.run(
        [sys.executable, "-m", "nox", "-s", "gate", "--", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == code, ended.stderr


# The gate's command, with a verdict on recorded baselines: nothing is built or trained.
PRINTS = """\
import sys
from mlflow_conformance.upgrade import compare, gate

gate.built_sides = lambda *_: (None, None)
gate.compare = lambda *_: compare.compared("3.1.4", "3.17.2")
sys.exit(gate.main(["3.1.4", "3.17.2", *sys.argv[1:]]))
"""


def printing(folder: Path, output: int | IO[str], **variables: str) -> tuple[int, str, str]:
    """Return the exit code, standard output and standard error of a gate with a verdict."""
    ended = subprocess.run(
        [sys.executable, "-c", PRINTS, "--verdict", str(folder)],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.parametrize(
    "variables",
    [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
    ids=["encoding", "locale"],
)
def test_the_report_is_printed_in_every_locale(variables: dict[str, str], tmp_path: Path) -> None:
    """What the encoding does not have is escaped, and the verdict's files are there."""
    code, out, errors = printing(tmp_path / "v", subprocess.PIPE, **variables)
    assert (code, errors) == (1, "")
    assert "\\u2026" in out
    assert out.splitlines()[-1].startswith("NOT SAFE: ")
    assert len(list((tmp_path / "v").iterdir())) == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_report_that_cannot_be_printed_is_one_line(tmp_path: Path) -> None:
    """The exit code is that of an error of the run, and the verdict's files are there."""
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        code, _, errors = printing(tmp_path / "v", full)
    assert code == ERROR_OF_THE_RUN
    assert errors == (
        "the report cannot be printed: No space left on device;"
        f" the verdict is in {tmp_path / 'v'}\n"
    )
    assert len(list((tmp_path / "v").iterdir())) == 3


def test_a_verdict_that_cannot_be_written_is_still_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What took minutes is not lost with a folder; the exit code is that of an error of the run."""
    (tmp_path / "v").write_text("")
    verdict = compare.compared("3.1.4", "3.17.2")
    asked = Namespace(verdict=tmp_path / "v", report=None)
    assert ended_with(verdict, asked) == ERROR_OF_THE_RUN
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1].startswith("NOT SAFE: ")
    (line,) = captured.err.splitlines()
    assert line.startswith("not all files of the verdict are written: [Errno 17] File exists: ")
    assert line.endswith("; make room there, or name another folder")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_progress_that_cannot_be_printed_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict does not depend on messages meanwhile."""
    full = open("/dev/full", "w")  # noqa: PTH123, SIM115 - its end raises, too
    monkeypatch.setattr(sys, "stdout", full)
    Progress()("training")
    with pytest.raises(OSError, match="No space left"):
        full.close()
