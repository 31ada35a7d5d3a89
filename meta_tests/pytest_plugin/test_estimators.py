"""Promises about estimators: one that cannot be logged is one failure, and told with the others."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from meta_tests.pytest_plugin.sample_entries import ENTRY, written
from meta_tests.pytest_plugin.sample_items import WHOLE, Item, items
from mlflow_conformance.pytest_plugin import fixtures_estimators
from mlflow_conformance.pytest_plugin.causes import Cause, Causes
from mlflow_conformance.pytest_plugin.fixtures_model import CouldNotBeRun
from mlflow_conformance.pytest_plugin.grounds import ESTIMATOR_LOGGED
from mlflow_conformance.pytest_plugin.parametrize import expect_known_deviations
from mlflow_conformance.pytest_plugin.plan import Planned
from mlflow_conformance.pytest_plugin.tally import FAILED, NO_MODEL, UNCHECKED, Tally
from mlflow_conformance.pytest_plugin.topics import ESTIMATORS
from mlflow_conformance.runner.ways_out import NO_RECIPE, UNTRUSTED
from mlflow_conformance.support.paths import CONFORMANCE
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.sweep.names import Estimator
from mlflow_conformance.sweep.results import DONE, FIT, LOG, READ, EstimatorResult, write_result

REFUSED = "MlflowException: The saved sklearn model references untrusted types. Found: ['{}']"
OWNER = ESTIMATOR_LOGGED.owner
OTHER = "conformance/test_estimators.py::test_native_model_answers_as_the_estimator"


def promise(test: str, name: str) -> Item:
    """Return a collected promise about an estimator."""
    found = Item(f"{test}[{name}]", CONFORMANCE / "test_estimators.py")
    found.callspec = SimpleNamespace(params={"case": Estimator(name)})
    found.add_marker(pytest.mark.about(ESTIMATORS))
    return found


def swept(item: Item, folder: RunFolder, name: str, **problems: str) -> EstimatorResult:
    """Return what the fixture gives to a test about an estimator with these problems."""
    folder.estimator_results.mkdir(parents=True, exist_ok=True)
    stages = {"fit": FIT, "log": LOG, "read": READ}
    result = EstimatorResult(name, DONE, {stages[key]: said for key, said in problems.items()})
    write_result(result, folder.estimator_results)
    return found_by(item, folder, name)


def found_by(item: Item, folder: RunFolder, name: str) -> EstimatorResult:
    """Call the fixture."""
    fixture: Any = fixtures_estimators.swept
    given = cast(pytest.FixtureRequest, SimpleNamespace(node=item))
    result: EstimatorResult = fixture.__wrapped__(given, Estimator(name), folder)
    return result


def test_the_owner_fails_and_the_others_are_not_checked(tmp_path: Path) -> None:
    """Without a model, only the promise that it can be logged gets the result."""
    folder, said = RunFolder(tmp_path), REFUSED.format("Tree")
    assert swept(promise(OWNER, "A"), folder, "A", log=said).problem(LOG) == said
    with pytest.raises(
        pytest.skip.Exception, match=r"^not checked: A: cannot be logged by default"
    ):
        swept(promise(OTHER, "A"), folder, "A", log=said)


def test_what_a_deviation_explains_is_not_checked_as_known(tmp_path: Path) -> None:
    """An entry about the owner's case explains its other promises, not those of other cases."""
    entry = {**ENTRY, "tests": f"{OWNER}[*", "message": "untrusted types", "when": {"case": "A"}}
    tests = {name: promise(OTHER, name) for name in "AB"}
    expect_known_deviations(items(*tests.values()), WHOLE, written(tmp_path, entry))
    folder, said = RunFolder(tmp_path), REFUSED.format("Tree")
    with pytest.raises(pytest.xfail.Exception, match="because"):
        swept(tests["A"], folder, "A", log=said)
    assert (NO_MODEL, 1) in tests["A"].user_properties
    with pytest.raises(pytest.skip.Exception):
        swept(tests["B"], folder, "B", log=said)


def test_an_estimator_that_is_not_fitted_is_not_checked(tmp_path: Path) -> None:
    """It is named with the error; it is neither kept nor broken."""
    with pytest.raises(pytest.skip.Exception, match=r"^A: cannot be fitted on .*: no"):
        swept(promise(OWNER, "A"), RunFolder(tmp_path), "A", fit="ValueError: no")


def test_an_estimator_without_a_result_is_an_error_of_the_run(tmp_path: Path) -> None:
    """A missing file is no broken promise."""
    with pytest.raises(CouldNotBeRun, match=r"^A: was not logged before the tests$"):
        found_by(promise(OWNER, "A"), RunFolder(tmp_path), "A")


def lines(*results: tuple[str, str, str, Cause]) -> list[str]:
    """Return the lines of causes of results: test, estimator, result and cause."""
    tally = Tally()
    ids = [f"{test}[{name}]" for test, name, _, _ in results]
    tally.plan([Planned(test_id, ESTIMATORS, "sqlite", (), serves=False) for test_id in ids])
    causes = Causes(tally)
    for test_id, (_, _, result, cause) in zip(ids, results, strict=True):
        causes.note(test_id, cause)
        tally.note(test_id, result)
    return causes.lines()


def test_one_cause_of_many_estimators_is_told_once() -> None:
    """The estimators are counted, whatever types each error lists; their owners are among them."""
    results = []
    for name in ("A", "B", "C", "D"):
        said = f"{name}: cannot be logged by default: {REFUSED.format(name)}"
        results += [
            (OWNER, name, FAILED, Cause(said)),
            (OTHER, name, UNCHECKED, Cause(said, ESTIMATOR_LOGGED.name)),
        ]
    told, advice = lines(*results)
    assert told == (
        "CAUSE in 4 estimators (A, B, C and 1 more): cannot be logged by default:"
        f" {REFUSED.format('A')} (8 promises: 4 failed, 4 not checked)"
    )
    assert advice == f"      way out: {UNTRUSTED}"


def test_a_single_estimator_is_named() -> None:
    """The line has the estimator, the error and the way out."""
    said = "A: cannot be fitted on the small table: ValueError: no"
    told, advice = lines((OWNER, "A", UNCHECKED, Cause(said)))
    assert told == (
        "CAUSE estimators (A): cannot be fitted on the small table: ValueError: no"
        " (1 promise: 1 not checked)"
    )
    assert advice == f"      way out: {NO_RECIPE}"
