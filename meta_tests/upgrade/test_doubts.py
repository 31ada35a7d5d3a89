"""Tests that the reports doubt what another package may have done, and not what is MLflow's."""

from __future__ import annotations

from typing import Any

import pytest

from meta_tests.upgrade.sample_upgrades import MLFLOW, MODES, NEW, OLD, changed, profile
from meta_tests.upgrade.sample_upgrades import sample_facts as facts
from mlflow_conformance.upgrade.changes.accepted import AcceptedChanges
from mlflow_conformance.upgrade.changes.classify import changes
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.verdict import judge
from mlflow_conformance.upgrade.profile.differences import ABSENT, Difference
from mlflow_conformance.upgrade.report.terminal import report_lines

MODE = ("modes", MODES[0])
OLD_MODEL = (*MODE, "crossings", "old model, new release", "loads")
OLD_CLIENT = (*MODE, "crossings", "old client, new server", "logs")
STORE = ("store", "carried over", "opens")
SCRIPT = ("stores", "scripts", "nothing set, empty folder", "log_model")
DATABASE = ("stores", "databases", "made by MLflow 3.0.1")
IN_FILES, IN_DATABASE = "logs to the file store mlruns", "logs to the database mlflow.db"
NO_LOGGED_MODELS = (
    "MlflowException: API request to endpoint /api/2.0/mlflow/logged-models failed with error code"
    " 404 != 200"
)
PANDAS = "perhaps not MLflow: pandas 3.1.1 -> 2.3.3"
SQLALCHEMY = "perhaps not MLflow: sqlalchemy 2.1.0 -> 2.0.1"


@pytest.mark.parametrize(
    ("path", "before", "after", "doubts"),
    [
        (OLD_MODEL, "works", "MlflowException: Unrecognized serialization format: skops", []),
        (OLD_MODEL, "works", "ValueError: no", [PANDAS]),
        (OLD_CLIENT, "works", NO_LOGGED_MODELS, []),
        (OLD_CLIENT, "works", "ended with exit code 1: ImportError: no", [PANDAS]),
        (STORE, "works", "CommandError: No such revision or branch 'a1b2'", []),
        (STORE, "works", "CommandError: Can't locate revision identified by 'a1b2'", []),
        (STORE, "works", "ImportError: cannot import name from 'sqlalchemy.pool'", [SQLALCHEMY]),
        (DATABASE, "works", "refused: MlflowException: Detected out-of-date database schema", []),
        (SCRIPT, IN_DATABASE, IN_FILES, []),
        (SCRIPT, IN_DATABASE, "fails: ImportError: no FallbackAsyncAdaptedQueuePool", [SQLALCHEMY]),
        ((*MODE, "model", "location"), "logged model", "run artifact", []),
        (("surface", "names", "mlflow.sklearn.log_model"), "there", ABSENT, []),
    ],
)
def test_only_what_another_package_can_cause_is_doubted(
    path: tuple[str, ...], before: str, after: Any, doubts: list[str]
) -> None:
    """MLflow writes formats and revisions, and decides where runs and models are."""
    new, old = facts(), changed(facts(), MLFLOW, NEW)
    for package, versions in (("pandas", ("3.1.1", "2.3.3")), ("sqlalchemy", ("2.1.0", "2.0.1"))):
        place = (*MLFLOW[:-1], package)
        old, new = changed(old, place, versions[0]), changed(new, place, versions[1])
    assert new["environment"]["packages"]["mlflow"] == OLD
    found = changes([Difference(path, before, after)], RULES, goes_back=True)
    assert [change.level for change in found] == ["breaking"]
    verdict = judge(profile(old), profile(new), found, AcceptedChanges(), "breaking")
    said = [line.strip() for line in report_lines(verdict)]
    assert [line for line in said if line.startswith("perhaps not MLflow")] == doubts
