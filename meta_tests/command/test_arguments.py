"""Tests of ``command.arguments`` and ``command.pytest_run``: the suite's arguments and pytest's."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_conformance.command import pytest_run
from mlflow_conformance.command.arguments import WrongArguments, split_with
from mlflow_conformance.command.pytest_run import pytest_arguments
from mlflow_conformance.pytest_plugin import after_plugins, early_options
from mlflow_conformance.support.paths import ROOT


@pytest.mark.parametrize(
    ("given", "requirements", "others"),
    [
        (["-m", "local"], [], ["-m", "local"]),
        (["--with", "mlflow==3.17.2", "-x"], ["mlflow==3.17.2"], ["-x"]),
        (["--with=pandas<3", "--with", "mlflow>3"], ["pandas<3", "mlflow>3"], []),
        (["draft", "a.py", "--", "--with", "b"], [], ["draft", "a.py", "--", "--with", "b"]),
        (["--without", "x"], [], ["--without", "x"]),
        (["gate", "3.17.2", "--with", "a==1"], [], ["gate", "3.17.2", "--with", "a==1"]),
        (["--with", "a==1", "gate", "3.1.4"], ["a==1"], ["gate", "3.1.4"]),
    ],
)
def test_with_is_taken_out(given: list[str], requirements: list[str], others: list[str]) -> None:
    """``--with`` is taken out; what follows ``--`` is the script's, and ``gate`` has its own."""
    assert split_with(given) == (requirements, others)


@pytest.mark.parametrize("given", [["--with"], ["--with="], ["--with", "-m", "local"]])
def test_with_needs_a_requirement(given: list[str]) -> None:
    """``--with`` without a value is an error with an example."""
    with pytest.raises(WrongArguments, match=r"^--with: name a requirement, such as mlflow=="):
        split_with(given)


@pytest.mark.parametrize("given", ["mlflow 3.17.2", "==3", "no/such.whl", "mlflow=3.17.2"])
def test_with_names_a_requirement_or_what_is_there(given: str) -> None:
    """What no installer can take is a mistake, told before anything is built."""
    with pytest.raises(WrongArguments, match=r"^--with '.*': is neither a requirement, such as"):
        split_with(["--with", given])


def test_with_takes_a_path_and_a_url(tmp_path: Path) -> None:
    """A folder that is there, and a URL, are left to the installer."""
    given = [str(tmp_path), "git+https://example.org/mlflow", "mlflow @ file:///x.whl"]
    assert split_with([word for path in given for word in ("--with", path)]) == (given, [])


def test_the_settings_are_the_suite_s() -> None:
    """Settings and plugins are the suite's, and no conftest.py of the user's project is loaded."""
    found = pytest_arguments(["-m", "local"])
    assert found[:4] == ["-c", str(ROOT / "pytest.ini"), "--rootdir", str(ROOT)]
    assert "--noconftest" in found
    plugins = [word for word in found if word.startswith("mlflow_conformance.")]
    assert plugins == [early_options.__name__, after_plugins.__name__]
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
        (["-k", "serving", "test_serving.py"], ["-k", "serving", "test_serving.py"]),
        (["--catalogue", "a b.yaml"], ["--catalogue=a b.yaml"]),
        (
            ["--draft-catalogue", "a.py", "--", "b"],
            ["--draft-catalogue=a.py", "--draft-argument=b"],
        ),
    ],
)
def test_arguments_reach_pytest(given: list[str], found: list[str]) -> None:
    """All arguments are pytest's, and a path stays with its option."""
    assert pytest_arguments(given)[-len(found) :] == found


def test_a_cache_in_the_working_directory_stays_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative ``cache_dir`` is in the working directory, not beside the suite."""
    monkeypatch.chdir(tmp_path)
    assert pytest_arguments(["-o", "cache_dir=x"])[-1] == f"cache_dir={tmp_path / 'x'}"


def test_without_a_cache_none_is_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With ``-p no:cacheprovider``, pytest does not know the setting of the cache."""
    monkeypatch.setattr(pytest_run, "IS_INSTALLED", True)
    monkeypatch.setattr(pytest_run, "kept_folder", lambda: tmp_path)
    for given in (["-p", "no:cacheprovider"], ["-pno:cacheprovider"]):
        assert not [word for word in pytest_arguments(given) if "cache_dir" in word]
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:cacheprovider")
    assert not [word for word in pytest_arguments([]) if "cache_dir" in word]


@pytest.mark.parametrize("given", [["-c", "a.ini"], ["--rootdir=."], ["--rootdir", "."]])
def test_the_settings_cannot_be_replaced(given: list[str]) -> None:
    """Another configuration or root would change the ids that known deviations are about."""
    with pytest.raises(WrongArguments, match=r"^(-c|--rootdir).*: not possible, the suite has"):
        pytest_arguments(given)
