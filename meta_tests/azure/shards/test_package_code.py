"""Tests of ``azure.shards.package_code``: a job gets what its check imports, and no more."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from mlflow_conformance.azure.preflight.script_packages import imported_packages
from mlflow_conformance.azure.shards import package_code
from mlflow_conformance.azure.shards.package_code import SCRIPT, needed_modules, write_package
from mlflow_conformance.existing.check_options import CheckOptions
from mlflow_conformance.existing.registry import ExistingModel
from mlflow_conformance.existing.shard_job import ShardRequest
from mlflow_conformance.processes import fork_server
from mlflow_conformance.support import run_module

# MLflow needs all of them, so every environment with MLflow has them.
OF_MLFLOW = {"cloudpickle", "numpy", "packaging", "pandas", "pyyaml", "scikit-learn"}
MLFLOW = {"mlflow", "mlflow-skinny", "mlflow-tracing"}


def test_a_job_needs_mlflow_and_nothing_else(tmp_path: Path) -> None:
    """Neither pytest nor the SDK is imported, so the job's environment is that of any script."""
    write_package(tmp_path)
    packages = imported_packages(tmp_path.rglob("*.py"))
    assert packages - MLFLOW <= OF_MLFLOW | {"tomli"}, packages
    rooms = {name.split(".")[1] for name in needed_modules() if "." in name}
    assert not rooms & {"azure", "rehearsal", "pytest_plugin", "upgrade", "targets", "command"}


def test_modules_that_are_started_by_name_are_there() -> None:
    """The interpreter that loads models is started by the name of its module."""
    assert {fork_server.__name__, run_module.__name__} <= set(needed_modules())
    assert "mlflow_conformance" in needed_modules()


def test_an_import_of_an_import_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Imports inside of functions count, too; those of other packages do not."""
    package = tmp_path / "suite"
    files = {
        "__init__.py": "",
        "a.py": "def f():\n    from suite.low.b import g\n    import os, json\n",
        "low/__init__.py": "",
        "low/b.py": "from suite import c\n",
        "low/unused.py": "import suite.a\n",
        "c.py": "from other.suite import x\nfrom . import low\n",
    }
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    monkeypatch.setattr(package_code, "PACKAGE", package)
    assert sorted(needed_modules("suite.a")) == [
        *("suite", "suite.a", "suite.c", "suite.low", "suite.low.b"),
    ]


def test_the_copy_checks_models_without_the_suite(tmp_path: Path) -> None:
    """The script checks a folder in a Python that cannot import the suite's own package."""
    code, model = tmp_path / "code", tmp_path / "model"
    model.mkdir()
    (model / "MLmodel").write_text("flavors: {}\n")
    code.mkdir()
    write_package(code)
    request = ShardRequest((ExistingModel("models:/a/1", str(model)),), CheckOptions())
    request.write(code / "request.json")
    command = [sys.executable, "-P", "-c", "import sys, runpy; sys.path.insert(0, ''); "]
    command[-1] += f"sys.argv = ['{SCRIPT}', 'request.json', 'outputs'];"
    command[-1] += f" runpy.run_path('{SCRIPT}', run_name='__main__')"
    done = subprocess.run(
        command, cwd=code, env={"MLFLOW_TRACKING_URI": "x"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    header, line = (code / "outputs" / "models.jsonl").read_text().splitlines()
    assert '"versions": ["Python ' in header
    assert '"name": "models:/a/1"' in line


def test_an_old_python_is_told() -> None:
    """The script can be read by any Python 3, and names the version that it needs first."""
    tree = ast.parse(package_code.SOURCE, feature_version=(3, 7))
    first, second, third = tree.body[1:4]
    assert isinstance(first, ast.Import)
    assert isinstance(second, ast.If)
    assert isinstance(third, ast.ImportFrom)
    assert "3.10 or newer" in ast.unparse(second)
