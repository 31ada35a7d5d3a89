"""Mutants of the run tree: a run is missing, too much, or logs something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from conformance import test_run_tree as run_tree
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught
from mlflow_conformance.catalogue.details import Logs, StatedRun
from mlflow_conformance.stores.records import PARENT, RUN_NAME, Run

FRAME = "infer-frame"
STATED = (
    StatedRun("search", 1, Logs(), (StatedRun("C=*", 2, Logs(params=("C",), metrics=("auc",))),)),
)


def tree(*more: Run, without: str = "", **changes: Any) -> Callable[[Bench], None]:
    """Return an edit after which the store has a search with two children, and ``more`` runs.

    The child ``without`` is left out, and ``changes`` are made to the last child.
    """

    def edit(bench: Bench) -> None:
        top = named(RUN, "search", None)
        children = [
            replace(named(RUN, name, "search"), params={"C": "1"}, metrics={"auc": 0.5})
            for name in ("C=1", "C=10")
            if name != without
        ]
        children[-1] = replace(children[-1], **changes)
        runs = (top, *children, *more)
        mode = replace(bench.model.mode, runs=STATED)
        store = SimpleNamespace(runs=lambda: runs, path=bench.model.store.path)
        bench.model = replace(bench.model, mode=mode, store=cast(Any, store))

    return edit


def named(run: Run, name: str, parent: str | None) -> Run:
    """Return a run with another name and parent; its id is its name."""
    tags = {RUN_NAME: name, **({PARENT: parent} if parent else {})}
    return replace(run, run_id=name, tags=tags, params={}, metrics={})


RUN = Run(
    run_id="one",
    experiment="Default",
    status="FINISHED",
    start_time=1,
    end_time=2,
    params={},
    metrics={},
    tags={},
    artifact_directory=cast(Any, None),
    artifacts=(),
)
LOGS = "what runs log and should not, or lack\n  found: "
MUTANTS = tuple(
    Mutant(name, FRAME, owner, break_, message, prepare=tree())
    for name, owner, break_, message in (
        (
            "a-child-is-missing",
            run_tree.test_runs_are_the_promised_tree,
            tree(without="C=10"),
            r"found: C=\* at search: 1 runs, should be 2\n",
        ),
        (
            "a-child-is-too-much",
            run_tree.test_runs_are_the_promised_tree,
            tree(named(RUN, "another", "search")),
            r"found: another at search is too much\n",
        ),
        (
            "a-child-is-at-the-top",
            run_tree.test_runs_are_the_promised_tree,
            tree(tags={RUN_NAME: "C=10"}),
            r"found: C=\* at search: 1 runs, should be 2, C=10 at the top is too much\n",
        ),
        (
            "a-child-logs-no-metric",
            run_tree.test_each_run_logs_what_it_promises,
            tree(metrics={}),
            LOGS + r"C=10 lacks the metric auc\n",
        ),
        (
            "a-child-logs-a-parameter-more",
            run_tree.test_each_run_logs_what_it_promises,
            tree(params={"C": "1", "tol": "2"}),
            LOGS + r"C=10 has the parameter tol\n",
        ),
    )
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A run that is not as stated fails the check that owns it."""
    require_caught(mutant, bench)
