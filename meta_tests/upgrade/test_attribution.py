"""Tests that each difference is attributed to the right package, or to none if it is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from meta_tests.upgrade.sample_mixtures import Lab
from meta_tests.upgrade.sample_upgrades import LOCATION, TAG, changed, profile
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.upgrade.causes import package_mixtures
from mlflow_conformance.upgrade.causes.attribution import (
    MLFLOW,
    NOT_SEPARABLE,
    Evidence,
    causes,
    remaining,
)
from mlflow_conformance.upgrade.profile.differences import Difference, differences
from mlflow_conformance.upgrade.profile.profile import FactPath
from mlflow_conformance.upgrade.runs.side_by_side import OwnPackages, RecordingOptions

LEARN, PANDAS, NUMPY = "scikit-learn", "pandas", "numpy"
FOUND = Difference(TAG, "sklearn", "other")
# The same fact changed in another way, and another fact.
OTHERWISE = Difference(TAG, "sklearn", "third")
ELSEWHERE = Difference(LOCATION[0], "sklearn", "other")
PACKAGE = Difference(("environment", "packages", PANDAS), "2.0", "3.0")
# Values are compared by ``repr``: 1 differs from True, and NaN equals NaN.
ONE, TRUE = Difference(TAG, 0, 1), Difference(TAG, 0, True)
NAN = Difference(TAG, float("nan"), 1.0)


@pytest.mark.parametrize(
    ("moved", "old_mlflow", "alone", "expected"),
    [
        ((), (), {}, (MLFLOW,)),
        ((PANDAS,), None, {}, (NOT_SEPARABLE, MLFLOW, PANDAS)),
        ((PANDAS, "pip"), None, {PANDAS: (FOUND,)}, (PANDAS,)),
        ((PANDAS, "pip"), None, {PANDAS: ()}, (NOT_SEPARABLE, MLFLOW, "pip")),
        ((PANDAS,), None, {PANDAS: ()}, (NOT_SEPARABLE, MLFLOW, PANDAS)),
        ((PANDAS,), (), {}, (MLFLOW,)),
        ((PANDAS,), (ELSEWHERE,), {}, (MLFLOW,)),
        ((PANDAS,), (FOUND,), {}, (PANDAS,)),
        ((PANDAS,), (OTHERWISE,), {}, (MLFLOW, PANDAS)),
        ((PANDAS, "pip"), (FOUND,), {PANDAS: (FOUND,)}, (PANDAS,)),
        ((NUMPY, PANDAS), (FOUND,), {NUMPY: (FOUND,), PANDAS: (FOUND,)}, (NUMPY, PANDAS)),
        ((NUMPY, PANDAS), (FOUND,), {NUMPY: (), PANDAS: (FOUND,)}, (PANDAS,)),
        ((PANDAS, "pip"), (FOUND,), {PANDAS: (OTHERWISE,)}, (NOT_SEPARABLE, "pip")),
        ((PANDAS, "pip"), (FOUND,), {}, (NOT_SEPARABLE, PANDAS, "pip")),
        ((NUMPY, PANDAS), (FOUND,), {NUMPY: (), PANDAS: ()}, (NOT_SEPARABLE, NUMPY, PANDAS)),
        ((NUMPY, PANDAS), (ELSEWHERE,), {NUMPY: (FOUND,)}, (MLFLOW,)),
    ],
)
def test_a_difference_has_its_causes(
    moved: tuple[str, ...],
    old_mlflow: tuple[Difference, ...] | None,
    alone: Mapping[str, tuple[Difference, ...]],
    expected: tuple[str, ...],
) -> None:
    """The causes follow from the differences of the old MLflow and of each package alone."""
    assert causes([FOUND], Evidence(moved, old_mlflow, alone)) == {TAG: expected}


def test_a_package_has_no_cause() -> None:
    """A changed package version has no cause."""
    assert causes([PACKAGE], Evidence((), (), {})) == {}
    assert remaining([PACKAGE], [PACKAGE]) == ()


@pytest.mark.parametrize(
    ("old_mlflow", "expected"),
    [
        ((FOUND,), (FOUND,)),
        ((PACKAGE, FOUND, ELSEWHERE), (FOUND,)),
        ((OTHERWISE,), ()),
        ((ELSEWHERE,), ()),
        ((), ()),
    ],
)
def test_what_stays_is_the_very_same(
    old_mlflow: tuple[Difference, ...], expected: tuple[Difference, ...]
) -> None:
    """A difference remains if the same fact changed in the same way."""
    assert remaining([FOUND, PACKAGE], old_mlflow) == expected


def test_values_are_the_same_if_they_read_the_same() -> None:
    """NaN equals NaN, and 1 differs from True."""
    assert remaining([NAN], [Difference(TAG, float("nan"), 1.0)]) == (NAN,)
    assert remaining([ONE], [TRUE]) == ()


OLD = {MLFLOW: "3.1.4", LEARN: "1.6.0", NUMPY: "2.1.0", PANDAS: "2.2.3"}
TAGGED, MOVED = (TAG, "other"), (LOCATION[0], "logged model")


def gathered(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **new: str) -> Evidence:
    """Return the evidence for an upgrade to MLflow 3.17.2 with new versions of other packages."""
    for name in ("build_beside", "installed_in", "recorded"):
        monkeypatch.setattr(package_mixtures, name, getattr(lab, name))
    before = lab.observed(lab.old)
    after = lab.observed({**lab.old, MLFLOW: "3.17.2", **new})
    catalogue = read_catalogue(DEFAULT_CATALOGUE)
    options = RecordingOptions(catalogue, tmp_path, 1.0, 1, lab.messages.append)
    return package_mixtures.gather(before, after, differences(before, after), options)


def paths(found: Sequence[Difference] | None) -> set[FactPath]:
    """Return the paths of the differences, except for the packages."""
    return {difference.path for difference in found or () if difference.path[0] != "environment"}


def test_where_mlflow_alone_moved_nothing_runs_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If only MLflow changed, nothing is built, run or reported."""
    lab = Lab(OLD, {MLFLOW: TAGGED})
    assert gathered(lab, monkeypatch, tmp_path) == Evidence((), (), {})
    assert (lab.tried, lab.messages) == ([], [])


