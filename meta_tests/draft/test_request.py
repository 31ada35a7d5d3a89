"""Tests of ``draft.request``: the arguments of a draft, and the file to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.draft.request import DraftRequest, path_beside, read_request
from mlflow_conformance.support.yaml_entry import ConfigurationError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder ``src`` with a script, data and settings, beside a folder ``data``."""
    for name in ("src/train.py", "src/rows.csv", "src/settings.yaml", "data/other.csv"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("", encoding="utf-8")
    return tmp_path


def request(project: Path, *given: str) -> DraftRequest:
    """Return the request for the script, with pytest started in ``project``."""
    return read_request(project / "src" / "train.py", given, project)


@pytest.mark.parametrize(
    ("given", "arguments", "data"),
    [
        (("rows.csv",), ("{training_data}",), "src/rows.csv"),
        (("src/rows.csv",), ("{training_data}",), "src/rows.csv"),
        (("--data=data/other.csv", "-v"), ("--data={training_data}", "-v"), "data/other.csv"),
        (("rows.csv", "settings.yaml"), ("{training_data}", "settings.yaml"), "src/rows.csv"),
        (("src/settings.yaml", "10"), ("{folder}/settings.yaml", "10"), None),
        (("data", "--c=", "{out}"), ("data", "--c=", "{out}"), None),
        ((), (), None),
    ],
)
def test_arguments_are_written_with_placeholders(
    project: Path, given: tuple[str, ...], arguments: tuple[str, ...], data: str | None
) -> None:
    """The one data file is the training data; files of the folder are found in its copy."""
    found = request(project, *given)
    assert found.arguments == arguments
    assert found.data == (None if data is None else project / data)
    assert not found.outside


def test_with_two_data_files_none_is_the_training_data(project: Path) -> None:
    """It is not guessed; a file outside of the script's folder keeps its path, and is told."""
    found = request(project, "rows.csv", "data/other.csv")
    other = str(project / "data" / "other.csv")
    assert (found.arguments, found.data) == (("rows.csv", other), None)
    assert found.outside == (other,)


def test_no_file_is_overwritten(project: Path) -> None:
    """The file is modes.yaml, then modes-NAME.yaml; if both exist, the draft is refused."""
    folder = project / "src"
    names = []
    for _ in range(2):
        file = request(project).file
        names.append(file.name)
        file.touch()
    assert names == ["modes.yaml", "modes-train.yaml"]
    with pytest.raises(ConfigurationError) as error:
        request(project)
    assert f"modes.yaml and modes-train.yaml are already in {folder}" in str(error.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.py", "No such file"),
        ("folder", "is a folder; name the script in it"),
        ("book.ipynb", "jupyter nbconvert --to script"),
    ],
)
def test_what_is_no_script_is_refused(tmp_path: Path, name: str, message: str) -> None:
    """The error names the thing and the way out."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "book.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message) as error:
        read_request(tmp_path / name, (), tmp_path)
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("script", "name"), [("a b.v2.py", "a-b-v2"), ("train_it.py", "train_it"), ("___.py", "script")]
)
def test_names_of_modes_can_be_part_of_test_ids(tmp_path: Path, script: str, name: str) -> None:
    """Other letters of the script's name become hyphens."""
    (tmp_path / script).touch()
    assert read_request(tmp_path / script, (), tmp_path).name == name


def test_paths_are_relative_if_they_are_near(tmp_path: Path) -> None:
    """A path that climbs far is absolute."""
    folder = tmp_path / "a" / "b" / "c"
    assert path_beside(folder / "rows.csv", folder) == "rows.csv"
    assert path_beside(tmp_path / "a" / "rows.csv", folder) == "../../rows.csv"
    assert path_beside(tmp_path / "rows.csv", folder) == str(tmp_path / "rows.csv")
