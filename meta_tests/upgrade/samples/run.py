"""Samples of the rules about runs."""

from __future__ import annotations

from meta_tests.upgrade.samples.all import Edit, breaking, info, warning
from mlflow_conformance.upgrade.profile.differences import ABSENT

RUN = "modes/one/run"
PARAM, METRIC = f"{RUN}/params/C", f"{RUN}/metrics/training_score"
TAG, ARTIFACT = f"{RUN}/tags/mlflow.user", f"{RUN}/artifacts/estimator.html"
DATASET = f"{RUN}/inputs/dataset"
WHOLE = {"experiment": "training", "status": "FINISHED", "params": {}}

RUN_SAMPLES = (
    breaking(
        "run-lost",
        Edit(RUN, WHOLE, ABSENT),
        near=Edit(PARAM, "100.0", ABSENT),
        other="param-lost",
    ),
    info(
        "run-appeared",
        Edit(RUN, ABSENT, WHOLE),
        near=Edit(TAG, ABSENT, "<there>"),
        other="tag-added",
    ),
    warning(
        "number-of-runs-changed",
        Edit("modes/one/runs", 1, 2),
        near=Edit("modes/one/run/metrics/runs", 1, 2),
        other="metric-changed",
    ),
    warning(
        "store-unreadable",
        Edit("modes/one/store", ABSENT, "no such table: runs"),
        near=Edit("modes/one/runs", 1, 0),
        other="number-of-runs-changed",
    ),
    breaking(
        "run-status-changed",
        Edit(f"{RUN}/status", "FINISHED", "FAILED"),
        near=Edit(f"{RUN}/tags/status", "FINISHED", "FAILED"),
        other="tag-changed",
    ),
    breaking(
        "experiment-changed",
        Edit(f"{RUN}/experiment", "training", "Default"),
        near=Edit(f"{RUN}/params/experiment", "training", "Default"),
        other="param-changed",
    ),
    breaking(
        "param-lost",
        Edit(PARAM, "100.0", ABSENT),
        near=Edit(PARAM, "100.0", "None"),
        other="param-changed",
    ),
    info(
        "param-added",
        Edit(PARAM, ABSENT, "100.0"),
        near=Edit(PARAM, "None", "100.0"),
        other="param-changed",
    ),
    warning(
        "param-changed",
        Edit(PARAM, "100.0", "1.0"),
        near=Edit(PARAM, "100.0", ABSENT),
        other="param-lost",
    ),
    breaking(
        "metric-lost",
        Edit(METRIC, 0.75, ABSENT),
        near=Edit(METRIC, 0.75, "not a number"),
        other="metric-changed",
    ),
    info(
        "metric-added",
        Edit(METRIC, ABSENT, 0.75),
        near=Edit(METRIC, "not a number", 0.75),
        other="metric-changed",
    ),
    warning(
        "metric-changed",
        Edit(METRIC, 0.75, 0.5),
        near=Edit(METRIC, float("nan"), float("nan")),
        other=None,
    ),
    warning(
        "tag-lost",
        Edit(TAG, "<there>", ABSENT),
        near=Edit(TAG, "<there>", "someone"),
        other="tag-changed",
    ),
    info(
        "tag-added",
        Edit(TAG, ABSENT, "<there>"),
        near=Edit(TAG, "someone", "<there>"),
        other="tag-changed",
    ),
    warning(
        "tag-changed",
        Edit(TAG, "<there>", "someone"),
        near=Edit(TAG, "<there>", ABSENT),
        other="tag-lost",
    ),
    breaking(
        "artifact-lost",
        Edit(ARTIFACT, "there", ABSENT),
        near=Edit("modes/one/model/files/estimator.html", "there", ABSENT),
        other="file-lost",
    ),
    info(
        "artifact-added",
        Edit(ARTIFACT, ABSENT, "there"),
        near=Edit("modes/one/model/files/estimator.html", ABSENT, "there"),
        other="file-added",
    ),
    warning(
        "dataset-lost",
        Edit(DATASET, {"digest": "00"}, ABSENT),
        Edit(f"{RUN}/inputs", {"dataset": {"digest": "00"}}, ABSENT),
        near=Edit(f"{DATASET}/digest", "00", ABSENT),
        other="dataset-changed",
    ),
    info(
        "dataset-added",
        Edit(DATASET, ABSENT, {"digest": "00"}),
        Edit(f"{RUN}/inputs", ABSENT, {"dataset": {"digest": "00"}}),
        near=Edit(f"{DATASET}/digest", ABSENT, "00"),
        other="dataset-changed",
    ),
    warning(
        "dataset-changed",
        Edit(DATASET, "digest 00", "digest 01"),
        Edit(f"{DATASET}/digest", "00", "01"),
        near=Edit(DATASET, "digest 00", ABSENT),
        other="dataset-lost",
    ),
)
