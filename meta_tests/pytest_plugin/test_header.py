"""The header of the report: what is under test, which settings influence it, and no secrets."""

from __future__ import annotations

import dataclasses
import os
import platform
from pathlib import Path

import pytest

from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.environments.hermetic import hermetic_environment, is_scrubbed, replace
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.pytest_plugin.header import redacted, report_header
from mlflow_conformance.pytest_plugin.options import Settings
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE
from mlflow_conformance.support.run_folder import RunFolder

CATALOGUE = read_catalogue(DEFAULT_CATALOGUE)
SETTINGS = Settings(CATALOGUE, CATALOGUE.modes[:2], 1.0)
SECRET = "hunter2"  # noqa: S105


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("MLFLOW_TRACKING_TOKEN", SECRET, "***"),
        ("MLFLOW_TRACKING_PASSWORD", SECRET, "***"),
        ("UV_INDEX_LAB_PASSWORD", SECRET, "***"),
        ("DATABRICKS_CLIENT_SECRET", SECRET, "***"),
        ("AZUREML_RUN_TOKEN", SECRET, "***"),
        ("AZUREML_SAS", SECRET, "***"),
        ("MLFLOW_ACCOUNT_KEY", SECRET, "***"),
        ("mlflow_token", SECRET, "***"),
        ("MLFLOW_TRACKING_AUTH", f"Bearer {SECRET}", "***"),
        ("MLFLOW_DB_PWD", SECRET, "***"),
        ("MLFLOW_TRACKING_URI", f"https://me:{SECRET}@host/path", "https://***@host/path"),
        ("MLFLOW_TRACKING_URI", f"https://{SECRET}@host", "https://***@host"),
        ("MLFLOW_TRACKING_URI", f"https://me:a@{SECRET}@host", "https://***@host"),
        ("MLFLOW_TRACKING_URI", f"https://me:a/{SECRET}@host", "https://***@host"),
        ("MLFLOW_TRACKING_URI", f"postgresql+x://me:{SECRET}@h:5/db", "postgresql+x://***@h:5/db"),
        ("HTTP_PROXY", f"me:{SECRET}@proxy:3128", "***@proxy:3128"),
        ("HTTPS_PROXY", f"http://me:{SECRET}@proxy:3128", "http://***@proxy:3128"),
        ("UV_EXTRA_INDEX_URL", f"https://a:{SECRET}@h/s https://b:{SECRET}@h", "https://***@h/s"),
        ("UV_INDEX", f"lab=https://me:{SECRET}@host/simple", "lab=https://***@host/simple"),
        ("MLFLOW_ARTIFACTS", f"https://h/c?sv=2020&sig={SECRET}&se=1", "https://h/c?***&***&***"),
        (
            "MLFLOW_STORE",
            f"Protocol=https;AccountKey={SECRET}==;Suffix=x",
            "Protocol=https;***;***",
        ),
    ],
)
def test_secrets_are_taken_out(name: str, value: str, shown: str) -> None:
    """Tokens, passwords, signatures and keys are removed from any variable."""
    found = redacted(name, value)
    assert SECRET not in found
    assert found.startswith(shown)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MLFLOW_TRACKING_URI", "https://host:5000/path"),
        ("MLFLOW_TRACKING_URI", "sqlite:////var/mlflow.db"),
        ("MLFLOW_EXPERIMENT_NAME", "lab, first try"),
        ("PYTHONPATH", "/a:/b"),
        ("PYTEST_ADDOPTS", "-n 2 -k 'not test_x'"),
    ],
)
def test_what_is_no_secret_is_shown(name: str, value: str) -> None:
    """A value without a secret is shown unchanged."""
    assert redacted(name, value) == value


def test_the_head_says_what_is_under_test() -> None:
    """The header names Python, the packages, the catalogue, the modes and the data."""
    head = report_header(SETTINGS, {})
    assert len(head) == 4
    assert f"Python {platform.python_version()}, mlflow {installed('mlflow')}, " in head[0]
    assert head[1].startswith("also here: ")
    names = ", ".join(mode.name for mode in CATALOGUE.modes[:2])
    assert head[2].endswith(f"modes.yaml, modes: {names}")
    assert head[3].endswith("diabetes.csv")


