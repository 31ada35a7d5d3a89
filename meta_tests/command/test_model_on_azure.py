"""Tests of ``model … --workspace``: its options, its results and its exit codes, without jobs."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from mlflow_conformance.azure.client.redaction import UnexpectedError
from mlflow_conformance.azure.errors import AzureMisconfigured, AzureUnreachable
from mlflow_conformance.command import model_on_azure
from mlflow_conformance.command.main import main
from mlflow_conformance.existing.registry import ExistingModel, RegistryTrouble
from mlflow_conformance.existing.results import ModelResult, ResultFile, not_checked

NAMED = ("--workspace", "lab", "--subscription", "01234567-89ab-cdef-0123-456789abcdef")
LAB = (*NAMED, "--resource-group", "group")
VERSIONS = ["Python 3.11", "mlflow 2.22.5"]
MODELS = [ExistingModel(f"models:/churn/{number}", "place") for number in (1, 2, 3)]


class Jobs:
    """Takes the place of the jobs: the verdict of each model is given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.verdicts = dict.fromkeys((model.name for model in MODELS), "sound")
        self.error: BaseException | None = None
        self.requests: list[Any] = []
        self.checked: list[str] = []
        fake = ModuleType("run_parts")
        fake.__dict__.update(PartsRequest=SimpleNamespace, run_parts=self._run)
        monkeypatch.setitem(sys.modules, "mlflow_conformance.azure.shards.run_parts", fake)
        monkeypatch.setattr(model_on_azure, "configuration_problem", lambda settings: None)

    def _run(self, request: Any, remaining: Any) -> list[Any]:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        models = remaining(VERSIONS, MODELS)
        self.checked = [model.name for model in models]
        results = [self._result(model) for model in models]
        return [SimpleNamespace(results=lambda: iter(results))]

    def _result(self, model: ExistingModel) -> ModelResult:
        verdict = self.verdicts[model.name]
        if verdict == "not checked":
            return not_checked(model, "the job was lost")
        return ModelResult(model.name, verdict)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Jobs:
    """Jobs that find nothing wrong."""
    monkeypatch.chdir(tmp_path)
    return Jobs(monkeypatch)


def check(*options: str) -> int:
    """Check a whole registry in a workspace."""
    return main(["model", "models:/*", *LAB, *options])


@pytest.mark.parametrize(
    ("verdict", "code", "last"),
    [
        ("sound", 0, "nothing speaks against 3 models: 3 sound"),
        ("doubtful", 0, "nothing speaks against 3 models: 1 doubtful, 2 sound"),
        ("damaged", 1, "1 of 3 models cannot be used here: 1 damaged, 2 sound"),
        ("not checked", 2, "1 of 3 models could not be looked at: 1 not checked, 2 sound"),
    ],
)
def test_the_exit_code_is_that_of_all_parts(
    jobs: Jobs, capsys: pytest.CaptureFixture[str], verdict: str, code: int, last: str
) -> None:
    """The summary and the exit code are those of a check on this machine."""
    jobs.verdicts["models:/churn/2"] = verdict
    assert check("--shards", "2", "--load", "--timeout", "7") == code
    printed = capsys.readouterr().out.splitlines()
    assert sorted(printed[-1].partition(": ")[2].split(", ")) == sorted(
        last.partition(": ")[2].split(", ")
    )
    assert printed[-1].partition(": ")[0] == last.partition(": ")[0]
    (request,) = jobs.requests
    assert (request.number, request.options.load, request.options.timeout) == (2, True, 7.0)
    assert request.settings.workspace == "lab"
    assert [reference.text for reference in request.references] == ["models:/*"]
    assert ("the job was lost" in "\n".join(printed)) == (verdict == "not checked")


def test_results_are_one_file(jobs: Jobs, tmp_path: Path) -> None:
    """The file has each model once, and says what the jobs have checked with; four is default."""
    assert check("--results", "found") == 0
    file = tmp_path / "found" / "models.jsonl"
    assert [one.name for one in ResultFile(file, {}).results()] == list(jobs.verdicts)
    assert '"versions": ["Python 3.11", "mlflow 2.22.5"]' in file.read_text().splitlines()[0]
    assert jobs.requests[0].number == 4


