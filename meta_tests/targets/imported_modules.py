"""A pytest plugin (``-p``) that ends a run with the names of the suite's modules it imported."""

from __future__ import annotations

import sys

import pytest

LINE = "imported: "


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Print one line for each module."""
    for name in sorted(sys.modules):
        if name.partition(".")[0] == "mlflow_conformance":
            print(f"{LINE}{name}")
