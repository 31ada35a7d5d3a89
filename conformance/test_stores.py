"""Every store gets the same model, and a store that is refused is refused with an error."""

from __future__ import annotations

import pytest

from mlflow_conformance.model.model_under_test import ModelUnderTest, logged_files
from mlflow_conformance.promises.assertions import require, require_none
from mlflow_conformance.promises.same_model import require_same_mlmodel
from mlflow_conformance.runner.outcome import CRASHED, Outcome
from mlflow_conformance.stores.file_store import ALLOWED

# A pickled function of a script contains the script's path.
SIZE = "model_size_bytes"


# With several stores, what only depends on the model is checked at the first one: its contract, its
# parameters, and serving. That it is the same model elsewhere is promised here.
@pytest.mark.applies_to(has_other_store=True)
def test_mlmodel_is_the_same_at_every_store(
    model: ModelUnderTest, at_first_target: ModelUnderTest
) -> None:
    """The store changes nothing in ``MLmodel`` but the identity (MLflow: tracking)."""
    require_same_mlmodel(model, at_first_target, leaving_out=[SIZE])


@pytest.mark.applies_to(has_other_store=True)
def test_files_are_the_same_at_every_store(
    model: ModelUnderTest, at_first_target: ModelUnderTest
) -> None:
    """The store adds no file to a model, and loses none (MLflow: tracking)."""
    mine, others = (set(logged_files(m.directory)) for m in (model, at_first_target))
    first = at_first_target.outcome.target
    lost = sorted(str(file) for file in others - mine)
    require_none(lost, what=f"files that only {first} has", where=model.directory)
    added = sorted(str(file) for file in mine - others)
    require_none(added, what=f"files that {first} has not", where=model.directory)


@pytest.mark.applies_to(target="file-unallowed")
def test_file_store_is_used_or_refused(outcome: Outcome) -> None:
    """A release uses a file store, or says how to allow it: never nothing (MLflow: tracking)."""
    is_refused = outcome.verdict == CRASHED and ALLOWED in outcome.message
    require(
        outcome.has_model or is_refused,
        f"{outcome.mode}: should log a model, or end with an error that names {ALLOWED};"
        f" {outcome.message}",
    )
