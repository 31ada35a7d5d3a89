"""Which two environments the gate compares, and what it says while it builds them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from mlflow_conformance.environments.releases import UnknownRelease
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.upgrade import asked_sides as asking
from mlflow_conformance.upgrade import built_sides as building
from mlflow_conformance.upgrade.asked_sides import AskedSides, NothingToCompare, asked_sides
from mlflow_conformance.upgrade.built_sides import built_sides

HERE = metadata.version("mlflow")
OLD, NEW = "2.22.5", "3.17.2"
SKLEARN = "scikit-learn==1.8.0"


@pytest.fixture(autouse=True)
def newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package index is asked for the newest release."""
    monkeypatch.setattr(asking, "newest", lambda: "99.0.0")


@pytest.mark.parametrize(
    ("releases", "packages", "expected"),
    [
        ([], [], (HERE, "99.0.0", True)),
        (["99.0.0"], [], (HERE, "99.0.0", True)),
        ([OLD, NEW], [], (OLD, NEW, False)),
        ([OLD, NEW], [SKLEARN], (OLD, NEW, False)),
        ([OLD, OLD], [SKLEARN], (OLD, OLD, False)),
        ([OLD], [SKLEARN], (OLD, OLD, False)),
        ([HERE], [SKLEARN], (HERE, HERE, True)),
        ([], [SKLEARN, "numpy<3"], (HERE, HERE, True)),
    ],
)
def test_releases_and_packages_name_the_sides(
    releases: list[str], packages: list[str], expected: tuple[str, str, bool]
) -> None:
    """With packages, one release or none is the MLflow of both sides."""
    found = asked_sides(releases, packages)
    assert (found.old, found.new, found.is_installed) == expected
    assert [str(package) for package in found.packages] == packages


@pytest.mark.parametrize(
    ("releases", "packages", "message"),
    [
        ([OLD, OLD, NEW], [], "name at most two releases, not 3"),
        (["x"], [SKLEARN], "'x' is not a release; a version looks like 2.22.5"),
        ([OLD], ["scikit-learn 1.8"], "--with 'scikit-learn 1.8': is not a requirement (Expected "),
        ([OLD], [""], "--with '': is not a requirement (Expected "),
        ([OLD], ["numpy @ file:///x.whl"], "'numpy @ file:///x.whl': name a version, as in --with"),
        ([OLD], ["mlflow_skinny<3"], "name the releases of MLflow without --with"),
    ],
)
def test_a_mistake_is_one_line(releases: list[str], packages: list[str], message: str) -> None:
    """Each mistake is one line that names the word."""
    with pytest.raises((UnknownRelease, ConfigurationError)) as refused:
        asked_sides(releases, packages)
    assert message in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("releases", [[OLD, OLD], [HERE], [HERE, HERE]])
def test_the_same_twice_is_nothing_to_compare(releases: list[str]) -> None:
    """The line offers what else can be compared."""
    with pytest.raises(NothingToCompare, match=r"nothing to compare; .* --with scikit-learn=="):
        asked_sides(releases)


class Builder:
    """Builds nothing, and says what would be installed."""

    def __init__(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Take the packages of both sides."""
        self.packages = {"old": dict(old), "new": dict(new)}
        self.asked: dict[str, Any] = {}

    def build_beside(
        self,
        version: str,
        packages: Mapping[str, str],
        *,
        until: date | None,
        wanted: Sequence[Requirement],
    ) -> Path:
        """Remember what was asked."""
        self.asked = {"version": version, "until": until, "wanted": [str(w) for w in wanted]}
        return Path("new")

    def installed_in(self, python: Path) -> dict[str, str]:
        """Return the packages of a side."""
        return self.packages["new" if python.name == "new" else "old"]


def built(
    asked: AskedSides, builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Any], list[str]]:
    """Return the sides, and what was reported."""
    said: list[str] = []
    monkeypatch.setattr(building, "environment_of", lambda version: Path("old"))
    monkeypatch.setattr(building, "build_beside", builder.build_beside)
    monkeypatch.setattr(building, "installed_in", builder.installed_in)
    return list(built_sides(asked, said.append)), said


BEFORE = {"mlflow": OLD, "numpy": "2.0", "scikit-learn": "1.7.2", "scipy": "1.0"}


def test_all_else_is_held_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """If only MLflow changes, that is said, and the new packages are of the release's date."""
    builder = Builder(BEFORE, {**BEFORE, "mlflow": NEW})
    sides, said = built(AskedSides(OLD, NEW), builder, monkeypatch)
    assert [side.name for side in sides] == [f"MLflow {OLD}", f"MLflow {NEW}"]
    assert said[-1] == "all other packages are held still"
    assert isinstance(builder.asked["until"], date)


def test_what_moves_is_named_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """If more has to move than was asked for, nothing is said of holding still."""
    after = {**BEFORE, "mlflow": NEW, "scikit-learn": "1.8.0", "numpy": "2.3", "scipy": "1.2"}
    asked = AskedSides(OLD, NEW, (Requirement(SKLEARN),))
    sides, said = built(asked, Builder(BEFORE, after), monkeypatch)
    assert sides[1].name == f"MLflow {NEW}, scikit-learn 1.8.0"
    assert said[-1] == (
        f"with MLflow {NEW} and {SKLEARN}, 2 other packages cannot stay:"
        " numpy 2.0 -> 2.3, scipy 1.0 -> 1.2"
    )


def test_a_package_alone_may_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same MLflow, the side has another name, and packages of any date."""
    asked = AskedSides(HERE, HERE, (Requirement(SKLEARN),), is_installed=True)
    builder = Builder(BEFORE, {**BEFORE, "scikit-learn": "1.8.0"})
    sides, said = built(asked, builder, monkeypatch)
    assert sides[0].python == Path(sys.executable)
    assert [side.name for side in sides] == [f"MLflow {HERE}", f"MLflow {HERE}, scikit-learn 1.8.0"]
    assert said[-1] == "all other packages are held still"
    assert builder.asked == {"version": HERE, "until": None, "wanted": [SKLEARN]}


def test_a_package_that_is_there_already_is_nothing_to_compare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An environment is not compared with itself."""
    asked = AskedSides(OLD, OLD, (Requirement("scikit-learn==1.7.2"),))
    with pytest.raises(NothingToCompare, match=r"has scikit-learn==1\.7\.2 already"):
        built(asked, Builder(BEFORE, BEFORE), monkeypatch)
