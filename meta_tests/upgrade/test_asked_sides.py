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

from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.environments.indexes import Indexes
from mlflow_conformance.environments.releases import UnknownRelease
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.upgrade import asked_sides as asking
from mlflow_conformance.upgrade import built_sides as building
from mlflow_conformance.upgrade.asked_sides import AskedSides, Named, NothingToCompare, asked_sides
from mlflow_conformance.upgrade.built_sides import built_sides
from mlflow_conformance.upgrade.causes.held_packages import PYTHON
from mlflow_conformance.upgrade.causes.pinned_environment import Beside
from mlflow_conformance.upgrade.causes.working_packages import Unworkable
from mlflow_conformance.upgrade.runs.side_by_side import NO_OWN, OwnPackages
from mlflow_conformance.upgrade.team_environment import LOCKS, Team

HERE = metadata.version("mlflow")
OLD, NEW = "2.22.5", "3.17.2"
FILE, OTHER = Path("old.txt"), Path("new.txt")
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
    found = asked_sides(releases, Named(tuple(packages)))
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
        ([OLD], ["x @ https://bob:s3cr/3tpw@h/x.whl"], "--with 'x @ https://***@h/x.whl': name a"),
        ([OLD], ["x @ https://bob:s3cr#3tpw@h/x.whl"], "--with 'x @ https://***@h/x.whl': name a"),
        ([OLD], ["https://bob:s3?cr@h/x"], "--with 'https://***@h/x': is not a requirement ("),
        (["https://bob:s3%cr@h/x"], [], "'https://***@h/x' is not a release"),
        ([OLD], ["Python==3.12"], "'Python==3.12': Python is no package; name it with --python"),
        ([OLD], ["mlflow_skinny<3"], "name the releases of MLflow without --with"),
    ],
)
def test_a_mistake_is_one_line(releases: list[str], packages: list[str], message: str) -> None:
    """Each mistake is one line that names the word."""
    with pytest.raises((UnknownRelease, ConfigurationError)) as refused:
        asked_sides(releases, Named(tuple(packages)))
    assert message in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("releases", "named", "expected"),
    [
        ([NEW], Named(from_requirements=FILE), AskedSides(None, NEW, origin=FILE)),
        (
            [],
            Named((SKLEARN,), from_requirements=FILE),
            AskedSides(None, None, (Requirement(SKLEARN),), origin=FILE),
        ),
        (
            [],
            Named(from_requirements=FILE, to_requirements=OTHER),
            AskedSides(None, None, origin=FILE, goal=OTHER),
        ),
        (
            [],
            Named(to_requirements=OTHER),
            AskedSides(HERE, None, is_installed=True, goal=OTHER),
        ),
        (
            [],
            Named(from_requirements=FILE, python="3.12"),
            AskedSides(None, None, origin=FILE, python="3.12"),
        ),
        ([OLD], Named(python="3.12"), AskedSides(OLD, OLD, python="3.12")),
        ([OLD, NEW], Named(python="3.12"), AskedSides(OLD, NEW, python="3.12")),
    ],
)
def test_files_and_a_python_name_sides(
    releases: list[str], named: Named, expected: AskedSides
) -> None:
    """A file says what a side has; the rest is what changes."""
    assert asked_sides(releases, named) == expected


@pytest.mark.parametrize("there", [LOCKS, LOCKS[1:], LOCKS[2:]])
def test_a_project_is_its_lock(there: tuple[str, ...], tmp_path: Path) -> None:
    """Of several files, the one that pins most counts."""
    for name in there:
        (tmp_path / name).write_text("")
    assert asked_sides([NEW], Named(project=tmp_path)).origin == tmp_path / there[0]


