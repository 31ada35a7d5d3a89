"""Tests that a target is one module and one entry, and that runs import only their targets."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from meta_tests.end_to_end.suite_run import mode, run, write_catalogue
from meta_tests.targets import fake_target, imported_modules
from mlflow_conformance.pytest_plugin.deviations_reader import read_known_deviations
from mlflow_conformance.support.paths import CONFORMANCE, PACKAGE, ROOT
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.targets import registry

REMOTE = (
    "mlflow_conformance.azure",
    "mlflow_conformance.rehearsal",
    "mlflow_conformance.pytest_plugin.fixtures_azure",
)
# These folders work for any target.
OF_ANY_TARGET = ("model", "promises", "pytest_plugin", "runner", "servers", "upgrade")
# Names of targets that mean something else everywhere.
WORDS = ("file", "default", "server", "postgres", "uri")
# The names of targets stand here all the same, and why.
NAMED = {
    ("pytest_plugin/fixtures_azure.py", "azure"): "the fixtures of this target alone",
    ("runner/sqlite_folder.py", "sqlite"): "the name that its outcomes get",
    ("upgrade/atlas/changes_table.py", "sqlite"): "the targets of all recordings",
    ("upgrade/runs/storeless_scripts.py", "sqlite"): "a word in warnings of MLflow",
}


def imported(folder: Path, *options: str) -> list[str]:
    """Return the modules of the suite that a run imported."""
    ended = run(folder, "-p", imported_modules.__name__, "--mode", "infer-frame", *options)
    lines = ended.lines_with(imported_modules.LINE)
    assert lines, ended.output
    return [line.partition(imported_modules.LINE)[2] for line in lines]


def test_a_local_run_imports_nothing_of_azure(tmp_path: Path) -> None:
    """After training and checking a mode here, no module of a workspace is imported."""
    found = imported(tmp_path, "-m", "local", "-k", "test_mode_leaves_exactly_one_model")
    assert "mlflow_conformance.runner.training" in found
    assert [name for name in found if name.startswith(REMOTE)] == []


def test_a_run_in_a_workspace_imports_its_target(tmp_path: Path) -> None:
    """The check above sees what a run imports: with ``-m azure`` it does."""
    pytest.importorskip("azure.ai.ml", reason="needs the extra 'rehearsal'")
    found = imported(tmp_path, "-m", "azure", "--workspace", "rehearsal", "--collect-only", "-q")
    assert {
        "mlflow_conformance.azure.jobs.target",
        "mlflow_conformance.pytest_plugin.fixtures_azure",
    } <= set(found)


def test_an_entry_adds_a_target(tmp_path: Path) -> None:
    """One entry has all promises but those of other targets collected, with its marker."""
    fake = ("-p", fake_target.__name__, "--mode", "infer-frame", "--collect-only", "-q")
    there = run(tmp_path, *fake, "-m", fake_target.MARKER)
    assert there.exit_code == 0, there.output
    collected = there.lines_with("conformance/test_")
    assert collected
    assert all(f"[infer-frame-{fake_target.NAME}" in test for test in collected)
    here = run(tmp_path, *fake, "-m", "local")
    assert here.exit_code == 0, here.output
    assert here.lines_with("[infer-frame-sqlite")
    assert not here.lines_with(f"-{fake_target.NAME}")


def test_a_new_target_runs_modes_here(tmp_path: Path) -> None:
    """A target of this machine needs only its own type of folder to train and check modes."""
    script = f"import os\nassert os.environ['RUNS_AT'] == {fake_target.NAME!r}\nimport model\n"
    catalogue = write_catalogue(tmp_path, [mode("one", "there.py")], {"there.py": script})
    options = ("-p", fake_target.__name__, "-m", fake_target.MARKER, "--catalogue", str(catalogue))
    ended = run(tmp_path, *options, modules=("outcome", "flavors", "signature"))
    assert ended.exit_code == 0, ended.output
    subject = f"one-{fake_target.NAME}"
    assert ended.lines_with(f"{subject} logged a model"), ended.output
    assert ended.lines_with(f"{subject}: "), ended.output


def test_two_targets_of_this_machine_are_checked_together(tmp_path: Path) -> None:
    """A run can select two targets that train here; neither loses the other's results."""
    catalogue = write_catalogue(tmp_path, [mode("one", "model.py"), mode("two", "model.py")], {})
    marker = f"local or {fake_target.MARKER}"
    options = ("-p", fake_target.__name__, "-m", marker, "--catalogue", str(catalogue))
    ended = run(tmp_path, *options, modules=("outcome", "flavors"))
    assert ended.exit_code == 0, ended.output
    for subject in (
        "one-sqlite",
        "two-sqlite",
        f"one-{fake_target.NAME}",
        f"two-{fake_target.NAME}",
    ):
        (line,) = ended.lines_with(f"{subject}: ")
        assert "10 of " in line, ended.output


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"module": "mlflow_conformance.nowhere"},
            "module mlflow_conformance.nowhere: No module named",
        ),
        (
            {"module": "mlflow_conformance.support.text"},
            "module mlflow_conformance.support.text: module",
        ),
        ({"name": "sqlite"}, "two entries have this name"),
        ({"name": "other"}, "meta_tests.targets.fake_target opens 'fake' instead"),
    ],
    ids=["no module", "no open_target", "a name twice", "another name"],
)
def test_a_mistake_in_an_entry_is_one_line(
    changes: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong entry of the registry is refused with its name, before anything is started."""
    facts: dict[str, Any] = {
        "name": fake_target.NAME,
        "marker": "local",
        "module": fake_target.__name__,
    }
    entry = registry.TargetEntry(**{**facts, **changes})
    monkeypatch.setattr(registry, "TARGETS", (*registry.TARGETS, entry))
    with pytest.raises(pytest.UsageError) as refused:
        entry.opened(cast(pytest.Config, None))
    (line,) = str(refused.value).splitlines()
    assert line.startswith(
        f"fixtures/mlflow_conformance/targets/registry.py: target {entry.name!r}: {message}"
    )


def test_deviations_may_depend_on_what_an_entry_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A target's name and facts are allowed in conditions as soon as it has an entry."""
    file = tmp_path / "known.yaml"
    deviation = {
        "tests": "conformance/test_x.py::test_y[*",
        "when": {"target": fake_target.NAME, "weather": "rain"},
        "message": "cannot convert NA to integer",
        "reason": "because",
        "link": "https://example.org/1",
    }
    file.write_text(yaml.safe_dump({"deviations": [deviation]}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="weather: unknown key"):
        read_known_deviations(file)
    monkeypatch.setattr(registry, "TARGETS", registry.TARGETS)
    fake_target.pytest_load_initial_conftests()
    (read,) = read_known_deviations(file)
    assert read.holds({"weather": "rain"})
    assert not read.holds({"weather": "sun"})


def test_options_are_read_where_they_are_given(tmp_path: Path) -> None:
    """A wrong option of a target that is not selected is refused all the same."""
    ended = run(tmp_path, "-m", "local", "--poll-interval=0", "--collect-only")
    assert ended.exit_code == pytest.ExitCode.USAGE_ERROR, ended.output
    assert ended.lines_with("--poll-interval: should be "), ended.output


def named_targets(text: str) -> list[str]:
    """Return the targets' names among the strings of a module, and in the names it uses."""
    found = []
    names = [name for name in registry.names() if name not in WORDS]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and node.value in names:
            found.append(str(node.value))
        name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
        found += [target for target in names if name.lower() == target]
    return found


@pytest.mark.parametrize("room", OF_ANY_TARGET)
def test_what_works_for_any_target_names_none(room: str) -> None:
    """Outside of the targets' own modules nothing depends on which target it is."""
    wrong = [
        f"{file.relative_to(ROOT)} names the target {name}"
        for file in sorted((PACKAGE / room).rglob("*.py"))
        for name in named_targets(file.read_text(encoding="utf-8"))
        if (file.relative_to(PACKAGE).as_posix(), name) not in NAMED
    ]
    assert not wrong, "\n".join(wrong)


def test_modules_about_one_target_alone_are_in_its_entry() -> None:
    """A module of promises about one target is collected with that target only."""
    found = {
        (module.name, target)
        for module in CONFORMANCE.glob("test_*.py")
        for target in marked_targets(module)
    }
    listed = {(name, entry.name) for entry in registry.TARGETS for name in entry.promises}
    assert ("test_azure_job.py", "azure") in found
    assert found == listed


def marked_targets(module: Path) -> list[str]:
    """Return the targets that the mark of a whole module names, but for markers such as local."""
    marks = [
        node.value
        for node in ast.parse(module.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "pytestmark"
    ]
    named = [
        keyword.value.value
        for mark in marks
        for keyword in ast.walk(mark)
        if isinstance(keyword, ast.keyword) and keyword.arg == "target"
        if isinstance(keyword.value, ast.Constant)
    ]
    return [str(name) for name in named if name in registry.names()]


def test_the_promises_of_a_target_exist() -> None:
    """The modules that an entry lists are there, and only runs at its target import them."""
    listed = {name: target.name for target in registry.TARGETS for name in target.promises}
    assert listed
    for name, target in listed.items():
        module = CONFORMANCE / name
        assert module.is_file()
        assert registry.is_of_others(module, ["sqlite"])
        assert not registry.is_of_others(module, ["sqlite", target])


@pytest.mark.parametrize(
    "text",
    ["if target == AZURE: pass", "x = ('sqlite', 'azure')", "settings.azure", "targets.SQLITE"],
)
def test_every_way_of_naming_a_target_is_noticed(text: str) -> None:
    """The check sees a constant, a string and an attribute."""
    assert named_targets(text)
