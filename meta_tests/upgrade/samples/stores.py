"""Samples of the rules about stores."""

from __future__ import annotations

from meta_tests.upgrade.samples.all import Edit, breaking, info, warning
from mlflow_conformance.upgrade.profile.differences import ABSENT
from mlflow_conformance.upgrade.profile.fact_texts import (
    FAILS,
    LOGS_NOTHING,
    LOGS_TO,
    LOST_RECORDS,
    MLRUNS_STORE,
    OLD_RECORDS_SEEN,
    REFUSED,
    REFUSED_UNTIL_UPGRADED,
    SQLITE_STORE,
    UPGRADED_UNASKED,
    WORKS,
)

SITUATION = "stores/scripts/file store set"
SCRIPT, AUTOLOGGING = f"{SITUATION}/log_model", f"{SITUATION}/autologging"
WARNING = f"{SITUATION}/warnings/FutureWarning in mlflow"
DATABASE = "stores/databases/made by MLflow 3.0.1"
IN_FILES, IN_DATABASE = f"{LOGS_TO}{MLRUNS_STORE}", f"{LOGS_TO}{SQLITE_STORE}"
FAILING = f"{FAILS}: MlflowException: no"
LOST = f"{LOST_RECORDS}the run, its alias"
NEEDS_UPGRADE = f"{REFUSED_UNTIL_UPGRADED}: MlflowException: Detected out-of-date database schema"
TOO_NEW = f"{REFUSED}: MlflowException: no; mlflow db upgrade: CommandError: Can't locate revision"

