"""Minimal jobs, with an environment that has only Python, for tests of the rehearsal."""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path
from typing import Any

from mlflow_conformance.rehearsal.start import Rehearsal

END_SECONDS = 180.0
# A job that completes without running its script; it needs no environment.
WITHOUT_RUNNING = {"complete_without_model": True}
ENDED = ("Completed", "Failed", "Canceled")
IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
CONDA = {
    "name": "empty",
    "channels": ["conda-forge"],
    "dependencies": [f"python={sys.version_info.major}.{sys.version_info.minor}"],
}
# Writes a model that can be registered, and a file to compare byte for byte.
SCRIPT = """\
from pathlib import Path

model = Path("outputs", "model")
model.mkdir(parents=True)
(model / "MLmodel").write_text(
    "flavors:\\n  python_function:\\n    loader_module: mlflow.sklearn\\n    env: {}\\n"
    "  sklearn:\\n    sklearn_version: 1.5.0\\n    code: null\\n"
)
(model / "data.bin").write_bytes(bytes(range(256)))
print("a line of the log")
"""


def unique(kind: str) -> str:
    """Return a unique name."""
    return f"{kind}-{uuid.uuid4().hex[:12]}"


def client_of(rehearsed: Rehearsal, **arguments: Any) -> Any:
    """Return an MLClient of a rehearsal, with an unmodified DefaultAzureCredential."""
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    return MLClient(
        DefaultAzureCredential(),
        subscription_id=rehearsed.subscription,
        resource_group_name=rehearsed.resource_group,
        workspace_name=rehearsed.workspace,
        **arguments,
    )


def environment(name: str, version: str | None = "1", **changes: Any) -> Any:
    """Return an environment with only Python."""
    from azure.ai.ml.entities import Environment

    settings = {"image": IMAGE, "conda_file": CONDA, **changes}
    return Environment(name=name, version=version, **settings)


def submit(ml_client: Any, compute: str, folder: Path | None = None, **changes: Any) -> Any:
    """Submit a job, which runs ``script.py`` of ``folder`` or the command ``true``."""
    from azure.ai.ml import command

    settings = {
        "name": unique("job"),
        "command": "python script.py" if folder else "true",
        "code": str(folder) if folder else None,
        "environment": ml_client.environments.create_or_update(environment("empty")),
        "compute": compute,
        **changes,
    }
    return ml_client.jobs.create_or_update(command(**settings))


def write_script(folder: Path, text: str = SCRIPT) -> Path:
    """Create a job's code folder with ``script.py`` and return it."""
    folder.mkdir()
    (folder / "script.py").write_text(text)
    return folder


def wait_for_job(ml_client: Any, name: str) -> Any:
    """Wait until a job has ended and return it."""
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        job = ml_client.jobs.get(name)
        if job.status in ENDED:
            return job
        time.sleep(0.2)
    raise TimeoutError(f"{name} is still {job.status} after {END_SECONDS:g} s")
