"""What an environment is built from, and which models share one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mlflow_conformance.model.environment_files import read_python_env, read_requirements
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises import rebuilt_environment
from mlflow_conformance.promises.rebuilt_environment import RebuiltEnvironments

PYTHON_ENV = """\
python: 3.11.7
build_dependencies: [pip, setuptools==69.0.2, wheel]
dependencies: [-r requirements.txt]
"""

Built = list[tuple[Path, list[str]]]


class Stopped(Exception):
    """Raised in place of scoring."""


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Built:
    """The folders and arguments of the environments that are built; nothing is built."""
    found: Built = []

    def build(directory: Path, *, python: str, arguments: list[str]) -> Path:
        found.append((directory, [python, *arguments]))
        raise Stopped

    monkeypatch.setattr(rebuilt_environment, "build", build)
    return found


def rebuild(root: Path, name: str, requirements: str, rebuild_from: str = "requirements") -> Path:
    """Start to rebuild the environment of a new model; return the model's folder."""
    folder = root / name
    folder.mkdir()
    (folder / "requirements.txt").write_text(requirements)
    (folder / "python_env.yaml").write_text(PYTHON_ENV)
    model = SimpleNamespace(
        directory=folder,
        python_env=read_python_env(folder),
        requirements=read_requirements(folder),
    )
    with pytest.raises(Stopped):
        RebuiltEnvironments(root / "rebuilt", rebuild_from).score(cast(ModelUnderTest, model))
    return folder


@pytest.mark.parametrize(
    ("rebuild_from", "tools"),
    [("requirements", []), ("python_env", ["pip", "setuptools==69.0.2", "wheel"])],
)
def test_an_environment_is_rebuilt_from_what_is_asked_for(
    rebuild_from: str, tools: list[str], built: Built, tmp_path: Path
) -> None:
    """It has the build tools of ``python_env.yaml`` only with ``python_env``."""
    rebuild(tmp_path, "model", "mlflow==2.8.1\n", rebuild_from)
    ((directory, arguments),) = built
    file = directory.parent / "requirements.txt"
    assert arguments == ["3.11.7", "--requirements", str(file), *tools]
    assert file.read_text() == "mlflow==2.8.1\n"


def test_models_with_the_same_requirements_share_an_environment(
    built: Built, tmp_path: Path
) -> None:
    """The folder and the arguments are equal, so that the second one is not built again."""
    for name in ("one", "two"):
        rebuild(tmp_path, name, "mlflow==2.8.1\n")
    rebuild(tmp_path, "other", "mlflow==2.9.0\n")
    one, two, other = built
    assert one == two
    assert one[0] != other[0]


@pytest.mark.parametrize("line", ["-c constraints.txt", "./wheels/own-1.0-py3-none-any.whl"])
def test_a_model_that_names_files_has_its_own(line: str, built: Built, tmp_path: Path) -> None:
    """Paths in the requirements are relative to the model, so it is built from its own file."""
    folders = [rebuild(tmp_path, name, f"mlflow==2.8.1\n{line}\n") for name in ("one", "two")]
    assert built[0][0] != built[1][0]
    for folder, (_, arguments) in zip(folders, built, strict=True):
        assert arguments[2] == str(folder / "requirements.txt")
