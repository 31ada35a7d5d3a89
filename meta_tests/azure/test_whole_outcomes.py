"""Does a whole run tell apart how its jobs end, and what of them could not be checked?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pytest

from fixtures.rehearsal.start import Rehearsal
from meta_tests.azure.whole_azure import LOOKING_CLOSELY, scenery
from meta_tests.whole_runs import WholeRun

OUTCOME = "test_mode_leaves_exactly_one_model"


@dataclass(frozen=True)
class Fate:
    """How a mode's job is made to end, and what the run says of it."""

    rule: dict[str, Any]
    display_name: str
    is_failed: bool
    words: str


FATES = {
    "autolog-array": Fate(
        {"fail": "ValueError: no such column"}, "diabetes-train-autolog", True, "failed in the job"
    ),
    "autolog-frame": Fate(
        {"preempt": True}, "diabetes-train-autolog-frame", False, "its node was pre-empted"
    ),
    "sklearn-array": Fate(
        {"fail_image_build": "no such package"},
        "diabetes-train-sklearn",
        False,
        "the job's image could not be built",
    ),
    "sklearn-frame": Fate(
        {"complete_without_model": True},
        "diabetes-train-sklearn-frame",
        True,
        "logged no model: no MLmodel file is among its Outputs + logs",
    ),
    "infer-array": Fate(
        {"hang": True},
        "diabetes-train-infer",
        True,
        "was still running after 9 s (--job-timeout) and was canceled",
    ),
}


@dataclass(frozen=True)
class Troubled:
    """A run with every kind of bad job: what it said, its XML report, and its jobs' statuses."""

    run: WholeRun
    report: ElementTree.Element
    statuses: Counter[str]

    def reported(self, mode: str, kind: str) -> list[str]:
        """Return what the XML report says of a mode: its "failure", "error" or "skipped" ones."""
        cases = [
            case for case in self.report.iter("testcase") if f"[{mode}-" in case.attrib["name"]
        ]
        return [str(found.text) for case in cases for found in case.findall(kind)]


@pytest.fixture(scope="module")
def troubled(rehearsal_service: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> Troubled:
    """A run with a job of every fate, over a connection that has its own trouble."""
    jobs = {fate.display_name: fate.rule for fate in FATES.values()}
    faults = [
        {"method": "GET", "path": r"/jobs/[^/]+$", "status": 500},
        {"method": "GET", "path": r"/jobs/[^/]+$", "reset": True},
        {"method": "PUT", "path": r"/jobs/[^/]+$", "reset": True, "after": True},
    ]
    modes = [word for mode in FATES for word in ("--mode", mode)]
    folder = tmp_path_factory.mktemp("troubled")
    with scenery(rehearsal_service, folder, jobs=jobs, faults=faults) as scene:
        ended = scene.run(*modes, "--job-timeout", "9", modules=["outcome", "azure_job"])
        puts = scene.control.requests("PUT", "/jobs/")
        cancels = scene.control.requests("POST", "/cancel")
    report = ElementTree.parse(folder / "report.xml").getroot()  # noqa: S314 - our own
    made = Counter(put["path"].rpartition("/")[2].partition("-")[0] for put in puts)
    return Troubled(ended, report, made + Counter(cancel=len(cancels)))


def test_bad_jobs_fail_the_run(troubled: Troubled) -> None:
    """A run in which a mode leaves no model ends with exit code 1; each job was made once."""
    assert troubled.run.exit_code == 1, troubled.run.output
    assert troubled.statuses == {"conformance": len(FATES), "cancel": 1}


@pytest.mark.parametrize("mode", FATES)
def test_only_what_a_script_did_is_a_broken_promise(mode: str, troubled: Troubled) -> None:
    """Trouble of the infrastructure is one error, a script's a failure; both say what to do."""
    fate, output = FATES[mode], troubled.run.output
    failures, errors = (troubled.reported(mode, kind) for kind in ("failure", "error"))
    found, other = (failures, errors) if fate.is_failed else (errors, failures)
    assert other == [] or (fate.is_failed and not errors), output
    assert sum(fate.words in text for text in found) == 1, output
    assert all(
        "https://ml.azure.com/runs/conformance-" in text for text in found if "CouldNot" in text
    )
    word = "FAILED" if fate.is_failed else "ERROR"
    assert (
        len(troubled.run.lines_with(f"{word} conformance/test_outcome.py::{OUTCOME}[{mode}-")) == 1
    )


def test_a_script_s_last_words_are_shown(troubled: Troubled) -> None:
    """The log's tail and the link stand where the promise fails."""
    [failure] = [text for text in troubled.reported("autolog-array", "failure") if OUTCOME in text]
    assert "ValueError: no such column" in failure
    assert "https://ml.azure.com/runs/conformance-" in failure


@pytest.mark.parametrize("mode", FATES)
def test_what_could_not_be_checked_is_counted(mode: str, troubled: Troubled) -> None:
    """One line a mode tells what is lost, and why."""
    lost = troubled.run.lines_with(f"LOST {mode}-azure: ")
    assert len(lost) == 1, troubled.run.output
    assert f"{mode}-azure " in lost[0].partition("(")[2]


def test_every_line_of_the_progress_is_whole(troubled: Troubled) -> None:
    """What tests print of themselves begins with their file, and nothing was taken for output."""
    assert troubled.run.lines_with("conformance/test_azure_job.py "), troubled.run.output
    assert "Captured stdout" not in troubled.run.output
    assert "INTERNALERROR" not in troubled.run.output


def test_a_user_who_looks_closely_sees_no_secret(
    rehearsal_service: Rehearsal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A job that trains, trouble on the wire, and all that pytest can tell; models are kept."""
    faults = [
        {"method": "POST", "path": r"/listSecrets$", "status": 500},
        {"method": "GET", "path": r"/outputs/model/MLmodel$", "reset": True},
        {"method": "PUT", "path": r"/models/[^/]+/versions/", "reset": True, "after": True},
        {"method": "GET", "path": r"/history/.*/details$", "status": 500},
    ]
    folder = tmp_path_factory.mktemp("closely")
    with scenery(rehearsal_service, folder, faults=faults) as scene:
        ended = scene.run(
            *("-k", "save-log", "--keep", "-m", "local or azure", *LOOKING_CLOSELY),
            modules=["outcome", "azure_job", "azure_registration", "flavors"],
        )
        jobs = scene.jobs()
    assert ended.exit_code == 0, ended.output
    assert [job.partition("save-log")[1] for job in jobs] == ["save-log"], "of nine modes"
    [kept] = ended.lines_with("kept in the workspace (--keep)")
    after = ended.output.partition(kept)[2]
    assert "  model mlflow-diabetes, version " in after
    assert "'Authorization': 'REDACTED'" in ended.output, "the clients' own log is not there"
    counted = [line.partition(":")[0] for line in ended.lines_with(" promises checked")]
    assert counted == ["save-log-azure", "save-log-sqlite", "all"]
