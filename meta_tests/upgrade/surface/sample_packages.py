"""Small packages named mlflow, written to a folder as an installer would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from mlflow_conformance.upgrade.surface.read_surface import read_surface
from mlflow_conformance.upgrade.surface.surface import Surface

METADATA = """\
Metadata-Version: 2.1
Name: mlflow
Version: 1.0
Requires-Python: >=3.9
Requires-Dist: pandas<3,>=1
Requires-Dist: mlflow-skinny==1.0
Requires-Dist: boto3>1; extra == "extras"
Requires-Dist: waitress<4; platform_system == "Windows"
"""


def write_package(folder: Path, files: Mapping[str, str]) -> Path:
    """Write modules by their path below ``mlflow``, and the metadata; return the folder."""
    for name, text in {"__init__.py": "", **files}.items():
        path = folder / "mlflow" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    for parent in (folder / "mlflow").rglob("*.py"):
        (parent.parent / "__init__.py").touch()
    metadata = folder / "mlflow-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir(exist_ok=True)
    metadata.write_text(METADATA, encoding="utf-8")
    return folder


def surface(folder: Path, files: Mapping[str, str], release: str = "1.0") -> Surface:
    """Return the surface of a package with these modules."""
    return read_surface(write_package(folder / release, files), release)
