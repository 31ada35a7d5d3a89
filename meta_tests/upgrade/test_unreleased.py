"""Tests that an MLflow before its release can be the new side: index, wheel, or checkout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mlflow_conformance.environments.releases import UnknownRelease
from mlflow_conformance.upgrade import unreleased as module
from mlflow_conformance.upgrade.asked_sides import asked_sides
from mlflow_conformance.upgrade.unreleased import WORDS, unreleased

OLD, DEV = "3.17.2", "3.19.0.dev0"


def wheel(folder: Path, package: str, version: str = DEV) -> Path:
    """Write an empty file with the name of a wheel, and return its path."""
    path = folder / f"{package}-{version}-py3-none-any.whl"
    path.write_bytes(b"")
    return path


def checkout(folder: Path, version: str = 'VERSION = "3.19.0.dev0"') -> Path:
    """Write the files that tell a checkout of MLflow, and return its folder."""
    (folder / "mlflow").mkdir(parents=True)
    (folder / "mlflow" / "version.py").write_text(f"import os\n\n{version}\n")
    for part in ("libs/skinny", "libs/tracing"):
        (folder / part).mkdir(parents=True)
    return folder


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_the_newest_pre_release(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pre-releases are allowed of MLflow alone."""
    asked: list[str] = []

    def resolved(wanted: list[str], environment: Mapping[str, str]) -> list[str]:
        asked.extend(wanted)
        return ["mlflow==3.19.0rc1", "pandas==3.1.1"]

    monkeypatch.setattr(module, "resolved", resolved)
    found = asked_sides([OLD, word])
    assert (found.old, found.new, found.source) == (OLD, "3.19.0rc1", ("mlflow==3.19.0rc1",))
    assert [line for line in asked if "dev" in line] == ["mlflow>=0.dev0"]


def test_no_newer_pre_release_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the newest MLflow is released, there is nothing to compare before its time."""
    monkeypatch.setattr(module, "resolved", lambda wanted, environment: ["mlflow==3.18.0"])
    with pytest.raises(UnknownRelease, match=r"no pre-release of MLflow .* 3\.18\.0$"):
        asked_sides([OLD, "rc"])


def test_a_wheel_brings_those_beside_it(tmp_path: Path) -> None:
    """Wheels of MLflow's other packages count if they are of the same version."""
    mlflow, skinny = wheel(tmp_path, "mlflow"), wheel(tmp_path, "mlflow_skinny")
    wheel(tmp_path, "mlflow_tracing", "3.18.0")
    wheel(tmp_path, "mlflow_export")
    found = asked_sides([OLD, str(mlflow)])
    assert (found.old, found.new) == (OLD, DEV)
    assert found.source == (f"mlflow @ {mlflow.as_uri()}", f"mlflow-skinny @ {skinny.as_uri()}")


def test_a_checkout_brings_its_parts(tmp_path: Path) -> None:
    """MLflow's repository has its other packages in folders of their own."""
    folder = checkout(tmp_path / "mlflow repository")
    found = asked_sides([OLD, str(folder)])
    assert found.new == DEV
    uri = folder.as_uri()
    assert found.source == (
        f"mlflow @ {uri}",
        f"mlflow-skinny @ {uri}/libs/skinny",
        f"mlflow-tracing @ {uri}/libs/tracing",
    )


@pytest.mark.parametrize("text", ["3.17.2", "3.19.0rc1", "newest", "no/such/folder"])
def test_anything_else_is_a_version_or_a_mistake(text: str) -> None:
    """Only words, wheels and folders are taken for an MLflow before its release."""
    assert unreleased(text) is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pandas-3.0.0-py3-none-any.whl", "is not a wheel of mlflow"),
        ("mlflow-3.whl", "is not a wheel of mlflow"),
        ("mlflow-3.19.0-py3-none-any.whl", "or is not there"),
        ("empty", "nor a checkout of MLflow"),
        ("broken", "mlflow/version.py names no version"),
        ("strange", "mlflow/version.py names 'not a version', which is not a version"),
    ],
)
def test_what_is_no_mlflow_is_one_line(name: str, message: str, tmp_path: Path) -> None:
    """The line names the path."""
    (tmp_path / "empty").mkdir()
    wheel(tmp_path, "pandas", "3.0.0")
    checkout(tmp_path / "broken", "VERSION = None")
    checkout(tmp_path / "strange", 'VERSION = "not a version"')
    with pytest.raises(UnknownRelease) as refused:
        asked_sides([OLD, str(tmp_path / name)])
    assert message in str(refused.value)
    assert name in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
