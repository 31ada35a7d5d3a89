"""Tests of ``azure.preflight.job_environment`` and ``script_packages``."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from mlflow_conformance.azure.errors import AzureMisconfigured, AzureUnreachable
from mlflow_conformance.azure.preflight import resolver as uv_resolver
from mlflow_conformance.azure.preflight.job_environment import (
    changed_versions,
    conda_file,
    newest_mlflow,
    resolve,
    with_version,
)
from mlflow_conformance.azure.preflight.resolver import Resolver
from mlflow_conformance.azure.preflight.script_packages import imported_packages, installed_packages
from mlflow_conformance.azure.records import JobEnvironment
from mlflow_conformance.support.paths import ROOT

IMAGE = "example/image"
UV = """#!{python}
import sys
from pathlib import Path

arguments = sys.argv[1:]
requested, pinned = Path(arguments[3]), Path(arguments[5])
wanted = requested.read_text()
{body}
"""
ANSWERS = """
if wanted == "azureml-mlflow":
    pinned.write_text("azureml-mlflow==1.62.0\\n")
else:
    pinned.write_text({pins!r})
"""


@pytest.fixture
def fake_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the fake uv."""
    file = tmp_path / "uv"
    monkeypatch.setattr(uv_resolver, "uv", lambda: str(file))
    return file


def write_uv(file: Path, body: str) -> None:
    """Write the fake uv; ``body`` can use ``wanted`` and ``pinned``."""
    file.write_text(UV.format(python=sys.executable, body=body))
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def refusal(kind: type[Exception], mlflow: str = "3.15.0", python: str = "3.11") -> str:
    """Return the error message of resolving, which must be one line."""
    with pytest.raises(kind) as refused:
        resolve(mlflow, IMAGE, (), Resolver(python, {}, os.environ))
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_plugin_that_was_replaced_is_noticed(fake_uv: Path) -> None:
    """A plugin version other than the newest raises ``AzureMisconfigured``."""
    pins = "mlflow==3.15.0\nazureml-mlflow==1.60.0\n"
    write_uv(fake_uv, ANSWERS.format(pins=pins))
    assert refusal(AzureMisconfigured) == (
        "uv resolved azureml-mlflow 1.60.0, should be 1.62.0;"
        " check uv's overrides and constraints (UV_OVERRIDE, UV_CONSTRAINT)"
    )


def test_an_index_that_does_not_answer_is_trouble_of_the_run(fake_uv: Path) -> None:
    """Another exit code of uv raises ``AzureUnreachable``; secrets in URLs are redacted."""
    write_uv(
        fake_uv,
        "print('error: Failed: https://me:hunter2@index/\\n cause: refused', file=sys.stderr)\n"
        "sys.exit(2)",
    )
    assert refusal(AzureUnreachable) == (
        "the jobs' environment cannot be resolved: uv: Failed: https://***@index/ cause: refused"
    )


def test_being_offline_is_trouble_of_the_run(fake_uv: Path) -> None:
    """A missing solution because of a disabled network raises ``AzureUnreachable``."""
    write_uv(
        fake_uv,
        "print('error: No solution: hint: the network was disabled', file=sys.stderr)\nsys.exit(1)",
    )
    assert "cannot be resolved: uv: No solution" in refusal(AzureUnreachable)


