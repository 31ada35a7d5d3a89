"""Tests that one change of MLflow is one block, with all that follows from it and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meta_tests.upgrade.sample_upgrades import LOCATION, MLFLOW, MODES, NEW, changed, judged
from meta_tests.upgrade.sample_upgrades import sample_facts as facts
from mlflow_conformance.upgrade.changes.roots import ROOTS
from mlflow_conformance.upgrade.changes.verdict import Verdict
from mlflow_conformance.upgrade.profile.profile import FactPath
from mlflow_conformance.upgrade.report.json_file import report_json
from mlflow_conformance.upgrade.report.terminal import report_lines

ONE = ("modes", MODES[0])
REFUSED = "MlflowException: The saved sklearn model references untrusted types"
NOT_STORED = (
    "MlflowException: The sklearn model could not be serialized in the skops serialization format."
)
BROKEN_SKOPS = (
    "ModuleNotFoundError: No module named 'skops'",
    "ImportError: cannot import name '_x' from 'sklearn.utils' (needed by skops 0.13)",
)
FORMAT = (*ONE, "model", "flavors", "sklearn", "serialization_format")
PICKLE = (*ONE, "model", "flavors", "sklearn", "pickled_model")
PATH = (*ONE, "model", "paths", "artifact_uri/NAME")
ESTIMATOR = ("estimators", "Birch")
LOGGED = "logged, loads both ways, equal"
STORELESS = ("stores", "scripts", "nothing set, empty folder", "log_model")
BESIDE_OLD = ("stores", "scripts", "nothing set, mlruns of an older release")
IN_FILES, IN_DATABASE = "logs to the file store mlruns", "logs to the database mlflow.db"
CLOSED = (
    "fails: MlflowException: The filesystem tracking backend (e.g., './mlruns') is in maintenance"
    " mode and will not receive further updates"
)
WITH_OLD = f"{IN_FILES}, old records are seen"
FIRST = (LOCATION[0], "run artifact", "logged model")
Edit = tuple[FactPath, Any, Any]


def verdict_on(*edits: Edit, release: str = NEW) -> Verdict:
    """Return the verdict on a bump to a release with these edits."""
    old, new = facts(), changed(facts(), MLFLOW, release)
    for path, before, after in edits:
        for side, value in ((old, before), (new, after)):
            if path[0] in ("estimators", "stores"):
                side.setdefault(path[0], {})
            if value is not None:
                group = side
                for key in path[:-1]:
                    group = group.setdefault(key, {})
                group[path[-1]] = value
            else:
                group = side
                for key in path[:-1]:
                    group = group[key]
                group.pop(path[-1], None)
    return judged(new, old=old)


@pytest.mark.parametrize(
    ("root", "edits"),
    [
        (
            "logged-models",
            (
                FIRST,
                (PATH, "reached", "not reached: MlflowException"),
                ((*ONE, "model", "mlmodel", "artifact_path"), "model", "<folder>/artifacts"),
                ((*ONE, "run", "tags", "mlflow.log-model.history"), "<there>", None),
                ((*ONE, "run", "artifacts", "best/MLmodel"), "there", None),
            ),
        ),
        (
            "no-run-of-its-own",
            (
                ((*ONE, "run"), {"status": "FINISHED"}, None),
                ((*ONE, "runs"), 1, 0),
                (PATH, "reached", "there is no such id"),
                ((*ONE, "model", "mlmodel", "run_id"), "<id>", None),
            ),
        ),
        (
            "file-stores",
            (
                (STORELESS, IN_FILES, IN_DATABASE),
                ((*BESIDE_OLD, "log_model"), WITH_OLD, CLOSED),
                ((*BESIDE_OLD, "autologging"), WITH_OLD, "logs nothing, exit code 0"),
            ),
        ),
        (
            "skops-by-default",
            (
                (FORMAT, "cloudpickle", "skops"),
                (PICKLE, "model.pkl", "model.skops"),
                ((*ONE, "model", "requirements", "cloudpickle"), "cloudpickle==1", None),
                (ESTIMATOR, LOGGED, f"not logged: {REFUSED}"),
                (("modes", MODES[1], "outcome"), "logged a model", f"crashed: {REFUSED}"),
            ),
        ),
        (
            "skops-refuses",
            (
                (ESTIMATOR, LOGGED, f"not logged: {REFUSED}"),
                (("estimators", "Pipeline"), LOGGED, f"not logged: {NOT_STORED}"),
                (("modes", MODES[1], "outcome"), "logged a model", f"crashed: {REFUSED}"),
            ),
        ),
    ],
)
def test_a_root_and_what_follows_is_one_block(root: str, edits: tuple[Edit, ...]) -> None:
    """However many rules see it, it is one breaking change, with the advice of the root."""
    verdict = verdict_on(*edits)
    (block,) = verdict.shown
    assert block.subject.id == root
    assert len(block.open) == len(edits)
    assert verdict.headline.startswith("NOT SAFE: 1 breaking change ")
    lines = report_lines(verdict)
    assert lines.count(f"  way out: {block.subject.way_out}") == 1
    document = json.loads(report_json(verdict))
    assert [known["id"] for known in document["roots"]] == [root]
    told = [c["root"] for b in document["blocks"] for c in b["changes"] if b["level"] != "info"]
    assert told == [root] * len(edits)


@pytest.mark.parametrize(
    ("edits", "blocks"),
    [
        # Without its sign, what could follow from a root is told by its own rule.
        (((PATH, "reached", "not reached: OSError"),), ["path-lost"]),
        (((PATH, "reached", "there is no such id"),), ["path-lost"]),
        (((PICKLE, "model.pkl", "model.skops"),), ["serialization-changed"]),
        (((ESTIMATOR, LOGGED, "not logged: ValueError: no"),), ["estimator-not-logged"]),
        # A missing or broken skops refuses nothing, also where it is the default.
        *(
            (((ESTIMATOR, LOGGED, f"not logged: {error}"),), ["estimator-not-logged"])
            for error in BROKEN_SKOPS
        ),
        *(
            ((((*ONE, "outcome"), "logged a model", f"crashed: {error}"),), ["mode-fails"])
            for error in BROKEN_SKOPS
        ),
        (
            (
                (FORMAT, "cloudpickle", "skops"),
                (ESTIMATOR, LOGGED, "not logged: " + BROKEN_SKOPS[0]),
            ),
            ["skops-by-default", "estimator-not-logged"],
        ),
        # Beside a root, what does not follow from it is told by its own rule.
        (
            (FIRST, ((*ONE, "run", "params", "C"), "100.0", None)),
            ["logged-models", "param-lost"],
        ),
        (
            (FIRST, ((*ONE, "run", "artifacts", "plot.png"), "there", None)),
            ["logged-models", "artifact-lost"],
        ),
        (((FORMAT, "cloudpickle", "joblib"),), ["serialization-changed"]),
        # Who goes back gets the advice of the rule.
        (((STORELESS, IN_DATABASE, IN_FILES),), ["default-store-moved"]),
    ],
)
def test_nothing_else_is_put_under_a_root(edits: tuple[Edit, ...], blocks: list[str]) -> None:
    """A change is not explained away by a root that is not there, or that it has no part in."""
    assert [block.subject.id for block in verdict_on(*edits).shown] == blocks


def test_several_roots_are_told_apart() -> None:
    """Each path counts for the root that explains its error."""
    lost = ((*ONE, "run"), {"status": "FINISHED"}, None)
    elsewhere = (("modes", MODES[1], *PATH[2:]), "reached", "not reached: MlflowException")
    verdict = verdict_on(FIRST, lost, (PATH, "reached", "there is no such id"), elsewhere)
    rules = {b.subject.id: [change.rule.id for change in b.open] for b in verdict.shown}
    assert rules == {
        "logged-models": ["model-moved", "path-lost"],
        "no-run-of-its-own": ["path-lost", "run-lost"],
    }


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.id)
def test_a_root_says_all_that_a_report_needs(root: Any) -> None:
    """It has one-line texts without a final stop, and a link."""
    for words in (root.name, root.why, root.way_out):
        assert words.strip(" .\n") == words
        assert "\n" not in words
    assert root.link.startswith("https://")
