"""Tests of ``azure.preflight.job_mlflow``: the MLflow that is chosen, and why."""

from __future__ import annotations

import os
from typing import Any

import pytest

from mlflow_conformance.azure.preflight import job_mlflow
from mlflow_conformance.azure.preflight.job_mlflow import choose, told_of_named
from mlflow_conformance.azure.preflight.resolver import Resolver
from mlflow_conformance.azure.records import LoggedModels

RESOLVER = Resolver("3.11", {}, os.environ)
CHOICES: dict[LoggedModels, tuple[str, str]] = {
    "supported": (
        "",
        "the newest that its plugin allows: this workspace supports MLflow 3's logged models",
    ),
    "missing": (
        ">=2,<3",
        "the newest 2.x: this workspace does not support MLflow 3's logged models",
    ),
    "unknown": (
        ">=2,<3",
        "the newest 2.x: this workspace does not say whether it supports MLflow 3's logged models",
    ),
}


@pytest.mark.parametrize("logged_models", CHOICES)
def test_the_choice_depends_on_logged_models(
    logged_models: LoggedModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow 3 is chosen only where it can log models; the line says which and why."""
    versions, reason = CHOICES[logged_models]
    asked: list[Any] = []

    def newest(*arguments: Any) -> str:
        asked.append(arguments)
        return "1.2.3"

    monkeypatch.setattr(job_mlflow, "newest_mlflow", newest)
    found = choose(logged_models, {"skops"}, RESOLVER)
    assert asked == [(versions, {"skops"}, RESOLVER)]
    assert found.version == "1.2.3"
    assert found.line == f"jobs run MLflow 1.2.3, {reason} (--job-mlflow VERSION for another)"


@pytest.mark.parametrize(
    ("mlflow", "logged_models", "warns"),
    [
        ("3.15.0", "missing", True),
        ("3.0.0rc1", "unknown", True),
        ("3.15.0", "supported", False),
        ("2.22.5", "missing", False),
    ],
)
def test_a_named_version_is_warned_of(
    mlflow: str, logged_models: LoggedModels, warns: bool
) -> None:
    """An MLflow 3 that the user named is warned of where it may log no model."""
    line = told_of_named(mlflow, logged_models)
    assert line.startswith("this workspace ")
    assert line.endswith("(--job-mlflow auto for a version with which they do)") is warns


@pytest.mark.package_index
@pytest.mark.parametrize(
    ("logged_models", "expected"), [("supported", "3.15.0"), ("missing", "2.22.5")]
)
def test_what_the_index_has_is_chosen(logged_models: LoggedModels, expected: str) -> None:
    """With the packages of the clone's date, these are the newest versions."""
    assert choose(logged_models, (), RESOLVER).version == expected
