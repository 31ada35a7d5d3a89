"""Mutants of the environment files: missing, loose or wrong requirements."""

from __future__ import annotations

from dataclasses import replace

from conformance import test_environment as environment
from meta_tests.mutants.harness import Bench, Mutant, call, each, require_caught
from meta_tests.mutants.model_edits import (
    Break,
    instead_of_requirement,
    with_key,
    with_requirement,
    with_text,
    without_file,
    without_requirement,
)
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.model.environment_files import (
    CONDA,
    PYTHON_ENV,
    REQUIREMENTS,
    MalformedEnvironment,
)

ARRAY, FRAME = "autolog-array", "infer-frame"
NUMPY = f"numpy=={installed('numpy')}"


def with_conda(*dependencies: object) -> Break:
    """Return an edit that sets the dependencies in ``conda.yaml``."""
    return with_key("dependencies", list(dependencies), CONDA)


def stated(break_: Break) -> Break:
    """Return an edit of a model whose requirements the script states."""

    def edit(bench: Bench) -> None:
        break_(bench)
        bench.model = replace(bench.model, mode=replace(bench.model.mode, requirements="stated"))

    return edit


def stated_without_what_mlflow_brings(bench: Bench) -> None:
    """Let the script state MLflow, but not what reads the format, which MLflow installs."""
    stated(without_requirement("cloudpickle"))(bench)


def with_wheel_unobserved(bench: Bench) -> None:
    """Let the script add a wheel where it is not observed, in a workspace: that is no fault."""
    with_requirement("/lab/clinic_tools-1.0-py3-none-any.whl")(bench)
    bench.model = replace(bench.model, witness=bench.folder / "nothing-observed")


FILES = tuple(
    Mutant(
        f"no-{name}",
        ARRAY,
        environment.test_environment_files_exist,
        without_file(name),
        rf"^environment files that are missing\n  found: {name}\n",
    )
    for name in (CONDA, PYTHON_ENV, REQUIREMENTS)
)

PINS = tuple(
    Mutant(name, ARRAY, environment.test_requirements_parse_and_are_pinned, break_, message)
    for name, break_, message in (
        (
            "unpinned",
            instead_of_requirement("numpy", "numpy"),
            r"^requirements without an exact version\n  found: numpy\n",
        ),
        (
            "at-least-a-version",
            instead_of_requirement("numpy", "numpy>=1"),
            r"^requirements without an exact version\n  found: numpy>=1\n",
        ),
        (
            "any-version-of-a-series",
            instead_of_requirement("numpy", "numpy==2.*"),
            r"^requirements without an exact version\n  found: numpy==2\.\*\n",
        ),
        (
            "of-an-address",
            instead_of_requirement("numpy", "numpy @ https://example.org/numpy-1.whl"),
            r"^requirements without an exact version\n  found: numpy @ https://example\.org/num",
        ),
        (
            "of-a-wheel",
            instead_of_requirement("numpy", "./numpy-1.0-py3-none-any.whl"),
            r"^requirements without an exact version\n  found: \./numpy-1\.0-py3-none-any\.whl\n",
        ),
        (
            "editable",
            instead_of_requirement("numpy", "-e ./numpy"),
            r"^requirements without an exact version\n  found: -e \./numpy\n",
        ),
        ("no-requirements", with_text(REQUIREMENTS, "# none\n"), r"requirements\.txt: is empty"),
    )
) + (
    Mutant(
        "unpinned-beside-a-wheel-in-a-workspace",
        ARRAY,
        environment.test_requirements_parse_and_are_pinned,
        instead_of_requirement("numpy", "numpy"),
        r"^requirements without an exact version\n  found: numpy\n",
        prepare=with_wheel_unobserved,
    ),
    Mutant(
        "only-for-another-python",
        ARRAY,
        environment.test_requirements_parse_and_are_pinned,
        instead_of_requirement("numpy", f"{NUMPY} ; python_version < '3'"),
        r"numpy==.* ; python_version < '3'",
    ),
    Mutant(
        "not-a-requirement",
        ARRAY,
        environment.test_requirements_parse_and_are_pinned,
        with_requirement("numpy is needed"),
        r"requirements\.txt: 'numpy is needed' is not a requirement",
        error=MalformedEnvironment,
    ),
)

VERSIONS = (
    Mutant(
        "other-version",
        ARRAY,
        environment.test_requirements_are_the_installed_versions,
        instead_of_requirement("numpy", "numpy==1.0"),
        r"^pins that differ .*\n  found: numpy==1\.0 \(installed: \d",
    ),
    Mutant(
        "never-installed",
        ARRAY,
        environment.test_requirements_are_the_installed_versions,
        with_requirement("no-such-distribution==1.0"),
        r"^pins that differ .*\n  found: no-such-distribution==1\.0 \(installed: not at all\)",
    ),
    Mutant(
        "no-mlflow",
        ARRAY,
        environment.test_mlflow_itself_is_required,
        without_requirement("mlflow"),
        r"requirements\.txt: mlflow is not pinned",
    ),
    Mutant(
        "only-a-plugin-of-mlflow",
        ARRAY,
        environment.test_mlflow_itself_is_required,
        instead_of_requirement("mlflow", "mlflow-plugin==1.0"),
        r"requirements\.txt: mlflow is not pinned",
    ),
)

NEEDED = tuple(
    Mutant(
        f"no-{name}-{mode}",
        mode,
        environment.test_every_module_the_model_needs_is_pinned,
        without_requirement(name),
        rf"^distributions the model needs and does not pin\n  found: {name}\n",
    )
    for name, mode in (
        ("scikit-learn", ARRAY),
        ("numpy", ARRAY),
        ("cloudpickle", ARRAY),
        ("scikit-learn", FRAME),
    )
) + (
    Mutant(
        "stated-without-scikit-learn",
        ARRAY,
        environment.test_every_module_the_model_needs_is_pinned,
        stated(without_requirement("scikit-learn")),
        r"^distributions the model needs and does not pin\n  found: .*scikit-learn\n",
    ),
)

