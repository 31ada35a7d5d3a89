"""Tests of runs of the suite whose jobs fail: how each failure is reported."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pytest

from meta_tests.azure.whole.azure_run import VERBOSE_OPTIONS, suite_runner
from meta_tests.end_to_end.suite_run import SuiteRun
from mlflow_conformance.rehearsal.start import Rehearsal

OUTCOME = "test_mode_leaves_exactly_one_model"


@dataclass(frozen=True)
class JobCase:
    """The fault of a mode's job and how the run reports it: a failure or an error."""

    fault: dict[str, Any]
    display_name: str
    is_failed: bool
    message: str


JOB_CASES = {
    "autolog-array": JobCase(
        {"fail": "ValueError: no such column"}, "diabetes-train-autolog", True, "failed in the job"
    ),
    "autolog-frame": JobCase(
        {"preempt": True}, "diabetes-train-autolog-frame", False, "its node was pre-empted"
    ),
    "sklearn-array": JobCase(
        {"fail_image_build": "no such package"},
        "diabetes-train-sklearn",
        False,
        "the job's image could not be built",
    ),
    "sklearn-frame": JobCase(
        {"complete_without_model": True},
        "diabetes-train-sklearn-frame",
        True,
        "logged no model: no MLmodel file is among its Outputs + logs",
    ),
    "infer-array": JobCase(
        {"hang": True},
        "diabetes-train-infer",
        True,
        "was still running after 9 s (--job-timeout) and was canceled",
    ),
}


@dataclass(frozen=True)
class FaultyRun:
    """A run with every kind of failed job: its output, its XML report, and its requests."""

    run: SuiteRun
    report: ElementTree.Element
    requests: Counter[str]

    def reported(self, mode: str, kind: str) -> list[str]:
        """Return the texts of a mode's "failure", "error" or "skipped" elements in the report."""
        cases = [
            case for case in self.report.iter("testcase") if f"[{mode}-" in case.attrib["name"]
        ]
        return [str(found.text) for case in cases for found in case.findall(kind)]


@pytest.fixture(scope="module")
def faulty_run(rehearsal_service: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> FaultyRun:
    """A run with a job for each case, over a connection with faults."""
    jobs = {case.display_name: case.fault for case in JOB_CASES.values()}
    faults = [
        {"method": "GET", "path": r"/jobs/[^/]+$", "status": 500},
        {"method": "GET", "path": r"/jobs/[^/]+$", "reset": True},
        {"method": "PUT", "path": r"/jobs/[^/]+$", "reset": True, "after": True},
    ]
    modes = [word for mode in JOB_CASES for word in ("--mode", mode)]
    folder = tmp_path_factory.mktemp("faulty_run")
    with suite_runner(rehearsal_service, folder, jobs=jobs, faults=faults) as runner:
        ended = runner.run(*modes, "--job-timeout", "9", modules=["outcome", "azure_job"])
        puts = runner.control.requests("PUT", "/jobs/")
        cancels = runner.control.requests("POST", "/cancel")
    report = ElementTree.parse(folder / "report.xml").getroot()  # noqa: S314 - our own
    made = Counter(put["path"].rpartition("/")[2].partition("-")[0] for put in puts)
    return FaultyRun(ended, report, made + Counter(cancel=len(cancels)))


def test_bad_jobs_fail_the_run(faulty_run: FaultyRun) -> None:
    """A run with modes without a model ends with exit code 1; each job is submitted once."""
    assert faulty_run.run.exit_code == 1, faulty_run.run.output
    assert faulty_run.requests == {"conformance": len(JOB_CASES), "cancel": 1}


@pytest.mark.parametrize("mode", JOB_CASES)
def test_only_what_a_script_did_is_a_broken_promise(mode: str, faulty_run: FaultyRun) -> None:
    """Infrastructure problems are errors, script errors are failures; both name the cause."""
    case, output = JOB_CASES[mode], faulty_run.run.output
    failures, errors = (faulty_run.reported(mode, kind) for kind in ("failure", "error"))
    found, other = (failures, errors) if case.is_failed else (errors, failures)
    assert other == [] or (case.is_failed and not errors), output
    assert sum(case.message in text for text in found) == 1, output
    assert all(
        "https://ml.azure.com/runs/conformance-" in text for text in found if "CouldNot" in text
    )
    word = "FAILED" if case.is_failed else "ERROR"
    assert (
        len(faulty_run.run.lines_with(f"{word} conformance/test_outcome.py::{OUTCOME}[{mode}-"))
        == 1
    )


def test_a_script_s_last_words_are_shown(faulty_run: FaultyRun) -> None:
    """A failure has the end of the script's log and the link to the job."""
    [failure] = [
        text for text in faulty_run.reported("autolog-array", "failure") if OUTCOME in text
    ]
    assert "ValueError: no such column" in failure
    assert "https://ml.azure.com/runs/conformance-" in failure


@pytest.mark.parametrize("mode", JOB_CASES)
def test_what_could_not_be_checked_is_counted(mode: str, faulty_run: FaultyRun) -> None:
    """One LOST line per mode names what could not be checked, and why."""
    lost = faulty_run.run.lines_with(f"LOST {mode}-azure: ")
    assert len(lost) == 1, faulty_run.run.output
    assert f"{mode}-azure " in lost[0].partition("(")[2]


def test_every_line_of_the_progress_is_whole(faulty_run: FaultyRun) -> None:
    """Progress lines begin with the test file, and no output is captured."""
    assert faulty_run.run.lines_with("conformance/test_azure_job.py "), faulty_run.run.output
    assert "Captured stdout" not in faulty_run.run.output
    assert "INTERNALERROR" not in faulty_run.run.output


def test_a_user_who_looks_closely_sees_no_secret(
    rehearsal_service: Rehearsal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A run with --keep, connection faults and pytest's most verbose output shows no secret."""
    faults = [
        {"method": "POST", "path": r"/listSecrets$", "status": 500},
        {"method": "GET", "path": r"/outputs/model/MLmodel$", "reset": True},
        {"method": "PUT", "path": r"/models/[^/]+/versions/", "reset": True, "after": True},
        {"method": "GET", "path": r"/history/.*/details$", "status": 500},
    ]
    folder = tmp_path_factory.mktemp("closely")
    with suite_runner(rehearsal_service, folder, faults=faults) as runner:
        ended = runner.run(
            "-k",
            "save-log",
            "--keep",
            "-m",
            "local or azure",
            *VERBOSE_OPTIONS,
            modules=["outcome", "azure_job", "azure_registration", "flavors"],
        )
        jobs = runner.jobs()
    assert ended.exit_code == 0, ended.output
    assert [job.partition("save-log")[1] for job in jobs] == ["save-log"], "of nine modes"
    [kept] = ended.lines_with("kept in the workspace (--keep)")
    after = ended.output.partition(kept)[2]
    assert "  model mlflow-diabetes-conformance, version " in after
    assert "'Authorization': 'REDACTED'" in ended.output, "the clients' own log is not there"
    counted = [line.partition(":")[0] for line in ended.lines_with(" promises checked")]
    assert counted == ["save-log-azure", "save-log-sqlite", "all"]
