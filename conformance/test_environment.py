"""Do the environment files say, and agree on, what the model needs to be loaded?"""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from fixtures.model.environment_files import CONDA, PYTHON_ENV, REQUIREMENTS
from fixtures.model.model_under_test import ModelUnderTest
from fixtures.model.required_distributions import distributions_needed
from fixtures.promises.assertions import require, require_equal, require_none

# What only a test environment has: a model that needs it cannot be told from one that does not.
TEST_TOOLS = frozenset({"pytest", "pytest-xdist", "hypothesis", "execnet", "pluggy", "iniconfig"})
# What builds and installs packages is no part of what a model needs.
BUILD_TOOLS = frozenset({"pip", "setuptools", "wheel"})


def test_environment_files_exist(model: ModelUnderTest) -> None:
    """``conda.yaml``, ``python_env.yaml``, ``requirements.txt`` are there (L16; MLflow: models)."""
    missing = [
        name for name in (CONDA, PYTHON_ENV, REQUIREMENTS) if not (model.directory / name).is_file()
    ]
    require_none(missing, what="environment files that are missing", where=model.directory)


def test_requirements_parse_and_are_pinned(model: ModelUnderTest) -> None:
    """Every requirement is one exact version (MLflow: dependencies)."""
    loose = [pin.line for pin in model.requirements.pins if pin.version is None]
    require(model.requirements.pins, f"{model.directory / REQUIREMENTS}: is empty")
    require_none(loose, what="requirements without an exact version", where=model.directory)


def test_requirements_are_the_installed_versions(model: ModelUnderTest) -> None:
    """Every pinned version is the installed one (MLflow: dependencies)."""
    different = [
        f"{pin.line} (installed: {model.logged_in.version(pin.name) or 'not at all'})"
        for pin in model.requirements.pins
        if pin.version is not None
        and not _is_there(model, pin.name, SpecifierSet(f"=={pin.version}"), or_absent=False)
    ]
    require_none(different, what="pins that differ from what is installed", where=model.directory)


def test_mlflow_itself_is_required(model: ModelUnderTest) -> None:
    """Loading a model takes MLflow, so it is among the requirements (MLflow: dependencies)."""
    require(
        any(pin.name == "mlflow" for pin in model.requirements.pins),
        f"{model.directory / REQUIREMENTS}: mlflow is not pinned",
    )


@pytest.mark.applies_to(flavor="sklearn")
def test_every_module_the_model_needs_is_pinned(model: ModelUnderTest) -> None:
    """What the model's file refers to, and what reads it, is pinned (MLflow: dependencies)."""
    serialization = str(model.mlmodel.flavors["sklearn"].get("serialization_format"))
    pinned = {pin.name for pin in model.requirements.pins}
    missing = sorted(distributions_needed(model.model_file, serialization) - pinned)
    require_none(
        missing, what="distributions the model needs and does not pin", where=model.directory
    )


def test_requirements_hold_no_test_tools(model: ModelUnderTest) -> None:
    """A model does not require what happened to be installed for testing (MLflow: dependencies)."""
    needless = [pin.line for pin in model.requirements.pins if pin.name in TEST_TOOLS]
    require_none(needless, what="requirements that no model needs", where=model.directory)


def test_conda_has_the_same_requirements(model: ModelUnderTest) -> None:
    """``conda.yaml`` asks pip for what ``requirements.txt`` lists (MLflow: models)."""
    require_equal(
        model.conda.pip.lines,
        model.requirements.lines,
        what="pip requirements in conda.yaml",
        where=model.directory / CONDA,
    )


def test_conda_s_packages_are_the_installed_versions(model: ModelUnderTest) -> None:
    """What conda installs beside Python is of the installed versions (MLflow: dependencies)."""
    different = [
        f"{package.line} (installed: {model.logged_in.version(package.name)})"
        for package in model.conda.packages
        if package.name not in BUILD_TOOLS
        and not _is_there(model, package.name, package.versions, or_absent=True)
    ]
    require_none(
        different,
        what="packages of conda's that differ from what is installed",
        where=model.directory / CONDA,
    )


def test_conda_asks_for_this_python(model: ModelUnderTest) -> None:
    """``conda.yaml`` asks for the Python that logged the model (MLflow: models)."""
    require_equal(
        model.logged_in.as_exact(model.conda.python),
        model.logged_in.python,
        what="python",
        where=model.directory / CONDA,
    )


def test_python_env_asks_for_this_python(model: ModelUnderTest) -> None:
    """``python_env.yaml`` asks for the Python that logged the model (MLflow: models)."""
    require_equal(
        model.logged_in.as_exact(model.python_env.python),
        model.logged_in.python,
        what="python",
        where=model.directory / PYTHON_ENV,
    )


def test_python_env_can_build(model: ModelUnderTest) -> None:
    """``python_env.yaml`` names what installing takes: pip, setuptools, wheel (MLflow: models)."""
    found = [Requirement(line).name for line in model.python_env.build_dependencies]
    require_equal(
        sorted(found),
        sorted(BUILD_TOOLS),
        what="build_dependencies",
        where=model.directory / PYTHON_ENV,
    )


def test_python_env_refers_to_the_requirements(model: ModelUnderTest) -> None:
    """``python_env.yaml`` installs ``requirements.txt`` and nothing else (MLflow: models)."""
    require_equal(
        list(model.python_env.dependencies),
        [f"-r {REQUIREMENTS}"],
        what="dependencies",
        where=model.directory / PYTHON_ENV,
    )


def _is_there(model: ModelUnderTest, name: str, versions: SpecifierSet, *, or_absent: bool) -> bool:
    """Return whether one of the versions is installed; conda has names that pip does not know."""
    version = model.logged_in.version(name)
    return or_absent if version is None else versions.contains(version, prereleases=True)
