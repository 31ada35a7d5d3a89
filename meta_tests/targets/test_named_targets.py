"""Which targets the values of ``--target`` name, and which values are refused."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mlflow_conformance.targets import registry
from mlflow_conformance.targets.run_identity import WORKER_IDENTITY
from mlflow_conformance.targets.server import any as any_target
from mlflow_conformance.targets.server.any import open_target
from mlflow_conformance.targets.server.target import ServerTarget


@pytest.mark.parametrize(
    ("value", "name", "variant"),
    [
        ("sqlite", "sqlite", ""),
        ("server", "server", ""),
        ("server@2.22.5", "server@2.22.5", "2.22.5"),
        ("http://host:5000", "uri", "http://host:5000"),
        ("https://host/a@b", "uri", "https://host/a@b"),
        ("databricks", "uri", "databricks"),
        ("databricks://profile", "uri", "databricks://profile"),
        ("plugin://place", "uri", "plugin://place"),
    ],
)
def test_a_value_names_a_target(value: str, name: str, variant: str) -> None:
    """A target has a name, perhaps a release after ``@``; anything else is a tracking URI."""
    found = registry.named(value)
    assert (found.name, found.variant) == (name, variant)


@pytest.mark.parametrize("value", ["", "srv", "uri", "azure", "file@2.8.1", "server@", "host:5000"])
def test_a_value_that_names_no_target_is_refused(value: str) -> None:
    """The message lists what is possible."""
    with pytest.raises(
        ValueError, match=r"sqlite, .*server@VERSION, postgres@VERSION, all, or a URI such as http"
    ):
        registry.named(value)


def test_a_condition_can_name_a_target_with_or_without_its_release() -> None:
    """``target: server`` is about servers of all releases, ``local`` about all stores here."""
    assert registry.kinds("server@2.22.5") == ("server@2.22.5", "server", "local")
    assert registry.kinds("sqlite") == ("sqlite", "sqlite", "local")


def opened(uri: str, experiment: str | None = None, **option: Any) -> ServerTarget:
    """Return the target of a URI in a run with two options."""
    options = {"--keep": False, "--experiment": experiment}
    config = SimpleNamespace(getoption=options.get, workerinput={WORKER_IDENTITY: "ab12"})
    return open_target(cast(pytest.Config, config), uri)


@pytest.mark.parametrize("uri", ["http://me:hush@host", "https://me@host", "https://:hush@host:1"])
def test_credentials_in_a_uri_are_refused_and_not_shown(uri: str) -> None:
    """Other users of the machine see a command line."""
    with pytest.raises(pytest.UsageError, match="MLFLOW_TRACKING_PASSWORD") as refused:
        opened(uri)
    assert "hush" not in str(refused.value)


def test_a_uri_without_a_host_is_refused() -> None:
    """The message says what a URI looks like."""
    with pytest.raises(pytest.UsageError, match=r"http://: has no host, such as http://HOST:5000"):
        opened("http://")


@pytest.mark.parametrize("uri", ["http://host/?token=hush", "http://host:1#hush"])
def test_a_query_in_a_uri_is_refused_and_not_shown(uri: str) -> None:
    """It could only be a secret: tracking servers have none."""
    with pytest.raises(pytest.UsageError, match="has no query: set MLFLOW_TRACKING_TOKEN") as said:
        opened(uri)
    assert "hush" not in str(said.value)


@pytest.mark.parametrize("port", ["0", "65536", "x"])
def test_an_impossible_port_is_refused(port: str) -> None:
    """The message says what a port is."""
    with pytest.raises(pytest.UsageError, match="the port should be a number from 1 to 65535"):
        opened(f"http://host:{port}")


@pytest.mark.parametrize("uri", ["ftp://host", "mlflow://host", "htpp://host"])
def test_an_unknown_scheme_is_refused_before_anything_runs(uri: str) -> None:
    """The message names the schemes that are known here."""
    with pytest.raises(pytest.UsageError, match=r"no store is known for \w+:, only for .*https"):
        opened(uri)


def test_the_scheme_of_a_store_plugin_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plugins register their schemes as entry points."""
    plugin = EntryPoint("own+x", "own:Store", "mlflow.tracking_store")
    monkeypatch.setattr(any_target, "entry_points", lambda group: [plugin])
    assert opened("own+y://place").experiments


@pytest.mark.parametrize(
    ("uri", "experiment", "beginning"),
    [
        ("http://host", None, "mlflow-conformance-ab12-"),
        ("http://host", "team", "team-ab12-"),
        ("databricks", None, "/Shared/mlflow-conformance-ab12-"),
        ("databricks://profile", "/Users/me/x", "/Users/me/x-ab12-"),
    ],
)
def test_experiments_have_a_name_of_their_own(
    uri: str, experiment: str | None, beginning: str
) -> None:
    """All processes of a run use the same names, and no other run does."""
    assert opened(uri, experiment).experiments == beginning
