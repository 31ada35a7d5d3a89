"""Small sample profiles, and functions that edit their facts."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from mlflow_conformance.runner.outcome import LOGGED
from mlflow_conformance.upgrade.profile.estimators import BOTH_WAYS
from mlflow_conformance.upgrade.profile.profile import FactPath, Profile

ONE, TWO, FAILING = "one", "two", "failing"
CALL = "start_run()"


def sample_facts() -> dict[str, Any]:
    """Return facts of every kind: two modes with equal models, and one that fails."""
    return {
        "environment": {
            "python": "3.11.7",
            "system": "Linux",
            "packages": {"mlflow": "3.0.0", "mlflow-skinny": "3.0.0", "numpy": "2.0.0"},
        },
        "data": {
            "sha256": "0" * 64,
            "features": ["a", "b"],
            "label": "c",
            "random_state": 0,
            "test_size": 0.3,
        },
        "calls": {
            "made": {CALL: {"outcome": "works, gives a run", "warnings": {}}},
            "parameters": {
                "start_run": {"run_name": "default None"},
                "register_model": {"model_uri": "must be given"},
            },
        },
        "modes": {
            ONE: {"outcome": LOGGED, "model": _model(), **_rest()},
            TWO: {"outcome": LOGGED, "model": _model(), **_rest()},
            FAILING: {"outcome": "crashed: ValueError: no", **_rest()},
        },
        "estimators": {"Lasso": BOTH_WAYS},
        "probes": {"runs": {"start": {"warnings": {}}, "end": {"relied on": "works"}}},
        "stores": {
            "scripts": {
                "file store set": {
                    "log_model": "fails: MlflowException: no",
                    "autologging": "logs nothing, exit code 0",
                    "warnings": {"x": "raised"},
                },
            },
            "databases": {"made by MLflow 2.8.1": "works"},
        },
    }


def changed(facts: dict[str, Any], path: FactPath, value: Any) -> dict[str, Any]:
    """Return a copy with a value at a path; missing groups are created."""
    edited = copy.deepcopy(facts)
    group = edited
    for key in path[:-1]:
        group = group.setdefault(key, {})
    group[path[-1]] = copy.deepcopy(value)
    return edited


def without(facts: dict[str, Any], path: FactPath) -> dict[str, Any]:
    """Return a copy without the fact or group at a path."""
    edited = copy.deepcopy(facts)
    group = edited
    for key in path[:-1]:
        group = group.get(key, {})
    group.pop(path[-1], None)
    return edited


def consistent(facts: dict[str, Any]) -> dict[str, Any]:
    """Return a copy in which every mode has an outcome, and a model if it logged one."""
    edited = copy.deepcopy(facts)
    for mode in edited["modes"].values():
        if not isinstance(mode.get("outcome"), str):
            mode["outcome"] = "timed out"
        if mode["outcome"] != LOGGED:
            mode.pop("model", None)
        elif not isinstance(mode.get("model"), dict):
            mode["model"] = _model()
    return edited


def profile(facts: dict[str, Any], name: str = "old") -> Profile:
    """Return a profile with the facts."""
    return Profile(name, facts)


def nodes(facts: Any, at: FactPath = ()) -> Iterator[tuple[FactPath, Any]]:
    """Yield every group and every fact with its path."""
    if isinstance(facts, dict):
        for key, value in facts.items():
            yield (*at, key), value
            yield from nodes(value, (*at, key))


def _model() -> dict[str, Any]:
    return {
        "location": "run artifact",
        "paths": {"runs:/RUN_ID/NAME": "reached", "models:/MODEL_ID": "there is no such id"},
        "mlmodel": {"model_size_bytes": 783, "run_id": "<id>"},
        "flavors": {
            "python_function": {"env": {"conda": "conda.yaml"}, "loader_module": "mlflow.sklearn"},
            "sklearn": {"code": "null", "serialization_format": "cloudpickle"},
        },
        "files": {"MLmodel": "there", "<estimator>": 783},
        "requirements": {"numpy": "numpy==<installed>"},
        "conda": {"channels": ["conda-forge"], "pip": "as in requirements.txt"},
        "python env": {"python": "<installed>"},
        "signature": {
            "inputs": "column-based [a: long]",
            "outputs": "tensor-based [tensor int64 [-1]]",
            "text": {"inputs": '[{"type": "long", "name": "a"}]', "params": "None"},
        },
        "predictions": {
            "native": "ndarray of int64 (3,), digest 00",
            "python function": "ndarray of int64 (3,), digest 00",
        },
        "contract": {
            "right-types": "accepted: ndarray of int64 (3,), digest 00",
            "missing-column": "rejected by the signature: MlflowException: a is missing",
        },
        "serving": {"inputs": "200: predictions, digest 00", "instances": "400: no"},
    }


def _rest() -> dict[str, Any]:
    return {
        "warnings": {"FutureWarning in sklearn/a.py: deprecated": "raised"},
        "runs": 1,
        "run": {
            "experiment": "training",
            "status": "FINISHED",
            "params": {"C": "100.0"},
            "metrics": {"training_score": 0.75},
            "tags": {"mlflow.user": "<there>"},
            "artifacts": {"estimator.html": "there"},
            "inputs": {"dataset": {"digest": "00"}},
        },
    }
