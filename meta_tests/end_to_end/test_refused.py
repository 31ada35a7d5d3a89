"""Wrong command lines and broken environments are refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from meta_tests.end_to_end.suite_run import SuiteRun, caller, mode, run, write_catalogue
from mlflow_conformance.support.paths import ROOT

USAGE_ERROR = 4
NOTHING_CHECKED = 3


def bad_catalogue(folder: Path) -> list[str]:
    """Break the catalogue: a mode trains on a list."""
    path = folder / "modes.yaml"
    path.write_text(path.read_text().replace("trains_on: array", "trains_on: list"))
    return ["--catalogue", str(path)]


def no_catalogue(folder: Path) -> list[str]:
    """Name a catalogue that does not exist."""
    return ["--catalogue", str(folder / "nowhere.yaml")]


def unknown_mode(folder: Path) -> list[str]:
    """Name a mode that is not in the catalogue."""
    return ["--mode", "nonsense"]


def no_data(folder: Path) -> list[str]:
    """Name training data that does not exist."""
    return ["--training-data", str(folder / "nowhere.csv")]


def other_data(folder: Path) -> list[str]:
    """Name training data with other columns."""
    (folder / "other.csv").write_text("a,c,y\n1,2,3\n")
    return ["--training-data", str(folder / "other.csv")]


def words_for_numbers(folder: Path) -> list[str]:
    """Name training data with a word in place of a number."""
    (folder / "other.csv").write_text("a,b,y\n1,2,0\n1,two,1\n")
    return ["--training-data", str(folder / "other.csv")]


def no_time(folder: Path) -> list[str]:
    """Set a timeout of zero."""
    return ["--training-timeout", "0"]


def wordy_time(folder: Path) -> list[str]:
    """Set a timeout in words."""
    return ["--training-timeout", "soon"]


def unknown_option(folder: Path) -> list[str]:
    """Misspell an option."""
    return ["--trainig-data", "a.csv"]


def unknown_marker(folder: Path) -> list[str]:
    """Misspell a marker."""
    return ["-m", "locl"]


def unknown_format(folder: Path) -> list[str]:
    """Name training data in a format that the suite does not read."""
    (folder / "other.xlsx").write_bytes(b"PK")
    return ["--training-data", str(folder / "other.xlsx")]


def nothing_to_compare(folder: Path) -> list[str]:
    """Ask for the level of changes without a baseline."""
    return ["--fail-on", "warning"]


def no_verdict(folder: Path) -> list[str]:
    """Ask for a verdict without a baseline."""
    return ["--verdict", str(folder / "verdict")]


def nothing_accepted(folder: Path) -> list[str]:
    """Name accepted changes without a baseline."""
    (folder / "accepted.yaml").write_text("accepted: []")
    return ["--accepted", str(folder / "accepted.yaml")]


def unread_data(folder: Path) -> list[str]:
    """Name training data for a script that takes none."""
    catalogue = folder / "unread.yaml"
    catalogue.write_text("modes: [{name: unread, script: model.py}]")
    return ["--catalogue", str(catalogue), "--training-data", str(folder / "data.csv")]


def drafted_catalogue(folder: Path) -> list[str]:
    """Draft a catalogue for a catalogue."""
    return ["--draft-catalogue", str(folder / "modes.yaml")]


def argument_of_a_script(folder: Path) -> list[str]:
    """Write an argument of the script as one of pytest."""
    return ["--draft-catalogue", str(folder / "model.py"), "--rate", "1"]


def other_target(folder: Path) -> list[str]:
    """Ask for a comparison where nothing is observed."""
    return ["--target", "file", "--baseline", "3.17.2"]


def target_elsewhere(folder: Path) -> list[str]:
    """Name a store on this machine for jobs in a workspace."""
    return ["-m", "azure", "--workspace", "rehearsal", "--target", "file"]


def no_such_place(folder: Path) -> list[str]:
    """Run a mode by default at a place that there is not."""
    entry = {"name": "good", "script": "model.py", "by_default": ["here"]}
    catalogue = folder / "placed.yaml"
    catalogue.write_text(yaml.safe_dump({"modes": [entry]}))
    return ["--catalogue", str(catalogue)]


def other_release(folder: Path) -> list[str]:
    """Name modes that do not apply to the installed MLflow, and no other."""
    entry = {"name": "good", "script": "model.py", "from": "99", "because": "it is new"}
    catalogue = folder / "newer.yaml"
    catalogue.write_text(yaml.safe_dump({"modes": [entry]}))
    return ["--catalogue", str(catalogue)]


REFUSALS: dict[Callable[[Path], list[str]], str] = {
    bad_catalogue: "modes.yaml: mode 'good': trains_on: 'list' is none of array, frame",
    no_catalogue: "nowhere.yaml: cannot be read: No such file or directory",
    unknown_mode: "modes.yaml: no mode 'nonsense'; there are good, better",
    no_data: "--training-data: ",
    other_data: "other.csv: has no column b",
    words_for_numbers: "other.csv: line 3: b should be a number, as mode 'good' trains on it, is",
    no_time: "--training-timeout: should be above 0 seconds, is 0",
    unread_data: "--training-data: no script would read it; write {training_data} where a mode",
    drafted_catalogue: "--draft-catalogue: ",
    argument_of_a_script: "--rate is not an option; arguments of the script follow after --",
    unknown_option: "--trainig-data is not an option; did you mean --training-data?",
    unknown_marker: "-m 'locl': there is no marker locl; did you mean local?",
    unknown_format: "other.xlsx: is no file of a known format: CSV (.csv), parquet (.parquet),",
    nothing_to_compare: "--fail-on: there is nothing to compare with; name a baseline",
    other_target: "--baseline: only models at the target sqlite are compared: add --target sqlite",
    target_elsewhere: "--target names stores on this machine, and -m azure selects none of them: u",
    no_such_place: "by_default: should list local, azure, package_index, gate, has 'here'",
    other_release: "nothing to check: good-sqlite: from MLflow 99 on: it is new (here: ",
    no_verdict: "--verdict: there is nothing to compare with; name a baseline",
    nothing_accepted: "--accepted: there is nothing to compare with; name a baseline",
    wordy_time: "argument --training-timeout: invalid float value: 'soon'",
}


@pytest.mark.parametrize("prepare", REFUSALS, ids=lambda prepare: prepare.__name__)
def test_a_wrong_command_line_is_refused(
    prepare: Callable[[Path], list[str]], tmp_path: Path
) -> None:
    """The run ends with exit code 4 and one line that says what is wrong; no test is run."""
    catalogue = write_catalogue(
        tmp_path, [mode("good", "model.py"), mode("better", "model.py")], {}
    )
    refused = run(tmp_path, "--catalogue", str(catalogue), *prepare(tmp_path), modules=["outcome"])
    assert refused.exit_code == USAGE_ERROR, refused.output
    assert len(refused.lines_with(REFUSALS[prepare])) == 1, refused.output
    assert "Traceback" not in refused.output
    assert "importing MLflow" not in refused.output
    assert len([line for line in refused.output.splitlines() if line.strip()]) <= 6, refused.output


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "distributed"])
def test_an_estimator_that_is_none_is_refused(workers: tuple[str, ...], tmp_path: Path) -> None:
    """A class that does not exist ends the run before a script is started."""
    estimators = {"misspelt": {"class": "sklearn.svm.SCV", "parameters": {}}}
    modes = [mode("good", "model.py"), mode("bad", "model.py", estimator="misspelt")]
    catalogue = write_catalogue(tmp_path, modes, {}, estimators=estimators)
    refused = run(tmp_path, "--catalogue", str(catalogue), *workers, modules=["outcome"])
    assert refused.exit_code == USAGE_ERROR, refused.output
    (line,) = refused.lines_with("modes.yaml: the catalogue: estimators: misspelt: class: ")
    assert line.endswith("sklearn.svm has no class or function 'SCV'")
    assert "Traceback" not in refused.output
    assert "promises" not in refused.output
    assert "logged a model" not in refused.output


def test_an_estimator_that_cannot_be_fitted_is_refused(tmp_path: Path) -> None:
    """An estimator that the data does not suit ends the run before a script is started."""
    class_name = "sklearn.ensemble.VotingClassifier"
    entry = {"class": class_name, "parameters": {"estimators": []}, "probabilities": False}
    estimators = {"voting": entry}
    catalogue = write_catalogue(
        tmp_path, [mode("bad", "model.py", estimator="voting")], {}, estimators=estimators
    )
    refused = run(tmp_path, "--catalogue", str(catalogue), modules=["outcome"])
    assert refused.exit_code == USAGE_ERROR, refused.output
    (line,) = refused.lines_with("estimators: voting: class: cannot be fitted on data.csv as array")
    assert "ValueError: Invalid 'estimators' attribute" in line
    assert "logged a model" not in refused.output


def test_an_estimator_that_no_mode_needs_is_not_looked_at(tmp_path: Path) -> None:
    """A class that does not exist is accepted if no selected mode uses it."""
    estimators = {"misspelt": {"class": "sklearn.svm.SCV", "parameters": {}}}
    modes = [mode("good", "model.py"), mode("bad", "model.py", estimator="misspelt")]
    catalogue = write_catalogue(tmp_path, modes, {}, estimators=estimators)
    options = ("--catalogue", str(catalogue), "--mode", "good")
    assert run(tmp_path, *options, modules=["outcome"]).exit_code == 0


@pytest.mark.parametrize("option", ["--fixtures", "--fixtures-per-test", "--setup-plan"])
def test_a_listing_trains_nothing(option: str, tmp_path: Path) -> None:
    """Options of pytest that only list something train no mode and lose no promise."""
    catalogue = write_catalogue(tmp_path, [mode("good", "model.py")], {})
    listed = run(tmp_path, "--catalogue", str(catalogue), option, modules=["outcome"])
    assert listed.exit_code == 0, listed.output
    assert "importing MLflow" not in listed.output
    assert not listed.lines_with("LOST ")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run in which MLflow is installed but cannot be imported."""
    folder = tmp_path_factory.mktemp("broken")
    shadow = folder / "shadow" / "mlflow"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text("raise ImportError('a dependency went missing')\n")
    catalogue = write_catalogue(folder, [mode("good", "model.py")], {})
    return run(
        folder,
        "--catalogue",
        str(catalogue),
        modules=["outcome"],
        environment=caller(PYTHONPATH=str(shadow.parent)),
    )


def test_a_broken_environment_ends_the_run(broken: SuiteRun) -> None:
    """If MLflow cannot be imported, the run has its own exit code."""
    assert broken.exit_code == NOTHING_CHECKED, broken.output
    assert broken.lines_with("nothing could be checked")
    assert broken.lines_with("ImportError: a dependency went missing")


def test_a_broken_environment_passes_no_test(broken: SuiteRun) -> None:
    """No promise is kept if nothing could be trained."""
    assert " passed" not in broken.output


def test_collecting_alone_trains_nothing(tmp_path: Path) -> None:
    """``--collect-only`` lists the promises and trains nothing."""
    catalogue = write_catalogue(tmp_path, [mode("good", "model.py")], {})
    listed = run(
        tmp_path, "--catalogue", str(catalogue), "--collect-only", "-q", modules=["outcome"]
    )
    assert listed.exit_code == 0, listed.output
    assert "importing MLflow" not in listed.output
    assert listed.lines_with("test_mode_leaves_exactly_one_model[good-sqlite]")
    assert not (ROOT / "mlflow.db").exists()
