"""Tests that the package is found under which a release cannot create a store."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlflow_conformance.environments.indexes import NO_INDEXES
from mlflow_conformance.upgrade.causes import working_packages
from mlflow_conformance.upgrade.causes.working_packages import (
    Unworkable,
    unworkable,
    version_of_its_day,
)

PACKAGES = {"sqlalchemy": "2.1.0", "setuptools": "82.0.0", "mlflow": "2.22.5"}
NO_POOL = "ImportError: cannot import name 'Pool' from 'sqlalchemy.pool'"


def of_error(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Unworkable | None:
    """Return what is found where a store's creation raises a line of Python."""
    script = folder / "create_store.py"
    script.write_text(line)
    monkeypatch.setattr(working_packages, "CREATE_STORE_SCRIPT", script)
    return unworkable(Path(sys.executable), PACKAGES)


@pytest.mark.parametrize(
    ("line", "name", "error"),
    [
        (
            f'raise ImportError("{NO_POOL[13:]} (/x/pool.py)")',
            "sqlalchemy",
            f"{NO_POOL} (/x/pool.py)",
        ),
        (
            "raise ModuleNotFoundError(\"No module named 'pkg_resources'\")",
            "setuptools",
            "ModuleNotFoundError: No module named 'pkg_resources'",
        ),
        (
            "raise AttributeError(\"module 'sqlalchemy.orm' has no attribute 'x'\")",
            "sqlalchemy",
            "AttributeError: module 'sqlalchemy.orm' has no attribute 'x'",
        ),
    ],
)
def test_the_package_of_an_import_error_is_found(
    line: str, name: str, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The module that the error names belongs to it."""
    found = of_error(line, tmp_path, monkeypatch)
    assert found == Unworkable(name, PACKAGES[name], error)


@pytest.mark.parametrize(
    "line",
    ["pass", "raise OSError('no room')", "import nothing_such", "from mlflow import nothing_such"],
)
def test_another_error_is_left_to_the_recording(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no package of the environment is named, none is blamed."""
    assert of_error(line, tmp_path, monkeypatch) is None


def test_the_line_names_the_way_out() -> None:
    """It has the release, the package and an option that helps."""
    assert Unworkable("sqlalchemy", "2.1.3", NO_POOL).line("2.22.5") == (
        f"MLflow 2.22.5 does not work with sqlalchemy 2.1.3, although it allows it ({NO_POOL});"
        " name an older one: --with 'sqlalchemy<2.1'"
    )


@pytest.mark.package_index
def test_the_version_of_a_release_s_day_is_one_of_its_time() -> None:
    """A known release has a day; of another one nothing is known."""
    found = version_of_its_day("2.22.5", "sqlalchemy", NO_INDEXES)
    assert found is not None
    assert found.startswith("2.0.")
    assert version_of_its_day("99.0.0", "sqlalchemy", NO_INDEXES) is None