@pytest.mark.parametrize(
    ("releases", "named", "message"),
    [
        ([OLD, NEW], Named(from_requirements=FILE), "name the new release only"),
        ([NEW], Named(to_requirements=FILE), "--to-requirements says what the new side has"),
        ([], Named((SKLEARN,), to_requirements=FILE), "--to-requirements says what the new side"),
        ([NEW], Named(project=FILE), "--project old.txt: is not a folder"),
        (
            [NEW],
            Named(project=FILE, from_requirements=FILE),
            "both say what the old side has: name one of them",
        ),
        (
            [],
            Named(project=FILE, to_requirements=OTHER),
            "to compare two files, name the project's with --from-requirements instead",
        ),
        ([NEW], Named(python="3"), "--python '3': a version looks like 3.12"),
        ([], Named(from_requirements=FILE), "nothing says what changes: name the new release"),
    ],
)
def test_options_that_contradict_are_one_line(
    releases: list[str], named: Named, message: str
) -> None:
    """What cannot be meant is refused with the option."""
    with pytest.raises((ConfigurationError, NothingToCompare)) as refused:
        asked_sides(releases, named)
    assert message in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_project_without_a_lock_is_refused(tmp_path: Path) -> None:
    """The line names the files that would do."""
    with pytest.raises(ConfigurationError, match=r"pylock.toml, requirements.txt; .* --from-req"):
        asked_sides([NEW], Named(project=tmp_path))


def test_an_older_release_alone_is_asked_back() -> None:
    """Who forgets the second release is told both ways to go on."""
    with pytest.raises(NothingToCompare, match=rf"^MLflow {OLD} is older than .* {HERE} {OLD}$"):
        asked_sides([OLD])


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
        self.own = NO_OWN
        self.breaks = ""
        self.old_breaks = ""
        self.of_its_day: str | None = "1.0"
        self.conflicts: tuple[str, ...] = ()

    def unworkable(self, python: Path, packages: Mapping[str, str]) -> Unworkable | None:
        """Return a package that breaks MLflow, until it is pinned to another version."""
        if python.name != "new":
            error = "ImportError: no Pool"
            name = self.old_breaks
            return Unworkable(name, packages[name], error) if name else None
        if not self.breaks or self.asked["pinned"] == {self.breaks: self.of_its_day}:
            return None
        return Unworkable(self.breaks, packages[self.breaks], "ImportError: no Pool")

    def resolved(self, wanted: Sequence[str], **_: object) -> list[str]:
        """Resolve everything but what conflicts."""
        if found := [line for line in wanted if line in self.conflicts]:
            raise EnvironmentNotBuilt(f"no solution for {', '.join(found)}")
        return list(wanted)

    def build_beside(self, version: str, beside: Beside) -> Path:
        """Remember what was asked."""
        wanted = [str(requirement) for requirement in beside.wanted]
        self.asked = {"version": version, "until": beside.until, "wanted": wanted}
        self.asked["pinned"] = dict(beside.pinned)
        self.own = beside.own
        if self.conflicts:
            raise EnvironmentNotBuilt(f"MLflow {version} cannot be installed: no")
        if "impossible" in beside.own.named:
            raise EnvironmentNotBuilt("no solution")
        return Path("new")

    def own_packages(self, python: Path) -> OwnPackages:
        """Return the packages of a side: one is installed from a folder."""
        names = [name for name in self.installed_in(python) if name not in ("own", "mlflow")]
        return OwnPackages(tuple(names), ("-e", "/somewhere/own"))

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
    monkeypatch.setattr(building, "own_packages", builder.own_packages)
    monkeypatch.setattr(building, "unworkable", builder.unworkable)
    monkeypatch.setattr(building, "version_of_its_day", lambda *_: builder.of_its_day)
    monkeypatch.setattr(building, "resolved", builder.resolved)
    monkeypatch.setattr(building, "require_python", lambda version: None)
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
    expected: dict[str, Any] = {"version": HERE, "until": None, "wanted": [SKLEARN], "pinned": {}}
    assert builder.asked == expected


def test_a_package_that_is_there_already_is_nothing_to_compare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An environment is not compared with itself."""
    asked = AskedSides(OLD, OLD, (Requirement("scikit-learn==1.7.2"),))
    with pytest.raises(NothingToCompare, match=r"has scikit-learn==1\.7\.2 already"):
        built(asked, Builder(BEFORE, BEFORE), monkeypatch)


def test_an_own_environment_is_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts may import what MLflow does not require, also a package in a folder."""
    before = {**BEFORE, "mlflow": HERE, "xgboost": "3.0", "own": "1"}
    asked = AskedSides(HERE, HERE, (Requirement(SKLEARN),), is_installed=True)
    builder = Builder(before, {**before, "scikit-learn": "1.8.0"})
    sides, said = built(asked, builder, monkeypatch)
    assert set(builder.own.named) == {"numpy", "scikit-learn", "scipy", "xgboost"}
    assert builder.own.local == ("-e", "/somewhere/own")
    assert sides[0].own == builder.own
    assert said[-1] == "all other packages are held still"