def test_a_missing_package_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not installed is listed as missing."""
    monkeypatch.setattr("mlflow_conformance.pytest_plugin.header.installed", lambda name: None)
    head = report_header(SETTINGS, {})
    assert "mlflow MISSING" in head[0]
    assert head[1].startswith("also here: nothing (not here: azureml-mlflow")


def test_affecting_and_ignored_variables_are_told_apart() -> None:
    """Variables that influence the run are listed, and so are those that do not reach it."""
    caller = {
        "UV_OFFLINE": "1",
        "PYTEST_ADDOPTS": "-x",
        "PYTEST_CURRENT_TEST": "test_x",
        "MLFLOW_TRACKING_URI": f"https://me:{SECRET}@host",
        "AZUREML_RUN_ID": "7",
        "HOME": "/home/me",
        "http_proxy": "http://proxy",
    }
    head = report_header(SETTINGS, caller)
    affecting, ignored = head[4:]
    assert affecting == "steered by: PYTEST_ADDOPTS=-x, UV_OFFLINE=1, http_proxy=http://proxy"
    assert ignored == (
        "ignored, kept out of the run: AZUREML_RUN_ID=7, MLFLOW_TRACKING_URI=https://***@host"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\nb", "a\\nb"),
        ("a\r\x1b[31mb\x00", "a\\r\\x1b[31mb\\x00"),
        ("a\x85b\u2028c", "a\\x85b\\u2028c"),
        ("a\udcffb", "a\\udcffb"),
        ("Größe 1\\2", "Größe 1\\2"),
        (f"https://me:a\n{SECRET}@host", "https://***@host"),
    ],
)
def test_a_line_of_the_head_stays_one(value: str, shown: str) -> None:
    """A variable cannot break the line of the header, colour it or make it unprintable."""
    head = report_header(SETTINGS, {"UV_X": value, "UV_Y\n": "1", "MLFLOW_X": value})
    assert head[4:] == [
        f"steered by: UV_X={shown}, UV_Y\\n=1",
        f"ignored, kept out of the run: MLFLOW_X={shown}",
    ]


def test_a_path_in_the_head_stays_on_its_line() -> None:
    """The paths of the catalogue and the data may contain any character."""
    data, path = Path("/data\n.csv"), Path("/modes\x1b.yaml")
    catalogue = dataclasses.replace(CATALOGUE, path=path, training_data=data)
    head = report_header(Settings(catalogue, catalogue.modes[:1], 1.0), {})
    assert "modes\\x1b.yaml, modes: " in head[2]
    assert head[3].endswith("data\\n.csv")


@pytest.mark.parametrize(
    "name",
    [
        *("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "_MLFLOW_SERVING", "AZUREML_ARM_SUBSCRIPTION"),
        "DATABRICKS_HOST",
    ],
)
def test_what_steers_mlflow_is_kept_out(name: str, tmp_path: Path) -> None:
    """The caller's variables for MLflow and Azure ML do not reach the run."""
    found = hermetic_environment({name: "nonsense", "HOME": "/home/me"}, RunFolder(tmp_path))
    assert is_scrubbed(name)
    assert "nonsense" not in found.values()
    assert found["HOME"] == "/home/me"


def test_a_proxy_is_for_the_package_index_alone(tmp_path: Path) -> None:
    """The caller's proxy is kept, but is not used for the run's own servers."""
    found = hermetic_environment({"HTTPS_PROXY": "http://proxy"}, RunFolder(tmp_path))
    assert found["HTTPS_PROXY"] == "http://proxy"
    assert found["NO_PROXY"] == found["no_proxy"] == "127.0.0.1,localhost"


def test_a_caller_s_private_hosts_stay_private(tmp_path: Path) -> None:
    """The caller's ``no_proxy`` is kept: a workspace may have a private endpoint."""
    found = hermetic_environment({"no_proxy": ".privatelink.example"}, RunFolder(tmp_path))
    assert found["NO_PROXY"] == found["no_proxy"] == "127.0.0.1,localhost,.privatelink.example"


def test_what_a_run_writes_by_default_is_below_its_folder(tmp_path: Path) -> None:
    """Temporary files, the default store and caches are in the run's folder, which exists."""
    found = hermetic_environment(
        {"TMPDIR": "/elsewhere", "MPLCONFIGDIR": "/elsewhere"}, RunFolder(tmp_path)
    )
    for name in ("TMPDIR", "TEMP", "TMP"):
        assert Path(found[name]).is_dir()
        assert Path(found[name]).is_relative_to(tmp_path)
    for name in ("MPLCONFIGDIR", "HYPOTHESIS_STORAGE_DIRECTORY"):
        assert Path(found[name]).is_relative_to(tmp_path)
    assert found["MLFLOW_TRACKING_URI"] == f"sqlite:///{tmp_path.as_posix()}/unused.db"
    assert (found["MLFLOW_DISABLE_TELEMETRY"], found["DO_NOT_TRACK"]) == ("true", "true")


def test_the_run_s_own_programs_are_found_first(tmp_path: Path) -> None:
    """The folder of the running Python comes before the caller's ``PATH``."""
    found = hermetic_environment({"PATH": "/somewhere"}, RunFolder(tmp_path))["PATH"].split(
        os.pathsep
    )
    assert found[-1] == "/somewhere"
    assert (Path(found[0]) / "python").exists() or os.name == "nt"


def test_an_environment_is_replaced_whole() -> None:
    """Replacing an environment changes, adds and removes variables until both are equal."""
    environment = {"A": "1", "B": "2"}
    replace({"B": "3", "C": "4"}, environment)
    assert environment == {"B": "3", "C": "4"}
    replace({}, environment)
    assert environment == {}