def test_uv_runs_with_the_variables_it_is_given(
    fake_uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables of this process, which may select a rehearsal's proxy, are not passed to uv."""
    monkeypatch.setenv("HTTPS_PROXY", "http://rehearsal")
    write_uv(fake_uv, "import os; print(sorted(os.environ), file=sys.stderr); sys.exit(2)")
    with pytest.raises(AzureUnreachable) as refused:
        resolve("3.15.0", IMAGE, (), Resolver("3.11", {}, {"INDEX": "here"}))
    assert "'INDEX'" in str(refused.value)
    assert "HTTPS_PROXY" not in str(refused.value)


def test_a_silent_index_is_waited_for_so_long(
    fake_uv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Resolving has a timeout."""
    monkeypatch.setattr(uv_resolver, "RESOLVING_SECONDS", 1.0)
    write_uv(fake_uv, "import time; time.sleep(30)")
    assert "was not resolved in 1 s" in refusal(AzureUnreachable)


def test_without_uv_the_line_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If uv is not installed, the message says how to install it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert refusal(AzureMisconfigured) == (
        "the jobs' environment is resolved with uv: uv is not on the path;"
        " install it with: pip install uv"
    )


def test_the_conda_file_pins_everything() -> None:
    """The conda file has Python from conda and pinned packages from the package index."""
    environment = JobEnvironment("n", "1", IMAGE, "3.11", {"pandas": "2.3.3", "mlflow": "3.15.0"})
    assert yaml.safe_load(conda_file(environment)) == {
        "name": "n",
        "channels": ["conda-forge"],
        "dependencies": ["python=3.11", "pip", {"pip": ["mlflow==3.15.0", "pandas==2.3.3"]}],
    }


def test_the_version_is_that_of_the_contents() -> None:
    """Equal contents have equal versions, and different contents have different ones."""
    environment = with_version(JobEnvironment("n", "", IMAGE, "3.11", {"mlflow": "3.15.0"}))
    assert with_version(replace(environment, version="other")) == environment
    others = (
        replace(environment, image="other"),
        replace(environment, python="3.12"),
        replace(environment, packages={"mlflow": "3.15.1"}),
    )
    versions = {with_version(other).version for other in others}
    assert len(versions | {environment.version}) == 4


def test_what_moved_is_both_here_and_there() -> None:
    """Packages in only one environment, or with equivalent versions, are not listed."""
    environment = JobEnvironment(
        "n", "1", IMAGE, "3.11", {"a": "2", "b": "1.0", "c": "1", "odd": "1"}
    )
    here = {"a": "1", "b": "1", "d": "1", "odd": "not a version"}
    assert changed_versions(environment, here) == {"a": ("1", "2"), "odd": ("not a version", "1")}


def test_scripts_say_what_they_import(tmp_path: Path) -> None:
    """Imports of installed packages are found at any level; modules of the folder are not."""
    (tmp_path / "script.py").write_text(
        "import json, yaml\nimport helper\nfrom . import sibling\n"
        "def later():\n    from sklearn.linear_model import LinearRegression\n"
        "try:\n    import not_installed_anywhere\nexcept ImportError:\n    pass\n"
    )
    (tmp_path / "helper.py").write_text("import pandas as pd\n")
    (tmp_path / "broken.py").write_text("import (\n")
    assert imported_packages(tmp_path.glob("*.py")) == {"pyyaml", "scikit-learn", "pandas"}


@pytest.mark.package_index
def test_the_newest_mlflow_of_the_plugin_is_named() -> None:
    """For an MLflow newer than the plugin allows, the message names the newest allowed one."""
    here = installed_packages()
    message = refusal(AzureMisconfigured, mlflow="3.17.2")
    assert message == (
        "MLflow 3.17.2 does not run in a workspace: its plugin, azureml-mlflow 1.62.0.post6 (the"
        " newest), allows MLflow up to 3.15.0; use --job-mlflow auto, the newest with which this"
        " workspace can log models"
    )
    resolver = Resolver("3.11", here, os.environ)
    found = newest_mlflow("", (), resolver)
    assert found == "3.15.0"
    environment = resolve(found, IMAGE, (), resolver)
    assert environment.packages["mlflow"] == found
    assert environment.packages["azureml-mlflow"] == "1.62.0.post6"


@pytest.mark.package_index
@pytest.mark.parametrize("mlflow", ["2.22.5", "2.8.1"])
def test_an_older_mlflow_resolves_with_the_packages_from_here(mlflow: str) -> None:
    """Installed packages keep their versions if possible; both MLflow packages agree."""
    here = installed_packages()
    resolver = Resolver("3.11", here, os.environ)
    packages = imported_packages(ROOT.glob("training/*.py"))
    environment = resolve(mlflow, IMAGE, packages, resolver)
    assert environment.packages["mlflow"] == environment.packages["mlflow-skinny"] == mlflow
    assert environment.packages["azureml-mlflow"] == "1.62.0.post6"
    assert environment.packages["scikit-learn"] == here["scikit-learn"]
    assert "pandas" in changed_versions(environment, here)
    assert environment == resolve(mlflow, IMAGE, (), resolver)


@pytest.mark.package_index
def test_an_mlflow_that_does_not_exist_is_named() -> None:
    """For an unknown MLflow release, the message contains uv's reason."""
    message = refusal(AzureMisconfigured, mlflow="99.0")
    assert message.startswith(
        "MLflow 99.0 is not available for Python 3.11 (Because there is no version"
    )
    assert message.endswith(
        "; use --job-mlflow auto, the newest with which this workspace can log models"
    )


@pytest.mark.package_index
def test_the_newest_of_some_versions_resolves_with_the_packages_from_here() -> None:
    """Packages from here that only old releases allow do not make the version old."""
    resolver = Resolver("3.11", installed_packages(), os.environ)
    packages = imported_packages(ROOT.glob("training/*.py"))
    found = newest_mlflow(">=2,<3", packages, resolver)
    assert found == "2.22.5"
    assert resolve(found, IMAGE, packages, resolver).packages["mlflow"] == found


@pytest.mark.package_index
def test_versions_of_which_none_resolves_are_named() -> None:
    """If no version resolves, the message has uv's reason and the option."""
    with pytest.raises(AzureMisconfigured) as refused:
        newest_mlflow(">=2,<2.0.1,!=2.0.0", (), Resolver("3.11", {}, os.environ))
    message = str(refused.value)
    assert message.startswith("no environment for jobs with mlflow>=2,<2.0.1,!=2.0.0 and azureml-")
    assert message.endswith("; name another version with --job-mlflow")
    assert "\n" not in message


@pytest.mark.package_index
def test_a_package_that_is_on_no_index_is_named() -> None:
    """A package that is on no index is named in the message."""
    unknown = "mlflow-logging-conformance-of-ones-own"
    with pytest.raises(AzureMisconfigured) as refused:
        resolve("3.15.0", IMAGE, [unknown], Resolver("3.11", {}, os.environ))
    assert "no environment for jobs on Python 3.11: " in str(refused.value)
    assert f"{unknown} was not found" in str(refused.value)
