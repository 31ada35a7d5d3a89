"""The matrix of subjects and topics."""

from __future__ import annotations

from meta_tests.report.sample_results import results
from mlflow_conformance.report.matrix import SIGNS, matrix
from mlflow_conformance.report.results import RESULTS, run_document


def test_a_cell_says_the_worst_result_and_counts_all() -> None:
    """A cell shows its worst result by sign, number and word, and tells all of them in words."""
    rows = matrix(run_document(results()).plain)
    one, two = ({cell.topic: cell for cell in row.cells if cell} for row in rows)
    assert one["signature"].shown == "✕ 1 broken"
    assert one["flavors"].shown == "✓ 1 kept"
    assert two["signature"].shown == "○ 1 of 2 not checked"
    assert two["signature"].in_words == "1 not checked, 1 known deviation"
    assert [row.results for row in rows] == ["broken|kept", "error|not checked|known deviation"]
    assert [row.promises for row in rows] == [2, 3]


def test_where_nothing_is_promised_there_is_no_cell() -> None:
    """A subject without a promise of a topic has no cell."""
    rows = matrix(run_document(results(1)).plain)
    assert rows[2].cells[0] is None
    assert rows[2].cells[1] is not None


def test_every_result_has_a_sign_of_its_own() -> None:
    """Results are told apart without colours."""
    assert set(SIGNS) == set(RESULTS)
    assert len(set(SIGNS.values())) == len(RESULTS)
