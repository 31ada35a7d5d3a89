"""``changed``: which modes changed files concern, and that they are checked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from meta_tests.end_to_end.suite_run import caller, mode, write_catalogue
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.command.changed import catalogues_below, catalogues_of, concerned
from mlflow_conformance.command.main import main
from mlflow_conformance.environments.build import uv
from mlflow_conformance.support.paths import PACKAGE, ROOT


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """Two modes in one folder, and one in a folder below it."""
    (tmp_path / "deep").mkdir()
    scripts = {"other.py": "", "deep/third.py": "", "shared.py": "", "deep/shared.py": ""}
    modes = [mode("one", "model.py"), mode("two", "other.py"), mode("three", "deep/third.py")]
    return write_catalogue(tmp_path, modes, scripts)


@pytest.mark.parametrize(
    ("changed", "modes"),
    [
        (["model.py"], ["one"]),
        (["other.py", "deep/third.py"], ["two", "three"]),
        (["shared.py"], ["one", "two"]),
        (["deep/shared.py"], ["one", "two", "three"]),
        (["modes.yaml"], ["one", "two", "three"]),
        (["data.csv"], ["one", "two", "three"]),
        (["../elsewhere.py"], []),
        ([], []),
    ],
)
def test_the_modes_that_may_read_a_file_are_concerned(
    changed: list[str], modes: list[str], catalogue: Path
) -> None:
    """A script, what stands in its folder, the catalogue and its data concern a mode."""
    files = [(catalogue.parent / name).resolve() for name in changed]
    assert concerned(read_catalogue(catalogue), files) == modes


def test_catalogues_are_found_above_the_files(
    catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A catalogue beside a file or above it is found, up to the working directory."""
    monkeypatch.chdir(catalogue.parent)
    assert catalogues_of([catalogue.parent / "deep" / "third.py"]) == [catalogue]
    monkeypatch.chdir(catalogue.parent / "deep")
    assert catalogues_of([catalogue.parent / "deep" / "third.py"]) == []


def test_nothing_concerned_is_said(
    catalogue: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If no mode is concerned, a line says that nothing is checked."""
    monkeypatch.chdir(catalogue.parent)
    assert main(["changed", "../x.py", "--catalogue", "modes.yaml"]) == 0
    assert capsys.readouterr().out == (
        "modes.yaml: none of its modes is concerned, nothing is checked\n"
    )


def test_a_catalogue_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is that of a mistake."""
    (tmp_path / "modes.yaml").write_text("modes: 3")
    assert main(["changed", "x.py", "--catalogue", str(tmp_path / "modes.yaml")]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ERROR: {tmp_path / 'modes.yaml'}: ")


def test_the_concerned_modes_are_checked(catalogue: Path) -> None:
    """The hook checks the mode whose script changed, no other, and fails as its run fails."""
    command = [sys.executable, "-m", "mlflow_conformance", "changed", "deep/third.py"]
    ended = subprocess.run(
        command,
        cwd=catalogue.parent,
        env=caller(PYTHONPATH=str(PACKAGE.parent)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "CAUSE three-sqlite: third.py ended without an error and logged no model" in ended.stdout
    assert "one-sqlite" not in ended.stdout


def test_the_folder_of_a_mode_counts(tmp_path: Path) -> None:
    """A script may read everything in the folder that its mode names."""
    (tmp_path / "scripts").mkdir()
    entry = {**mode("one", "scripts/train.py"), "folder": "."}
    path = write_catalogue(tmp_path, [entry], {"scripts/train.py": "", "features.py": ""})
    assert concerned(read_catalogue(path), [(tmp_path / "features.py").resolve()]) == ["one"]


def test_files_without_a_catalogue_are_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hook that checks nothing says so, and how to name the catalogue."""
    monkeypatch.chdir(tmp_path)
    assert main(["changed", "x.py"]) == 4
    assert "there is no modes.yaml beside these files" in capsys.readouterr().err


def test_files_far_from_a_catalogue_are_not_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A commit of README.md passes; a script that stands outside of its catalogue's folder counts.

    Catalogues of packages and of environments are nobody's.
    """
    (tmp_path / "models").mkdir()
    write_catalogue(tmp_path / "models", [mode("one", "../source/train.py")], {})
    for name in (".venv/x", "env", "node_modules/x"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "modes.yaml").write_text("modes: 3")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "train.py").touch()
    monkeypatch.chdir(tmp_path)
    assert catalogues_below(tmp_path) == [tmp_path / "models" / "modes.yaml"]
    assert main(["changed", "README.md"]) == 0
    assert capsys.readouterr().out == (
        "models/modes.yaml: none of its modes is concerned, nothing is checked\n"
    )
    broken = subprocess.CompletedProcess[str]([], 1)
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **keywords: broken)
    assert main(["changed", "README.md", "source/train.py"]) == 1


@pytest.mark.package_index
def test_a_commit_runs_the_hook(tmp_path: Path) -> None:
    """As documented, with pre-commit: a broken promise blocks the commit, README.md does not."""
    suite, project = tmp_path / "suite", tmp_path / "project"
    (project / "models").mkdir(parents=True)
    suite.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", suite)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = caller(
        PATH=path, PYTHONPATH=str(PACKAGE.parent), PRE_COMMIT_HOME=str(tmp_path / "home")
    )

    def done(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        return subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, check=False
        )

    def committed(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """Commit everything."""
        done(folder, "git", "add", "--all")
        who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        return done(folder, "git", *who, "commit", "--quiet", "-m", "x", *options)

    for folder in (suite, project):
        assert done(folder, "git", "init", "--quiet").returncode == 0
    assert committed(suite).returncode == 0
    revision = done(suite, "git", "rev-parse", "HEAD").stdout.strip()
    hooks = [{"id": "mlflow-conformance"}]
    settings = {"repos": [{"repo": str(suite), "rev": revision, "hooks": hooks}]}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings))
    write_catalogue(project / "models", [mode("one", "model.py")], {})
    assert committed(project).returncode == 0
    installed = done(project, uv(), "tool", "run", "--quiet", "pre-commit", "install")
    assert installed.returncode == 0, installed.stderr

    (project / "README.md").write_text("# Churn\n")
    passed = committed(project)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "MLflow logging conformance" in passed.stderr
    (project / "models" / "model.py").write_text("")
    blocked = committed(project)
    assert blocked.returncode == 1
    assert "CAUSE one-sqlite: model.py ended without an error and logged no model" in blocked.stderr
    assert done(project, "git", "rev-list", "--count", "HEAD").stdout == "2\n"


def test_a_check_that_is_killed_fails(catalogue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ended by a signal has checked nothing."""
    killed = subprocess.CompletedProcess[str]([], -9)
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **keywords: killed)
    command = ["changed", str(catalogue.parent / "model.py"), "--catalogue", str(catalogue)]
    assert main(command) == 137