def test_an_old_side_that_does_not_work_is_told_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A package of today under which the old MLflow creates no store is named with the way out."""
    asked = AskedSides(HERE, NEW, is_installed=True)
    builder = Builder({**BEFORE, "mlflow": HERE}, {**BEFORE, "mlflow": NEW})
    builder.old_breaks = "scipy"
    with pytest.raises(EnvironmentNotBuilt) as refused:
        built(asked, builder, monkeypatch)
    assert str(refused.value) == (
        f"MLflow {HERE} does not work with scipy 1.0, although it allows it (ImportError: no Pool);"
        " install an older one: uv pip install 'scipy<1.0'"
    )
    assert not builder.asked
    line = Unworkable("scipy", "1.0", "no").line_of_old(HERE, Path("old.txt"))
    assert line.endswith("(no); name 'scipy<1.0' in old.txt")


def test_a_package_that_cannot_stay_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other side is compared without it, the reason is said, and nothing of holding still."""
    before = {**BEFORE, "mlflow": HERE, "impossible": "1"}
    asked = AskedSides(HERE, HERE, (Requirement(SKLEARN),), is_installed=True)
    builder = Builder(before, {**BEFORE, "mlflow": HERE, "scikit-learn": "1.8.0"})
    _, said = built(asked, builder, monkeypatch)
    assert (builder.own.named, builder.own.local) == ((), ("-e", "/somewhere/own"))
    assert f"not all packages of MLflow {HERE} can be beside it: no solution" in said
    assert said[-1].endswith("1 other package cannot stay: impossible is left out")


@pytest.mark.parametrize("named", [Named(), Named(python="3.12")])
def test_an_unreleased_mlflow_may_have_the_old_version(named: Named, tmp_path: Path) -> None:
    """A patched wheel of the release is something else than the release."""
    wheel = tmp_path / f"mlflow-{HERE}-py3-none-any.whl"
    wheel.write_bytes(b"")
    found = asked_sides([str(wheel)], named)
    assert (found.old, found.new, found.is_installed) == (HERE, HERE, True)
    assert found.source == (f"mlflow @ {wheel.as_uri()}",)


def test_a_team_is_told_by_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides are what their files say, and the new one keeps what its file leaves open."""
    preferred: list[Any] = []

    indexes = {FILE: Indexes("https://a/simple"), OTHER: Indexes("https://b/simple")}

    def pins(file: Path, option: str, python: str, kept: Any = None) -> Team:
        preferred.append((file, python, kept))
        pin = f"mlflow=={OLD if file == FILE else NEW}"
        return Team((pin,), indexes[file], has_hashes=file == FILE)

    monkeypatch.setattr(building, "team_pins", pins)
    monkeypatch.setattr(
        building, "build_team", lambda team, python: Path("new" if NEW in team.mlflow else "old")
    )
    builder = Builder(BEFORE, {**BEFORE, "mlflow": NEW})
    asked = AskedSides(None, None, origin=FILE, goal=OTHER)
    sides, said = built(asked, builder, monkeypatch)
    assert [side.version for side in sides] == [OLD, NEW]
    assert [side.name for side in sides] == [f"MLflow {OLD} of old.txt", f"MLflow {NEW} of new.txt"]
    assert sides[0].own.indexes == Indexes("https://a/simple", ("https://b/simple",))
    assert "old.txt: its hashes are not checked; its versions count" in said
    # The new file is looked at first, so that a mistake in it is told before anything is built.
    assert preferred == [(OTHER, PYTHON, None), (FILE, PYTHON, None), (OTHER, PYTHON, BEFORE)]
    assert said[-1] == "building the environment of new.txt"


def test_sides_of_one_mlflow_have_two_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel, and a file of the same name elsewhere: who reads the verdict tells them apart."""
    monkeypatch.setattr(building, "team_pins", lambda *_: Team((f"mlflow=={NEW}",)))
    folders = iter(("old", "new"))
    monkeypatch.setattr(building, "build_team", lambda *_: Path(next(folders)))
    before = {**BEFORE, "mlflow": NEW}
    builder = Builder(before, {**before, "numpy": "2.1"})
    files = AskedSides(None, None, origin=Path("a/r.txt"), goal=Path("b/r.txt"))
    sides, _ = built(files, builder, monkeypatch)
    assert [side.name for side in sides] == [f"MLflow {NEW} of {x}/r.txt" for x in "ab"]
    wheel = AskedSides(NEW, NEW, source=("mlflow @ file:///w/a%20wheel.whl",))
    sides, _ = built(wheel, builder, monkeypatch)
    assert [side.name for side in sides] == [f"MLflow {NEW}", f"MLflow {NEW} of a wheel.whl"]


