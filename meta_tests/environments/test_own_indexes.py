"""Tests which package indexes a team's settings name, and that every uv is told of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlflow_conformance.environments import build as building
from mlflow_conformance.environments import own_indexes
from mlflow_conformance.environments.indexes import NO_INDEXES, Indexes
from mlflow_conformance.environments.own_indexes import effective, indexes_around, uv_environment
from mlflow_conformance.upgrade import built_sides, large_stores, team_environment
from mlflow_conformance.upgrade.asked_sides import AskedSides
from mlflow_conformance.upgrade.causes import held_packages, pinned_environment
from mlflow_conformance.upgrade.runs.side_by_side import OwnPackages

TEAM, MORE, LINKS = "https://team.example/simple", "https://more.example/simple", "/wheels"
PYPROJECT = """\
[project]
name = "theirs"
[[tool.uv.index]]
name = "team"
url = "https://team.example/simple"
default = true
[[tool.uv.index]]
url = "https://more.example/simple"
[[tool.uv.index]]
url = "https://torch.example"
explicit = true
[tool.uv.pip]
find-links = ["wheels"]
"""
OF_UV = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_INDEX_STRATEGY")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without settings; what the machine has does not count."""
    home = tmp_path / "home"
    home.mkdir()
    for name in (*own_indexes.TOLD, "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setattr(
        own_indexes, "_pip_files", lambda variables: iter([home / "pip.conf", home / "venv.conf"])
    )
    monkeypatch.chdir(home)
    return home


def test_without_settings_there_are_none(home: Path) -> None:
    """Then uv's own default is used."""
    assert indexes_around(home) == NO_INDEXES
    assert not {*OF_UV} & uv_environment(variables={"PATH": "x"}).keys()


def test_a_project_names_its_indexes(home: Path) -> None:
    """Those of the nearest ``pyproject.toml`` count, also below it; explicit ones do not."""
    (home / "pyproject.toml").write_text(PYPROJECT)
    below = home / "models" / "churn"
    below.mkdir(parents=True)
    (home / "models" / "pyproject.toml").write_text("[project]\nname = 'no settings of uv'\n")
    wanted = Indexes(f"team={TEAM}", (MORE,), (str((home / "wheels").resolve()),))
    assert indexes_around(home) == indexes_around(below) == wanted


def test_a_file_of_uv_counts_before_the_project(home: Path) -> None:
    """``uv.toml`` and the older names of its options are read, too."""
    (home / "pyproject.toml").write_text(PYPROJECT)
    (home / "uv.toml").write_text(f'index-url = "{TEAM}"\nextra-index-url = ["{MORE}"]\n')
    assert indexes_around(home) == Indexes(TEAM, (MORE,))


