"""Tests of the way out if there is no model where the user says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from mlflow_conformance.existing.references import read_reference
from mlflow_conformance.existing.registry import Registry, RegistryTrouble
from mlflow_conformance.support.yaml_entry import ConfigurationError

STORE = "name the store that has it: --tracking-uri URI"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> MlflowClient:
    """A registry with ``churn``, which has seven versions and an alias, and two other models."""
    client = MlflowClient(f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db")
    for name in ("churn", "empty", "risk"):
        client.create_registered_model(name)
    for _ in range(7):
        client.create_model_version("churn", source="/nowhere")
    client.create_model_version("risk", source="/nowhere")
    client.set_registered_model_alias("churn", "champion", "2")
    return client


CHURN = "it has versions 7, 6, 5, 4, 3 and 2 older ones, and the alias @champion"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("models:/churn/9", f"Model Version (name=churn, version=9) not found; {CHURN}"),
        ("models:/churn@winner", f"Registered model alias winner not found; {CHURN}"),
        ("models:/churn/Production", f"there is no version; {CHURN}"),
        ("models:/risk/2", "Model Version (name=risk, version=2) not found; it has version 1"),
        ("models:/empty", f"there is no version; it has no versions; {STORE}"),
        ("models:/chrun", f"there is no version; the registry has churn and 2 more; or {STORE}"),
        ("models:/x*", f"such a name; the registry has churn, empty, risk; or {STORE}"),
        ("runs:/0123/model", f"Run with id=0123 not found; {STORE}"),
    ],
)
def test_what_is_there_is_offered(text: str, told: str, client: MlflowClient) -> None:
    """One line names what was not found, and versions, aliases or names that there are."""
    registry = Registry(None, client=client)
    with pytest.raises(RegistryTrouble) as caught:
        list(registry.find([read_reference(text, Path())]))
    message = str(caught.value)
    assert message.startswith(f"'{text}': ")
    assert message.endswith(told)
    assert "\n" not in message


def test_a_large_registry_is_read_page_by_page(tmp_path: Path) -> None:
    """A name and the number of names are right beyond MLflow's page of a hundred models."""
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    for number in range(120):
        client.create_registered_model(f"model-{number:03}")
    client.create_model_version("model-119", source="/nowhere")
    messages = []
    for text in ("models:/model-119/2", "models:/zebra/1"):
        with pytest.raises(RegistryTrouble) as caught:
            list(Registry(None, client=client).find([read_reference(text, Path())]))
        messages.append(str(caught.value))
    assert messages[0].endswith("not found; it has version 1")
    assert f"model-004 and 115 more; or {STORE}" in messages[1]


def test_an_empty_registry_is_told(tmp_path: Path) -> None:
    """The store may be the wrong one."""
    registry = Registry(None, client=MlflowClient(f"sqlite:///{tmp_path}/mlflow.db"))
    with pytest.raises(RegistryTrouble, match=f"the registry is empty; {STORE}$"):
        list(registry.find([read_reference("models:/*", Path())]))


def test_the_first_error_stays_if_there_is_no_telling(tmp_path: Path) -> None:
    """A store that cannot be searched does not hide what was wrong."""

    class NotFound(Exception):
        error_code = "RESOURCE_DOES_NOT_EXIST"

    class Client:
        def get_model_version(self, *_: Any) -> Any:
            raise NotFound("no such version")

    with pytest.raises(RegistryTrouble, match=f"no such version; {STORE}$"):
        list(Registry(None, client=Client()).find([read_reference("models:/churn/1", tmp_path)]))


@pytest.mark.parametrize("text", ["models://churn/1", "models:///churn/1", "models://churn"])
def test_a_slash_too_many_is_told(text: str, tmp_path: Path) -> None:
    """The way out is the reference as MLflow writes it."""
    name = text.removeprefix("models:").lstrip("/")
    with pytest.raises(
        ConfigurationError, match=f"one slash follows models: name 'models:/{name}'$"
    ):
        read_reference(text, tmp_path)


def test_a_folder_of_models_names_them(tmp_path: Path) -> None:
    """It is no model; some that are below are named, as the user can name them."""
    for number in range(5):
        model = tmp_path / "kept" / str(number) / "artifacts"
        model.mkdir(parents=True)
        (model / "MLmodel").touch()
    (tmp_path / "kept" / "link").symlink_to(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        read_reference("kept", tmp_path)
    named = ", ".join(f"'kept/{number}/artifacts'" for number in range(3))
    assert str(caught.value) == f"'kept': has no MLmodel; name a model below it: {named} and 2 more"


def test_a_folder_without_any_is_looked_at(tmp_path: Path) -> None:
    """What is damaged gets its verdict, also if its MLmodel is lost."""
    assert read_reference(".", tmp_path).kind == "folder"
