"""Models that exist already: what is found in their folders, of which nothing is executed.

The findings are those of ``mlflow-conformance model``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest

from mlflow_conformance.existing.findings import Finding
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require

pytestmark = pytest.mark.applies_to(target="existing", needs="files")

Findings = tuple[Finding, ...]
# The names of checks. The first two are about places outside of the model's folder.
PATHS = ("files", "paths")
EXAMPLE = "example"
# Promises about MLmodel and about the environment files say what is wrong with these.
SAID_ELSEWHERE = ("MLmodel", "environment")


def test_loading_it_runs_no_program(findings: Findings) -> None:
    """What loading a model executes is what models need, and no program (MLflow: models)."""
    _require_none(_of(findings, "unsafe", but=PATHS), "what makes it unsafe to load the model")


def test_nothing_leads_out_of_its_folder(findings: Findings) -> None:
    """A model is a folder of plain files that leads to nothing outside of it (MLflow: models)."""
    found = [finding for finding in _of(findings, "unsafe") if finding.check in PATHS]
    _require_none(found, "what leads out of the model's folder, or is no plain file")


@pytest.mark.usefixtures("model")
def test_model_is_whole(findings: Findings) -> None:
    """A model's folder has all that ``MLmodel`` names, undamaged (MLflow: models)."""
    damaged = _of(findings, "damaged", but=(EXAMPLE, *SAID_ELSEWHERE))
    _require_none(damaged, "what is damaged in the model")


@pytest.mark.usefixtures("model")
def test_input_example_fits_the_signature(findings: Findings) -> None:
    """The input example can be read, and has the columns of the signature (MLflow: models)."""
    found = [finding for finding in findings if finding.check == EXAMPLE]
    _require_none(found, "what is wrong with the input example")


def test_what_it_needs_is_installed(
    findings: Findings, model: ModelUnderTest, record_property: Any
) -> None:
    """All that loading a model needs is installed here (MLflow: dependencies)."""
    for finding in _of(findings, "doubtful"):
        record_property("hazard", f"{model.mode.name}: {_told(finding)}")
    _require_none(_of(findings, "lacking"), "what the model needs and is not here")


def _of(findings: Findings, level: str, but: Collection[str] = ()) -> list[Finding]:
    return [each for each in findings if each.level == level and each.check not in but]


def _require_none(found: Iterable[Finding], what: str) -> None:
    __tracebackhide__ = True
    told = [_told(finding) for finding in found]
    # The first one stands in the line that tells the cause.
    require(not told, "\n  ".join([f"{what}: {'; '.join(told[:1])}", *told[1:]]))


def _told(finding: Finding) -> str:
    where = f" ({finding.where})" if finding.where else ""
    way_out = f"; {finding.way_out}" if finding.way_out else ""
    return f"{finding.what}{where}{way_out}"
