"""Tests that environments differ from another one in MLflow only, if that resolves."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import metadata
from pathlib import Path

import pytest
from packaging.version import Version

from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.environments.packages import MLFLOW_PACKAGES, moved
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.upgrade.causes import pinned_environment
from mlflow_conformance.upgrade.causes.held_packages import PYTHON
from mlflow_conformance.upgrade.causes.pinned_environment import (
    Beside,
    build_beside,
    build_with_shared,
    day_of,
    environment_of,
    installed_in,
    newest,
    own_packages,
    shared_packages,
)
from mlflow_conformance.upgrade.runs.side_by_side import OwnPackages

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
    """Packages with two versions moved; added and removed ones, and MLflow's own, did not."""
    assert moved(before, after) == expected


def test_what_moved_is_in_order() -> None:
    """The packages that moved are sorted by name."""
    before = {"b": "1", "a": "1", "c": "1"}
    assert list(moved(before, {"c": "2", "a": "2", "b": "2"})) == ["a", "b", "c"]


def test_the_day_is_that_of_the_release() -> None:
    """A known release has a day, two weeks after its publication; an unknown one has none."""
    assert day_of(OLD) == date(2025, 8, 6)
    assert day_of("99.0.0") is None


def test_the_installed_packages_are_told_by_uv() -> None:
    """Every installed distribution is listed by its normalised name."""
    found = installed_in(Path(sys.executable))
    assert found["mlflow"] == metadata.version("mlflow")
    assert found["scikit-learn"] == metadata.version("scikit-learn")
    assert "scikit_learn" not in found


def test_an_environment_that_is_none_is_told(tmp_path: Path) -> None:
    """For a missing Python, uv's error is raised in one line."""
    with pytest.raises(EnvironmentNotBuilt) as caught:
        installed_in(tmp_path / "python")
    assert len(str(caught.value).splitlines()) == 1


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the pins of the environment to build; nothing is installed."""
    resolved: dict[str, str] = {}

    def build(directory: Path, *, python: str, arguments: Sequence[str], **_: object) -> Path:
        assert (python, arguments[0]) == (PYTHON, "--no-deps")
        parts = (line.partition("==") for line in arguments[1:])
        resolved.update({name: version for name, _, version in parts})
        return directory / "python"

    monkeypatch.setattr(pinned_environment, "build", build)
    return resolved


def resolve(packages: Mapping[str, str], pinned: Mapping[str, str] | None = None) -> Path:
    """Resolve the new release with the packages."""
    return build_beside(NEW, Beside(packages, day_of(NEW), pinned or {}))


@pytest.mark.package_index
def test_packages_stay_where_they_are(pins: dict[str, str]) -> None:
    """A package keeps its version if the release allows it."""
    given = {"mlflow": OLD, "mlflow-skinny": OLD, "pandas": OLDER_PANDAS, "numpy": "2.1.0"}
    resolve(given)
    assert {name: pins[name] for name in given} == {**given, "mlflow": NEW, "mlflow-skinny": NEW}


@pytest.mark.package_index
def test_what_has_to_move_moves(pins: dict[str, str]) -> None:
    """A package that the release does not allow gets a newer version; pinned ones get theirs."""
    given = {"pandas": OLDER_PANDAS, "cachetools": "1.0.0"}
    resolve(given, pinned={"pandas": "2.3.1"})
    assert pins["pandas"] == "2.3.1"
    assert Version(pins["cachetools"]) >= Version("5")


@pytest.mark.package_index
@pytest.mark.parametrize("version", ["2.8.1", NEW])
def test_all_releases_get_the_shared_packages(version: str, pins: dict[str, str]) -> None:
    """Beside each release are only packages of the list, in these versions, with pip."""
    build_with_shared(version)
    shared = shared_packages()
    others = {name: pins[name] for name in pins if name not in MLFLOW_PACKAGES}
    assert {name: found for name, found in others.items() if shared.get(name) != found} == {}
    assert {"pip", "setuptools", "scikit-learn"} <= others.keys()


@pytest.mark.package_index
def test_the_environment_is_known_by_its_pins(pins: dict[str, str]) -> None:
    """The environment's folder depends on the release and all pins."""
    one, again = resolve({"pandas": OLDER_PANDAS}), resolve({"pandas": OLDER_PANDAS})
    other = resolve({"pandas": "2.3.1"})
    assert one == again != other
    assert one.parent.name.startswith(f"held-{NEW}-")


@pytest.mark.package_index
def test_an_environment_is_built_beside_another() -> None:
    """The environment has the new MLflow and the old versions of NumPy, pandas, scikit-learn."""
    old = installed_in(environment_of(OLD))
    new = installed_in(build_beside(NEW, Beside(old, day_of(NEW))))
    assert (old["mlflow"], new["mlflow"]) == (OLD, NEW)
    assert {"numpy", "pandas", "scikit-learn"} & moved(old, new).keys() == set()


@pytest.mark.package_index
def test_an_unknown_release_is_told_in_one_line() -> None:
    """A release that was never published is reported in one line with the Python version."""
    with pytest.raises(EnvironmentNotBuilt) as caught:
        build_beside("3.99.1", Beside({}))
    message = str(caught.value)
    assert message.startswith(f"MLflow 3.99.1 cannot be installed for Python {PYTHON}: ")
    assert "there is no version of mlflow==3.99.1" in message
    assert len(message.splitlines()) == 1


@pytest.mark.package_index
def test_the_newest_release_is_one_that_there_is() -> None:
    """The newest release is not a pre-release and not older than the known ones."""
    found = newest()
    assert not Version(found).is_prerelease
    assert Version(found) >= Version(NEW)


def test_what_an_environment_has_is_found_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What comes from a folder is installed from it, so that its changes are there."""
    folder, wheel = tmp_path / "own code", tmp_path / "tools-1.0-py3-none-any.whl"
    folder.mkdir()
    wheel.write_bytes(b"")
    frozen = [
        *("mlflow==3.17.2", "Xgboost==3.0.0", f"-e {ROOT.as_uri()}", f"-e {folder.as_uri()}"),
        f"more @ {folder.as_uri()}",
        f"tools @ {wheel.as_uri()}",
        "git-tool @ git+https://example.org/a.git@0f",
        f"mlflow-logging-conformance @ {(tmp_path / 'suite.whl').as_uri()}",
    ]
    monkeypatch.setattr(pinned_environment, "uv_prints", lambda arguments: "\n".join(frozen))
    assert own_packages(Path("python")) == OwnPackages(
        named=("xgboost",),
        local=(
            *("-e", str(folder), "-e", str(folder)),
            f"tools @ {wheel.as_uri()}",
            "git-tool @ git+https://example.org/a.git@0f",
        ),
    )


@pytest.mark.package_index
def test_own_packages_are_there_too(pins: dict[str, str], tmp_path: Path) -> None:
    """They are named, so that they are resolved, or installed from where they are."""
    own = OwnPackages(("six",), ("-e", str(tmp_path)))
    build_beside(NEW, Beside({"six": "1.16.0"}, day_of(NEW), own=own))
    assert pins["six"] == "1.16.0"
    assert str(tmp_path) in pins
