"""The plan of three promises of two modes and a test of the suite itself."""

from __future__ import annotations

from mlflow_conformance.pytest_plugin.plan import Missing, Planned
from mlflow_conformance.runner.sqlite_folder import NAME as SQLITE

ONE, TWO = "one-sqlite", "two-sqlite"
PLANNED = (
    Planned("test_a[one]", ONE, SQLITE, ("one",), serves=False),
    Planned("test_b[one]", ONE, SQLITE, ("one", "two"), serves=True),
    Planned("test_a[two]", TWO, SQLITE, ("two",), serves=False),
    Planned("test_of_the_suite", None, SQLITE, (), serves=False),
)
MISSING = Missing("test_c.py::test_c[one]", ONE, "-k")
