"""Tests of ``command.arguments`` and ``command.pytest_run``: the suite's arguments and pytest's."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.command import pytest_run
from mlflow_conformance.command.arguments import MissingRequirement, split_with
from mlflow_conformance.command.pytest_run import pytest_arguments
from mlflow_conformance.pytest_plugin import PLUGINS
from mlflow_conformance.support.paths import CONFORMANCE, ROOT

SERVING = str(CONFORMANCE / "test_serving.py")


@pytest.mark.parametrize(
    ("given", "requirements", "others"),
    [
        (["-m", "local"], [], ["-m", "local"]),
        (["--with", "mlflow==3.17.2", "-x"], ["mlflow==3.17.2"], ["-x"]),
        (["--with=pandas<3", "--with", "mlflow>3"], ["pandas<3", "mlflow>3"], []),
        (["draft", "a.py", "--", "--with", "b"], [], ["draft", "a.py", "--", "--with", "b"]),
        (["--without", "x"], [], ["--without", "x"]),
    ],
)
def test_with_is_taken_out(given: list[str], requirements: list[str], others: list[str]) -> None:
    """``--with`` and its value are taken out; what follows ``--`` is the script's."""
    assert split_with(given) == (requirements, others)


@pytest.mark.parametrize("given", [["--with"], ["--with="], ["--with", "-m", "local"]])
def test_with_needs_a_requirement(given: list[str]) -> None:
    """``--with`` without a value is an error with an example."""
    with pytest.raises(MissingRequirement, match=r"^--with: name a requirement, such as mlflow=="):
        split_with(given)


def test_the_settings_are_the_suite_s() -> None:
    """Settings and plugins are the suite's, and no conftest.py of the user's project is loaded."""
    found = pytest_arguments(["-m", "local"])
    assert found[:4] == ["-c", str(ROOT / "pytest.ini"), "--rootdir", str(ROOT)]
    assert "--noconftest" in found
    assert [word for word in found if word in PLUGINS] == list(PLUGINS)
    assert found[-2:] == ["-m", "local"]


def test_an_installed_suite_caches_in_the_user_s_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pytest's cache is in the project, not beside the installed suite."""
    monkeypatch.setattr(pytest_run, "IS_INSTALLED", True)
    monkeypatch.setattr(pytest_run, "kept_folder", lambda: tmp_path)
    assert f"cache_dir={tmp_path / 'pytest_cache'}" in pytest_arguments([])


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["test_serving.py"], [SERVING]),
        (["conformance/test_serving.py::test_ping_answers"], [f"{SERVING}::test_ping_answers"]),
        (["test_of_theirs.py"], ["test_of_theirs.py"]),
        (["-k", "serving"], ["-k", "serving"]),
        (["--catalogue", "a b.yaml"], ["--catalogue=a b.yaml"]),
        (
            ["--draft-catalogue", "a.py", "--", "b"],
            ["--draft-catalogue=a.py", "--draft-argument=b"],
        ),
    ],
)
def test_arguments_reach_pytest(
    given: list[str], found: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test file is found in the suite, and a path stays with its option."""
    monkeypatch.chdir(tmp_path)
    assert pytest_arguments(given)[-len(found) :] == found


def test_a_test_file_of_the_user_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that exists is taken as it is named."""
    (tmp_path / "test_serving.py").write_text("")
    monkeypatch.chdir(tmp_path)
    assert pytest_arguments(["test_serving.py"])[-1] == "test_serving.py"
