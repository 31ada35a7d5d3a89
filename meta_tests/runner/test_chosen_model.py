"""The model that counts is found by its name, run or registration."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mlflow_conformance.catalogue.details import ChoiceKey, ModelChoice
from mlflow_conformance.runner.chosen_model import (
    FoundModel,
    chosen,
    found_models,
    several,
    without_best,
)
from mlflow_conformance.stores.records import LoggedModel, RegisteredModel, Store

BEST = FoundModel(Path("/a"), "best", "C=10", ("churn",))
OTHER = FoundModel(Path("/b"), "other", "C=1", ())


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("name", "best", (BEST,)),
        ("run_name", "C=1", (OTHER,)),
        ("registered_name", "churn", (BEST,)),
        ("name", "C=1", ()),
        ("registered_name", "best", ()),
    ],
)
def test_one_is_chosen(key: ChoiceKey, value: str, wanted: tuple[FoundModel, ...]) -> None:
    """Only the model with the stated name, run or registration is chosen."""
    found = chosen(ModelChoice(key, value), (BEST, OTHER))
    assert found == tuple(model.directory for model in wanted)


def test_the_reason_lists_what_can_be_chosen() -> None:
    """The reason lists all models, with everything by which one can be chosen."""
    assert several((BEST, OTHER), None) == (
        "logged 2 models, a mode is about one: (name: best, run_name: C=10, registered_name: churn)"
        ", (name: other, run_name: C=1)"
    )
    text = several((BEST, OTHER), ModelChoice("name", "none"))
    assert text.startswith("logged 2 models, not with name: none: (name: best, ")
    twice = several((BEST, BEST), ModelChoice("name", "best"))
    assert twice.startswith("logged 2 models, 2 of them with name: best: ")


def test_names_come_from_the_store_and_from_mlmodel(tmp_path: Path) -> None:
    """MLflow 3 has names in the store; before, the name is the path in ``MLmodel``."""
    for name, text in (
        ("new", "run_id: r\nmodel_id: m-1\nartifact_path: ignored\n"),
        ("old", "run_id: s\nartifact_path: old-model\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "MLmodel").write_text(text)
    old = tmp_path / "old"
    store: Any = SimpleNamespace(
        runs=lambda: [SimpleNamespace(run_id="r", name="first")],
        logged_models=lambda: [LoggedModel("m-1", "best", "e", "r")],
        registered_models=lambda: [
            RegisteredModel("churn", "models:/m-1"),
            RegisteredModel("risk", str(old)),
        ],
    )
    assert found_models([tmp_path / "new", old], cast(Store, store)) == (
        FoundModel(tmp_path / "new", "best", "first", ("churn",)),
        FoundModel(old, "old-model", "", ("risk",)),
    )


@pytest.mark.parametrize(
    ("results", "names", "wanted"),
    [
        ("cv_results.csv", ["best_estimator", "model"], ["model"]),
        ("cv_results.csv", ["best_estimator"], ["best_estimator"]),
        ("cv_results.csv", ["best_estimator", "model", "own"], ["best_estimator", "model", "own"]),
        ("other.csv", ["best_estimator", "model"], ["best_estimator", "model"]),
        ("cv_results.csv", ["best", "model"], ["best", "model"]),
    ],
)
def test_the_best_of_a_search_is_no_second_model(
    results: str, names: list[str], wanted: list[str], tmp_path: Path
) -> None:
    """A best estimator beside the results of a search does not count, if one other model does."""
    (tmp_path / results).write_text("params\n")
    found = without_best([tmp_path / name for name in names])
    assert [model.name for model in found] == wanted
