"""Tests that the files of a team are read as their tools read them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

from mlflow_conformance.environments import own_indexes
from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.environments.indexes import Indexes
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.upgrade import team_environment
from mlflow_conformance.upgrade.causes.held_packages import PYTHON, uv_prints
from mlflow_conformance.upgrade.causes.pinned_environment import installed_in
from mlflow_conformance.upgrade.team_environment import Team, build_team, team_pins

PYLOCK = """
lock-version = "1.0"
[[packages]]
name = "mlflow"
version = "2.22.5"
[[packages]]
name = "colorama"
version = "0.4.6"
marker = "sys_platform == 'win32'"
[[packages]]
name = "numpy"
version = "2.2.0"
marker = "python_version >= '3.10'"
[[packages]]
name = "own"
directory = {path = "."}
"""


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines of the file that is resolved; nothing is asked of an index."""
    seen: list[str] = []

    def resolved(
        wanted: Sequence[str],
        kept: Mapping[str, str] | None = None,
        until: object = None,
        python: str = "",
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> list[str]:
        lines = Path(wanted[0].removeprefix("-r ")).read_text().splitlines()
        seen.extend(lines)
        return [line for line in lines if "==" in line]

    monkeypatch.setattr(team_environment, "resolved", resolved)
    return seen


def test_a_pylock_is_its_packages_that_apply_here(required: list[str], tmp_path: Path) -> None:
    """Markers are evaluated, and what comes from a folder is left out."""
    file = tmp_path / "pylock.toml"
    file.write_text(PYLOCK)
    assert team_pins(file, "--project", "3.11").pins == ("mlflow==2.22.5", "numpy==2.2.0")
    assert required == ["mlflow==2.22.5", "numpy==2.2.0"]


def test_a_requirements_file_is_resolved_where_it_is(required: list[str], tmp_path: Path) -> None:
    """Its lines may refer to others beside it."""
    file = tmp_path / "old.txt"
    file.write_text("mlflow==2.22.5\n-r more.txt\n")
    (tmp_path / "more.txt").write_text("")
    assert team_pins(file, "--from-requirements", "3.11").pins == ("mlflow==2.22.5",)
    assert required == ["mlflow==2.22.5", "-r more.txt"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "old.txt",
            "numpy==2.2.0\n",
            "old.txt: does not require mlflow, so nothing is compared; add",
        ),
        ("pylock.toml", "[", "pylock.toml: cannot be read: "),
        ("pylock.toml", "a = 1", "pylock.toml: has no list of packages"),
        (
            "pylock.toml",
            "[[packages]]\nname = 'a'\nversion = '1'\nmarker = 'no'",
            "pylock.toml: 'a': marker: ",
        ),
        (
            "pylock.toml",
            "[[packages]]\nname='mlflow'\nversion='2.22.5'\n[[packages]]\nname='MLflow'\nversion='3.17.2'",
            "pylock.toml: 'MLflow': is there twice for this Python: 2.22.5 and 3.17.2",
        ),
        (
            "pylock.toml",
            '[[packages]]\nname = "a"\nversion = "1\\n--index-url https://h/simple"\n',
            "pylock.toml: 'a': name or version is not valid: '1\\n--index-url https://h",
        ),
        ("old.txt", "-r gone.txt\n", "gone.txt: cannot be read: No such file"),
    ],
)
@pytest.mark.usefixtures("required")
def test_a_file_that_cannot_be_used_is_one_line(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    """The line names the option and the file."""
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        team_pins(tmp_path / name, "--project", "3.11")
    assert message in str(refused.value)
    assert str(refused.value).startswith("--project ")
    assert len(str(refused.value).splitlines()) == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The line names the option and the path."""
    with pytest.raises(ConfigurationError, match=r"^--from-requirements .*gone.txt: is no"):
        team_pins(tmp_path / "gone.txt", "--from-requirements", "3.11")


@pytest.mark.package_index
def test_a_lock_of_uv_is_exported(tmp_path: Path) -> None:
    """The project itself is not installed, and its lock is not changed."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "team"\nversion = "1"\nrequires-python = ">=3.10"\n'
        'dependencies = ["mlflow-skinny==2.22.5", "six==1.16.0"]\n'
    )
    uv_prints(["lock", "--quiet", "--project", str(tmp_path)])
    before = (tmp_path / "uv.lock").read_bytes()
    with pytest.raises(ConfigurationError, match="does not require mlflow"):
        team_pins(tmp_path / "uv.lock", "--project", "3.11")
    assert (tmp_path / "uv.lock").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pyproject.toml", "uv.lock"]


