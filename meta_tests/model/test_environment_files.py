"""The readers of ``conda.yaml``, ``python_env.yaml`` and ``requirements.txt``."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from mlflow_conformance.model.environment_files import (
    CONDA,
    PYTHON_ENV,
    REQUIREMENTS,
    CondaEnvironment,
    CondaPackage,
    MalformedEnvironment,
    PythonEnvironment,
    read_conda,
    read_python_env,
    read_requirements,
)
from mlflow_conformance.model.requirement_lines import Pin, Requirements
from mlflow_conformance.support.text import shown

READERS: dict[str, Callable[[Path], object]] = {
    REQUIREMENTS: read_requirements,
    CONDA: read_conda,
    PYTHON_ENV: read_python_env,
}
# The examples share a folder; each of them writes the file again.
FUZZED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["python", "dependencies", "build_dependencies", "pip", "name", ""]),
            inner,
        )
    ),
    max_leaves=12,
)
REQUIREMENT_WORDS = st.sampled_from(
    [*"=<>~!;,[]()@ .*#-", "==", "mlflow", "a_B", "1.0", "extra", "python_version", "'3'", "and"]
    + ["https://h/x.whl", "file:///x", "\n", "\t", "\\", "-r other.txt", "--hash=sha256:0", "\x00"]
)


@pytest.mark.parametrize(
    ("line", "pin"),
    [
        ("mlflow==3.1.0", Pin("mlflow", "3.1.0", "mlflow==3.1.0")),
        ("  Scikit_Learn == 1.5 ", Pin("scikit-learn", "1.5", "Scikit_Learn == 1.5")),
        ("mlflow<3,>=2", Pin("mlflow", None, "mlflow<3,>=2")),
        ("mlflow==3.*", Pin("mlflow", None, "mlflow==3.*")),
        ("mlflow===3", Pin("mlflow", None, "mlflow===3")),
        ("mlflow==3,!=3.1", Pin("mlflow", None, "mlflow==3,!=3.1")),
        ("mlflow", Pin("mlflow", None, "mlflow")),
        ("uvicorn[standard]==1", Pin("uvicorn", "1", "uvicorn[standard]==1")),
        ("a @ https://h/a-1.whl", Pin("a", None, "a @ https://h/a-1.whl", is_link=True)),
        ("a==1; python_version<'4'", Pin("a", None, "a==1; python_version<'4'")),
    ],
)
def test_a_requirement_is_read_exactly(line: str, pin: Pin, tmp_path: Path) -> None:
    """A requirement gives its normalised name, and a version only if it allows exactly one."""
    (tmp_path / REQUIREMENTS).write_text(f"# a comment\n\n{line}\n")
    assert read_requirements(tmp_path) == Requirements((pin,))


@pytest.mark.parametrize("option", ["-c constraints.txt", "-r other.txt", "--index-url https://h"])
def test_an_option_is_no_requirement(option: str, tmp_path: Path) -> None:
    """Options of pip, which MLflow documents, are kept apart from requirements."""
    (tmp_path / REQUIREMENTS).write_text(f"{option}\nmlflow==3.1.0\n")
    pins = (Pin("mlflow", "3.1.0", "mlflow==3.1.0"),)
    assert read_requirements(tmp_path) == Requirements(pins, (option,))
    assert read_requirements(tmp_path).lines == [option, "mlflow==3.1.0"]


@pytest.mark.parametrize(
    "line",
    ["a==", "==1", "a b", "a; x", "a;" + "(" * 5000, "\0"],
    ids=lambda line: line[:12],
)
def test_a_line_that_is_no_requirement_is_refused(line: str, tmp_path: Path) -> None:
    """A line that is not a requirement is refused with the file and the line."""
    (tmp_path / REQUIREMENTS).write_text(f"mlflow\n{line}\n")
    with pytest.raises(MalformedEnvironment) as caught:
        read_requirements(tmp_path)
    assert str(caught.value) == f"{tmp_path / REQUIREMENTS}: {shown(line, 80)} is not a requirement"


def test_conda_s_python_and_pip_are_read(tmp_path: Path) -> None:
    """``conda.yaml`` gives the Python version, its packages and pip's lines."""
    pip = ["-c constraints.txt", "mlflow==3.1.0", "pandas<3"]
    dependencies = ["python=3.11.7", "pip<=23.0", {"pip": pip}]
    (tmp_path / CONDA).write_text(yaml.safe_dump({"name": "e", "dependencies": dependencies}))
    pins = (Pin("mlflow", "3.1.0", "mlflow==3.1.0"), Pin("pandas", None, "pandas<3"))
    assert read_conda(tmp_path) == CondaEnvironment(
        "3.11.7",
        (CondaPackage("pip", SpecifierSet("<=23.0"), "pip<=23.0"),),
        Requirements(pins, ("-c constraints.txt",)),
    )


