"""Training data: what is refused, which options select it, and the committed files."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from meta_tests.end_to_end.suite_run import mode, write_catalogue
from mlflow_conformance.pytest_plugin.options import Settings, read_settings
from mlflow_conformance.runner.training import DEFAULT_TIMEOUT
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE, ROOT

TRAINING = DEFAULT_CATALOGUE.parent
MORE = TRAINING / "more"
# Modules are named with underscores; make-…-data.py writes a table.
SCRIPTS = sorted(
    script
    for script in (*TRAINING.glob("*.py"), *MORE.glob("*.py"))
    if "_" not in script.stem and not script.stem.startswith("make-")
)
TABLES = {"diabetes": TRAINING, "customers": MORE}
SUITE = {path.name.removesuffix(".py") for path in ROOT.iterdir() if not path.name.startswith(".")}
# The options of jobs and of targets, which every command line has.
OF_JOBS = {
    **dict.fromkeys(("subscription", "resource_group", "experiment")),
    "job_mlflow": "auto",
    **dict.fromkeys(("cloud", "job_environment", "evidence")),
    "workspace": "rehearsal",
    "compute": "c",
    "model_name": "m",
    "job_image": "i",
    "job_timeout": 1.0,
    "poll_interval": 1.0,
    "keep": False,
    "rehearsal_logged_models": False,
    "rehearsal_list_lag": 0.0,
    "rebuild_from": "requirements",
    **dict.fromkeys(("target", "examples", "examples_seed")),
}


class CommandLine:
    """The part of pytest's configuration that ``read_settings`` reads."""

    def __init__(self, directory: Path, **options: Any) -> None:
        """Keep the options, spelled with underscores, and the folder that pytest was started in."""
        self.invocation_params = SimpleNamespace(dir=directory)
        self.option = SimpleNamespace(markexpr="")
        self._options = options

    def getoption(self, name: str) -> Any:
        """Return the value of an option, ``None`` if it is not given."""
        return self._options.get(name.removeprefix("--").replace("-", "_"))


def settings(directory: Path, **options: Any) -> Settings:
    """Return the settings of a command line with these options and defaults for the others."""
    defaults = {
        "mode": None,
        "training_data": None,
        "catalogue": "modes.yaml",
        "training_timeout": DEFAULT_TIMEOUT,
        "rebuild_from": "requirements",
        **OF_JOBS,
    }
    line = CommandLine(directory, **{**defaults, **options})
    return read_settings(cast(pytest.Config, line))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a catalogue of two modes and their data."""
    write_catalogue(tmp_path, [mode("one", "model.py"), mode("two", "model.py")], {})
    return tmp_path


@pytest.mark.parametrize(
    ("content", "error_message"),
    [
        (b"", "has no column a, b, y"),
        (b"a,b\n1,2\n", "has no column y"),
        (b"A,b,y\n1,2,0\n", "has no column a"),
        (b"a;b;y\n1;2;0\n", "has no column a, b, y"),
        (b"a,b,y\n", "has a header and no rows"),
        (b"a,b,y\n\xff,2,0\n", "cannot be read: "),
        (b"a,b,y\n" + b"1" * 200_000 + b",2,0\n", "cannot be read: field larger than"),
    ],
    ids=["empty", "no label", "other case", "semicolons", "no rows", "not UTF-8", "a huge field"],
)
def test_data_without_what_modes_train_on_is_refused(
    content: bytes, error_message: str, folder: Path
) -> None:
    """Data without the columns or rows is refused in one line with option, file and reason."""
    (folder / "other.csv").write_bytes(content)
    with pytest.raises(pytest.UsageError) as caught:
        settings(folder, training_data="other.csv")
    message = str(caught.value)
    assert message.startswith(f"--training-data: {folder / 'other.csv'}: {error_message}")
    assert "\n" not in message


@pytest.mark.parametrize("name", ["nowhere.csv", ".", ""])
def test_data_that_is_no_file_is_refused(name: str, folder: Path) -> None:
    """Data that is missing or a folder is refused by name."""
    with pytest.raises(pytest.UsageError, match=r"^--training-data: .*: cannot be read: "):
        settings(folder, training_data=name)


def test_the_catalogue_is_blamed_for_its_own_data(folder: Path) -> None:
    """Without ``--training-data`` the message names the catalogue."""
    (folder / "data.csv").write_text("a,b\n1,2\n")
    with pytest.raises(pytest.UsageError) as caught:
        settings(folder)
    data = folder / "data.csv"
    assert str(caught.value) == f"{folder / 'modes.yaml'}: {data}: has no column y"


def test_other_data_takes_the_place_of_the_catalogue_s(folder: Path) -> None:
    """``--training-data`` is relative to the invocation folder; a byte order mark is allowed."""
    (folder / "data.csv").unlink()
    (folder / "other.csv").write_bytes(b"\xef\xbb\xbfa,b,y,more\n" + b"1,2,0,3\n4,5,1,6\n" * 2)
    found = settings(folder, training_data="other.csv")
    assert found.catalogue.training_data == folder / "other.csv"


def test_modes_are_selected_in_the_catalogue_s_order(folder: Path) -> None:
    """``--mode`` selects each mode once, in the order of the catalogue."""
    assert [mode.name for mode in settings(folder, mode=["two", "one", "two"]).selected] == [
        "one",
        "two",
    ]
    assert settings(folder, mode=["two"]).selected == (settings(folder).catalogue.mode("two"),)
    assert settings(folder).is_whole_catalogue
    assert not settings(folder, mode=["two"]).is_whole_catalogue


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_timeout_is_above_zero(seconds: float, folder: Path) -> None:
    """A timeout that is not above zero is refused."""
    with pytest.raises(pytest.UsageError, match="--training-timeout: should be above 0 seconds"):
        settings(folder, training_timeout=seconds)


@pytest.mark.parametrize("table", TABLES)
def test_the_committed_data_is_what_its_script_writes(table: str) -> None:
    """The committed CSV is byte for byte what ``make-TABLE-data.py`` writes."""
    checked = subprocess.run(
        [sys.executable, str(TABLES[table] / f"make-{table}-data.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("table", TABLES)
def test_changed_data_is_noticed(table: str, tmp_path: Path) -> None:
    """``--check`` notices one more byte in the CSV and names the file."""
    maker = f"make-{table}-data.py"
    for name in (maker, f"{table}.csv"):
        (tmp_path / name).write_bytes((TABLES[table] / name).read_bytes())
    with (tmp_path / f"{table}.csv").open("ab") as file:
        file.write(b"\n")
    checked = subprocess.run(
        [sys.executable, str(tmp_path / maker), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 1
    assert f"{table}.csv differs from what {maker} writes" in checked.stderr


def test_every_script_is_in_the_catalogue() -> None:
    """Every training script belongs to a mode."""
    named = {mode.script for mode in settings(TRAINING).catalogue.modes}
    assert named == set(SCRIPTS)
    assert len(named) == 28


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_scripts_know_nothing_of_the_suite(script: Path) -> None:
    """A training script imports nothing of the suite."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module).partition(".")[0])
    assert "mlflow" in imported
    assert not imported & SUITE
    assert "pytest" not in imported
