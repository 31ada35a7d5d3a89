"""Tests the control of cross-checks: what fails with both sides alike is no change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mlflow_conformance.upgrade.crossings import client_server, load_models, store_upgrade
from mlflow_conformance.upgrade.crossings.client_server import ClientAndServer
from mlflow_conformance.upgrade.crossings.control import Crossed, controlled
from mlflow_conformance.upgrade.crossings.load_models import Direction, Failure, SharedModel
from mlflow_conformance.upgrade.profile.differences import Difference
from mlflow_conformance.upgrade.profile.fact_texts import (
    CARRIED_OVER,
    LOADS,
    LOGS,
    NEW_CLIENT,
    OLD_CLIENT,
    OLD_MODEL,
    OPENS,
    SCORES,
    SERVES,
    STORE,
    WAY_BACK,
    WORKS,
)
from mlflow_conformance.upgrade.runs.recorded_release import RecordedRelease, failed_step

ALIKE = "fails with the same release on both sides, too, which is no change"


def release(name: str, *modes: str) -> RecordedRelease:
    """Return a release that logged a model in each mode."""
    run = SimpleNamespace(name=name, started=SimpleNamespace(launcher=None))
    fake = SimpleNamespace(
        run=run,
        works=f"{WORKS} under {name}",
        models=dict.fromkeys(modes, Path()),
        catalogue=SimpleNamespace(modes=[SimpleNamespace(name=mode) for mode in modes]),
    )
    return cast(RecordedRelease, fake)


OLD, NEW = release("MLflow 2", "a", "b", "c"), release("MLflow 3", "a", "b", "c")


def failing(mode: str, step: str) -> Difference:
    """Return the difference of an old model's step that fails."""
    return failed_step(mode, OLD_MODEL, step, WORKS, "no")


@pytest.mark.parametrize(
    ("step", "in_control", "is_change"),
    [
        (LOADS, None, True),
        (LOADS, LOADS, False),
        (SCORES, LOADS, False),
        (SERVES, SCORES, False),
        (LOADS, SERVES, True),
        (SCORES, SERVES, True),
    ],
)
def test_a_step_that_the_control_fails_or_does_not_reach_is_no_change(
    step: str, in_control: str | None, *, is_change: bool
) -> None:
    """A later failure of the control says nothing about an earlier one."""
    control = [failing("a", in_control)] if in_control else []
    crossed = controlled([failing("a", step)], [*control, failing("b", LOADS)])
    assert bool(crossed.differences) is is_change
    assert crossed.lines == (() if is_change else (f"{OLD_MODEL}: {ALIKE}: a",))


def test_what_a_store_loses_anyhow_is_no_change() -> None:
    """The same loss, or refusal, with one release is none of the other's."""
    lost, kept = (Difference((STORE, CARRIED_OVER, name), 1, 2) for name in ("x", "y"))
    back = Difference((STORE, WAY_BACK, OPENS), WORKS, "no")
    crossed = controlled([lost, kept, back], [lost, back])
    assert crossed.differences == (kept,)
    assert crossed.lines == (f"{CARRIED_OVER}: {ALIKE}: x", f"{WAY_BACK}: {ALIKE}: {OPENS}")


def test_models_are_tried_under_their_own_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only those that fail are tried again; what fails there, too, is not told."""
    models = tuple(SharedModel((mode,)) for mode in "abc")
    tried: list[tuple[str, str, str]] = []

    def load(direction: Direction, parallel: int) -> tuple[Failure, ...]:
        found = []
        for model in direction.models():
            tried.append((direction.writer.run.name, direction.reader.run.name, model.name))
            is_crossed = direction.reader is not direction.writer
            if model.name == "a" or (model.name == "b" and is_crossed and direction.writer is OLD):
                found.append(Failure(direction, model, LOADS, "no"))
        return tuple(found)

    monkeypatch.setattr(load_models, "load", load)
    monkeypatch.setattr(load_models, "serve", lambda trials, parallel: [None for _ in trials])
    monkeypatch.setattr(load_models, "content", lambda folder: "")
    monkeypatch.setattr(Direction, "models", lambda self: self.only or models)
    crossed = load_models.cross_load(OLD, NEW, parallel=2)
    assert [(d.mode, d.path[-2]) for d in crossed.differences] == [("b", OLD_MODEL)]
    assert len(crossed.lines) == 2
    controls = [each for each in tried if each[0] == each[1]]
    assert sorted(controls) == [
        ("MLflow 2", "MLflow 2", "a"),
        ("MLflow 2", "MLflow 2", "b"),
        ("MLflow 3", "MLflow 3", "a"),
    ]


def test_scripts_are_tried_at_a_server_of_their_own_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A script that logs to no server at all is no matter of the other release."""

    def failures(directions: Sequence[ClientAndServer], *_: object) -> list[Difference]:
        return [
            direction.failed(mode.name, "no")
            for direction in directions
            for mode in direction.modes
            if mode.name == "a" or (direction.kind == NEW_CLIENT and direction.server is OLD)
        ]

    monkeypatch.setattr(client_server, "_failures", failures)
    crossed = client_server.cross_servers(OLD, NEW, parallel=2, timeout=1.0)
    assert [(d.mode, d.path[-2:]) for d in crossed.differences] == [
        ("b", (NEW_CLIENT, LOGS)),
        ("c", (NEW_CLIENT, LOGS)),
    ]
    assert crossed.lines == (f"{NEW_CLIENT}: {ALIKE}: a", f"{OLD_CLIENT}: {ALIKE}: a")


@pytest.mark.parametrize("is_lossy", [True, False])
def test_a_store_is_tried_with_the_old_release_alone(
    monkeypatch: pytest.MonkeyPatch, *, is_lossy: bool
) -> None:
    """The control has a store of its own, and is not run if nothing was lost."""
    stores: list[tuple[str, str]] = []
    lost = [Difference((STORE, CARRIED_OVER, "x"), 1, 2)] if is_lossy else []

    def store_of(old: Any, new: Any) -> Any:
        stores.append((old.run.name, new.run.name))
        return None

    monkeypatch.setattr(store_upgrade, "sqlite_store", store_of)
    monkeypatch.setattr(store_upgrade, "_failures", lambda *_: lost)
    crossed = store_upgrade.cross_stores(OLD, NEW, parallel=1)
    assert crossed.differences == ()
    assert crossed == (Crossed((), (f"{CARRIED_OVER}: {ALIKE}: x",)) if is_lossy else Crossed())
    alone = [("MLflow 2", "MLflow 2")] if is_lossy else []
    assert stores == [("MLflow 2", "MLflow 3"), *alone]
