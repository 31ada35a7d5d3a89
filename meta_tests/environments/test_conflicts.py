"""Tests of ``environments.conflicts`` and ``broken_packages``: packages that do not fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlflow_conformance.environments.broken_packages import does_not_work
from mlflow_conformance.environments.conflicts import conflicts_of

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a distribution, as metadata alone."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(name: str, version: str, *requirements: str) -> None:
        folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        lines = [f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {line}" for line in requirements]
        (folder / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *lines, ""]))

    return installed


@pytest.mark.parametrize(
    ("requirement", "line"),
    [
        ("below-one", "main-one 1.0 requires below-one, which is not installed"),
        ("other_one<3", "main-one 1.0 requires other_one<3, but 3.1 is installed"),
        ("other-one>=3", ""),
        ("other-one>=3.1rc1", ""),
        ("below-one; python_version < '3'", ""),
        ("below-one; extra == 'more'", ""),
        ("not a requirement ~~", ""),
        ("other-one @ https://example.com/other-one.whl", ""),
    ],
)
def test_an_unmet_requirement_is_named(install: Install, requirement: str, line: str) -> None:
    """What is missing or has another version is one line; what does not apply here is none."""
    install("main-one", "1.0", requirement)
    install("other-one", "3.1")
    assert [*map(str, conflicts_of("Main_One"))] == ([line] if line else [])


def test_requirements_of_requirements_count(install: Install) -> None:
    """Packages that a package requires are looked at too, in a circle once, and asked extras."""
    install("main-one", "1.0", "other-one[more]")
    install("other-one", "3.1", "main-one", "gone; extra == 'more'", "gone2; extra == 'less'")
    (conflict,) = conflicts_of("main-one")
    assert str(conflict) == "other-one 3.1 requires gone, which is not installed"


def test_the_packages_under_test_fit() -> None:
    """The environment of the suite has no conflict, so its header has no such line."""
    assert conflicts_of("mlflow") == []


@pytest.mark.parametrize(
    ("output", "error"),
    [
        (
            "Traceback (most recent call last):\n  File\nImportError: no X\nmore\n",
            "ImportError: no X",
        ),
        ("killed", "killed"),
        ("", "no output"),
    ],
)
def test_a_broken_mlflow_is_one_line(output: str, error: str) -> None:
    """The message has the error and a way out."""
    (line,) = does_not_work("be imported", output).splitlines()
    assert line.startswith(
        f"MLflow cannot be imported with the packages that are installed: {error};"
    )
    assert line.endswith("install an older one, or the packages of its release date")