@pytest.mark.parametrize(
    ("line", "name", "versions"),
    [
        ("numpy", "numpy", ""),
        ("numpy=1.20", "numpy", "==1.20.*"),
        ("numpy=1.20.*", "numpy", "==1.20.*"),
        ("numpy=1.20.1=py39_0", "numpy", "==1.20.1.*"),
        ("numpy==1.20.1", "numpy", "==1.20.1"),
        ("numpy==1.20.1=py39_0", "numpy", "==1.20.1"),
        ("numpy 1.20.1 py39_0", "numpy", "==1.20.1"),
        ("conda-forge::Scikit_Learn >=1.0,<2", "scikit-learn", ">=1.0,<2"),
        ("conda-forge/linux-64::numpy", "numpy", ""),
        ("numpy>=1.8|<1.5", "numpy", ""),
        ("numpy[version='>=1.8']", "numpy", ""),
        ("openssl=1.1.1k", "openssl", ""),
    ],
)
def test_a_package_of_conda_s_is_read(line: str, name: str, versions: str, tmp_path: Path) -> None:
    """A conda package gives its name and versions; syntax of conda alone means any version."""
    (tmp_path / CONDA).write_text(yaml.safe_dump({"dependencies": [line]}))
    found = CondaPackage(name, SpecifierSet(versions), line)
    assert read_conda(tmp_path).packages == (found,)


def test_python_env_is_read(tmp_path: Path) -> None:
    """``python_env.yaml`` gives the Python version and its lines unchanged."""
    (tmp_path / PYTHON_ENV).write_text(
        "python: 3.11.7\nbuild_dependencies: [pip==23]\ndependencies: [-r requirements.txt]\n"
    )
    assert read_python_env(tmp_path) == PythonEnvironment(
        "3.11.7", ("pip==23",), ("-r requirements.txt",)
    )


@pytest.mark.parametrize(
    ("name", "content", "error_message"),
    [
        (CONDA, "[]", "should be a mapping"),
        (CONDA, "name: e", "dependencies: should be a list"),
        (CONDA, "dependencies: python", "dependencies: should be a list"),
        (CONDA, "dependencies: [1]", "dependencies: 1 is not a dependency"),
        (CONDA, "dependencies: ['=1']", "dependencies: '=1' is not a dependency"),
        (CONDA, "dependencies: [{conda: []}]", "pip: should be a list"),
        (CONDA, "dependencies: [{pip: mlflow}]", "pip: should be a list"),
        (CONDA, "dependencies: [{pip: [1]}]", "pip: 1 should be text"),
        (CONDA, "dependencies: [{pip: ['a b']}]", "'a b' is not a requirement"),
        (CONDA, "dependencies: []\ndependencies: []", "the key dependencies is there twice"),
        (CONDA, "!!python/object/apply:os.abort []", "not readable in line 1"),
        (PYTHON_ENV, "python: 3.11", "python: should be a version in quotes"),
        (PYTHON_ENV, "dependencies: []", "python: should be a version in quotes"),
        (PYTHON_ENV, "python: '3'\ndependencies: []", "build_dependencies: should be a list"),
        (PYTHON_ENV, "python: '3'\nbuild_dependencies: []", "dependencies: should be a list"),
        (PYTHON_ENV, "python: '3'\nbuild_dependencies: [{}]", "build_dependencies: {} should be"),
        (PYTHON_ENV, "python: *x", "undefined alias"),
    ],
)
def test_malformed_files_are_refused_by_key(
    name: str, content: str, error_message: str, tmp_path: Path
) -> None:
    """A file of the wrong structure is refused with its path, the key and the expected type."""
    (tmp_path / name).write_text(content)
    with pytest.raises(MalformedEnvironment) as caught:
        READERS[name](tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")
    assert error_message in str(caught.value)


def make_nothing(path: Path) -> None:
    """Create no file."""


def make_latin(path: Path) -> None:
    """Write a file that is not UTF-8."""
    path.write_bytes(b"\xff")


@pytest.mark.parametrize("make", [make_nothing, Path.mkdir, make_latin])
@pytest.mark.parametrize("name", READERS)
def test_what_is_no_text_file_is_refused_by_name(
    make: Callable[[Path], None], name: str, tmp_path: Path
) -> None:
    """A file that is missing, a folder or not UTF-8 is refused with its path."""
    make(tmp_path / name)
    with pytest.raises(MalformedEnvironment) as caught:
        READERS[name](tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")


@FUZZED
@given(st.lists(REQUIREMENT_WORDS, max_size=12).map("".join) | st.text(max_size=40))
def test_any_requirements_are_read_or_refused(tmp_path: Path, text: str) -> None:
    """Any text is read, or refused with the reader's own error."""
    (tmp_path / REQUIREMENTS).write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(MalformedEnvironment):
        read_requirements(tmp_path)


@pytest.mark.parametrize("name", [CONDA, PYTHON_ENV])
@FUZZED
@given(document=DOCUMENTS | st.dictionaries(st.just("dependencies"), DOCUMENTS))
def test_any_document_is_read_or_refused(name: str, tmp_path: Path, document: object) -> None:
    """Any YAML document is read, or refused with the reader's own error."""
    (tmp_path / name).write_text(yaml.safe_dump(document))
    with contextlib.suppress(MalformedEnvironment):
        READERS[name](tmp_path)
