"""Does an environment move nothing but MLflow, wherever that resolves?"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import metadata
from pathlib import Path

import pytest
from packaging.version import Version

from fixtures.environments import EnvironmentNotBuilt
from fixtures.upgrade import held_still
from fixtures.upgrade.held_still import (
    PYTHON,
    build_beside,
    day_of,
    environment_of,
    installed_in,
    moved,
    newest,
)
from fixtures.upgrade.profile import MLFLOW_PACKAGES

OLD, NEW = "3.1.4", "3.17.2"
OLDER_PANDAS = "2.2.2"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, {}),
        ({"numpy": "2.0"}, {"numpy": "2.0"}, {}),
        ({"numpy": "2.0"}, {"numpy": "2.1"}, {"numpy": ("2.0", "2.1")}),
        ({"numpy": "2.1"}, {"numpy": "2.0"}, {"numpy": ("2.1", "2.0")}),
        ({"numpy": "2.0"}, {}, {}),
        ({}, {"numpy": "2.0"}, {}),
        (dict.fromkeys(MLFLOW_PACKAGES, OLD), dict.fromkeys(MLFLOW_PACKAGES, NEW), {}),
    ],
)
def test_what_both_have_in_different_versions_moved(
    before: dict[str, str], after: dict[str, str], expected: dict[str, tuple[str, str]]
) -> None:
    """What comes or goes did not move, and MLflow's own packages are not counted."""
    assert moved(before, after) == expected


def test_what_moved_is_in_order() -> None:
    """The packages that moved come by name, whatever order they were found in."""
    before = {"b": "1", "a": "1", "c": "1"}
    assert list(moved(before, {"c": "2", "a": "2", "b": "2"})) == ["a", "b", "c"]


def test_the_day_is_that_of_the_release() -> None:
    """A release of the table has its day, two weeks after it; a newer one is taken as of today."""
    assert day_of(OLD) == date(2025, 8, 6)
    assert day_of("99.0.0") is None


def test_the_installed_packages_are_told_by_uv() -> None:
    """Every distribution is there under its normalised name, as it says itself."""
    found = installed_in(Path(sys.executable))
    assert found["mlflow"] == metadata.version("mlflow")
    assert found["scikit-learn"] == metadata.version("scikit-learn")
    assert "scikit_learn" not in found


def test_an_environment_that_is_none_is_told(tmp_path: Path) -> None:
    """Where there is no Python, uv's words are told in one line."""
    with pytest.raises(EnvironmentNotBuilt) as caught:
        installed_in(tmp_path / "python")
    assert len(str(caught.value).splitlines()) == 1


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The pins of the environment that would be built: uv resolves, and nothing is installed."""
    resolved: dict[str, str] = {}

    def build(directory: Path, *, python: str, arguments: Sequence[str]) -> Path:
        assert (python, arguments[0]) == (PYTHON, "--no-deps")
        parts = (line.partition("==") for line in arguments[1:])
        resolved.update({name: version for name, _, version in parts})
        return directory / "python"

    monkeypatch.setattr(held_still, "build", build)
    return resolved


def resolve(packages: Mapping[str, str], must: Mapping[str, str] | None = None) -> Path:
    """Resolve the new release among packages."""
    return build_beside(NEW, packages, until=day_of(NEW), must=must)


@pytest.mark.package_index
def test_packages_stay_where_they_are(pins: dict[str, str]) -> None:
    """What the release allows keeps its version, though there are newer ones."""
    given = {"mlflow": OLD, "mlflow-skinny": OLD, "pandas": OLDER_PANDAS, "numpy": "2.1.0"}
    resolve(given)
    assert {name: pins[name] for name in given} == {**given, "mlflow": NEW, "mlflow-skinny": NEW}


@pytest.mark.package_index
def test_what_has_to_move_moves(pins: dict[str, str]) -> None:
    """What the release does not allow moves to its day's, and what must have a version has it."""
    given = {"pandas": OLDER_PANDAS, "cachetools": "1.0.0"}
    resolve(given, must={"pandas": "2.3.1"})
    assert pins["pandas"] == "2.3.1"
    assert Version(pins["cachetools"]) >= Version("5")


@pytest.mark.package_index
def test_the_environment_is_known_by_its_pins(pins: dict[str, str]) -> None:
    """The same packages give the same folder, other packages another, and it names the release."""
    one, again = resolve({"pandas": OLDER_PANDAS}), resolve({"pandas": OLDER_PANDAS})
    other = resolve({"pandas": "2.3.1"})
    assert one == again != other
    assert one.parent.name.startswith(f"held-{NEW}-")


@pytest.mark.package_index
def test_an_environment_is_built_beside_another() -> None:
    """In the environment itself, MLflow is the new one and nothing moved that could stay."""
    old = installed_in(environment_of(OLD))
    new = installed_in(build_beside(NEW, old, until=day_of(NEW)))
    assert (old["mlflow"], new["mlflow"]) == (OLD, NEW)
    assert {"numpy", "pandas", "scikit-learn"} & moved(old, new).keys() == set()


@pytest.mark.package_index
def test_an_unknown_release_is_told_in_one_line() -> None:
    """A release that was never published cannot be installed, for which Python is said."""
    with pytest.raises(EnvironmentNotBuilt) as caught:
        build_beside("3.99.1", {}, until=None)
    said = str(caught.value)
    assert said.startswith(f"MLflow 3.99.1 cannot be installed for Python {PYTHON}: ")
    assert "there is no version of mlflow==3.99.1" in said
    assert len(said.splitlines()) == 1


@pytest.mark.package_index
def test_the_newest_release_is_one_that_there_is() -> None:
    """The newest release that installs is a whole one, and no older than those of the table."""
    found = newest()
    assert not Version(found).is_prerelease
    assert Version(found) >= Version(NEW)
