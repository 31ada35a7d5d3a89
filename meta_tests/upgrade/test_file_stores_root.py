"""Tests that the root about file stores takes what is about them, and says what was seen."""

from __future__ import annotations

import pytest

from meta_tests.upgrade.test_roots import (
    BESIDE_OLD,
    CLOSED,
    IN_DATABASE,
    IN_FILES,
    STORELESS,
    WITH_OLD,
    Edit,
    verdict_on,
)
from mlflow_conformance.upgrade.report.terminal import report_lines

OLD_DATABASE = ("stores", "scripts", "nothing set, mlflow.db of MLflow 3.7")
SEEN_THERE = f"{IN_DATABASE}, old records are seen"
OLD_SCHEMA = "fails: MlflowException: Detected out-of-date database schema (found version a)"
LOGS_NOTHING = "logs nothing, exit code 0"
MOVES = (STORELESS, IN_FILES, IN_DATABASE)
REFUSES = ((*BESIDE_OLD, "log_model"), WITH_OLD, CLOSED)
LOSES = ((*BESIDE_OLD, "autologging"), WITH_OLD, LOGS_NOTHING)
FINDS_NONE = "what reads the store of old runs finds no new ones"
FAIL = "where a file store is left, or named, scripts fail"
UPGRADE = "run `mlflow db upgrade sqlite:///mlflow.db` with the new release"


@pytest.mark.parametrize(
    ("edit", "rule", "way_out"),
    [
        (((*OLD_DATABASE, "log_model"), SEEN_THERE, OLD_SCHEMA), "storeless-script-fails", UPGRADE),
        (((*OLD_DATABASE, "log_model"), IN_FILES, OLD_SCHEMA), "storeless-script-fails", UPGRADE),
        (
            ((*OLD_DATABASE, "autologging"), SEEN_THERE, LOGS_NOTHING),
            "storeless-script-logs-nothing",
            UPGRADE,
        ),
        (
            (STORELESS, IN_DATABASE, "fails: ImportError: cannot import name from sqlalchemy.pool"),
            "storeless-script-fails",
            "read the error: ",
        ),
        (
            (STORELESS, IN_FILES, "fails: ModuleNotFoundError: No module named 'pkg_resources'"),
            "storeless-script-fails",
            "read the error: ",
        ),
    ],
)
@pytest.mark.parametrize("besides", [(), (REFUSES,)], ids=["alone", "beside the root"])
def test_another_failure_keeps_its_rule_and_way_out(
    edit: Edit, rule: str, way_out: str, besides: tuple[Edit, ...]
) -> None:
    """A database to upgrade, or another package's error, is not explained by file stores."""
    verdict = verdict_on(edit, *besides)
    blocks = {block.subject.id: block for block in verdict.shown}
    assert set(blocks) == {rule, *(["file-stores"] if besides else [])}
    assert [change.what for change in blocks[rule].open] == [edit[0]]
    assert way_out in " ".join(report_lines(verdict))


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ((MOVES,), FINDS_NONE),
        ((REFUSES,), FAIL),
        (
            (REFUSES, LOSES),
            f"{FAIL}, or log nothing and end with exit code 0",
        ),
        (
            (MOVES, REFUSES),
            f"{FINDS_NONE}; {FAIL}",
        ),
    ],
)
def test_the_root_says_what_was_seen(edits: tuple[Edit, ...], why: str) -> None:
    """A failure that no script showed is not told."""
    (block,) = verdict_on(*edits).shown
    assert (block.subject.id, block.subject.why) == ("file-stores", why)
    assert ("or a file store" in block.subject.name) is (REFUSES in edits)


@pytest.mark.parametrize(
    ("release", "carries"),
    [("3.7.0", False), ("3.9.0", False), ("3.10.0rc1", True), ("3.10.1", True), ("4.0.0", True)],
)
def test_the_way_out_is_one_of_the_new_release(release: str, *, carries: bool) -> None:
    """`mlflow migrate-filestore` is there from MLflow 3.10 on."""
    (block,) = verdict_on(MOVES, release=release).shown
    assert ("mlflow migrate-filestore" in block.subject.way_out) is carries
    assert ("./mlruns is the store of old runs" in block.subject.way_out) is not carries
