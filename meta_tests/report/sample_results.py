"""A run with every kind of result, and as many more checks as a test wants."""

from __future__ import annotations

from mlflow_conformance.report.results import (
    BROKEN,
    DEVIATION,
    ERROR,
    KEPT,
    UNCHECKED,
    Check,
    ReportedCause,
    Requirement,
    RunResults,
    Subject,
)

SIGNATURE, FLAVORS = (
    "conformance/test_signature.py::test_inputs",
    "conformance/test_flavors.py::test_f",
)
MLMODEL = "flavors:\n  sklearn:\n    code: null\nmlflow_version: 3.17.2\n"
FOUND = (
    "signature.inputs\n  found: tensor-based\n  should be: column-based\n  where: /home/ann/MLmodel"
)
# Text that must not become markup.
MARKUP = "</script><script>window.attacked = 1</script><img src=x onerror=alert(1)>"


def results(more: int = 0) -> RunResults:
    """Return the results of a run; ``more`` kept checks are added, for subjects of their own."""
    requirements = (
        Requirement(SIGNATURE, "signature", "Inputs are as promised.", "MLflow: signatures"),
        Requirement(FLAVORS, "flavors", f"Flavors are as promised {MARKUP}", "L3"),
    )
    checks = (
        Check(SIGNATURE, "one-sqlite", "", BROKEN, "inputs differ", FOUND, 0.25),
        Check(FLAVORS, "one-sqlite", "", KEPT),
        Check(SIGNATURE, "two-sqlite", "wide", DEVIATION, "known since long", "found: x"),
        Check(FLAVORS, "two-sqlite", "", ERROR, "error of the run: disk full", "disk full"),
        Check(SIGNATURE, "two-sqlite", MARKUP, UNCHECKED, f"no model {MARKUP}"),
        *(
            Check(FLAVORS, f"more-{number % 40}-sqlite", str(number), KEPT)
            for number in range(more)
        ),
    )
    subjects = (
        Subject("one-sqlite", "logged a model", seconds=1.5, mlmodel=MLMODEL),
        Subject("two-sqlite", "logged a model", "", 2.0, MLMODEL.replace("3.17.2", "2.22.5"), 3),
        *(Subject(f"more-{number}-sqlite", "logged a model") for number in range(min(more, 40))),
    )
    return RunResults(
        last_line="all: 4 of 5 promises checked, 1 failed",
        exit_code=1,
        began="2026-01-02T03:04:05+00:00",
        seconds=61.5,
        header=("under test: mlflow 3.17.2",),
        not_looked_at=("not selected: 40 of 42 modes",),
        causes=(ReportedCause("one-sqlite: inputs differ (1 promise: 1 failed)", "state it"),),
        requirements=requirements,
        subjects=subjects,
        checks=checks,
        hazards=("one: columns are not named",),
    )
