"""Jobs for the tests of the rehearsal: as little as a test needs, in an empty environment."""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path
from typing import Any

END_SECONDS = 180.0
# A job that ends well without having run anything: it needs no environment.
WITHOUT_RUNNING = {"complete_without_model": True}
ENDED = ("Completed", "Failed", "Canceled")
IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
CONDA = {
    "name": "empty",
    "channels": ["conda-forge"],
    "dependencies": [f"python={sys.version_info.major}.{sys.version_info.minor}"],
}
# What an MLflow model needs to be registered, and a file whose every byte can be compared.
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
    """Return a name that nothing in the workspace has."""
    return f"{kind}-{uuid.uuid4().hex[:12]}"


def environment(name: str, version: str | None = "1", **changes: Any) -> Any:
    """Return an environment with nothing but Python."""
    from azure.ai.ml.entities import Environment

    settings = {"image": IMAGE, "conda_file": CONDA, **changes}
    return Environment(name=name, version=version, **settings)


def submit(ml_client: Any, compute: str, folder: Path | None = None, **changes: Any) -> Any:
    """Submit a job, of a folder with ``script.py`` or of none, and return it."""
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
    """Write the folder of a job's code and return it."""
    folder.mkdir()
    (folder / "script.py").write_text(text)
    return folder


def await_end(ml_client: Any, name: str) -> Any:
    """Return a job when it has ended."""
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        job = ml_client.jobs.get(name)
        if job.status in ENDED:
            return job
        time.sleep(0.2)
    raise TimeoutError(f"{name} is still {job.status} after {END_SECONDS:g} s")
