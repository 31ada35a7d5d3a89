"""Tests of ``azure.shards.workspace_registry``: the models of a workspace, over REST."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from meta_tests.azure.client.fake_clients import PUBLIC
from meta_tests.azure.run.fake_workspace import ManualClock, retries
from meta_tests.azure.run.test_data_plane import URI, Credential
from mlflow_conformance.azure.client.data_plane import DataPlane
from mlflow_conformance.azure.client.request_errors import Answer, RequestFailed
from mlflow_conformance.azure.shards.workspace_registry import models_of
from mlflow_conformance.existing.references import read_reference
from mlflow_conformance.existing.registry import ExistingModel, Owner, RegistryTrouble

RUNS = "azureml://region/experiments/e/runs/r/artifacts/model"


def version(name: str, number: int, **more: Any) -> dict[str, Any]:
    """Return a version as the service does, with a source that no job is told."""
    return {"name": name, "version": str(number), "source": RUNS, **more}


CHURN = {"name": "churn", "tags": [{"key": "team", "value": "risk"}]}
ALIASED = {**CHURN, "aliases": [{"alias": "champion", "version": "2"}]}
VERSIONS = [
    version("churn", 2, current_stage="Production", user_id="ada", last_updated_timestamp=7),
    version("churn", 1, current_stage="None", tags=[{"key": "note", "value": "old"}]),
    version("risk", 1),
]


class Service:
    """Answers questions to a registry; a search has two versions on a page."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.plane = DataPlane(URI, Credential(), PUBLIC.scope, retries(ManualClock()))
        self.asked: list[str] = []
        monkeypatch.setattr(self.plane, "_document", self._document)

    def _document(self, what: str, address: str) -> Any:
        path = address.partition("/api/2.0/mlflow/")[2].partition("?")[0]
        query = {key: value[0] for key, value in parse_qs(urlparse(address).query).items()}
        self.asked.append(f"{path} {query}")
        answers: dict[str, Any] = {
            "registered-models/search": {"registered_models": [ALIASED, {"name": "risk"}]},
            "registered-models/alias": {"model_version": VERSIONS[0]},
            "model-versions/get": {"model_version": VERSIONS[1]},
            "logged-models/m-0123456789abcdef": {"model": {"info": {"artifact_uri": RUNS}}},
            "runs/get": {"run": {}},
        }
        if path == "model-versions/search":
            found = [v for v in VERSIONS if query.get("filter", v["name"]).find(v["name"]) >= 0]
            start = int(query.get("page_token", 0))
            more = {"next_page_token": str(start + 2)} if len(found) > start + 2 else {}
            return {"model_versions": found[start : start + 2], **more}
        if path not in answers:
            answer = Answer("HTTP 404: not found", is_transient=False, status=404)
            raise RequestFailed("asking the registry: HTTP 404", answer)
        return answers[path]

    def models(self, *texts: str) -> list[ExistingModel]:
        """Return the models that references name."""
        return models_of(self.plane, [read_reference(text, Path()) for text in texts])


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    """A registry with three versions."""
    return Service(monkeypatch)


def test_a_whole_registry_is_listed_page_by_page(service: Service) -> None:
    """Each version is one model, with its owner; a job downloads it by its name."""
    second, first, risk = service.models("models:/*", "models:/churn")
    assert second == ExistingModel(
        "models:/churn/2",
        "models:/churn/2",
        Owner({"team": "risk"}, ("champion",), "Production", "ada", 7),
    )
    assert first.owner == Owner({"note": "old", "team": "risk"})
    assert (risk.name, risk.place) == ("models:/risk/1", "models:/risk/1")
    assert "model-versions/search {'max_results': '100', 'page_token': '2'}" in service.asked
    query = {"max_results": "100", "filter": "name='churn'"}
    assert f"model-versions/search {query}" in service.asked


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("models:/churn/1", "models:/churn/1", "models:/churn/1"),
        ("models:/churn@champion", "models:/churn/2", "models:/churn/2"),
        ("models:/churn/latest", "models:/churn/2", "models:/churn/2"),
        ("models:/churn/production", "models:/churn/2", "models:/churn/2"),
        ("models:/m-0123456789abcdef", "models:/m-0123456789abcdef", RUNS),
        ("runs:/0a1b/model", "runs:/0a1b/model", "runs:/0a1b/model"),
    ],
)
def test_one_model_is_named_in_every_form(
    service: Service, text: str, name: str, place: str
) -> None:
    """Versions, stages, aliases, runs and logged models are found as in any other registry."""
    (found,) = service.models(text)
    assert (found.name, found.place) == (name, place)


def test_a_registry_that_refuses_is_an_error_in_one_line(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the service answers is told with the reference, and what is not there as well."""
    failed = RequestFailed("asking the registry: HTTP 403", Answer("403", is_transient=False))

    def refuse(what: str, address: str) -> Any:
        raise failed

    monkeypatch.setattr(service.plane, "_document", refuse)
    with pytest.raises(RegistryTrouble, match=r"^'models:/\*': asking the registry: HTTP 403$"):
        service.models("models:/*")


def test_no_version_is_an_error(service: Service) -> None:
    """A name that nothing has is told before any job is submitted."""
    with pytest.raises(RegistryTrouble) as caught:
        service.models("models:/nothing")
    assert str(caught.value) == (
        "'models:/nothing': there is no version; the registry has churn, risk;"
        " or name the workspace that has it: --workspace NAME"
    )
