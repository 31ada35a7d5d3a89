"""The suite as a guest: its wheel, installed with uv and with pip in somebody's project."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from meta_tests.end_to_end.guest_project import FILES, GuestProject, build_wheel, shared_project
from mlflow_conformance.environments.build import uv
from mlflow_conformance.support.paths import ROOT

pytestmark = pytest.mark.package_index
USAGE_ERROR = 4
LOCAL = ("-m", "local", "--catalogue", "models/modes.yaml")
SHIPPED = (
    *("pytest.ini", "conformance/test_signature.py", "conformance/known_deviations.yaml"),
    *("training/modes.yaml", "training/diabetes.csv", "command/main.py"),
    *("baselines/mlflow-3.9.0.json.gz", "servers/azurite/package-lock.json"),
)
TOPS = {name.partition("/")[0] for name in FILES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the workers of a run share; there each project is created once."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="module")
def with_uv(folder: Path) -> GuestProject:
    """A project with the suite as a development dependency; its path has a space and umlauts."""
    return shared_project(folder, "uv")


@pytest.fixture(scope="module", params=["uv", "pip"])
def project(folder: Path, request: pytest.FixtureRequest) -> GuestProject:
    """The projects of both installers."""
    return shared_project(folder, str(request.param))


def test_the_wheel_has_one_package(tmp_path: Path) -> None:
    """All is in one package: program, promises, known deviations, modes, and pytest's settings."""
    names = zipfile.ZipFile(build_wheel(tmp_path)).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"mlflow_conformance"}
    assert {f"mlflow_conformance/{name}" for name in SHIPPED} <= {*names}
    assert not [name for name in names if "meta_tests" in name or "__pycache__" in name]


def test_pictures_are_not_released(tmp_path: Path) -> None:
    """The source has the documentation without its pictures, which are larger than it."""
    build = [uv(), "build", "--quiet", "--sdist", "--out-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (file,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(file) as source:
        names = source.getnames()
    assert [name for name in names if name.endswith("/docs/reports.md")]
    assert [name for name in names if name.endswith(".png")] == []


def test_the_promises_of_a_project_are_checked(project: GuestProject) -> None:
    """Their script is run with their MLflow, beside their plugins, names and settings."""
    local_run = project.command(*LOCAL, "-n", "2")
    assert local_run.exit_code == 0, local_run.output
    assert local_run.lines_with(f"mlflow {metadata.version('mlflow')}, ")
    (verdict,) = local_run.lines_with("all: ")
    assert local_run.output.splitlines()[-1] == verdict
    assert "failed" not in verdict
    for plugin in ("randomly", "timeout", "asyncio", "cov", "xdist"):
        assert f"{plugin}-" in local_run.lines_with("plugins: ")[0]


def test_a_project_stays_as_it_is(with_uv: GuestProject) -> None:
    """Its conftest.py is not loaded, and only one folder is left, which git does not see."""
    run = with_uv.command(*LOCAL, "test_outcome.py")
    assert run.exit_code == 0, run.output
    assert with_uv.files == {*TOPS, "pyproject.toml", ".mlflow-conformance"}
    assert (with_uv.folder / ".mlflow-conformance" / ".gitignore").read_text() == "*\n"


def test_a_project_s_own_tests_run_as_before(with_uv: GuestProject) -> None:
    """With the suite installed, pytest of the project is the project's."""
    run = with_uv.own_tests()
    (with_uv.folder / "conftest-was-loaded").unlink()
    assert run.exit_code == 0, run.output
    assert run.lines_with("1 passed")
    assert not run.lines_with("under test: ")


def test_the_suite_s_own_modes_are_checked(with_uv: GuestProject) -> None:
    """Without a catalogue, the modes of the suite are checked, from any folder of the project."""
    options = ("-m", "local", "--mode", "infer-frame", "conformance/test_signature.py")
    run = with_uv.command(*options, below="models")
    assert run.exit_code == 0, run.output
    assert run.lines_with("conformance/test_signature.py ....")


@pytest.mark.parametrize(
    ("options", "number"),
    [
        (("test_outcome.py",), 1),
        (("test_outcome.py", "conformance/test_outcome.py"), 1),
        (("--ignore=conformance/test_serving.py", "-k", "test_outcome or test_serving"), 1),
        (("--ignore", "test_serving.py", "conformance", "-k", "test_outcome or test_serving"), 1),
        (("--deselect", "conformance/test_outcome.py", "test_outcome.py"), 0),
    ],
)
def test_paths_of_the_suite_are_found(
    options: tuple[str, ...], number: int, with_uv: GuestProject
) -> None:
    """Paths and ids of the suite's tests mean the same as in the clone."""
    run = with_uv.command(*LOCAL, "--collect-only", "-q", *options)
    assert len(run.lines_with("::test_")) == number, run.output


def test_doctor_says_that_it_is_ready(with_uv: GuestProject) -> None:
    """``doctor`` reads the catalogue and says what is missing."""
    run = with_uv.command("doctor", "--catalogue", "models/modes.yaml")
    assert run.exit_code == 0, run.output
    assert run.lines_with("catalogue: models/modes.yaml, modes: churn")
    assert run.lines_with("missing   azure-ai-ml, for -m azure: ")
    assert run.output.splitlines()[-1].startswith("ready: mlflow-conformance -m local --catalogue")


def test_a_catalogue_is_drafted(with_uv: GuestProject) -> None:
    """``draft`` runs a script and writes a catalogue beside it, which can be run as it says."""
    run = with_uv.command("draft", "models/train.py")
    assert run.exit_code == 0, run.output
    catalogue = with_uv.folder / "models" / "modes-train.yaml"
    assert "script: train.py" in catalogue.read_text()
    catalogue.unlink()
    said = "check it, then run: mlflow-conformance -m local --catalogue models/modes-train.yaml"
    assert run.output.splitlines()[-1] == said


def test_two_baselines_are_compared(with_uv: GuestProject) -> None:
    """``compare`` answers from the recorded baselines; the verdict is its last line."""
    run = with_uv.command("compare", "2.16.2", "3.1.4")
    assert run.exit_code == 1, run.output
    assert run.output.splitlines()[-1].startswith("NOT SAFE: ")


def test_two_releases_are_compared(with_uv: GuestProject) -> None:
    """``gate`` compares an older release with a newer one, with the scripts of the project."""
    options = ("--no-estimators", "--catalogue", "models/modes.yaml")
    run = with_uv.command("gate", "3.16.1", "3.17.2", *options)
    assert run.exit_code in (0, 1), run.output
    assert re.match(r"(NOT )?SAFE\b", run.output.splitlines()[-1])


def test_a_changed_environment_is_checked(with_uv: GuestProject) -> None:
    """``--with`` checks a copy of the project's environment with one change."""
    pandas = metadata.version("pandas")
    run = with_uv.command(*LOCAL, "test_outcome.py", "--with", "cloudpickle<3.1.2")
    assert run.exit_code == 0, run.output
    assert run.lines_with("changed: cloudpickle ")
    assert run.lines_with(f"pandas {pandas}, ")


def test_a_misspelt_option_names_the_nearest(with_uv: GuestProject) -> None:
    """A wrong option is one line."""
    run = with_uv.command("-m", "local", "--catalog", "models/modes.yaml")
    assert run.exit_code == USAGE_ERROR
    assert run.output.strip() == "ERROR: --catalog is not an option; did you mean --catalogue?"