STORE_SAMPLES = (
    breaking(
        "default-store-moved",
        Edit(AUTOLOGGING, IN_FILES, IN_DATABASE),
        Edit(SCRIPT, IN_FILES, IN_DATABASE),
        Edit(SCRIPT, IN_FILES + OLD_RECORDS_SEEN, IN_DATABASE + LOST),
        near=Edit(SCRIPT, IN_FILES + OLD_RECORDS_SEEN, IN_DATABASE + OLD_RECORDS_SEEN),
        other="default-store-moved-along",
    ),
    warning(
        "default-store-moved-along",
        Edit(AUTOLOGGING, IN_FILES + OLD_RECORDS_SEEN, IN_DATABASE + OLD_RECORDS_SEEN),
        Edit(SCRIPT, IN_FILES + OLD_RECORDS_SEEN, IN_DATABASE + OLD_RECORDS_SEEN),
        near=Edit(SCRIPT, IN_FILES + OLD_RECORDS_SEEN, IN_DATABASE + LOST),
        other="default-store-moved",
    ),
    breaking(
        "old-records-unseen",
        Edit(AUTOLOGGING, IN_FILES + OLD_RECORDS_SEEN, IN_FILES + LOST),
        Edit(SCRIPT, IN_FILES + OLD_RECORDS_SEEN, IN_FILES + LOST),
        Edit(SCRIPT, IN_FILES + LOST, IN_FILES + LOST + ", its tag"),
        near=Edit(SCRIPT, IN_FILES + LOST, IN_FILES + OLD_RECORDS_SEEN),
        other="storeless-script-logs-again",
    ),
    breaking(
        "storeless-script-fails",
        Edit(AUTOLOGGING, IN_FILES, FAILING),
        Edit(SCRIPT, IN_FILES + OLD_RECORDS_SEEN, FAILING),
        near=Edit(SCRIPT, LOGS_NOTHING, FAILING),
        other="storeless-script-fails-otherwise",
    ),
    breaking(
        "storeless-script-logs-nothing",
        Edit(AUTOLOGGING, IN_FILES, LOGS_NOTHING),
        Edit(SCRIPT, IN_FILES, LOGS_NOTHING),
        Edit(SCRIPT, FAILING, LOGS_NOTHING),
        near=Edit(SCRIPT, IN_FILES, FAILING),
        other="storeless-script-fails",
    ),
    info(
        "storeless-script-logs-again",
        Edit(AUTOLOGGING, LOGS_NOTHING, IN_FILES),
        Edit(SCRIPT, FAILING, IN_FILES + LOST),
        Edit(SCRIPT, LOGS_NOTHING, IN_DATABASE),
        Edit(SCRIPT, IN_FILES + LOST, IN_FILES + OLD_RECORDS_SEEN),
        near=Edit(SCRIPT, IN_FILES, IN_DATABASE),
        other="default-store-moved",
    ),
    info(
        "storeless-script-fails-otherwise",
        Edit(AUTOLOGGING, LOGS_NOTHING, FAILING),
        Edit(SCRIPT, FAILING, f"{FAILS}: OSError: no"),
        Edit(SCRIPT, LOGS_NOTHING, FAILING),
        near=Edit(SCRIPT, FAILING, LOGS_NOTHING),
        other="storeless-script-logs-nothing",
    ),
    breaking(
        "old-database-loses-records",
        Edit(DATABASE, WORKS, WORKS + LOST),
        Edit(DATABASE, NEEDS_UPGRADE, UPGRADED_UNASKED + LOST),
        near=Edit(DATABASE, WORKS + LOST, WORKS),
        other="old-database-refused-otherwise",
    ),
    breaking(
        "old-database-needs-upgrade",
        Edit(DATABASE, WORKS, NEEDS_UPGRADE),
        Edit(DATABASE, UPGRADED_UNASKED, NEEDS_UPGRADE),
        near=Edit(DATABASE, TOO_NEW, NEEDS_UPGRADE),
        other="old-database-opens",
    ),
    breaking(
        "database-refused",
        Edit(DATABASE, WORKS, TOO_NEW),
        Edit(DATABASE, NEEDS_UPGRADE, TOO_NEW),
        near=Edit(DATABASE, TOO_NEW, f"{TOO_NEW} by 'x'"),
        other="old-database-refused-otherwise",
    ),
    warning(
        "old-database-upgraded-unasked",
        Edit(DATABASE, WORKS, UPGRADED_UNASKED),
        near=Edit(DATABASE, NEEDS_UPGRADE, UPGRADED_UNASKED),
        other="old-database-opens",
    ),
    warning(
        "database-no-way-back",
        Edit(DATABASE, TOO_NEW, WORKS),
        near=Edit(DATABASE, TOO_NEW, UPGRADED_UNASKED),
        other="old-database-opens",
    ),
    info(
        "old-database-opens",
        Edit(DATABASE, TOO_NEW, NEEDS_UPGRADE),
        Edit(DATABASE, NEEDS_UPGRADE, WORKS),
        Edit(DATABASE, UPGRADED_UNASKED, WORKS),
        near=Edit(DATABASE, WORKS, UPGRADED_UNASKED),
        other="old-database-upgraded-unasked",
    ),
    info(
        "old-database-refused-otherwise",
        Edit(DATABASE, NEEDS_UPGRADE, f"{NEEDS_UPGRADE}, or not"),
        Edit(DATABASE, WORKS + LOST, WORKS),
        near=Edit(DATABASE, WORKS, WORKS + LOST),
        other="old-database-loses-records",
    ),
    info(
        "store-warning-reworded",
        Edit(WARNING, "it is deprecated", "it is in maintenance"),
        near=Edit(WARNING, ABSENT, "it is deprecated"),
        other="deprecation-raised",
    ),
    info(
        "stores-tried-changed",
        Edit(SITUATION, {"log_model": IN_FILES}, ABSENT),
        Edit(SCRIPT, ABSENT, IN_FILES),
        Edit(AUTOLOGGING, ABSENT, IN_FILES),
        Edit(DATABASE, ABSENT, WORKS),
        near=Edit(DATABASE, TOO_NEW, WORKS),
        other="database-no-way-back",
    ),
)
