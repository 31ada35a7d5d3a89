"""Is the right package blamed for a difference, and nobody where it cannot be told?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from fixtures.catalogue import read_catalogue
from fixtures.options import DEFAULT_CATALOGUE
from fixtures.upgrade import evidence
from fixtures.upgrade.attribution import MLFLOW, NOT_SEPARABLE, Evidence, causes, stay
from fixtures.upgrade.differences import Difference, differences
from fixtures.upgrade.profile import FactPath
from meta_tests.invented_bumps import LOCATION, TAG
from meta_tests.invented_mixtures import Lab

LEARN, PANDAS, NUMPY = "scikit-learn", "pandas", "numpy"
FOUND = Difference(TAG, "sklearn", "other")
# The same fact changed in another way, and another fact.
OTHERWISE = Difference(TAG, "sklearn", "third")
ELSEWHERE = Difference(LOCATION[0], "sklearn", "other")
PACKAGE = Difference(("environment", "packages", PANDAS), "2.0", "3.0")
# Compared by ``repr``: a truth is no number, and what is not a number is itself.
ONE, TRUE = Difference(TAG, 0, 1), Difference(TAG, 0, True)
NAN = Difference(TAG, float("nan"), 1.0)


@pytest.mark.parametrize(
    ("moved", "put_back", "alone", "expected"),
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
    put_back: tuple[Difference, ...] | None,
    alone: Mapping[str, tuple[Difference, ...]],
    expected: tuple[str, ...],
) -> None:
    """Who is to blame follows from what stays without the new MLflow, and what each makes alone."""
    assert causes([FOUND], Evidence(moved, put_back, alone)) == {TAG: expected}


def test_a_package_has_no_cause() -> None:
    """Which packages there are is no change that anybody is to blame for."""
    assert causes([PACKAGE], Evidence((), (), {})) == {}
    assert stay([PACKAGE], [PACKAGE]) == ()


@pytest.mark.parametrize(
    ("put_back", "expected"),
    [
        ((FOUND,), (FOUND,)),
        ((PACKAGE, FOUND, ELSEWHERE), (FOUND,)),
        ((OTHERWISE,), ()),
        ((ELSEWHERE,), ()),
        ((), ()),
    ],
)
def test_what_stays_is_the_very_same(
    put_back: tuple[Difference, ...], expected: tuple[Difference, ...]
) -> None:
    """A difference stays when the same fact changed in the same way."""
    assert stay([FOUND, PACKAGE], put_back) == expected


def test_values_are_the_same_if_they_read_the_same() -> None:
    """What is not a number stays what it is, and one is not true."""
    assert stay([NAN], [Difference(TAG, float("nan"), 1.0)]) == (NAN,)
    assert stay([ONE], [TRUE]) == ()


OLD = {MLFLOW: "3.1.4", LEARN: "1.6.0", NUMPY: "2.1.0", PANDAS: "2.2.3"}
TAGGED, MOVED = (TAG, "other"), (LOCATION[0], "logged model")


def gathered(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **new: str) -> Evidence:
    """Return the evidence for a bump to MLflow 3.17.2 with which other packages move."""
    for name in ("build_beside", "installed_in", "recorded"):
        monkeypatch.setattr(evidence, name, getattr(lab, name))
    before = lab.observed(lab.old)
    after = lab.observed({**lab.old, MLFLOW: "3.17.2", **new})
    return evidence.gather(
        before,
        after,
        differences(before, after),
        read_catalogue(DEFAULT_CATALOGUE),
        tmp_path,
        timeout=1.0,
        parallel=1,
        tell=lab.told.append,
    )


def paths(found: Sequence[Difference] | None) -> set[FactPath]:
    """Return where the differences are, packages left aside."""
    return {difference.path for difference in found or () if difference.path[0] != "environment"}


def test_where_mlflow_alone_moved_nothing_runs_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """There is nothing to separate, so nothing is built, run or said."""
    lab = Lab(OLD, {MLFLOW: TAGGED})
    assert gathered(lab, monkeypatch, tmp_path) == Evidence((), (), {})
    assert (lab.tried, lab.told) == ([], [])


def test_one_package_that_moved_is_tried_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The old MLflow among the new packages shows what is not MLflow's; one suspect is enough."""
    lab = Lab(OLD, {MLFLOW: TAGGED, PANDAS: MOVED})
    found = gathered(lab, monkeypatch, tmp_path, pandas="3.1.1")
    assert (found.moved, paths(found.put_back), found.alone) == ((PANDAS,), {LOCATION[0]}, {})
    assert lab.tried == ["MLflow 3.1.4, put back"]


def test_the_guilty_of_two_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each suspect moves alone among the old packages; the one that makes the difference did it."""
    lab = Lab(OLD, {PANDAS: MOVED})
    found = gathered(lab, monkeypatch, tmp_path, pandas="3.1.1", numpy="2.4.6")
    assert found.moved == (NUMPY, PANDAS)
    assert {name: paths(made) for name, made in found.alone.items()} == {
        PANDAS: {LOCATION[0]},
        NUMPY: set(),
    }
    names = [f"MLflow 3.1.4, {what}" for what in ("put back", "pandas new", "numpy new")]
    assert lab.tried == names


def test_what_mlflow_alone_did_is_not_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where nothing stays without the new MLflow, no package is tried alone."""
    lab = Lab(OLD, {MLFLOW: TAGGED})
    found = gathered(lab, monkeypatch, tmp_path, pandas="3.1.1", numpy="2.4.6")
    assert (paths(found.put_back), found.alone) == (set(), {})
    assert lab.tried == ["MLflow 3.1.4, put back"]


@pytest.mark.parametrize(
    ("lab", "told"),
    [
        (Lab(OLD, {}, unresolved=[PANDAS]), "this mixture does not resolve: no solution"),
        (
            Lab(OLD, {}, dragged={LEARN: "1.9.1"}),
            "MLflow 3.1.4, put back does not resolve without moving scikit-learn",
        ),
        (Lab(OLD, {}, broken=True), "this mixture cannot be tried: cannot be imported"),
    ],
    ids=["unresolved", "dragged", "broken"],
)
def test_what_does_not_resolve_is_not_separable(
    lab: Lab, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where MLflow cannot be put back among the new packages, that is said, and nobody blamed."""
    found = gathered(lab, monkeypatch, tmp_path, pandas="3.1.1")
    assert found == Evidence((PANDAS,), None, {})
    assert causes([FOUND], found)[TAG] == (NOT_SEPARABLE, MLFLOW, PANDAS)
    assert lab.told[1] == told  # after which packages moved


def test_a_suspect_is_tried_alone_where_all_together_do_not_resolve(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One package that the old MLflow cannot have keeps nobody from trying the others."""
    lab = Lab({**OLD, "protobuf": "4"}, {PANDAS: MOVED}, unresolved=["protobuf"])
    found = gathered(lab, monkeypatch, tmp_path, pandas="3.1.1", protobuf="7")
    assert (found.put_back, paths(found.alone[PANDAS])) == (None, {LOCATION[0]})
    (moved_by_pandas,) = [d for d in found.alone[PANDAS] if d.path == LOCATION[0]]
    assert causes([moved_by_pandas], found) == {LOCATION[0]: (PANDAS,)}
    assert causes([FOUND], found) == {TAG: (NOT_SEPARABLE, MLFLOW, "protobuf")}