def test_a_lost_part_is_checked_again(
    jobs: Jobs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--resume asks the jobs only for models without a result, and the summary has all."""
    jobs.verdicts["models:/churn/2"] = "not checked"
    assert check("--results", "found") == 2
    jobs.verdicts["models:/churn/2"] = "sound"
    assert check("--resume", "found") == 0
    assert jobs.checked == ["models:/churn/2"]
    assert capsys.readouterr().out.endswith("nothing speaks against 3 models: 3 sound\n")
    assert check("--resume", "found") == 0
    assert jobs.checked == []


def test_results_of_other_packages_are_not_gone_on_with(
    jobs: Jobs, capsys: pytest.CaptureFixture[str]
) -> None:
    """Results that were found with other options are a mistake, told before jobs are submitted."""
    assert check("--results", "found") == 0
    assert check("--resume", "found", "--load") == 4
    assert "models.jsonl: has results of other packages or options" in capsys.readouterr().err
    jobs.requests.clear()
    assert check("--results", "found") == 4
    assert "exists; go on with --resume found" in capsys.readouterr().err
    assert not jobs.requests


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (AzureMisconfigured("--compute: there is no x"), 4, "ERROR: --compute: there is no x\n"),
        (
            AzureUnreachable("the workspace is away, sig=aBcDeF"),
            2,
            "could not be looked at: the workspace is away, sig=***\n",
        ),
        (
            RegistryTrouble("'models:/*': the registry has no model"),
            2,
            "could not be looked at: 'models:/*': the registry has no model\n",
        ),
        (UnexpectedError("KeyError: x"), 2, "could not be looked at: KeyError: x\n"),
        (KeyboardInterrupt(), 2, "interrupted\n"),
    ],
    ids=["misconfigured", "unreachable", "registry", "unexpected", "interrupted"],
)
def test_errors_of_the_run_have_their_exit_codes(
    jobs: Jobs,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    told: str,
) -> None:
    """A mistake ends with 4, what the user cannot change with 2; both in one line."""
    jobs.error = error
    assert check() == code
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--shards", "2"), "--shards: is for jobs in a workspace: add --workspace NAME"),
        (("--compute", "a"), "--compute: is for jobs in a workspace: add --workspace NAME"),
        (
            (*LAB, "--tracking-uri", "sqlite:///a.db"),
            "--tracking-uri: not with --workspace, whose own registry is asked",
        ),
        (
            (*LAB, "--bisect"),
            "--bisect: not with --workspace, whose own registry is asked",
        ),
        (
            (*LAB, "--rebuild"),
            "--rebuild: not with --workspace: a job may have no package index; rebuild them here",
        ),
        (
            (*LAB, "--shard", "1/2"),
            "--shard: with --workspace, name the number of jobs: --shards N",
        ),
        (
            (*LAB, "--job-timeout", "-1"),
            "--job-timeout: should be above 0 seconds, is -1",
        ),
        (
            ("--workspace", "a/config.json"),
            "--workspace: {here}/a/config.json: there is no such file",
        ),
        (
            (".", *LAB),
            "'.': no job can read a folder of this machine; name a model of the workspace:",
        ),
    ],
)
def test_mistakes_in_options_are_told_in_one_line(
    jobs: Jobs,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    told: str,
) -> None:
    """An option that means nothing ends with 4, before anything is asked."""
    named = ["models:/*"] if words[0] != "." else []
    assert main(["model", *named, *words]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ERROR: {told.format(here=tmp_path)}")
    assert not jobs.requests


@pytest.mark.parametrize("text", ["0", "201", "-1", "1.5", "two", "9" * 50])
def test_the_number_of_jobs_is_one_that_makes_sense(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """A number of jobs is from 1 to 200."""
    with pytest.raises(SystemExit) as ended:
        check("--shards", text)
    assert ended.value.code == 4
    assert f"should be a number from 1 to 200, is {text!r}" in capsys.readouterr().err
