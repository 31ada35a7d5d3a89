"""The environment files list what the model needs and agree with each other."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from mlflow_conformance.environments.packages import with_dependencies
from mlflow_conformance.model.environment_files import CONDA, PYTHON_ENV, REQUIREMENTS
from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.model.required_distributions import READERS, distributions_needed
from mlflow_conformance.promises.assertions import require, require_equal, require_none
from mlflow_conformance.support.text import in_short

# These come with the test environment; no model needs them.
TEST_TOOLS = frozenset({"pytest", "pytest-xdist", "hypothesis", "execnet", "pluggy", "iniconfig"})
# These build and install packages; no model needs them.
BUILD_TOOLS = frozenset({"pip", "setuptools", "wheel"})
# Each of them can load a model, and MLflow adds none if one is stated.
MLFLOW = ("mlflow", "mlflow-skinny")
# Characters of a requirement, which may contain a path, in a message.
LONGEST_LINE = 400


@pytest.mark.applies_to(needs="files")
def test_environment_files_exist(model: ModelUnderTest) -> None:
    """``conda.yaml``, ``python_env.yaml``, ``requirements.txt`` exist (L16; MLflow: models)."""
    missing = [
        name for name in (CONDA, PYTHON_ENV, REQUIREMENTS) if not (model.directory / name).is_file()
    ]
    require_none(missing, what="environment files that are missing", where=model.directory)


@pytest.mark.applies_to(needs="files")
def test_requirements_parse_and_are_pinned(model: ModelUnderTest, record_property: Any) -> None:
    """Every requirement that the script did not state pins a version (MLflow: dependencies)."""
    loose = [pin for pin in model.requirements.pins if pin.version is None]
    require(model.requirements.pins, f"{model.directory / REQUIREMENTS}: is empty")
    may_state_any = model.requirements_are_stated or model.adds_requirements
    # Where the script was not observed, in a workspace, a file or an address is still the script's:
    # MLflow infers only names.
    stated = [p for p in loose if may_state_any or (model.observed is None and p.is_link)]
    for pin in stated:
        record_property(
            "hazard",
            f"{model.mode.name}: the script states no exact version, so this requirement cannot"
            f" be compared with what is installed: {in_short(pin.line, LONGEST_LINE)}",
        )
    require_none(
        [pin.line for pin in loose if pin not in stated],
        what="requirements without an exact version",
        where=model.directory,
    )


def test_requirements_are_the_installed_versions(model: ModelUnderTest) -> None:
    """Every pinned version is the installed version (MLflow: dependencies)."""
    different = [
        f"{pin.line} (installed: {model.logging_environment.version(pin.name) or 'not at all'})"
        for pin in model.requirements.pins
        if pin.name is not None
        and pin.version is not None
        and not _is_installed(model, pin.name, SpecifierSet(f"=={pin.version}"), or_absent=False)
    ]
    require_none(different, what="pins that differ from what is installed", where=model.directory)


@pytest.mark.applies_to(needs="files")
def test_mlflow_itself_is_required(model: ModelUnderTest) -> None:
    """MLflow is among the requirements: loading the model needs it (MLflow: dependencies)."""
    require(
        any(pin.name in MLFLOW for pin in model.requirements.pins),
        f"{model.directory / REQUIREMENTS}: mlflow is not pinned",
    )


@pytest.mark.applies_to(flavor="sklearn", needs="files")
def test_every_module_the_model_needs_is_pinned(
    model: ModelUnderTest, record_property: Any
) -> None:
    """Every package that loading the model imports is required (MLflow: dependencies)."""
    serialization = str(model.mlmodel.flavors["sklearn"].get("serialization_format"))
    pinned = {pin.name for pin in model.requirements.pins if pin.name is not None}
    nameless = [pin.line for pin in model.requirements.pins if pin.name is None]
    if model.requirements_are_stated:
        # People leave out what another requirement installs. MLflow installs scikit-learn, but in a
        # version that need not be able to load the model.
        # What reads the format of the file comes with MLflow in a version that does.
        readers = READERS.get(serialization, set()) & with_dependencies(pinned & {"mlflow"})
        pinned |= with_dependencies(pinned - {"mlflow"}) | readers
    missing = sorted(distributions_needed(model.model_file, serialization) - pinned)
    if missing and nameless:
        record_property(
            "hazard",
            f"{model.mode.name}: the model needs {', '.join(missing)}, which no requirement names;"
            f" only pip can tell whether it is {in_short(nameless[0], LONGEST_LINE)}",
        )
        return
    require_none(
        missing, what="distributions the model needs and does not pin", where=model.directory
    )


def test_requirements_hold_no_test_tools(model: ModelUnderTest) -> None:
    """The requirements contain no test tools (MLflow: dependencies)."""
    needless = [pin.line for pin in model.requirements.pins if pin.name in TEST_TOOLS]
    require_none(needless, what="requirements that no model needs", where=model.directory)


@pytest.mark.applies_to(needs="files")
def test_conda_has_the_same_requirements(model: ModelUnderTest) -> None:
    """``conda.yaml`` has the same pip requirements as ``requirements.txt`` (MLflow: models)."""
    require_equal(
        model.conda.pip.lines,
        model.requirements.lines,
        what="pip requirements in conda.yaml",
        where=model.directory / CONDA,
    )


def test_conda_s_packages_are_the_installed_versions(model: ModelUnderTest) -> None:
    """The conda packages in ``conda.yaml`` have the installed versions (MLflow: dependencies)."""
    different = [
        f"{package.line} (installed: {model.logging_environment.version(package.name)})"
        for package in model.conda.packages
        if package.name not in BUILD_TOOLS
        and not _is_installed(model, package.name, package.versions, or_absent=True)
    ]
    require_none(
        different,
        what="conda packages that differ from what is installed",
        where=model.directory / CONDA,
    )


def test_conda_asks_for_this_python(model: ModelUnderTest) -> None:
    """``conda.yaml`` requires the Python version that logged the model (MLflow: models)."""
    require_equal(
        model.logging_environment.as_exact(model.conda.python),
        model.logging_environment.python,
        what="python",
        where=model.directory / CONDA,
    )


def test_python_env_asks_for_this_python(model: ModelUnderTest) -> None:
    """``python_env.yaml`` requires the Python version that logged the model (MLflow: models)."""
    require_equal(
        model.logging_environment.as_exact(model.python_env.python),
        model.logging_environment.python,
        what="python",
        where=model.directory / PYTHON_ENV,
    )


@pytest.mark.applies_to(needs="files")
def test_python_env_can_build(model: ModelUnderTest) -> None:
    """``python_env.yaml`` lists pip, setuptools and wheel to build with (MLflow: models)."""
    found = [Requirement(line).name for line in model.python_env.build_dependencies]
    require_equal(
        sorted(found),
        sorted(BUILD_TOOLS),
        what="build_dependencies",
        where=model.directory / PYTHON_ENV,
    )


@pytest.mark.applies_to(needs="files")
def test_python_env_refers_to_the_requirements(model: ModelUnderTest) -> None:
    """``python_env.yaml`` installs ``requirements.txt`` and nothing else (MLflow: models)."""
    require_equal(
        list(model.python_env.dependencies),
        [f"-r {REQUIREMENTS}"],
        what="dependencies",
        where=model.directory / PYTHON_ENV,
    )


def _is_installed(
    model: ModelUnderTest, name: str, versions: SpecifierSet, *, or_absent: bool
) -> bool:
    """Return whether an allowed version is installed; ``or_absent`` is for conda's own names."""
    version = model.logging_environment.version(name)
    return or_absent if version is None else versions.contains(version, prereleases=True)
