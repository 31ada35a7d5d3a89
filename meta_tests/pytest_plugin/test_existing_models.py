"""Runs about models that exist: which promises are planned, and which options are refused."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest
import yaml

from meta_tests.end_to_end.suite_run import run
from meta_tests.promises.test_promises import PROMISES, marks
from meta_tests.pytest_plugin.sample_items import Item, items
from meta_tests.pytest_plugin.sample_promise import ALL, chosen
from meta_tests.pytest_plugin.test_causes import caused
from mlflow_conformance.catalogue.modes import Catalogue
from mlflow_conformance.existing.named_models import NamedModel
from mlflow_conformance.existing.registry import ExistingModel
from mlflow_conformance.existing.target import ExistingTarget
from mlflow_conformance.pytest_plugin import existing_models, xfail
from mlflow_conformance.pytest_plugin.causes import Cause
from mlflow_conformance.pytest_plugin.due_promises import due_promises, promise_modules
from mlflow_conformance.pytest_plugin.header import report_header
from mlflow_conformance.pytest_plugin.options import Settings
from mlflow_conformance.pytest_plugin.tally import FAILED
from mlflow_conformance.support.paths import CONFORMANCE
from mlflow_conformance.targets import registry

MODELS = (
    NamedModel("churn-1", ExistingModel("models:/churn/1", "/files/1"), "http://host:5000"),
    NamedModel("fine", ExistingModel("fine", "/here/fine")),
)
MODES = tuple(map(existing_models.mode_of, MODELS))
SETTINGS = Settings(
    Catalogue(Path("--model"), "", None, None, MODES),
    MODES,
    1.0,
    (ExistingTarget(MODELS),),
    are_named=True,
)
# What a promise that needs only files may ask for. Nothing else of the suite is known to execute
# nothing of the model, and to need no script.
OF_FILES = frozenset(
    {"model", "inputs", "findings", "uuids", "record_property"},
)
USED = "usefixtures"
PLANNED = {
    "test_environment.py": 7,
    "test_existing_model.py": 5,
    "test_flavors.py": 5,
    "test_metadata.py": 4,
    "test_signature.py": 3,
}


def test_only_promises_about_files_are_due() -> None:
    """Each model is checked for the promises that need its files alone, and for no others."""
    due = due_promises(SETTINGS, "local")
    assert {promise.subject for promise in due} == {"churn-1-existing", "fine-existing"}
    of_one = [promise.key for promise in due if promise.subject == "fine-existing"]
    assert len(due) == 2 * len(of_one)
    modules = [key.partition("::")[0] for key in of_one]
    assert {module: modules.count(module) for module in modules} == PLANNED


def test_a_promise_needs_the_script_unless_it_says_otherwise() -> None:
    """A new promise is not checked on models that exist: it may load them."""
    assert chosen(settings=SETTINGS) == []
    assert chosen(pytest.mark.applies_to(autologs=True), settings=SETTINGS) == []
    assert chosen(pytest.mark.applies_to(needs="script"), settings=SETTINGS) == []
    found = chosen(pytest.mark.applies_to(needs="files"), settings=SETTINGS)
    assert [parameter.id for parameter in found] == ["churn-1-existing", "fine-existing"]


def test_what_needs_files_is_checked_on_trained_models_too() -> None:
    """The condition leaves out nothing where scripts are run."""
    for value in ("files", "script"):
        assert len(chosen(pytest.mark.applies_to(needs=value))) == len(ALL.catalogue.modes)
    assert chosen(pytest.mark.applies_to(target="existing", needs="files")) == []


def test_promises_about_files_ask_for_nothing_that_runs_a_model() -> None:
    """A promise that needs only files asks for no fixture that loads, scores or serves a model."""
    checked = 0
    for name, promise in PROMISES.items():
        of_promise = marks(promise)
        if all("needs" not in mark.kwargs for mark in of_promise):
            continue
        used = {word for mark in of_promise if mark.name == USED for word in mark.args}
        asked = {*inspect.signature(promise).parameters, *used}
        assert asked <= OF_FILES, f"{name}: {sorted(asked - OF_FILES)}"
        checked += 1
    assert checked == sum(PLANNED.values())


def test_the_module_about_existing_models_is_left_to_them() -> None:
    """Other runs do not even import it, and runs about models that exist import no job's."""
    own = "test_existing_model.py"
    assert own in [file.name for file in promise_modules(SETTINGS)]
    assert own not in [file.name for file in promise_modules(ALL)]
    assert "test_azure_job.py" not in [file.name for file in promise_modules(SETTINGS)]
    importlib.import_module(registry.of_models().module)


