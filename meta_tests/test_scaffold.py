"""The skeletons of the scaffold are well formed, collected, and fail until they are filled in."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from meta_tests.scaffold.__main__ import main
from mlflow_conformance.support.paths import ROOT

COPIED = ("conformance", "fixtures", "meta_tests", "training", "conftest.py", "pytest.ini")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the suite's own files."""
    ignored = shutil.ignore_patterns("__pycache__", "baselines")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copyfile(source, tmp_path / name)
    return tmp_path


def pytest_output(tree: Path, *arguments: str) -> str:
    """Return the output of pytest in the copy."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    ("name", "mutants"), [("owner", "owner"), ("metadata/owner", "metadata_owner")]
)
def test_a_new_promise_fails_until_it_is_filled_in(tree: Path, name: str, mutants: str) -> None:
    """A new promise and its mutant are collected, and the good model fails the promise."""
    assert main(["promise", name], tree) == 0
    file = "metadata" if "/" in name else "owner"
    collected = pytest_output(tree, "--co", f"conformance/test_{file}.py", "-k", "test_owner")
    assert f"test_{file}.py::test_owner[infer-frame-sqlite]" in collected
    done = pytest_output(tree, f"meta_tests/mutants/test_{mutants}.py", "-k", "wrong-owner")
    assert "owner is …, should be …" in done
    assert "1 failed" in done


def test_a_new_promise_can_be_added_to_every_file(tree: Path) -> None:
    """Wherever a promise is added, all names that it and its mutant use are defined."""
    subjects = [file.stem.removeprefix("test_") for file in (tree / "conformance").glob("test_*")]
    for subject in subjects:
        assert main(["promise", f"{subject}/owner"], tree) == 0
    for subject in subjects:
        file = tree / "conformance" / f"test_{subject}.py"
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
        imported = {alias.asname or alias.name for node in imports for alias in node.names}
        missing = {"ModelUnderTest", "require"} - imported
        assert not missing, f"{file.name}: the new promise uses {missing}, and nothing imports them"
    # Importing a module of mutants uses every name in it.
    added = [*(tree / "meta_tests" / "mutants").glob("test_*_owner.py")]
    collected = pytest_output(tree, "--co", *map(str, added))
    assert collected.count("wrong-owner]") == len(subjects), collected


def test_a_new_rule_fails_until_it_is_filled_in(tree: Path) -> None:
    """A new rule has a sample, and the tests of the rules fail."""
    assert main(["rule", "run/owner-lost"], tree) == 0
    done = pytest_output(tree, "meta_tests/upgrade/test_rules.py", "-k", "owner-lost")
    assert "failed" in done
    assert "owner-lost" in done


def test_a_new_mode_fails_until_it_is_filled_in(tree: Path) -> None:
    """A new mode is in the catalogue, and its script logs no model."""
    assert main(["mode", "owner"], tree) == 0
    done = pytest_output(tree, "conformance/test_outcome.py", "--mode", "owner")
    assert "train-model-owner.py ended without an error and logged no model" in done


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["promise", "Owner!"], "is not a name"),
        (["promise", "class"], "is a keyword of Python, or starts with test_"),
        (["promise", "test_serving"], "is a keyword of Python, or starts with test_"),
        (["promise", "metadata"], "test_metadata.py exists; to add to it: metadata/…"),
        (["promise", "metadata/mlflow_version_is_the_installed_one"], "already"),
        (["promise", "nowhere/owner"], "there is no conformance/test_nowhere.py"),
        (["rule", "crossing/owner"], "there are no rules in crossing; choose from behaviour"),
        (["rule", "run/tag-lost"], "there is a rule tag-lost already"),
        (["mode", "infer-frame"], "there is a mode infer-frame already"),
        (["mode", "x/owner"], "a mode has a name without a folder"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    tree: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A malformed or taken name is refused in one line, and no file changes."""
    before = {file: file.read_bytes() for file in tree.rglob("*.py")}
    assert main(arguments, tree) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert {file: file.read_bytes() for file in tree.rglob("*.py")} == before
