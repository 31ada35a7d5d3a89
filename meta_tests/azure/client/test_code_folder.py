"""Tests of the code folder that is uploaded, and of the commands of jobs."""

from __future__ import annotations

import functools
import os
import shlex
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta_tests.end_to_end.suite_run import mode, write_catalogue
from mlflow_conformance.azure.errors import AzureMisconfigured
from mlflow_conformance.azure.preflight import code_folder
from mlflow_conformance.azure.preflight.code_folder import Code, stage_code
from mlflow_conformance.catalogue.modes import Catalogue
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.support import folder_copy
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.support.run_folder import RunFolder


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """A catalogue of one mode with its script and data."""
    folder = tmp_path / "mine"
    folder.mkdir()
    return read_catalogue(write_catalogue(folder, [mode("good", "model.py")], {}))


def data_of(catalogue: Catalogue) -> bytes:
    """Return the content of the catalogue's data file."""
    assert catalogue.training_data is not None
    return catalogue.training_data.read_bytes()


def staged(catalogue: Catalogue, folder: Path) -> tuple[Code, list[str]]:
    """Return the code and the relative paths of the uploaded files."""
    code = stage_code(catalogue, catalogue.modes, RunFolder(folder))
    files = (file for file in code.folder.rglob("*") if file.is_file())
    return code, sorted(file.relative_to(code.folder).as_posix() for file in files)


def test_the_labs_command_lines(tmp_path: Path) -> None:
    """The suite's modes run with the command line of the lab, and all files are uploaded."""
    catalogue = read_catalogue(DEFAULT_CATALOGUE)
    code, files = staged(catalogue, tmp_path)
    autolog = code.commands["autolog-array"]
    assert autolog == "python train-model-autolog.py --training_data diabetes.csv"
    assert {"modes.yaml", "diabetes.csv", "train-model-autolog.py"} <= set(files)
    assert set(code.commands) == {mode.name for mode in catalogue.modes}