@pytest.mark.parametrize(
    ("new", "cause"),
    [
        ({PANDAS: "3.1.1"}, (PANDAS,)),
        ({PANDAS: "3.1.1", NUMPY: "2.4.6"}, (PANDAS,)),
        ({NUMPY: "2.4.6", "polars": "1.0"}, (NOT_SEPARABLE, "polars")),
        ({"polars": "1.0"}, ("polars",)),
        ({"polars": "1.0", "narwhals": "2.0"}, (NOT_SEPARABLE, "narwhals", "polars")),
    ],
)
def test_with_the_same_mlflow_other_packages_are_the_cause(
    new: dict[str, str], cause: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """MLflow is no cause if both sides have the same, also of what a package adds."""
    lab = Lab(OLD, {PANDAS: MOVED, "polars": MOVED})
    found = gathered(lab, monkeypatch, tmp_path, mlflow=OLD[MLFLOW], **new)
    (seen,) = [
        difference for difference in found.old_mlflow or () if difference.path == LOCATION[0]
    ]
    assert causes([seen], found) == {LOCATION[0]: cause}
    assert not [name for name in lab.tried if name.endswith("new packages")]


PYTHON = ("environment", "python")


def test_another_python_is_a_cause(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """If nothing but Python differs, MLflow is not blamed."""
    lab = Lab(OLD, {})
    monkeypatch.setattr(package_mixtures, "recorded", lab.recorded)
    before = lab.observed(OLD)
    after = profile(changed(changed(dict(before.facts), PYTHON, "3.12.1"), *MOVED))
    options = RecordingOptions(
        read_catalogue(DEFAULT_CATALOGUE), tmp_path, 1.0, 1, lab.messages.append
    )
    found = package_mixtures.gather(before, after, differences(before, after), options)
    (seen,) = [d for d in differences(before, after) if d.path == LOCATION[0]]
    assert causes([seen], found) == {LOCATION[0]: ("Python",)}
    assert lab.tried == []


def test_mixtures_have_the_own_packages_and_the_new_python(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without them a script would fail in the mixture, and the wrong package would be blamed."""
    lab, own = Lab(OLD, {PANDAS: MOVED}), OwnPackages(("xgboost",), ("-e", "own"))
    for name in ("build_beside", "installed_in", "recorded"):
        monkeypatch.setattr(package_mixtures, name, getattr(lab, name))
    before = lab.observed(OLD)
    after = lab.observed({**OLD, MLFLOW: "3.17.2", PANDAS: "3.1.1", NUMPY: "2.4.6"})
    after = profile(changed(dict(after.facts), PYTHON, "3.12.1"))
    options = RecordingOptions(
        read_catalogue(DEFAULT_CATALOGUE), tmp_path, 1.0, 1, lab.messages.append
    )
    package_mixtures.gather(before, after, differences(before, after), options, own)
    assert [beside.own for beside in lab.built] == [own] * 3
    assert [beside.python for beside in lab.built] == ["3.12", "3.11", "3.11"]


def test_one_package_that_moved_is_tried_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With one changed package, only the old MLflow with the new package is tried."""
    lab = Lab(OLD, {MLFLOW: TAGGED, PANDAS: MOVED})
    found = gathered(lab, monkeypatch, tmp_path, pandas="3.1.1")
    assert (found.moved, paths(found.old_mlflow), found.alone) == ((PANDAS,), {LOCATION[0]}, {})
    assert lab.tried == ["MLflow 3.1.4, new packages"]


def test_the_guilty_of_two_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each package is upgraded alone, which shows the one that causes the difference."""
    lab = Lab(OLD, {PANDAS: MOVED})
    found = gathered(lab, monkeypatch, tmp_path, pandas="3.1.1", numpy="2.4.6")
    assert found.moved == (NUMPY, PANDAS)
    assert {name: paths(made) for name, made in found.alone.items()} == {
        PANDAS: {LOCATION[0]},
        NUMPY: set(),
    }
    names = [f"MLflow 3.1.4, new {what}" for what in ("packages", "pandas", "numpy")]
    assert lab.tried == names


def test_what_mlflow_alone_did_is_not_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If the old MLflow shows no difference, no package is tried alone."""
    lab = Lab(OLD, {MLFLOW: TAGGED})
    found = gathered(lab, monkeypatch, tmp_path, pandas="3.1.1", numpy="2.4.6")
    assert (paths(found.old_mlflow), found.alone) == (set(), {})
    assert lab.tried == ["MLflow 3.1.4, new packages"]


@pytest.mark.parametrize(
    ("lab", "message"),
    [
        (
            Lab(OLD, {}, unresolved=[PANDAS]),
            "this mixture of packages does not resolve: no solution",
        ),
        (
            Lab(OLD, {}, dragged={LEARN: "1.9.1"}),
            "MLflow 3.1.4, new packages: resolves only with another version of scikit-learn",
        ),
        (Lab(OLD, {}, broken=True), "this mixture of packages does not work: cannot be imported"),
    ],
    ids=["unresolved", "dragged", "broken"],
)
def test_what_does_not_resolve_is_not_separable(
    lab: Lab, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If the old MLflow does not work with the new packages, the cause is not separable."""
    found = gathered(lab, monkeypatch, tmp_path, pandas="3.1.1")
    assert found == Evidence((PANDAS,), None, {})
    assert causes([FOUND], found)[TAG] == (NOT_SEPARABLE, MLFLOW, PANDAS)
    assert lab.messages[1] == message  # the first message names the changed packages


def test_a_suspect_is_tried_alone_where_all_together_do_not_resolve(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Packages are tried alone even if one of them does not resolve with the old MLflow."""
    lab = Lab({**OLD, "protobuf": "4"}, {PANDAS: MOVED}, unresolved=["protobuf"])
    found = gathered(lab, monkeypatch, tmp_path, pandas="3.1.1", protobuf="7")
    assert (found.old_mlflow, paths(found.alone[PANDAS])) == (None, {LOCATION[0]})
    (caused_by_pandas,) = [d for d in found.alone[PANDAS] if d.path == LOCATION[0]]
    assert causes([caused_by_pandas], found) == {LOCATION[0]: (PANDAS,)}
    assert causes([FOUND], found) == {TAG: (NOT_SEPARABLE, MLFLOW, "protobuf")}
