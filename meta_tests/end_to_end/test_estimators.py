"""Runs of the promises about estimators, as users start them."""

from __future__ import annotations

from pathlib import Path

from meta_tests.end_to_end.suite_run import run

ONLY = ("-m", "local and estimators")


def test_estimators_alone_are_checked(tmp_path: Path) -> None:
    """No mode is trained; one estimator that predicts and one that does not are counted."""
    ended = run(tmp_path, *ONLY, "-k", "[Ridge] or [PCA] or test_no_such")
    assert ended.exit_code == 0, ended.output
    assert ended.counts("estimators") == "9"
    assert ended.counts("all") == "9"
    assert not ended.lines_with("then training")
    assert ended.lines_with("logging 2 estimators of scikit-learn, ")


def test_a_module_that_nothing_asks_for_is_an_error(tmp_path: Path) -> None:
    """The path alone checks nothing, and the error says what does."""
    ended = run(tmp_path, modules=("estimators",))
    assert ended.exit_code == 2, ended.output
    assert ended.lines_with('of scikit-learn: add -m "local and estimators"')
