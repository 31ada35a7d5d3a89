"""``--report``: what a whole run writes, however it ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from meta_tests.end_to_end.suite_run import DUE, SuiteRun, caller, mode, run, write_catalogue

FLAVORS = ["python_function", "sklearn", "onnx"]
SELECTED = "test_mode_leaves or test_flavors_are"


@dataclass(frozen=True)
class Reported:
    """A run, and the files of its report."""

    run: SuiteRun
    folder: Path

    @property
    def results(self) -> dict[str, Any]:
        """Return the content of ``results.json``."""
        return dict(json.loads((self.folder / "results.json").read_text(encoding="utf-8")))

    def checks_of(self, subject: str) -> dict[str, tuple[str, str]]:
        """Return the result and the reason of each check of a subject, by the test's name."""
        results = self.results
        names = [each["id"].rpartition("::")[2] for each in results["requirements"]]
        subjects = [each["id"] for each in results["subjects"]]
        texts = [*results["messages"], ""]
        return {
            names[check["requirement"]]: (check["result"], texts[check.get("reason", -1)])
            for check in results["checks"]
            if subjects[check["subject"]] == subject
        }


def reported(folder: Path, *options: str, select: str = SELECTED, **variables: str) -> Reported:
    """Return a run of a good mode, a broken one and one that crashes, with its report."""
    modes = [
        mode("good", "model.py"),
        mode("broken", "model.py", flavors=FLAVORS),
        mode("crashing", "crash.py"),
    ]
    catalogue = write_catalogue(folder, modes, {"crash.py": "1 / 0"})
    ended = run(
        folder,
        "--catalogue",
        str(catalogue),
        "-k",
        select,
        "--report",
        str(folder / "report"),
        *options,
        modules=["outcome", "flavors"],
        environment=caller(**variables),
    )
    return Reported(ended, folder / "report")


@pytest.fixture(scope="module", params=[(), ("-n", "2")], ids=["one-process", "two-workers"])
def mixed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """The report of a run with kept, broken and unchecked promises."""
    folder = tmp_path_factory.mktemp("reported")
    return reported(folder, *request.param, GITHUB_STEP_SUMMARY=str(folder / "steps.md"))


def test_results_are_those_of_the_run(mixed: Reported) -> None:
    """Every promise that was selected has its result, with the reason if it is not kept."""
    assert {result for result, _ in mixed.checks_of("good-sqlite").values()} == {"kept"}
    assert mixed.checks_of("broken-sqlite")["test_flavors_are_the_promised_ones"][0] == "broken"
    crashed = mixed.checks_of("crashing-sqlite")
    assert crashed["test_mode_leaves_exactly_one_model"][0] == "broken"
    result, why = crashed["test_flavors_are_the_promised_ones"]
    assert result == "not checked"
    assert "ZeroDivisionError" in why
    assert mixed.results["counts"] == {"broken": 2, "not checked": 1, "kept": 3}


def test_the_report_says_what_the_last_lines_say(mixed: Reported) -> None:
    """The result, the causes and what was not selected are those of the terminal."""
    results = mixed.results
    assert results["last_line"] == mixed.run.output.splitlines()[-1]
    assert results["exit_code"] == mixed.run.exit_code == 1
    for cause in results["causes"]:
        assert f"CAUSE {cause['text']}" in mixed.run.output
    assert len(results["causes"]) == len(mixed.run.lines_with("CAUSE "))
    assert any(f"of {3 * DUE} promises by" in line for line in results["not_looked_at"])
    assert results["partial"] == ""
    assert any(line.startswith("under test: ") for line in results["header"])


def test_a_broken_promise_is_told_in_full(mixed: Reported) -> None:
    """The error, the requirement and its source are there."""
    results = mixed.results
    (check,) = (c for c in results["checks"] if c["result"] == "broken" and c["subject"] == 1)
    assert (
        "should be: ['onnx', 'python_function', 'sklearn']" in results["messages"][check["message"]]
    )
    requirement = results["requirements"][check["requirement"]]
    assert requirement["text"].endswith(".")
    assert "https://mlflow.org/docs/" in requirement["source"]