def test_the_header_names_the_models() -> None:
    """The header says what is under test, where it is from, and that nothing is run."""
    head = report_header(SETTINGS, {})
    assert head[-3:] == [
        "existing models: 2; only their files are read, nothing of them is run",
        "model churn-1: models:/churn/1 at http://host:5000, files: /files/1",
        "model fine: /here/fine",
    ]
    assert not any(line.startswith(("catalogue: ", "data: ")) for line in head)


def test_a_long_list_of_models_is_cut() -> None:
    """Of many models the header names the first."""
    many = tuple(NamedModel(f"m{n}", ExistingModel(f"m{n}", f"/m{n}")) for n in range(30))
    modes = tuple(map(existing_models.mode_of, many))
    settings = Settings(SETTINGS.catalogue, modes, 1.0, SETTINGS.targets)
    lines = list(existing_models.in_words(settings))
    assert len(lines) == 22
    assert lines[-1] == "and 10 more models"


def test_a_cause_in_several_models_speaks_of_models() -> None:
    """Models that exist are no modes for those who read the last lines."""
    same = Cause("has no flavor")
    (line,) = caused(
        *(("test_a", name, FAILED, same) for name in ("a-existing", "b-existing"))
    ).lines()
    assert line.startswith("CAUSE in 2 models (a-existing, b-existing): has no flavor (2 promises")


def test_the_target_is_not_one_of_those_that_scripts_log_to() -> None:
    """``--target`` cannot name it, and no run selects it without ``--model``."""
    entry = registry.of_models()
    assert entry not in registry.every()
    assert entry not in registry.asked_for("local")
    with pytest.raises(ValueError, match="should be sqlite, file"):
        registry.named(entry.name)
    assert not any(entry.name in line for line in ALL.others)


def test_no_known_deviation_is_about_models_that_exist(tmp_path: Path) -> None:
    """Another MLflow than the installed one may have logged them, so none is expected to fail."""
    file = tmp_path / "known.yaml"
    deviation = {
        "tests": "conformance/test_flavors.py::test_y[*",
        "message": "cannot convert NA to integer",
        "reason": "because",
        "link": "https://example.org/1",
    }
    file.write_text(yaml.safe_dump({"deviations": [deviation]}), encoding="utf-8")
    module = CONFORMANCE / "test_flavors.py"
    (exists,) = SETTINGS.subjects[:1]
    (trained,) = ALL.subjects[:1]
    for subject, settings, numbers in ((exists, SETTINGS, []), (trained, ALL, [1])):
        item = Item(f"conformance/test_flavors.py::test_y[{subject.id}]", module, subject)
        xfail.record_expected_failures(items(item), settings, file, is_whole=False)
        assert item.expected == numbers


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--catalogue", "modes.yaml"), "--catalogue is about models that the run trains, --model"),
        (("--mode", "infer-frame"), "--mode is about models that the run trains, --model about"),
        (("--target", "file"), "--target is about models that the run trains, --model about"),
        (("--training-data", "x.csv"), "--training-data is about models that the run trains"),
        (("--record", "x.json"), "--record is about models that the run trains, --model about"),
        (("--baseline", "2.22.5"), "--baseline is about models that the run trains, --model"),
        (("--accept",), "--accept is about models that the run trains, --model about models"),
        (("-m", "azure"), "-m 'azure' trains in a workspace, and --model names models that exist"),
        (("-m", "local or azure"), "-m 'local or azure' trains in a workspace, and --model names"),
        (("-m", "local and mlflow"), "-m 'local and mlflow' selects promises that are about no"),
    ],
)
def test_what_is_about_scripts_is_refused(
    options: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    """Options about scripts, releases and jobs are refused together with ``--model``."""
    (tmp_path / "model").mkdir()
    ended = run(tmp_path, "-m", "local", "--model", str(tmp_path / "model"), *options)
    assert ended.exit_code == pytest.ExitCode.USAGE_ERROR, ended.output
    (line,) = [line for line in ended.output.splitlines() if line.strip()]
    assert line.startswith(f"ERROR: {message}")
