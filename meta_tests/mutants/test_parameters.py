"""Mutants of inference parameters: they are not used, or refused, as they should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance import test_parameters as parameters
from meta_tests.mutants.harness import PARAMETERS, Bench, Mutant, each, require_caught

FRAME = "infer-frame"


@dataclass(frozen=True)
class WithParameters:
    """A model with the parameter ``threshold``; ``changed`` may break what it answers."""

    predictions: np.ndarray[Any, Any]
    changed: Callable[[dict[str, Any], np.ndarray[Any, Any]], Any] = lambda params, found: found
    refuses: str = "can not convert 'many' to the type of threshold"

    def predict(self, rows: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the predictions, or refuse text for a number."""
        if self.refuses and "many" in (params or {}).values():
            raise ValueError(self.refuses)
        return self.changed(params or {}, self.predictions)


def answering(
    changed: Callable[[dict[str, Any], np.ndarray[Any, Any]], Any] = lambda params, found: found,
    refuses: str = WithParameters.refuses,
) -> Callable[[Bench], None]:
    """Return an edit that replaces the model by one with a parameter."""

    def edit(bench: Bench) -> None:
        bench.pyfunc = WithParameters(bench.reference.predictions, changed, refuses)

    return edit


def wrong_with(name: str) -> Callable[[dict[str, Any], np.ndarray[Any, Any]], Any]:
    """Return a change of the predictions if a parameter of this name is given."""
    return lambda params, found: 1 - found if any(name in key for key in params) else found


def no_defaults(params: dict[str, Any], found: np.ndarray[Any, Any]) -> Any:
    """Predict otherwise if parameters are given at all."""
    return 1 - found


MUTANTS = (
    Mutant(
        "defaults-change-predictions",
        FRAME,
        parameters.test_defaults_are_used,
        answering(no_defaults),
        r"^3000 of 3000 predictions differ\n",
        prepare=answering(),
    ),
    Mutant(
        "another-value-is-not-used",
        FRAME,
        parameters.test_other_values_reach_the_object,
        answering(wrong_with("threshold")),
        rf"^3000 of 3000 predictions differ\n(.*\n)+  where: .*params={PARAMETERS}",
        prepare=answering(),
    ),
    Mutant(
        "an-unknown-parameter-is-used",
        FRAME,
        parameters.test_unknown_parameters_are_ignored,
        answering(wrong_with("no_parameter")),
        r"^3000 of 3000 predictions differ\n",
        prepare=answering(),
    ),
    Mutant(
        "text-for-a-number-is-accepted",
        FRAME,
        parameters.test_values_of_another_type_are_refused,
        answering(refuses=""),
        r"^params=\{'threshold': 'many'\}: should be refused, was accepted$",
        prepare=answering(),
    ),
    Mutant(
        "the-refusal-names-no-parameter",
        FRAME,
        parameters.test_values_of_another_type_are_refused,
        answering(refuses="something is wrong"),
        r"the error should name 'threshold': something is wrong$",
        prepare=answering(),
    ),
)


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A model that mistreats parameters fails the check that owns it."""
    require_caught(mutant, bench)
