"""Sample facts of two releases, and the verdict on the upgrade between them."""

from __future__ import annotations

import copy
from typing import Any

from mlflow_conformance.runner.outcome import LOGGED
from mlflow_conformance.upgrade.changes.accepted import AcceptedChanges
from mlflow_conformance.upgrade.changes.classify import Change, changes
from mlflow_conformance.upgrade.changes.observed import Further
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.rules.rule import Level
from mlflow_conformance.upgrade.changes.verdict import Verdict, judge
from mlflow_conformance.upgrade.profile.differences import differences
from mlflow_conformance.upgrade.profile.profile import FactPath, Profile

MODES = ("autolog-array", "signature-frame")
OLD, NEW = "2.22.5", "3.17.2"
MLFLOW = ("environment", "packages", "mlflow")
LOCATION: tuple[FactPath, ...] = tuple(("modes", mode, "model", "location") for mode in MODES)
RUN_PATH: tuple[FactPath, ...] = tuple(
    ("modes", mode, "model", "paths", "artifact_uri/NAME") for mode in MODES
)
TAG: FactPath = ("modes", "autolog-array", "run", "tags", "mlflow.autologging")
PARAMETER: FactPath = ("calls", "parameters", "mlflow.sklearn.log_model", "registered_model_name")


def sample_facts() -> dict[str, Any]:
    """Return the facts of a minimal valid profile."""
    packages = {"mlflow": OLD, "numpy": "2.4.6", "pandas": "2.3.3", "scikit-learn": "1.8.0"}
    parameters = {"artifact_path": "must be given", "registered_model_name": "default None"}
    return {
        "environment": {"packages": packages, "python": "3.11.7", "system": "Linux"},
        "data": {"sha256": "0" * 64, "features": ["Age"], "label": "Diabetic"},
        "calls": {
            "made": {'log_model(model, "model")': {"outcome": "works, gives None", "warnings": {}}},
            "parameters": {"mlflow.sklearn.log_model": parameters},
        },
        "modes": {mode: _sample_mode() for mode in MODES},
    }


def changed(facts: dict[str, Any], path: FactPath, value: Any) -> dict[str, Any]:
    """Return a copy of the facts with the value at the path."""
    other = copy.deepcopy(facts)
    _parent(other, path)[path[-1]] = value
    return other


def without(facts: dict[str, Any], path: FactPath) -> dict[str, Any]:
    """Return a copy of the facts without the path."""
    other = copy.deepcopy(facts)
    del _parent(other, path)[path[-1]]
    return other


def profile(facts: dict[str, Any], name: str = "") -> Profile:
    """Return a profile with the facts; its default name is the MLflow release."""
    return Profile(name or f"MLflow {facts['environment']['packages']['mlflow']}", facts)


def bumped() -> dict[str, Any]:
    """Return the facts of the next release, in which only the model's location changed."""
    facts = changed(sample_facts(), MLFLOW, NEW)
    for path in LOCATION:
        facts = changed(facts, path, "logged model")
    return facts


def found(old: dict[str, Any], new: dict[str, Any]) -> tuple[Change, ...]:
    """Return the changes between two sets of facts."""
    return changes(differences(profile(old), profile(new)), RULES)


def judged(
    new: dict[str, Any],
    *,
    old: dict[str, Any] | None = None,
    accepted: AcceptedChanges | None = None,
    fail_on: Level = "breaking",
    notes: tuple[str, ...] = (),
) -> Verdict:
    """Return the verdict on the change from ``old`` (default: the sample facts) to ``new``."""
    before = sample_facts() if old is None else old
    entries = AcceptedChanges() if accepted is None else accepted
    further = Further(notes)
    return judge(profile(before), profile(new), found(before, new), entries, fail_on, further)


def _sample_mode() -> dict[str, Any]:
    flavor = {"pickled_model": "model.pkl", "serialization_format": "cloudpickle"}
    return {
        "outcome": LOGGED,
        "warnings": {},
        "runs": 1,
        "run": {
            "experiment": "diabetes-training",
            "status": "FINISHED",
            "params": {"C": "100.0"},
            "metrics": {"training_score": 0.79},
            "tags": {"mlflow.autologging": "sklearn"},
            "artifacts": {},
        },
        "model": {
            "location": "run artifact",
            "paths": {"artifact_uri/NAME": "reached", "models:/MODEL_ID": "there is no such id"},
            "mlmodel": {"artifact_path": "model", "run_id": "<id>"},
            "flavors": {"sklearn": flavor},
            "signature": {"inputs": "column-based [Age: long]", "outputs": "tensor-based [long]"},
            "requirements": {"cloudpickle": "cloudpickle==<installed>"},
            "files": {"MLmodel": "there"},
            "contract": {"right-types": "accepted: ndarray of int64 (20,), digest 0"},
            "predictions": {"native": "ndarray of int64 (3000,), digest 0"},
        },
    }


def _parent(facts: dict[str, Any], path: FactPath) -> dict[str, Any]:
    inner = facts
    for key in path[:-1]:
        inner = inner[key]
    return inner