def test_what_gathers_in_a_folder_is_left_out(catalogue: Catalogue, tmp_path: Path) -> None:
    """Caches, stores, environments and hidden files are left out; ``.amlignore`` is copied."""
    folder = catalogue.path.parent
    before = staged(catalogue, tmp_path)[1]
    for path in (
        *("__pycache__/model.cpython-311.pyc", ".git/config", ".venv/lib.py", "mlruns/0/meta.yaml"),
        *(".gitignore", ".env", "package/.hidden", "environment/pyvenv.cfg", "environment/lib.py"),
        *("package/__init__.py", "package/deep/module.py", ".amlignore", "package/.amlignore"),
        *("package/.python-version", ".python-version"),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("")
    after = staged(catalogue, tmp_path / "again")[1]
    added = [".amlignore", ".python-version", "package/__init__.py", "package/deep/module.py"]
    assert after == sorted([*before, *added])


def test_data_from_elsewhere_lies_beside_the_scripts(catalogue: Catalogue, tmp_path: Path) -> None:
    """A file outside the catalogue's folder is copied beside the scripts under its name."""
    elsewhere = tmp_path / "more data.csv"
    elsewhere.write_bytes(data_of(catalogue))
    other = replace(catalogue, training_data=elsewhere)
    code, files = staged(other, tmp_path)
    assert "more data.csv" in files
    assert code.commands["good"] == "python model.py 'more data.csv'"


def test_data_in_a_hidden_folder_goes_along(catalogue: Catalogue, tmp_path: Path) -> None:
    """A data file of the catalogue is uploaded even from a hidden folder."""
    hidden = catalogue.path.parent / ".data" / "rows.csv"
    hidden.parent.mkdir()
    hidden.write_bytes(data_of(catalogue))
    other = replace(catalogue, training_data=hidden)
    code, files = staged(other, tmp_path)
    assert ".data/rows.csv" in files
    assert code.commands["good"] == "python model.py .data/rows.csv"


def refusal(catalogue: Catalogue, folder: Path) -> str:
    """Return the error message of staging, which must not leave a folder behind."""
    with pytest.raises(AzureMisconfigured) as refused:
        stage_code(catalogue, catalogue.modes, RunFolder(folder))
    assert "\n" not in str(refused.value)
    assert not RunFolder(folder).azure.code.exists()
    return str(refused.value)


def test_a_script_from_elsewhere_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    """A script outside the uploaded folder raises ``AzureMisconfigured``."""
    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_text("")
    other = replace(catalogue, modes=(replace(catalogue.modes[0], script=elsewhere),))
    assert refusal(other, tmp_path) == (
        f"{catalogue.path}: mode 'good': script: {elsewhere} is outside {catalogue.path.parent},"
        " the folder that is uploaded; move it there"
    )


@pytest.mark.parametrize(("limit", "value"), [("LARGEST_BYTES", 10_000), ("MOST_FILES", 5)])
def test_a_folder_that_is_too_large_is_refused(
    limit: str, value: int, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder above the limits is refused before it is copied."""
    monkeypatch.setattr(folder_copy, limit, value)
    for number in range(6):
        (catalogue.path.parent / f"{number}.bin").write_bytes(bytes(5000))
    message = refusal(catalogue, tmp_path)
    assert message.startswith(f"{catalogue.path.parent}: is too large to copy (at most ")
    assert message.endswith("move catalogue, scripts and data to a separate folder")


def test_azures_own_placeholders_are_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    """An Azure expression in a command line raises ``AzureMisconfigured``."""
    changed = replace(catalogue.modes[0], arguments=("${{inputs.data}}",))
    other = replace(catalogue, modes=(changed,))
    with pytest.raises(AzureMisconfigured, match=r"mode 'good': '\$\{\{' in its command line"):
        stage_code(other, other.modes, RunFolder(tmp_path))


def with_mode(catalogue: Catalogue, **changes: Any) -> Catalogue:
    """Return the catalogue with its mode changed."""
    return replace(catalogue, modes=(replace(catalogue.modes[0], **changes),))


def test_a_job_runs_in_the_modes_folder(catalogue: Catalogue, tmp_path: Path) -> None:
    """``{folder}`` is the working directory and ``{out}`` a new folder in it."""
    words = ("{training_data}", "{folder}", "--to={out}/x", "{other}")
    here = catalogue.path.parent
    code, _ = staged(with_mode(catalogue, folder=here, arguments=words), tmp_path)
    started = "mkdir -p out && python"
    assert code.commands["good"] == f"{started} model.py data.csv . --to=out/x '{{other}}'"
    inner = here / "in ner" / "model.py"
    inner.parent.mkdir()
    inner.write_text("")
    changed = with_mode(catalogue, folder=inner.parent, script=inner, arguments=words)
    code, _ = staged(changed, tmp_path / "again")
    there = f"cd 'in ner' && {started} model.py ../data.csv . --to=out/x '{{other}}'"
    assert code.commands["good"] == there


def test_a_folder_outside_the_uploaded_one_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    """A mode's folder above the catalogue's folder raises ``AzureMisconfigured``."""
    assert refusal(with_mode(catalogue, folder=tmp_path), tmp_path) == (
        f"{catalogue.path}: mode 'good': folder: {tmp_path} is outside {catalogue.path.parent},"
        " the folder that is uploaded; move it there"
    )


def test_a_fifo_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    """What cannot be copied is named with the way out, and nothing is copied."""
    os.mkfifo(catalogue.path.parent / "pipe")
    message = refusal(catalogue, tmp_path)
    assert message.endswith(
        "mine/pipe: cannot be read: it is a FIFO, not a plain file; list it in .amlignore to leave"
        " it out"
    )


@functools.cache
def _suites_own() -> Catalogue:
    return read_catalogue(DEFAULT_CATALOGUE)


@given(words=st.lists(st.text(string.printable, max_size=12), max_size=4))
def test_a_shell_reads_the_arguments_as_they_stand(words: list[str]) -> None:
    """A script receives spaces, quotes and shell metacharacters as written in the catalogue."""
    if any("${{" in word for word in words):
        return
    catalogue = _suites_own()
    changed = replace(catalogue.modes[0], arguments=("{training_data}", *words))
    command = code_folder._command(catalogue, changed, Path("a b/c'd.csv"))
    filled = [word.replace("{training_data}", "a b/c'd.csv") for word in words]
    assert shlex.split(command) == ["python", changed.script.name, "a b/c'd.csv", *filled]
