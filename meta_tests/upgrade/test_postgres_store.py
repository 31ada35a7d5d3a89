"""Tests that the upgrade of a small store on PostgreSQL is checked: 2.22.5 to what is installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from meta_tests.servers.needs_postgres import postgres_or_skip
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.environments.releases import build_release
from mlflow_conformance.servers.postgres.database import Database
from mlflow_conformance.servers.postgres.server import Postgres
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.upgrade.changes.classify import rule_for
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.crossings import postgres_store
from mlflow_conformance.upgrade.crossings.large_store import enlarge
from mlflow_conformance.upgrade.crossings.postgres_store import PostgresCrossing
from mlflow_conformance.upgrade.crossings.store_size import Size
from mlflow_conformance.upgrade.crossings.store_snapshot import compare, snapshot
from mlflow_conformance.upgrade.large_stores import cross_large_stores
from mlflow_conformance.upgrade.profile.differences import Difference
from mlflow_conformance.upgrade.runs.recorded_release import CrossingFailed
from mlflow_conformance.upgrade.runs.side_by_side import RecordingOptions, Side, recorded

pytestmark = [
    pytest.mark.package_index,
    pytest.mark.skipif(sys.platform == "win32", reason="PostgreSQL is not started on Windows"),
]
OLD, MODE = "2.22.5", "infer-frame"
SECONDS = 170.0
SIZES = (Size(5), Size(10), Size(20))
PLACE = ("PostgreSQL store", "carried over")


@dataclass(frozen=True)
class Crossed:
    """The result, what was reported meanwhile, and the server with the upgraded databases."""

    result: PostgresCrossing
    reported: list[str]
    postgres: Postgres
    database: Database

    def losses_after(self, name: str, *statements: str) -> list[Difference]:
        """Return what is lost if a copy of the upgraded store is changed like this."""
        copy = self.postgres.new_database(name, like=self.database)
        copy.execute(*statements)
        return list(compare(snapshot(self.database), snapshot(copy), PLACE))


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crossed]:
    """Record a mode under both releases, and upgrade three small stores."""
    catalogue = read_catalogue(DEFAULT_CATALOGUE)
    catalogue = replace(catalogue, modes=(catalogue.mode(MODE),))
    sides = [
        Side(OLD, build_release(OLD)),
        Side(str(installed("mlflow")), Path(sys.executable), note=", installed"),
    ]
    root, reported = tmp_path_factory.mktemp("postgres"), list[str]()
    options = RecordingOptions(catalogue, root, SECONDS, parallel=1, report=lambda line: None)
    with postgres_or_skip() as postgres, pytest.MonkeyPatch.context() as patched:
        # The databases are looked at after the cross-check.
        patched.setattr(postgres_store, "running_postgres", lambda: nullcontext(postgres))
        with recorded(sides, options) as both:
            result = cross_large_stores(both, SIZES, parallel=2, report=reported.append)
        database = replace(postgres.new_database("other"), name=f"runs-{SIZES[-1].runs}")
        yield Crossed(result, reported, postgres, database)


def test_nothing_is_lost_and_models_work(crossed: Crossed) -> None:
    """At most the way back fails; everything in the stores is kept, loads and scores."""
    found = {rule_for(difference, RULES).id for difference in crossed.result.differences}
    assert found <= {"store-no-way-back", "store-too-new-unsaid"}
    assert {difference.path[0] for difference in crossed.result.differences} <= {PLACE[0]}


def test_time_and_memory_are_told_for_each_size(crossed: Crossed) -> None:
    """There is a line for each upgrade, and one for each step between two sizes."""
    first, *lines = crossed.result.lines
    assert first.startswith("mlflow db upgrade on PostgreSQL, records alone: ")
    sizes = [f"mlflow db upgrade on PostgreSQL, {size}: " for size in SIZES]
    assert all(line.startswith(size) for line, size in zip(lines, sizes, strict=False))
    assert [line.partition(":")[0] for line in lines[3:]] == [
        "from 750 to 1,500 metric rows",
        "from 1,500 to 3,000 metric rows",
    ]
    assert set(crossed.result.lines[:4]) <= set(crossed.reported)


def test_the_store_is_as_large_as_told(crossed: Crossed) -> None:
    """Every kind of copy is there, besides what was logged through the client."""
    size = SIZES[-1]
    records = replace(crossed.database, name="runs-0")
    for table, number in size.rows.items():
        query = f"SELECT count(*) FROM {table}"  # noqa: S608
        ((large,),), ((small,),) = crossed.database.rows(query), records.rows(query)
        assert int(large) - int(small) == number, table


def test_a_store_without_the_record_is_not_made_large(crossed: Crossed) -> None:
    """If a record is not there, nothing is compared in silence: it is an error of the run."""
    empty = crossed.postgres.new_database(
        "no-dataset", like=replace(crossed.database, name="runs-0")
    )
    empty.execute("DELETE FROM input_tags", "DELETE FROM inputs", "DELETE FROM datasets")
    with pytest.raises(
        CrossingFailed, match=r"table (inputs|datasets) cannot be copied: there are 0 rows"
    ):
        enlarge(empty, Size(5))


MUTANTS = {
    "DELETE FROM tags WHERE key = 'tag 3' AND run_uuid = md5('7 run' || ' ' || 4)": (
        "run record 4: tag tag 3",
        "(nothing)",
    ),
    "UPDATE params SET value = '2' WHERE key = 'param 1' AND run_uuid = md5('7 run' || ' 1')": (
        "run record 1: param param 1",
        "'2'",
    ),
    "UPDATE experiments SET lifecycle_stage = 'active' WHERE name = 'deleted experiment'": (
        "experiment deleted experiment",
        "'active, ",
    ),
    "DELETE FROM experiment_tags WHERE key = 'team' AND experiment_id ="
    " (SELECT experiment_id FROM experiments WHERE name = 'record')": (
        "experiment record: tag team",
        "(nothing)",
    ),
    "UPDATE runs SET end_time = end_time + 1 WHERE name = 'record 20'": (
        "run record 20",
        "'FINISHED, deleted, ",
    ),
    "UPDATE metrics SET value = value * 1.000000000000001 WHERE key = 'metric 2' AND step = 7"
    " AND run_uuid = md5('7 run' || ' 9')": (
        "run record 9: history of metric metric 2",
        "'30 values, digest ",
    ),
    "DELETE FROM metrics WHERE key = 'metric' AND step = 0 AND run_uuid ="
    " (SELECT run_uuid FROM runs WHERE name = 'record')": (
        "run record: history of metric metric",
        "'4 values, digest ",
    ),
    "UPDATE latest_metrics SET is_nan = true WHERE key = 'metric' AND run_uuid ="
    " (SELECT run_uuid FROM runs WHERE name = 'record')": ("run record: metric metric", "'0.3"),
    "DELETE FROM input_tags WHERE input_uuid = md5('7 input' || ' 3')": (
        "run record 3: tag of an input mlflow.data.context",
        "(nothing)",
    ),
    "UPDATE datasets SET dataset_schema = '{}' WHERE dataset_uuid = md5('7 dataset' || ' 1')": (
        "dataset rows (",
        "'",
    ),
    "UPDATE registered_models SET description = NULL WHERE name = 'record 1'": (
        "registered model record 1",
        r"'\\N, ",
    ),
    "DELETE FROM registered_model_tags WHERE name = 'record 1'": (
        "registered model record 1: tag team",
        "(nothing)",
    ),
    "UPDATE model_versions SET current_stage = 'x' WHERE name = 'record 1' AND version = 2": (
        "version record 1/2",
        "'READY, ",
    ),
    "DELETE FROM model_version_tags WHERE name = 'record' AND version = 1": (
        "version record/1: tag tag",
        "(nothing)",
    ),
    "DELETE FROM registered_model_aliases WHERE name = 'infer-frame' AND alias = 'champion'": (
        "alias infer-frame@champion",
        "(nothing)",
    ),
    "UPDATE trace_info SET status = 'ERROR' WHERE request_id = 'tr-' || md5('7 trace' || ' 8')": (
        "trace tr-",
        "'ERROR, ",
    ),
    "DELETE FROM trace_tags WHERE key = 'mlflow.artifactLocation' AND request_id ="
    " 'tr-' || md5('7 trace' || ' 8')": ("trace tr-", "(nothing)"),
}


@pytest.mark.parametrize("statement", MUTANTS)
def test_an_upgrade_that_loses_this_is_noticed(crossed: Crossed, statement: str) -> None:
    """Each loss or change is one difference, which the rule for lost data explains."""
    name = f"mutant-{list(MUTANTS).index(statement)}"
    (found,) = crossed.losses_after(name, statement)
    about, after = MUTANTS[statement]
    assert found.path[:2] == PLACE
    assert found.path[2].startswith(about)
    assert repr(found.after).startswith(after)
    assert rule_for(found, RULES).id == "store-lost"


def test_a_loss_in_many_rows_is_told_once(crossed: Crossed) -> None:
    """If a tag of all runs is gone, this is one difference with the number."""
    (found,) = crossed.losses_after("many", "DELETE FROM tags WHERE key LIKE 'tag %'")
    assert found.path == (*PLACE, "tag: several")
    assert str(found.after).startswith("100 gone, such as run record ")


def test_what_is_added_is_no_loss(crossed: Crossed) -> None:
    """New rows are no difference."""
    added = "INSERT INTO tags (key, value, run_uuid) SELECT 'new', '1', run_uuid FROM runs"
    assert crossed.losses_after("more", added) == []
