"""Tests of the snapshots of a store: what is gone or changed is found, and told in short."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlflow_conformance.upgrade.crossings.store_queries import QUERIES
from mlflow_conformance.upgrade.crossings.store_snapshot import (
    MOST,
    Snapshot,
    SqliteDatabase,
    compare,
    snapshot,
)
from mlflow_conformance.upgrade.profile.differences import Difference

PLACE = ("store", "carried over")
HISTORY = "run one: history of metric loss"
SHARED_KIND = "tag of a trace"


@dataclass(frozen=True)
class FakeDatabase:
    """A database that answers the queries of one kind with rows."""

    kind: str
    answers: Sequence[Sequence[Sequence[Any]]]
    known: frozenset[str] = frozenset()
    uri: str = ""

    def columns(self) -> set[str]:
        """Return the known columns."""
        return set(self.known)

    def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """Return the rows of the kind's first query, second query and so on."""
        asked = [found.sql for found in QUERIES if found.kind == self.kind]
        return self.answers[asked.index(query)] if query in asked else []


def history(*rows: Sequence[Any]) -> Snapshot:
    """Return the snapshot of a store with the history of one metric."""
    kind = "history of a metric"
    return snapshot(FakeDatabase(kind, [[(HISTORY, *row) for row in rows]]))


def lost(before: Snapshot, after: Snapshot) -> list[Difference]:
    """Return the differences between two snapshots."""
    return list(compare(before, after, PLACE))


def test_each_fact_that_is_gone_or_changed_is_one_difference() -> None:
    """Of few facts of a kind each is one difference; additions are none."""
    before = {"version": {"version one/1": "READY", "version one/2": "READY"}, "alias": {"a": "1"}}
    after = {"version": {"version one/1": "READY", "version two/1": "READY"}, "alias": {"a": "2"}}
    found = {d.path: (d.before, repr(d.after)) for d in lost(before, after)}
    assert found == {
        (*PLACE, "version one/2"): ("READY", "(nothing)"),
        (*PLACE, "a"): ("1", "'2'"),
    }
    assert lost(before, before) == []


def test_many_of_a_kind_are_one_difference() -> None:
    """Of many facts of a kind, the numbers and the first one are told."""
    names = [f"run {number}: tag team" for number in range(MOST + 2)]
    before = {"tag": dict.fromkeys(names, "one"), "param": {"run 1: param a": "1"}}
    after = {"tag": {names[0]: "two"}, "param": {"run 1: param a": "1"}}
    (found,) = lost(before, after)
    assert found.path == (*PLACE, "tag: several")
    assert found.before == f"{MOST + 2}"
    assert found.after == f"{MOST + 1} gone and 1 changed, such as run 0: tag team: one, now two"
    (gone,) = lost(before, {"param": before["param"]})
    assert gone.after == f"{MOST + 2} gone, such as run 0: tag team: one"


def test_a_kind_that_is_gone_is_lost() -> None:
    """If the upgraded store has no such table any more, all of its facts are gone."""
    (found,) = lost({"trace": {"trace a": "OK"}}, {})
    assert (found.path[-1], repr(found.after)) == ("trace a", "(nothing)")


def test_the_order_of_a_history_does_not_matter() -> None:
    """The values of a metric are compared without their order."""
    first, second = (0.1, False, 0, 1000), (0.2, False, 1, 2000)
    assert lost(history(first, second), history(second, first)) == []


def test_a_value_in_a_history_is_not_lost_unnoticed() -> None:
    """A value that is gone, changed, doubled or at another step changes the history."""
    first, second = (0.1, False, 0, 1000), (0.2, False, 1, 2000)
    good = history(first, second)
    for bad in (
        history(first),
        history(first, (0.2000000001, False, 1, 2000)),
        history(first, (0.2, True, 1, 2000)),
        history(first, (0.2, False, 2, 2000)),
        history(first, first),
        history(first, second, second),
    ):
        (found,) = lost(good, bad)
        assert found.path[-1] == HISTORY
        assert str(found.before).startswith("2 values, digest ")


def test_a_fact_may_move_to_another_table() -> None:
    """The same fact from another query of its kind is no difference."""
    tag = ("trace a: tag mlflow.traceName", "asked")
    needs = frozenset(name for q in QUERIES if q.kind == SHARED_KIND for name in q.needs)
    before = snapshot(FakeDatabase(SHARED_KIND, [[tag], []], needs))
    assert before[SHARED_KIND] == dict([tag])
    assert lost(before, snapshot(FakeDatabase(SHARED_KIND, [[], [tag]], needs))) == []


def test_what_a_release_does_not_have_is_not_asked_for(tmp_path: Path) -> None:
    """Only kinds whose columns exist are in the snapshot."""
    found = snapshot(FakeDatabase("run", [[]]))
    assert "run" in found
    assert "trace" not in found
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file)) as store:
        store.execute("CREATE TABLE spans (trace_id TEXT)")
    assert SqliteDatabase(file).columns() == {"spans.trace_id"}
