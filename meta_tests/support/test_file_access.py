"""Files of users and scripts are only opened by ``plain_files``, and values shown by ``shown``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlflow_conformance.support.paths import PACKAGE

OPENING = {"open", "read_text", "read_bytes", "fdopen", "read_csv", "ZipFile"}
# Other modules that open files, with the files: none is written by a user or a script.
WRITTEN_BY_THE_RUN = {
    "azure/records.py": "the run's own facts about the workspace",
    "azure/preflight/resolver.py": "the pins that uv has just written",
    "promises/registered_files.py": "files that the run has downloaded, compared byte for byte",
    "azure/results/downloads.py": "writes what it downloads, and hashes that",
    "targets/server/target.py": "the result of the suite's own job",
    "processes/keeper.py": "/proc and the null device",
    "existing/check_models.py": "opens no file: a method of the file of results has the name",
    "command/model_on_azure.py": "opens no file: a method of the file of results has the name",
    "existing/isolation.py": "/proc",
    "existing/load_script.py": "the request of the suite's own job",
    "existing/results.py": "the suite's own file of results",
    "environments/build.py": "the suite's own note in an environment",
    "processes/launcher.py": "writes a job's output",
    "processes/interpreter_process.py": "writes what the interpreter prints",
    "processes/orphans.py": "/proc",
    "processes/process_tree.py": "/proc",
    "processes/supervised_process.py": "writes what a command prints",
    "azure/jobs/run_jobs.py": "the rows that the run wrote",
    "runner/training.py": "the store and the rows that the run wrote, before any script runs",
    "support/folder_copy.py": "writes copies of plain files",
    "support/script_files.py": "writes new files, and copies of plain ones",
    "report/write.py": "appends to the file of GITHUB_STEP_SUMMARY",
    "support/temporary_folders.py": "the locks of its own folders",
    "runner/outcome.py": "the run's own outcomes",
    "draft/write.py": "creates the drafted catalogue",
    "pytest_plugin/plan.py": "the run's own plan",
    "promises/rebuilt_environment.py": "the result of its own scoring; model files read before",
    "command/changed_environment.py": "the installer's records of packages",
    "catalogue/tables.py": "the data, after it was looked for",
    "upgrade/crossings/load_models.py": "the rows that the run wrote",
    "runner/score.py": "the rows that the run wrote",
    "support/standard_output.py": "the null device",
    "servers/azurite/azurite.py": "the suite's lock file, its own notes, and Azurite's output",
    "servers/shared_servers.py": "the run's own list of servers",
    "servers/deployed/scoring_script.py": "the model that it serves, as any scoring script does",
    "servers/scoring_server.py": "hashes the files of a model that was loaded before",
    "pytest_plugin/fixtures_azure.py": "the run's own note on a registration",
    "processes/fork_server.py": "writes a job's output",
    "processes/warm_worker.py": "the standard input",
    "upgrade/crossings/carried_store.py": "the result of the suite's own job",
    "upgrade/crossings/log_to_store.py": "the request of the suite's own job",
    "upgrade/changes/probe_words.py": "the source of the suite's own probes",
    "upgrade/causes/held_packages.py": "the pins that uv has just written",
    "upgrade/causes/pinned_environment.py": "the suite's own list of packages",
    "upgrade/crossings/load_and_score.py": "the request of the suite's own job",
    "upgrade/crossings/load_trials.py": "the result of the suite's own job",
    "upgrade/profile/observe/mode.py": "the request of the suite's own job",
    "upgrade/record_baselines.py": "writes its log",
    "upgrade/runs/store_section.py": "the result of the suite's own job",
    "upgrade/runs/storeless_scripts.py": "the result of the suite's own script",
    "upgrade/record_surface.py": "wheels that were downloaded from the package index",
    "upgrade/profile/recording.py": "results of the suite's own jobs",
    "promises/rows.py": "the rows that the run wrote",
    "sweep/results.py": "the results of the suite's own jobs",
    "upgrade/probes/recording.py": "the results of the suite's own jobs",
    "upgrade/probes/web_applications.py": "asks an application in its process",
    **{
        f"upgrade/probes/subjects/{subject}.py": "what the probe itself wrote"
        for subject in (
            *("artifacts", "command_line", "examples", "loaded_models", "loading"),
            *("logged_examples", "serving"),
        )
    },
}
# The only module that opens files of users and scripts.
PLAIN_FILES = "support/plain_files.py"
IN_MEMORY = {
    "model/model_file.py": "an archive that plain_files has opened",
    "existing/model_files.py": "files in an archive that plain_files has opened",
}


def sources() -> list[Path]:
    """Return all modules except the rehearsal's, which serves only this suite."""
    found = sorted(PACKAGE.rglob("*.py"))
    return [path for path in found if "rehearsal" not in path.relative_to(PACKAGE).parts]


def opening_calls(text: str) -> Iterator[str]:
    """Yield the names of the calls in a module that open a file."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in OPENING:
            yield called.attr
        # A function named like a method (read_bytes) is that of plain_files.
        if isinstance(called, ast.Name) and called.id in OPENING - {"read_bytes", "read_text"}:
            yield called.id


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_others_wrote_is_opened_in_one_place(path: Path) -> None:
    """Only the listed modules open files themselves: files that the run itself wrote."""
    name = path.relative_to(PACKAGE).as_posix()
    if name == PLAIN_FILES or name in IN_MEMORY:
        return
    calls = list(opening_calls(path.read_text(encoding="utf-8")))
    if name in WRITTEN_BY_THE_RUN:
        assert calls, f"{name} opens nothing any more: take it off the list"
    else:
        assert not calls, (
            f"{name} opens files itself ({calls}): use mlflow_conformance.support.plain_files"
        )


@pytest.mark.parametrize(
    "text",
    [
        "open('x')",
        "path.open()",
        "path.read_text(encoding='utf-8')",
        "(folder / 'x').read_bytes()",
        "pd.read_csv(path)",
        "zipfile.ZipFile(path)",
        "os.fdopen(3)",
    ],
)
def test_every_way_of_opening_is_noticed(text: str) -> None:
    """The check notices every usual way to open a file."""
    assert list(opening_calls(text))


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_cut_representation_is_shown_in_one_place(path: Path) -> None:
    """No message shortens ``repr`` itself: it can raise, and it is built in full first."""
    assert "!r:." not in path.read_text(encoding="utf-8"), (
        "use mlflow_conformance.support.text.shown"
    )
