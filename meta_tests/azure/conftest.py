"""Fixtures for a shared rehearsal and the clients that use it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NoReturn

import pytest

from meta_tests.azure.rehearsal.control import Control
from meta_tests.azure.rehearsal.jobs import client_of, submit, wait_for_job, write_script
from mlflow_conformance.rehearsal.start import Rehearsal, rehearsal

NEEDED = ("azure-ai-ml", "azure-identity", "httpx", "starlette", "trustme", "uvicorn")


def _missing() -> list[str]:
    return [name for name in NEEDED if not _is_installed(name)]


def _is_installed(distribution: str) -> bool:
    try:
        return bool(version(distribution))
    except PackageNotFoundError:
        return False


class _Unavailable(pytest.Module):
    """A test module that is skipped, since its imports are not installed."""

    def collect(self) -> NoReturn:
        pytest.skip(
            f"without {', '.join(_missing())}: uv run --extra rehearsal pytest meta_tests",
            allow_module_level=True,
        )


def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> pytest.Module | None:
    """Skip the module, with the reason, if the extra is not installed."""
    return _Unavailable.from_parent(parent, path=module_path) if _missing() else None


@pytest.fixture(scope="session")
def rehearsal_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A rehearsal without logged models, shared by all tests of a process."""
    root = tmp_path_factory.mktemp("rehearsal")
    with rehearsal(root, os.environ, logged_models=False) as started:
        yield started


@pytest.fixture
def control(rehearsal_service: Rehearsal) -> Iterator[Control]:
    """The rehearsal's control; its rules are cleared before and after the test."""
    client = Control(rehearsal_service.control)
    client.clear()
    yield client
    client.clear()


@pytest.fixture
def rehearsed(rehearsal_service: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> Rehearsal:
    """The rehearsal, with the environment variables that redirect all clients to it."""
    for name, value in rehearsal_service.variables.items():
        monkeypatch.setenv(name, value)
    return rehearsal_service


@pytest.fixture
def ml_client(rehearsed: Rehearsal) -> Any:
    """An unmodified MLClient with an unmodified DefaultAzureCredential."""
    return client_of(rehearsed)


@pytest.fixture(scope="session")
def _finished() -> dict[str, str]:
    """A cache for the name of ``finished_job``."""
    return {}


@pytest.fixture
def finished_job(
    ml_client: Any, rehearsed: Rehearsal, _finished: dict[str, str], tmp_path: Path
) -> str:
    """The name of a completed job with a model in ``outputs/model``; shared by all tests."""
    if "name" not in _finished:
        folder = write_script(tmp_path / "finished")
        submitted = submit(ml_client, rehearsed.compute, folder)
        assert wait_for_job(ml_client, submitted.name).status == "Completed"
        _finished["name"] = submitted.name
    return _finished["name"]
