"""Tests ``compare --no-probes``: only what the recorded scripts do is judged."""

from __future__ import annotations

import pytest

from mlflow_conformance.upgrade import compare

PAIR = ("3.4.0", "3.5.1")
CALLS = "calls of MLflow about limits, types, URIs and errors"


def test_without_probes_a_pair_that_breaks_nothing_else_is_safe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """They are then not looked at, and the report says so."""
    assert compare.main([*PAIR]) == 1
    assert "probe-raises" in capsys.readouterr().out
    assert compare.main([*PAIR, "--no-probes"]) == 0
    said = capsys.readouterr().out
    assert "probe-" not in said
    (unseen,) = [line for line in said.splitlines() if line.startswith("not looked at: ")]
    assert CALLS in unseen
