"""Tests of the requests to Azure's inference server: what is scored has what is refused, too."""

from __future__ import annotations

import pytest

from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.promises.deployment_requests import input_forms, refused_requests
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE

SIGNED = [m for m in read_catalogue(DEFAULT_CATALOGUE).modes if m.signature is not None]


@pytest.mark.parametrize("name", [mode.name for mode in SIGNED])
def test_a_signature_with_a_documented_form_has_requests_that_are_refused(name: str) -> None:
    """Otherwise a server would "live on" after nothing; without a form there are none."""
    (schema,) = [mode.signature.inputs for mode in SIGNED if mode.name == name and mode.signature]
    names = [request.name for request in refused_requests(schema)]
    assert bool(names) == bool(input_forms(schema))
    assert len(names) == len(set(names))
