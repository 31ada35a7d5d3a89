"""Mutants of the rebuilt environment: the model cannot be scored in it, or scores differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance import test_rebuilt_environment as rebuilt
from meta_tests.mutants.harness import Bench, FakeEnvironments, Mutant, each, require_caught
from mlflow_conformance.model.environment_files import REBUILT_FROM

FRAME = "infer-frame"


def rebuilt_answer(
    change: Callable[[dict[str, Any]], Mapping[str, Any]],
) -> Callable[[Bench], None]:
    """Return an edit of the result of scoring the model in its rebuilt environment."""

    def edit(bench: Bench) -> None:
        scored = dict(change(bench.rebuilt_environments.score(bench.model)))
        bench.rebuilt_environments = FakeEnvironments(bench.folder, REBUILT_FROM[0], scored)

    return edit


MUTANTS = (
    Mutant(
        "own-environment-lacks-something",
        FRAME,
        rebuilt.test_environment_built_from_the_model_scores_it,
        rebuilt_answer(lambda scored: {"error": "ModuleNotFoundError: No module named 'sklearn'"}),
        r"cannot be scored in its own environment:\nModuleNotFoundError: No module named 'sklearn'",
    ),
    Mutant(
        "own-environment-scores-wrong",
        FRAME,
        rebuilt.test_environment_built_from_the_model_scores_it,
        rebuilt_answer(lambda scored: {**scored, "predictions": 1 - scored["predictions"]}),
        r"^(\d+) of \1 predictions differ\n(.*\n)*  where: .*built from its own files",
    ),
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A wrong answer from the rebuilt environment fails its check."""
    require_caught(mutant, bench)
