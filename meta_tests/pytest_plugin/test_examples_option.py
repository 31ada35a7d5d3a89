"""``--examples``: numbers that are taken, and one line for those that are not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mlflow_conformance.promises.properties.examples import Examples
from mlflow_conformance.pytest_plugin.examples_option import in_words, read_examples
from mlflow_conformance.targets.run_identity import WORKER_IDENTITY

TOPICS = ("mlflow",)


def config(number: int | None, seed: int | None = None) -> pytest.Config:
    """Return a configuration with these values of the options."""
    option = SimpleNamespace(examples=number, examples_seed=seed)

    def getoption(name: str) -> Any:
        return getattr(option, name.lstrip("-").replace("-", "_"))

    worker = {WORKER_IDENTITY: "00ff"}
    found = SimpleNamespace(option=option, getoption=getoption, workerinput=worker)
    return cast(pytest.Config, found)


def test_without_the_option_the_examples_are_the_same_in_every_run() -> None:
    """By default there is no seed, and the header says nothing."""
    examples = read_examples(config(None), ())
    assert examples == Examples()
    assert examples.seed is None
    assert in_words(examples) == []


def test_a_seed_is_chosen_and_told() -> None:
    """The seed is that of the run in all of xdist's workers, and the header tells it."""
    examples = read_examples(config(2000), TOPICS)
    assert examples == Examples(2000, 255)
    again = f"(--examples 2000 --examples-seed {examples.seed} for the same)"
    assert in_words(examples) == [f"examples: 2000 random ones for each property {again}"]


def test_a_given_seed_is_used() -> None:
    """A seed is used as it is."""
    assert read_examples(config(5, 0), TOPICS) == Examples(5, 0)


@pytest.mark.parametrize(
    ("number", "seed", "topics", "message"),
    [
        (0, None, TOPICS, r"^--examples: should be from 1 to 1000000, is 0$"),
        (10**7, None, TOPICS, r"^--examples: should be from 1 to 1000000, is 10000000$"),
        (5, -1, TOPICS, r"^--examples-seed: should be from 0 to 4294967295, is -1$"),
        (
            None,
            5,
            TOPICS,
            r"^--examples-seed: needs --examples NUMBER: without, nothing is random$",
        ),
        (5, None, (), r"^--examples: this run checks no promises about MLflow itself; with -m "),
    ],
    ids=["none", "too-many", "negative-seed", "seed-alone", "other-topic"],
)
def test_a_wrong_value_is_one_line(
    number: int | None, seed: int | None, topics: tuple[str, ...], message: str
) -> None:
    """A number that makes no sense is told in one line, with the option."""
    with pytest.raises(pytest.UsageError, match=message):
        read_examples(config(number, seed), topics)
