"""Runs are stated so that the same script makes them again."""

from __future__ import annotations

import pytest

from meta_tests.mutants.test_run_tree import RUN, named
from mlflow_conformance.catalogue.details import Logs, StatedRun
from mlflow_conformance.draft.not_statable import NotStatable
from mlflow_conformance.draft.stated_runs import stated_runs
from mlflow_conformance.promises.run_tree import RunNode


def node(name: str, *children: RunNode, metrics: tuple[str, ...] = ()) -> RunNode:
    """Return a run with children that logs these metrics."""
    run = named(RUN, name, None)
    return RunNode(type(run)(**{**vars(run), "metrics": dict.fromkeys(metrics, 1.0)}), children)


AUC = Logs(metrics=("auc",))


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ([node("search")], (StatedRun("search", 1, Logs()),)),
        (
            [node("search", *(node(f"C={c}", metrics=("auc",)) for c in (1, 10)))],
            (StatedRun("search", 1, Logs(), (StatedRun("C=*", 2, AUC),)),),
        ),
        ([node("fold"), node("fold")], (StatedRun("fold", 2, Logs()),)),
        ([node("luminous-dog-476")], (StatedRun("*", 1, Logs()),)),
        (
            [node("shy-cat-1"), node("best", metrics=("auc",))],
            (StatedRun("best", 1, AUC), StatedRun("*", 1, Logs())),
        ),
    ],
    ids=["one", "nested", "twice", "generated", "generated-and-named"],
)
def test_runs_are_stated_by_what_they_share(
    tree: list[RunNode], wanted: tuple[StatedRun, ...]
) -> None:
    """Runs that log the same are one entry; a generated name may be any."""
    assert stated_runs(tree) == wanted


def test_names_that_tell_nothing_apart_are_refused() -> None:
    """Two generated names that log different things cannot be stated."""
    with pytest.raises(NotStatable, match="do not tell apart"):
        stated_runs([node("shy-cat-1"), node("shy-dog-2", metrics=("auc",))])