TEST_TOOLS = tuple(
    Mutant(
        f"with-{name}",
        ARRAY,
        environment.test_requirements_hold_no_test_tools,
        with_requirement(f"{name}==1.0"),
        rf"^requirements that no model needs\n  found: {name}==1\.0\n",
    )
    for name in ("pytest", "hypothesis")
)

CONDA_AND_PYTHON = (
    Mutant(
        "conda-without-a-requirement",
        ARRAY,
        environment.test_conda_has_the_same_requirements,
        with_conda("pip", {"pip": [NUMPY]}),
        r"^pip requirements in conda\.yaml\n  found: \['numpy==.*'\]\n  should be: .*mlflow",
    ),
    Mutant(
        "requirements-without-what-conda-has",
        ARRAY,
        environment.test_conda_has_the_same_requirements,
        without_requirement("numpy"),
        r"^pip requirements in conda\.yaml\n  found: .*numpy",
    ),
    Mutant(
        "conda-without-pip",
        ARRAY,
        environment.test_conda_has_the_same_requirements,
        with_conda("pip"),
        r"^pip requirements in conda\.yaml\n  found: \[\]\n",
    ),
    Mutant(
        "conda-without-dependencies",
        ARRAY,
        environment.test_conda_has_the_same_requirements,
        with_key("dependencies", None, CONDA),
        r"conda\.yaml: dependencies: should be a list",
        error=MalformedEnvironment,
    ),
    Mutant(
        "option-that-conda-has-not",
        ARRAY,
        environment.test_conda_has_the_same_requirements,
        with_requirement("-c constraints.txt"),
        r"^pip requirements in conda\.yaml\n  found: .*\n  should be: \['-c constraints\.txt',",
    ),
    Mutant(
        "other-wheel-in-conda",
        ARRAY,
        environment.test_conda_has_the_same_requirements,
        with_requirement("./numpy-1.0-py3-none-any.whl"),
        r"^pip requirements in conda\.yaml\n  found: .*\n  should be: \['\./numpy-1\.0-py3-none-",
    ),
    Mutant(
        "other-version-in-conda",
        ARRAY,
        environment.test_conda_s_packages_are_the_installed_versions,
        with_conda("pip", "numpy=1.20", {"pip": [NUMPY]}),
        r"^conda packages that differ .*\n  found: numpy=1\.20 \(installed: \d",
    ),
    Mutant(
        "too-old-in-conda",
        ARRAY,
        environment.test_conda_s_packages_are_the_installed_versions,
        with_conda("pip=1", "scipy", "conda-forge::pandas<1", "no-such-package=1"),
        r"^conda packages that differ .*\n  found: conda-forge::pandas<1 \(installed: [^,]*\n",
    ),
    Mutant(
        "other-python-in-conda",
        ARRAY,
        environment.test_conda_asks_for_this_python,
        with_conda("python=3.6.1", "pip"),
        r"^python\n  found: 3\.6\.1\n",
    ),
    Mutant(
        "no-python-in-conda",
        ARRAY,
        environment.test_conda_asks_for_this_python,
        with_conda("pip"),
        r"^python\n  found: None\n",
    ),
    Mutant(
        "other-python-in-python-env",
        ARRAY,
        environment.test_python_env_asks_for_this_python,
        with_key("python", "3.6.1", PYTHON_ENV),
        r"^python\n  found: 3\.6\.1\n(.*\n)*  where: .*python_env\.yaml",
    ),
    Mutant(
        "python-as-a-number",
        ARRAY,
        environment.test_python_env_asks_for_this_python,
        with_key("python", 3.1, PYTHON_ENV),
        r"python_env\.yaml: python: should be a version in quotes",
        error=MalformedEnvironment,
    ),
    Mutant(
        "python-env-that-cannot-build",
        ARRAY,
        environment.test_python_env_can_build,
        with_key("build_dependencies", ["pip"], PYTHON_ENV),
        r"^build_dependencies\n  found: \['pip'\]\n  should be: \['pip', 'setuptools', 'wheel'\]",
    ),
    Mutant(
        "python-env-without-the-requirements",
        ARRAY,
        environment.test_python_env_refers_to_the_requirements,
        with_key("dependencies", [], PYTHON_ENV),
        r"^dependencies\n  found: \[\]\n  should be: \['-r requirements\.txt'\]",
    ),
    Mutant(
        "python-env-with-more",
        ARRAY,
        environment.test_python_env_refers_to_the_requirements,
        with_key("dependencies", [f"-r {REQUIREMENTS}", "numpy"], PYTHON_ENV),
        r"^dependencies\n  found: \['-r requirements\.txt', 'numpy'\]\n",
    ),
)

MUTANTS = FILES + PINS + VERSIONS + NEEDED + TEST_TOOLS + CONDA_AND_PYTHON


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A wrong environment file fails the check that owns it."""
    require_caught(mutant, bench)


@each(
    (
        Mutant(
            "stated-without-what-mlflow-brings",
            ARRAY,
            environment.test_every_module_the_model_needs_is_pinned,
            stated_without_what_mlflow_brings,
            "",
        ),
    )
)
def test_what_mlflow_brings_need_not_be_stated(mutant: Mutant, bench: Bench) -> None:
    """MLflow installs what reads the format of the estimator's file."""
    mutant.break_(bench)
    call(mutant.owner, bench)
