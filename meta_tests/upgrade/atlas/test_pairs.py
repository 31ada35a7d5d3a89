"""The verdicts on pairs are those of ``compare``."""

from __future__ import annotations

import pytest

from meta_tests.upgrade.atlas.sample_atlas import PAIRS
from mlflow_conformance.upgrade.atlas.pairs import Pair, upgrades, verdict_of, verdicts_of
from mlflow_conformance.upgrade.compare import compared


@pytest.mark.parametrize("pair", PAIRS)
def test_a_pair_has_the_verdict_of_compare(pair: Pair) -> None:
    """Headline, exit code, and all that the verdict shows, the gravest first."""
    found, wanted = verdict_of(pair), compared(*pair)
    assert (found.headline, found.exit_code) == (wanted.headline, wanted.exit_code)
    assert [block.name for block in found.blocks] == [b.subject.name for b in wanted.shown]
    assert [block.level for block in found.blocks] == [b.level for b in wanted.shown]
    told = sum(block.number for block in found.blocks) + found.notes
    assert told == len(wanted.findings)


def test_every_upgrade_is_a_pair() -> None:
    """From each release to every newer one."""
    assert upgrades("abc") == (("a", "b"), ("a", "c"), ("b", "c"))


def test_verdicts_come_in_the_order_of_their_pairs() -> None:
    """Whichever processor is ready first."""
    pairs = (("2.16.2", "3.1.4"), ("2.15.1", "2.16.2"))
    assert [(found.old, found.new) for found in verdicts_of(pairs)] == list(pairs)


def test_no_pairs_start_no_process() -> None:
    """Without pairs there are no verdicts."""
    assert list(verdicts_of(())) == []
