"""Scripts that state requirements in other forms than ``name==version`` break no promise."""

from __future__ import annotations

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, mode, run, write_catalogue
from meta_tests.end_to_end.test_own_scripts import SCRIPT

FORMS = """\
wheel = str(pathlib.Path(__file__).parent / "ourpreps-0.3.0-py3-none-any.whl")
index = "--extra-index-url https://index.invalid/simple"
hashed = [f"{pin} \\\\\\n    --hash=sha256:0" for pin in PINS]
others = ["git+https://example.invalid/a/b@v1", "-e ./vendor", "joblib", "-f https://h.invalid"]
log(
    LogisticRegression().fit(features, labels),
    pip_requirements=[index, *hashed, *others, wheel],
)
"""
CONDA = """\
pip = [*PINS, "joblib", "six @ https://h.invalid/six-1-py3-none-any.whl"]
environment = {
    "name": "ours",
    "channels": ["conda-forge"],
    "dependencies": [f"python={sys.version.split()[0]}", "pip", {"pip": pip}],
}
log(LogisticRegression().fit(features, labels), conda_env=environment)
"""
VENDORED = """\
pins = [pin for pin in PINS if pin.startswith("mlflow==")]
log(LogisticRegression().fit(features, labels), pip_requirements=[*pins, "-e ./vendor"])
"""
TOLD = "the script states no exact version, so this requirement cannot be compared with what is"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run of the promises that read requirements."""
    folder = tmp_path_factory.mktemp("forms")
    modes = [
        mode("forms", "forms.py", requirements="stated"),
        mode("conda", "conda.py", requirements="stated"),
        mode("vendored", "vendored.py", requirements="stated"),
    ]
    scripts = {
        "forms.py": SCRIPT + FORMS,
        "conda.py": SCRIPT + CONDA,
        "vendored.py": SCRIPT + VENDORED,
    }
    catalogue = write_catalogue(folder, modes, scripts)
    modules = ["environment", "registry", "metadata"]
    return run(folder, "--catalogue", str(catalogue), "-m", "local", modules=modules)


def test_every_promise_holds(own: SuiteRun) -> None:
    """Wheels, repositories, options and hashes break no promise about files and registry."""
    assert own.exit_code == 0, own.output
    assert not own.lines_with(" failed"), own.output


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("forms", "ourpreps-0.3.0-py3-none-any.whl"),
        ("forms", "git+https://example.invalid/a/b@v1"),
        ("forms", "-e ./vendor"),
        ("forms", "joblib"),
        ("conda", "joblib"),
        ("conda", "six @ https://h.invalid/six-1-py3-none-any.whl"),
        ("vendored", "-e ./vendor"),
    ],
)
def test_what_has_no_version_is_told_once(name: str, line: str, own: SuiteRun) -> None:
    """Each stated requirement without an exact version is one line at the end."""
    told = [one for one in own.lines_with(f"{name}: {TOLD}") if one.endswith(line)]
    assert len(told) == 1, own.output


def test_options_are_not_told(own: SuiteRun) -> None:
    """Options, and requirements with a version, are not among these lines."""
    assert len(own.lines_with(TOLD)) == 7, own.output


def test_a_package_that_only_pip_can_find_is_told(own: SuiteRun) -> None:
    """A package that may be in a folder is no broken promise, and one line names both."""
    told = own.lines_with("vendored: the model needs ")
    assert len(told) == 1, own.output
    assert "scikit-learn" in told[0]
    assert told[0].endswith("; only pip can tell whether it is -e ./vendor")