def test_a_python_that_is_not_there_is_told_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each of many resolutions would try to download it, and none would say so."""
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    monkeypatch.setattr(building, "environment_of", None)
    with pytest.raises(EnvironmentNotBuilt, match=r"--python 3\.99: .*PATH") as refused:
        built_sides(AskedSides(NEW, NEW, python="3.99"), print)
    assert len(str(refused.value).splitlines()) == 1


def breaking(of_its_day: str | None) -> Builder:
    """Return a builder whose release breaks with SQLAlchemy 2.1.0."""
    before = {**BEFORE, "mlflow": NEW, "sqlalchemy": "2.1.0"}
    builder = Builder(before, {**before, "mlflow": OLD})
    builder.breaks, builder.of_its_day = "sqlalchemy", of_its_day
    return builder


def test_a_package_that_breaks_the_release_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is treated as one that the release does not allow, and the reason is said."""
    builder = breaking("2.0.49")
    _, said = built(AskedSides(NEW, OLD), builder, monkeypatch)
    assert builder.asked["pinned"] == {"sqlalchemy": "2.0.49"}
    assert (
        f"MLflow {OLD} does not work with sqlalchemy 2.1.0, although it allows it (ImportError: no"
        " Pool): sqlalchemy 2.0.49 of its release date takes its place"
    ) in said


@pytest.mark.parametrize(
    ("of_its_day", "packages"),
    [(None, ()), ("2.1.0", ()), ("2.0.49", (Requirement("sqlalchemy>=2.1"),))],
    ids=["unknown", "the same", "asked for"],
)
def test_a_package_that_breaks_the_release_and_stays_is_named(
    of_its_day: str | None, packages: tuple[Requirement, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line names the package and the way out, before any mode is trained."""
    with pytest.raises(EnvironmentNotBuilt) as refused:
        built(AskedSides(NEW, OLD, packages), breaking(of_its_day), monkeypatch)
    assert str(refused.value) == (
        f"MLflow {OLD} does not work with sqlalchemy 2.1.0, although it allows it (ImportError: no"
        " Pool); name an older one: --with 'sqlalchemy<2.1'"
    )


@pytest.mark.parametrize(
    ("packages", "conflicts", "message"),
    [
        (
            ["numpy<1", "numpy>3"],
            ["numpy<1"],
            (
                "--with 'numpy<1' --with 'numpy>3': cannot be installed for Python {python}: no"
                " solution for numpy<1"
            ),
        ),
        (["numpy<1"], [f"mlflow=={OLD}"], f"MLflow {OLD} cannot be installed: no"),
        (
            ["numpy<1"],
            ["both"],
            (
                "--with 'numpy<1': cannot be installed beside MLflow {old} for Python {python}:"
                " MLflow {old} cannot be installed: no"
            ),
        ),
    ],
    ids=["with", "mlflow", "both"],
)
def test_what_cannot_be_installed_is_blamed(
    packages: list[str], conflicts: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow is not blamed for the packages that the command line names."""
    builder = Builder(BEFORE, BEFORE)
    builder.conflicts = tuple(conflicts)
    asked = AskedSides(OLD, OLD, tuple(map(Requirement, packages)))
    with pytest.raises(EnvironmentNotBuilt) as refused:
        built(asked, builder, monkeypatch)
    assert str(refused.value) == message.format(old=OLD, python=PYTHON)