def test_the_subjects_have_their_model_file_and_their_outcome(mixed: Reported) -> None:
    """The ``MLmodel`` that a mode logged is in the report, and why a mode logged none."""
    good, _, crashing = mixed.results["subjects"]
    assert "loader_module: mlflow.sklearn" in good["mlmodel"]
    assert good["not_selected"] == DUE - 2
    assert crashing["outcome"] == "crashed"
    assert "ZeroDivisionError" in crashing["message"]


def test_the_page_is_named_above_the_last_line(mixed: Reported) -> None:
    """The terminal says where the page is; the result stays the last line."""
    assert mixed.run.output.splitlines()[-2] == f"report: {mixed.folder / 'report.html'}"


def test_the_summary_is_appended_for_github(mixed: Reported) -> None:
    """The step summary of a workflow gets the same text as ``summary.md``."""
    steps = (mixed.folder.parent / "steps.md").read_text(encoding="utf-8")
    assert steps == (mixed.folder / "summary.md").read_text(encoding="utf-8")


def test_a_run_that_is_stopped_says_that_it_is_partial(tmp_path: Path) -> None:
    """With ``-x``, promises that were not reached are not checked, and the report says so."""
    found = reported(tmp_path, "-x")
    assert "stopping after 1 failures" in found.results["partial"]
    assert ("not checked", "the run ended before") in found.checks_of("crashing-sqlite").values()


def test_a_run_without_tests_has_a_report(tmp_path: Path) -> None:
    """A run that selected nothing is partial, and its report is not green."""
    found = reported(tmp_path, select="nothing_of_this_name")
    assert found.run.exit_code != 0
    assert found.results["exit_code"] == found.run.exit_code
    assert found.results["partial"] == "no test was selected"


def test_a_report_of_an_earlier_run_does_not_stay(tmp_path: Path) -> None:
    """A run that cannot begin removes what could be taken for its report."""
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.html").write_text("old")
    found = reported(tmp_path, "--mode", "good", "--baseline", "1.2.3")
    assert found.run.exit_code != 0
    assert list(found.folder.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_told_before_anything_runs(tmp_path: Path) -> None:
    """One line names the option and the file that is in the way."""
    (tmp_path / "report").write_text("")
    ended = reported(tmp_path).run
    assert ended.exit_code == 4
    (line,) = ended.lines_with("--report: ")
    assert line.endswith(f"{tmp_path / 'report'}: is not a folder; name another folder")
    assert "Traceback" not in ended.output


FAILS_AT_THE_END = """
def pytest_sessionfinish():
    raise OSError("no room for a file")
"""


def test_a_run_whose_end_fails_is_not_green(tmp_path: Path) -> None:
    """If another plugin fails at the end of a run, its report is partial and has its exit code."""
    (tmp_path / "late_plugin.py").write_text(FAILS_AT_THE_END)
    options = ("--mode", "good", "-p", "late_plugin")
    found = reported(tmp_path, *options, PYTHONPATH=str(tmp_path))
    assert found.run.exit_code != 0
    assert found.results["exit_code"] != 0
    assert found.results["partial"] == "it was ended before its end, or a plugin failed there"


def test_a_list_of_tests_is_no_report(tmp_path: Path) -> None:
    """``--collect-only`` checks nothing, so there is nothing to report."""
    found = reported(tmp_path, "--collect-only")
    assert list(found.folder.glob("*")) == []


def test_a_summary_that_is_no_file_is_told_first(tmp_path: Path) -> None:
    """``GITHUB_STEP_SUMMARY`` that names a folder is one line before anything runs."""
    found = reported(tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path))
    assert found.run.exit_code == 4
    assert found.run.lines_with(f"GITHUB_STEP_SUMMARY: {tmp_path}: is not a plain file")


def test_an_option_without_a_folder_is_a_mistake(tmp_path: Path) -> None:
    """``--report=`` of an unset variable writes nothing into the working directory."""
    found = reported(tmp_path, "--report=")
    assert found.run.exit_code == 4
    assert found.run.lines_with("--report: ")
