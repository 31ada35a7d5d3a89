"""Tests of runs of the suite that choose the jobs' MLflow, and of runs whose user names it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from meta_tests.azure.whole.azure_run import suite_runner
from mlflow_conformance.rehearsal.start import Rehearsal

pytestmark = pytest.mark.package_index
AUTO = ("--job-mlflow", "auto")


def test_the_chosen_mlflow_checks_everything(rehearsal_service: Rehearsal, tmp_path: Path) -> None:
    """Without logged models, jobs run the newest 2.x; a mode of MLflow 3 gets no job."""
    with suite_runner(rehearsal_service, tmp_path) as runner:
        modes = ("--mode", "autolog-frame", "--mode", "by-name")
        ended = runner.run(*modes, *AUTO, modules=["outcome", "azure_job", "flavors"])
        jobs = runner.jobs()
    assert ended.exit_code == 0, ended.output
    [choice] = ended.lines_with("preflight: jobs run MLflow ")
    assert choice == (
        "preflight: jobs run MLflow 2.22.5, the newest 2.x: this workspace does not support MLflow"
        " 3's logged models (--job-mlflow VERSION for another)"
    )
    assert ended.lines_with("does not apply: by-name: from MLflow 3.0 on")
    assert [job.partition("autolog-frame")[1] for job in jobs] == ["autolog-frame"]
    [row] = ended.lines_with("autolog-frame-azure: ")
    counts = re.search(r": (\d+) of (\d+) promises checked, (\d+) not selected$", row)
    assert counts is not None, ended.output
    checked, due, not_selected = map(int, counts.groups())
    assert checked == due - not_selected
    assert not ended.lines_with("by-name-azure: ")
    [left_out] = ended.lines_with("skipped: ")
    assert left_out.endswith("about modes that do not apply to the MLflow that was chosen")


def test_an_mlflow_that_the_user_named_checks_what_it_can(
    rehearsal_service: Rehearsal, tmp_path: Path
) -> None:
    """MLflow 3 without logged models ends with 0; the summary begins with what that means."""
    with suite_runner(rehearsal_service, tmp_path) as runner:
        ended = runner.run(
            "--mode", "autolog-frame", "--job-mlflow", "3.15.0", modules=["outcome", "flavors"]
        )
    assert ended.exit_code == 0, ended.output
    [empty] = ended.lines_with(" promises had no model to be checked on")
    of_pytest = ended.lines_with("xfailed in ")[-1]
    lines = ended.output.splitlines()
    assert lines.index(empty) == lines.index(of_pytest) + 1
    number, of = empty.split()[0], empty.split()[2]
    assert 2 * int(number) > int(of)
    assert f"{number} without a model, as known" in ended.output
    assert ended.lines_with("log_model and autologging may leave no model (--job-mlflow auto")
