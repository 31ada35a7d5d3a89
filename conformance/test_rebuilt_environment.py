"""The environment that a model describes is enough to score it."""

from __future__ import annotations

import pytest

from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.assertions import require
from mlflow_conformance.promises.predictions import require_same_predictions
from mlflow_conformance.promises.rebuilt_environment import RebuiltEnvironments
from mlflow_conformance.promises.reference import Reference


@pytest.mark.package_index
@pytest.mark.applies_to(target="local", flavor="python_function")
@pytest.mark.usefixtures("scorable")
def test_environment_built_from_the_model_scores_it(
    model: ModelUnderTest, reference: Reference, rebuilt_environments: RebuiltEnvironments
) -> None:
    """An environment built from the model's own files alone can score it (L17)."""
    scored = rebuilt_environments.score(model)
    require(
        "error" not in scored,
        f"{model.directory} cannot be scored in its own environment:\n{scored.get('error')}",
    )
    require_same_predictions(
        scored["predictions"],
        reference.predictions,
        where=f"{model.directory}, in an environment built from its own files",
    )
