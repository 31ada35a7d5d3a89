"""A test whose ground is gone: it fails, deviates as known, or is not checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from meta_tests.pytest_plugin.sample_entries import ENTRY, written
from meta_tests.pytest_plugin.sample_items import MODE, WHOLE, Item, items
from mlflow_conformance.pytest_plugin.grounds import SIGNATURE
from mlflow_conformance.pytest_plugin.not_checked import MISSING_GROUND, Grounds
from mlflow_conformance.pytest_plugin.parametrize import expect_known_deviations
from mlflow_conformance.pytest_plugin.tally import NO_GROUND
from mlflow_conformance.runner.sqlite_folder import NAME as SQLITE
from mlflow_conformance.support.paths import CONFORMANCE
from mlflow_conformance.targets.target import Subject

OTHER = "conformance/test_x.py::test_y"


def grounds(test: str, path: Path, *entries: dict[str, object]) -> Grounds:
    """Return the grounds of a test about ``MODE``, with these known deviations."""
    subject = Subject(MODE, SQLITE)
    item = Item(f"{test}[{subject.id}]", CONFORMANCE, subject)
    expect_known_deviations(items(item), WHOLE, written(path, *entries))
    return Grounds(items(item)[0], {})


def lose(of: Grounds, message: str) -> None:
    """Lose the signature with a message."""
    with of.needed(SIGNATURE):
        raise AssertionError(message)


def test_a_promise_without_its_ground_is_not_checked(tmp_path: Path) -> None:
    """It is skipped with the cause, which the report gets."""
    of = grounds(OTHER, tmp_path)
    with pytest.raises(pytest.skip.Exception, match=r"^not checked: …/MLmodel: no signature$"):
        lose(of, "/data/a/MLmodel: no signature\n  more")
    assert of.item.stash[MISSING_GROUND] == ("signature", "…/MLmodel: no signature")


def test_the_owner_fails(tmp_path: Path) -> None:
    """The promise that owns the ground fails with the whole message."""
    of = grounds(SIGNATURE.owner, tmp_path)
    with pytest.raises(AssertionError, match=r"^no signature\n  more$"):
        lose(of, "no signature\n  more")


def test_a_test_that_is_known_to_fail_so_fails(tmp_path: Path) -> None:
    """A test with a known deviation of its own fails if that expects the message."""
    entry = {**ENTRY, "tests": f"{OTHER}[*", "message": "no signature"}
    of = grounds(OTHER, tmp_path, entry)
    with pytest.raises(AssertionError):
        lose(of, "no signature")
    with pytest.raises(pytest.skip.Exception):
        lose(of, "something else")


def test_a_known_deviation_of_the_owner_is_known_to_all(tmp_path: Path) -> None:
    """If a known deviation explains the owner's failure, the test deviates, too."""
    entry = {**ENTRY, "tests": f"{SIGNATURE.owner}[*", "message": "no signature"}
    of = grounds(OTHER, tmp_path, entry)
    with pytest.raises(pytest.xfail.Exception):
        lose(of, "no signature")
    assert of.item.user_properties == [(NO_GROUND, 1)]
    with pytest.raises(pytest.skip.Exception):
        lose(of, "something else")
    of.item.config.option.runxfail = True
    with pytest.raises(pytest.skip.Exception):
        lose(of, "no signature")