def test_groups_of_a_pylock_are_known(required: list[str], tmp_path: Path) -> None:
    """Markers may ask for groups and extras: the default groups count, and no extra."""
    packages = [
        ("mlflow", "2.22.5", "'main' in dependency_groups"),
        ("ruff", "1", "'dev' in dependency_groups"),
        ("xgboost", "3", "'boost' in extras"),
    ]
    text = "".join(
        f'[[packages]]\nname = "{name}"\nversion = "{version}"\nmarker = "{marker}"\n'
        for name, version, marker in packages
    )
    file = tmp_path / "pylock.toml"
    file.write_text(f'default-groups = ["main"]\n{text}')
    assert team_pins(file, "--project", "3.11").pins == ("mlflow==2.22.5",)
    assert required == ["mlflow==2.22.5"]


def test_the_same_pins_are_one_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment is known by its pins, indexes and Python; an error is one line."""
    folders: list[Path] = []
    indexes: list[str | None] = []

    def build(
        directory: Path,
        *,
        python: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
    ) -> Path:
        assert not (folder / "pyproject.toml").exists()
        if "bad==1" in arguments:
            raise EnvironmentNotBuilt("uv failed:\nno bad")
        assert arguments == ["--no-deps", "a==1", "-e", "file:///own"]
        folders.append(directory)
        indexes.append(environment.get("UV_INDEX"))
        return directory

    monkeypatch.delenv("UV_INDEX", raising=False)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setattr(own_indexes, "_pip_files", lambda variables: iter(()))
    monkeypatch.setattr(team_environment, "build", build)
    pins, private = ("a==1", "-e file:///own"), Indexes(further=("https://h/simple",))
    for team, python in ((Team(pins), "3.11"), (Team(pins), "3.11"), (Team(pins), "3.12")):
        build_team(team, python)
    build_team(Team(pins, private), "3.11")
    assert folders[0] == folders[1] != folders[2]
    assert folders[3] not in folders[:3]
    assert indexes == [None, None, None, "https://h/simple"]
    with pytest.raises(EnvironmentNotBuilt, match=r"^its packages cannot be installed: .* no bad$"):
        build_team(Team(("bad==1",)), "3.11")


@pytest.mark.parametrize("password", ["s3cr/3tpw", "s3cr#3tpw", "s3cr?3tpw", "1234#3tpw", "s3%cr"])
@pytest.mark.parametrize(
    "line", ["--index-url https://bob:{}@h.invalid/simple", "x @ https://bob:{}@h.invalid/x.whl"]
)
def test_a_password_in_a_file_is_not_shown(
    line: str, password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uv masks only the logins of valid URLs."""
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    (tmp_path / "old.txt").write_text(f"{line.format(password)}\nmlflow\n")
    with pytest.raises(EnvironmentNotBuilt) as refused:
        team_pins(tmp_path / "old.txt", "--from-requirements", "3.11")
    said = str(refused.value)
    assert said.startswith(f"--from-requirements {tmp_path / 'old.txt'}: does not resolve: uv pip")
    for part in re.split("[/#?%]", password):
        assert part not in said


def wheel(folder: Path, name: str, version: str) -> Path:
    """Write a wheel without any module."""
    folder.mkdir(parents=True, exist_ok=True)
    path, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    with ZipFile(path, "w") as file:
        file.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def no_suite(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only what a file names is installed, and environments are below the test's folder."""
    monkeypatch.setattr(team_environment, "SUITE", ())
    monkeypatch.setattr(team_environment, "kept_folder", lambda: tmp_path / "kept")


@pytest.mark.usefixtures("no_suite")
@pytest.mark.parametrize(
    "text",
    [
        "--no-index\n--find-links links\nmlflow==2.0\nteampkg\n",
        "--no-index\n-f links # a comment\nmlflow\n-r more/more.txt\n",
        "--no-index\n--find-links=${TEAM_LINKS}\nmlflow\nteampkg==1.5 --hash=sha256:00\n",
        "--no-index\n--find-links links\nmlflow\n./links/teampkg-1.5-py3-none-any.whl\n",
    ],
    ids=["folder", "included", "variable", "relative"],
)
def test_a_private_package_is_installed_from_where_its_file_says(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pins come from the folders of the file, and paths are relative to it."""
    wheel(tmp_path / "links", "mlflow", "2.0")
    wheel(tmp_path / "links", "teampkg", "1.5")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "more.txt").write_text("teampkg\n")
    monkeypatch.setenv("TEAM_LINKS", str(tmp_path / "links"))
    (tmp_path / "old.txt").write_text(text)
    team = team_pins(tmp_path / "old.txt", "--from-requirements", PYTHON)
    assert team.has_hashes == ("--hash" in text)
    found = installed_in(build_team(team, PYTHON))
    assert found == {"mlflow": "2.0", "teampkg": "1.5"}