def test_pip_s_settings_count_if_uv_has_none(home: Path) -> None:
    """Of pip's files the later one counts, and its variables before them."""
    (home / "pip.conf").write_text(f"[global]\nindex_url = {MORE}\nfind-links = {LINKS}\n")
    (home / "venv.conf").write_text(f"[install]\nindex-url = {TEAM}\n")
    assert indexes_around(home) == Indexes(TEAM, links=(LINKS,), of_pip=True)
    found = indexes_around(home, {"PIP_EXTRA_INDEX_URL": f"{MORE} {TEAM}"})
    assert found == Indexes(TEAM, (MORE, TEAM), (LINKS,), of_pip=True)
    assert found.environment({})["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    (home / "uv.toml").write_text(f'index-url = "{MORE}"\n')
    assert indexes_around(home) == Indexes(MORE)


@pytest.mark.parametrize("name", own_indexes.TOLD)
def test_whoever_told_uv_is_obeyed(name: str, home: Path) -> None:
    """Variables of uv's count alone."""
    (home / "uv.toml").write_text(f'index-url = "{TEAM}"\n')
    assert indexes_around(home, {name: MORE}) == NO_INDEXES


def test_the_settings_of_the_user_are_read_by_uv_itself(home: Path) -> None:
    """If they name an index, pip's do not count."""
    (home / "pip.conf").write_text(f"[global]\nindex-url = {TEAM}\n")
    (home / "config" / "uv").mkdir(parents=True)
    (home / "config" / "uv" / "uv.toml").write_text(f'index-url = "{MORE}"\n')
    assert indexes_around(home, {"XDG_CONFIG_HOME": str(home / "config")}) == NO_INDEXES


@pytest.mark.parametrize("text", ["[", "tool = 3", "[tool]\nuv = 3", "[[tool.uv.index]]\nx = 1"])
def test_settings_that_cannot_be_read_name_none(text: str, home: Path) -> None:
    """What is wrong with them, uv says."""
    (home / "pyproject.toml").write_text(text)
    (home / "pip.conf").write_text("no section\n")
    assert indexes_around(home) == NO_INDEXES


def test_the_indexes_of_a_file_count_alone(home: Path) -> None:
    """Where a team's file names its indexes, those of the folder are not asked."""
    (home / "uv.toml").write_text(f'index-url = "{MORE}"\n')
    assert effective(Indexes(TEAM)) == Indexes(TEAM)
    assert effective() == Indexes(MORE)


@pytest.mark.parametrize(("option", "counts"), [("index-url", True), ("extra-index-url", False)])
def test_of_pip_s_settings_only_a_mirror_counts_for_releases(
    option: str, home: Path, *, counts: bool
) -> None:
    """A further index has no dates; a team's own environment uses it, others do not."""
    (home / "pip.conf").write_text(f"[global]\n{option} = {TEAM}\n")
    assert indexes_around(home) != NO_INDEXES
    assert (effective() != NO_INDEXES) is counts


# Prints uv's variables about indexes, as a uv that was started would see them.
FAKE_UV = """\
#!{python}
import os, pathlib, sys
said = os.environ.get("UV_DEFAULT_INDEX", "none") + chr(10)
with open({seen!r}, "a") as seen:
    seen.write(said)
if "--output-file" in sys.argv:
    file = pathlib.Path(sys.argv[sys.argv.index("--output-file") + 1])
    file.write_text("mlflow==3.17.2" + chr(10))
if "venv" in sys.argv:
    pathlib.Path(sys.argv[-1]).mkdir()
print(said)
"""


@pytest.fixture
def told(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What each uv was told, in a project that names an index."""
    seen, fake = tmp_path / "seen.txt", tmp_path / "uv"
    fake.write_text(FAKE_UV.format(python=sys.executable, seen=str(seen)))
    fake.chmod(0o755)
    monkeypatch.setattr(building, "uv", lambda: str(fake))
    (home / "uv.toml").write_text(f'index-url = "{TEAM}"\n')
    return lambda: seen.read_text().splitlines()


def test_every_uv_is_told(told: Callable[[], list[str]], tmp_path: Path) -> None:
    """Environments and resolutions alike, away from the project, too."""
    building.build(tmp_path / "a", python="3.11", arguments=["mlflow"])
    held_packages.resolved(["mlflow"])
    pinned_environment.require_published("9.9.9")
    assert pinned_environment.newest() == "3.17.2"
    assert len(told()) == 5
    assert set(told()) == {TEAM}


def test_a_team_s_file_that_names_none_has_those_of_its_project(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings beside the file count, not those where the gate was started."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "requirements.txt").write_text("mlflow\n")
    (project / "uv.toml").write_text(f'index-url = "{TEAM}"\n')
    (home / "uv.toml").write_text(f'index-url = "{MORE}"\n')
    asked: list[str] = []

    def resolved(*_: object, environment: dict[str, str], **__: object) -> list[str]:
        asked.append(environment["UV_DEFAULT_INDEX"])
        return ["mlflow==3.17.2"]

    monkeypatch.setattr(team_environment, "resolved", resolved)
    team = team_environment.team_pins(project / "requirements.txt", "--from-requirements", "3.11")
    assert (asked, team.indexes) == ([TEAM], Indexes(TEAM))


def test_the_installed_side_has_those_of_the_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is built from the installed environment comes from where it came from."""
    (home / "pip.conf").write_text(f"[global]\nextra-index-url = {TEAM}\n")
    monkeypatch.setattr(built_sides, "own_packages", lambda python: OwnPackages(("own",)))
    asked = AskedSides("3.17.2", "3.17.2", is_installed=True)
    side = built_sides._old_side(asked, lambda line: None)
    assert side.own == OwnPackages(("own",), (), Indexes(further=(TEAM,), of_pip=True))


def test_the_driver_comes_from_the_team_s_indexes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Environments for stores on PostgreSQL are built from the indexes of both sides."""
    asked: list[Any] = []

    def build_beside(version: str, beside: pinned_environment.Beside) -> Path:
        asked.append(beside.own.indexes)
        return Path(sys.executable)

    monkeypatch.setattr(pinned_environment, "build_beside", build_beside)
    monkeypatch.setattr(large_stores, "WithDriver", lambda side, python: side)
    monkeypatch.setattr(large_stores, "cross_postgres", lambda *_, **__: None)
    side: Any = SimpleNamespace(
        run=SimpleNamespace(name="MLflow 3.17.2"),
        profile=SimpleNamespace(mlflow="3.17.2", packages={}),
    )
    sizes: Any = [None]
    large_stores.cross_large_stores(
        [side, side], sizes, parallel=1, report=lambda line: None, indexes=Indexes(TEAM)
    )
    assert asked == [Indexes(TEAM)] * 2
