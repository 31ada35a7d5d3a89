"""Is the uploaded folder the catalogue's, with the data, and nothing that gathered in it?"""

from __future__ import annotations

import functools
import shlex
import string
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.azure import code_folder
from fixtures.azure.code_folder import Code, stage_code
from fixtures.azure.refusals import AzureMisconfigured
from fixtures.catalogue import Catalogue, read_catalogue
from fixtures.options import DEFAULT_CATALOGUE
from meta_tests.whole_runs import mode, write_catalogue


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """A catalogue of one mode, with its script and data, in a folder of its own."""
    folder = tmp_path / "mine"
    folder.mkdir()
    return read_catalogue(write_catalogue(folder, [mode("good", "model.py")], {}))


def staged(catalogue: Catalogue, folder: Path) -> tuple[Code, list[str]]:
    """Return the code and the paths of all that is uploaded."""
    code = stage_code(catalogue, catalogue.modes, folder / "code")
    files = (file for file in code.folder.rglob("*") if file.is_file())
    return code, sorted(file.relative_to(code.folder).as_posix() for file in files)


def test_the_labs_command_lines(tmp_path: Path) -> None:
    """The suite's own modes run with the command line of the lab, in a folder with everything."""
    catalogue = read_catalogue(DEFAULT_CATALOGUE)
    code, files = staged(catalogue, tmp_path)
    autolog = code.commands["autolog-array"]
    assert autolog == "python train-model-autolog.py --training_data diabetes.csv"
    assert {"modes.yaml", "diabetes.csv", "train-model-autolog.py"} <= set(files)
    assert set(code.commands) == {mode.name for mode in catalogue.modes}


def test_what_gathers_in_a_folder_is_left_out(catalogue: Catalogue, tmp_path: Path) -> None:
    """Caches, stores, environments and hidden files stay; modules and the SDK's list go along."""
    folder = catalogue.path.parent
    before = staged(catalogue, tmp_path)[1]
    for path in (
        *("__pycache__/model.cpython-311.pyc", ".git/config", ".venv/lib.py", "mlruns/0/meta.yaml"),
        *(".gitignore", ".env", "package/.hidden", "environment/pyvenv.cfg", "environment/lib.py"),
        *("package/__init__.py", "package/deep/module.py", ".amlignore", "package/.amlignore"),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("")
    after = staged(catalogue, tmp_path / "again")[1]
    added = [".amlignore", "package/__init__.py", "package/deep/module.py"]
    assert after == sorted([*before, *added])


def test_data_from_elsewhere_lies_beside_the_scripts(catalogue: Catalogue, tmp_path: Path) -> None:
    """``--training-data`` is uploaded with the scripts, under its own name."""
    elsewhere = tmp_path / "more data.csv"
    elsewhere.write_bytes(catalogue.data.file.read_bytes())
    other = replace(catalogue, data=replace(catalogue.data, file=elsewhere))
    code, files = staged(other, tmp_path)
    assert "more data.csv" in files
    assert code.commands["good"] == "python model.py 'more data.csv'"


def test_data_in_a_hidden_folder_goes_along(catalogue: Catalogue, tmp_path: Path) -> None:
    """What the catalogue names is uploaded from wherever it lies in the folder."""
    hidden = catalogue.path.parent / ".data" / "rows.csv"
    hidden.parent.mkdir()
    hidden.write_bytes(catalogue.data.file.read_bytes())
    other = replace(catalogue, data=replace(catalogue.data, file=hidden))
    code, files = staged(other, tmp_path)
    assert ".data/rows.csv" in files
    assert code.commands["good"] == "python model.py .data/rows.csv"


def refusal(catalogue: Catalogue, folder: Path) -> str:
    """Return what staging is refused with; nothing is left behind."""
    with pytest.raises(AzureMisconfigured) as refused:
        stage_code(catalogue, catalogue.modes, folder / "code")
    assert "\n" not in str(refused.value)
    assert not (folder / "code").exists()
    return str(refused.value)


def test_a_script_from_elsewhere_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    """A script that is not in the folder would not be there when the job runs."""
    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_text("")
    other = replace(catalogue, modes=(replace(catalogue.modes[0], script=elsewhere),))
    assert refusal(other, tmp_path) == (
        f"{catalogue.path}: mode 'good': script: {elsewhere} lies outside of"
        f" {catalogue.path.parent}, the folder that is uploaded; move it there"
    )


@pytest.mark.parametrize(("limit", "value"), [("LARGEST_BYTES", 10_000), ("MOST_FILES", 5)])
def test_a_folder_that_is_too_large_is_refused(
    limit: str, value: int, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home directory is noticed before it is copied or uploaded."""
    monkeypatch.setattr(code_folder, limit, value)
    for number in range(6):
        (catalogue.path.parent / f"{number}.bin").write_bytes(bytes(5000))
    message = refusal(catalogue, tmp_path)
    assert message.startswith(
        f"{catalogue.path.parent}: is too large to be a job's code, which may"
    )
    assert message.endswith("put catalogue, scripts and data into a folder of their own")


def test_azures_own_placeholders_are_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    """Azure would fill in what stands between its braces."""
    changed = replace(catalogue.modes[0], arguments=("${{inputs.data}}",))
    other = replace(catalogue, modes=(changed,))
    with pytest.raises(AzureMisconfigured, match=r"mode 'good': '\$\{\{' in its command line"):
        stage_code(other, other.modes, tmp_path / "code")


@functools.cache
def _suites_own() -> Catalogue:
    return read_catalogue(DEFAULT_CATALOGUE)


@given(words=st.lists(st.text(string.printable, max_size=12), max_size=4))
def test_a_shell_reads_the_arguments_as_they_stand(words: list[str]) -> None:
    """Spaces, quotes and signs of the shell arrive at the script as the catalogue has them."""
    if any("${{" in word for word in words):
        return
    catalogue = _suites_own()
    changed = replace(catalogue.modes[0], arguments=("{training_data}", *words))
    command = code_folder._command(catalogue, changed, Path("a b/c'd.csv"))
    filled = [word.replace("{training_data}", "a b/c'd.csv") for word in words]
    assert shlex.split(command) == ["python", changed.script.name, "a b/c'd.csv", *filled]
