"""The action and the workflows to copy: valid, safe, and each of their scripts runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from meta_tests.end_to_end.suite_run import caller, mode, write_catalogue
from mlflow_conformance.support.paths import PACKAGE, ROOT

ACTION = ROOT / "action.yml"
EXAMPLES = ROOT / "docs" / "ci"
WORKFLOWS = [EXAMPLES / f"{name}.yml" for name in ("pull-request", "nightly", "registry", "azure")]
# The schemas that check-jsonschema brings.
SCHEMAS = {
    "action.yml": "vendor.github-actions",
    ".github/workflows/azure.yml": "vendor.github-workflows",
    "docs/ci/pull-request.yml": "vendor.github-workflows",
    "docs/ci/nightly.yml": "vendor.github-workflows",
    "docs/ci/registry.yml": "vendor.github-workflows",
    "docs/ci/gitlab-ci.yml": "vendor.gitlab-ci",
    "docs/ci/azure.yml": "vendor.github-workflows",
    "docs/ci/azure-pipelines.yml": "vendor.azure-pipelines",
    "docs/ci/azure-pipelines-pull-request.yml": "vendor.azure-pipelines",
}
PINNED = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}|\./\.conformance")


def tool(name: str) -> str:
    """Return the path of a checker of the group ``workflows``, or skip."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"{name} is not installed: uv run --group workflows")
    return found


def document(file: Path) -> Any:
    """Return a YAML document."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def steps(file: Path) -> dict[str, dict[str, Any]]:
    """Return the named steps of the action, or of a workflow's only job."""
    found = document(file)
    listed = found["runs"] if file == ACTION else next(iter(found["jobs"].values()))
    return {step["name"]: step for step in listed["steps"] if "name" in step}


def run(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub does, with its programs in ``tools`` before all others."""
    path = os.pathsep.join([str(folder / "tools"), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=caller(PATH=path, **variables),
        capture_output=True,
        text=True,
        check=False,
    )


def program(folder: Path, name: str, script: str) -> Path:
    """Write a program that adds its arguments to NAME.txt, and then does what ``script`` says."""
    (folder / "tools").mkdir(exist_ok=True)
    file = folder / "tools" / name
    file.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/{name}.txt"\n{script}\n')
    file.chmod(0o755)
    return file


def told(folder: Path, name: str) -> list[str]:
    """Return the arguments of each call of a program, none if it was not called."""
    file = folder / f"{name}.txt"
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize("file", SCHEMAS)
def test_it_is_as_its_schema_says(file: str) -> None:
    """The build server accepts the file."""
    checker = [tool("check-jsonschema"), "--regex-variant", "python"]
    command = [*checker, "--builtin-schema", SCHEMAS[file], str(ROOT / file)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_every_file_has_a_schema() -> None:
    """No pipeline is left out of the check above."""
    files = [ACTION, *EXAMPLES.glob("*.yml"), *(ROOT / ".github" / "workflows").glob("*.yml")]
    assert {file.relative_to(ROOT).as_posix() for file in files} == set(SCHEMAS)


def test_zizmor_finds_nothing() -> None:
    """The auditor of GitHub's workflows finds no injection, no wide permission, no loose pin."""
    files = [name for name, schema in SCHEMAS.items() if "github" in schema]
    command = [tool("zizmor"), "--offline", "--pedantic", "--min-severity", "low", *files]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("file", [ACTION, *WORKFLOWS], ids=lambda file: file.name)
def test_actions_of_others_are_pinned(file: Path) -> None:
    """What is used of others is named by its commit, and clones keep no credentials."""
    found = document(file)
    listed = found["runs"] if file == ACTION else next(iter(found["jobs"].values()))
    used = [step for step in listed["steps"] if "uses" in step]
    assert used
    assert [s["uses"] for s in used if not PINNED.fullmatch(s["uses"])] == []
    clones = [step for step in used if "checkout" in step["uses"]]
    assert all(step["with"]["persist-credentials"] is False for step in clones)


def test_the_action_checks_a_real_catalogue(tmp_path: Path) -> None:
    """The action's own scripts fail for a broken mode, write its report, and annotate its line."""
    modes = [mode("good", "model.py"), mode("silent", "nothing.py")]
    write_catalogue(tmp_path, modes, {"nothing.py": ""})
    variables = {
        "PYTHON": sys.executable,
        "CATALOGUE": "modes.yaml",
        "REPORT": "out",
        "BASELINE": "",
        "WITH": "",
        "FAIL_ON": "",
        "OPTIONS": "-q --mode silent",
        "PYTHONPATH": str(PACKAGE.parent),
    }
    checked = run(steps(ACTION)["Check the promises"]["run"], tmp_path, **variables)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert {"report.html", "results.json", "summary.md", "junit.xml"} == {
        file.name for file in (tmp_path / "out").iterdir()
    }
    annotated = run(steps(ACTION)["Annotate the catalogue"]["run"], tmp_path, **variables)
    assert annotated.returncode == 0, annotated.stderr
    line = (tmp_path / "modes.yaml").read_text().splitlines().index("- name: silent") + 1
    assert annotated.stdout.startswith(
        f"::error file=modes.yaml,line={line},title=silent-sqlite%3A"
    )


def test_the_action_passes_its_inputs_on(tmp_path: Path) -> None:
    """Each input is an option; packages are changed one by one, and nothing of it is code."""
    python = program(tmp_path, "python", "")
    variables = {
        "PYTHON": str(python),
        "CATALOGUE": "a b.yaml",
        "REPORT": "out",
        "BASELINE": "2.22.5",
        "WITH": "mlflow==3.17.2 scikit-learn==1.8.0",
        "FAIL_ON": "warning",
        "OPTIONS": "--mode x; touch hacked",
    }
    assert run(steps(ACTION)["Check the promises"]["run"], tmp_path, **variables).returncode == 0
    (command,) = told(tmp_path, "python")
    assert command == (
        "-m mlflow_conformance --with mlflow==3.17.2 --with scikit-learn==1.8.0 -m local"
        " --catalogue a b.yaml --report out --junitxml out/junit.xml --baseline 2.22.5"
        " --fail-on warning --mode x; touch hacked"
    )
    assert not (tmp_path / "hacked").exists()


def test_the_action_installs_the_suite_beside_the_project(tmp_path: Path) -> None:
    """The suite is installed into the project's environment, not the project into the suite's."""
    program(tmp_path, "uv", "")
    script = steps(ACTION)["Install the suite"]["run"]
    assert run(script, tmp_path, PYTHON=".venv/bin/python", SUITE="/suite").returncode == 0
    assert told(tmp_path, "uv") == ["pip install --quiet --python .venv/bin/python /suite"]


def test_without_a_report_there_are_no_annotations(tmp_path: Path) -> None:
    """A run that could not begin wrote no report, and the step says nothing of it."""
    script = steps(ACTION)["Annotate the catalogue"]["run"]
    ended = run(script, tmp_path, PYTHON="false", REPORT="out", CATALOGUE="x")
    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.parametrize(
    ("code", "said", "fails"),
    [
        (0, "SAFE", 0),
        (1, "NOT SAFE", 0),
        (4, "OLD and NEW are the same (MLflow 3.17.2): nothing to compare; name two", 0),
        (4, "the package index has no pre-release of MLflow that is newer than 3.17.2", 0),
        (4, "modes.yaml: there is no such file", 4),
        (2, "NO TELLING", 2),
        (3, "", 3),
    ],
)
def test_the_nightly_run_tells_a_break_from_an_error(
    code: int, said: str, fails: int, tmp_path: Path
) -> None:
    """A breaking change opens an issue; an error of the run, or a mistake, fails it."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    gate = program(tmp_path, "mlflow-conformance", f'echo "{said}"; exit {code}')
    (tmp_path / ".venv" / "bin" / "mlflow-conformance").symlink_to(gate)
    script = steps(EXAMPLES / "nightly.yml")["Compare"]["run"]
    output = str(tmp_path / "output")
    assert run(script, tmp_path, RELEASE="rc", GITHUB_OUTPUT=output).returncode == fails
    assert told(tmp_path, "mlflow-conformance") == [
        "gate rc --catalogue modes.yaml --report report"
    ]
    assert Path(output).read_text() == f"code={code}\n"


def test_the_newest_release_is_asked_of_the_index(tmp_path: Path) -> None:
    """The version is that of the wheel that pip would install."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    gate = program(tmp_path, "mlflow-conformance", "")
    (tmp_path / ".venv" / "bin" / "mlflow-conformance").symlink_to(gate)
    program(tmp_path, "python3", "mkdir newest; touch newest/mlflow-9.8.7-py3-none-any.whl")
    script = steps(EXAMPLES / "nightly.yml")["Compare"]["run"]
    run(script, tmp_path, RELEASE="newest", GITHUB_OUTPUT=str(tmp_path / "output"))
    assert told(tmp_path, "mlflow-conformance")[0].startswith("gate 9.8.7 ")


@pytest.mark.parametrize(("open_issue", "does"), [("", "issue create"), ("7", "issue edit 7")])
def test_one_issue_is_opened_or_updated(open_issue: str, does: str, tmp_path: Path) -> None:
    """There is one issue for each kind of release, with the summary as its text."""
    program(tmp_path, "gh", f'[ "$2" = list ] && echo "{open_issue}"; exit 0')
    script = steps(EXAMPLES / "nightly.yml")["Open or update the issue"]["run"]
    assert run(script, tmp_path, RELEASE="rc", GH_TOKEN="", GH_REPO="a/b").returncode == 0
    asked, done = told(tmp_path, "gh")
    assert asked.startswith("issue list --label mlflow-nightly --state open")
    assert done.startswith(does)
    assert done.endswith("--body-file report/summary.md")


@pytest.mark.parametrize("code", [0, 1, 2, 4])
def test_the_registry_is_checked_in_parts(code: int, tmp_path: Path) -> None:
    """Each job checks its part, shows what was found, and ends with the suite's exit code."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    suite = program(tmp_path, "mlflow-conformance", f"echo '2 of 9 models'; exit {code}")
    (tmp_path / ".venv" / "bin" / "mlflow-conformance").symlink_to(suite)
    of_registry = steps(EXAMPLES / "registry.yml")
    summary = tmp_path / "summary.md"
    given = {"SHARD": "2/4", "REGISTRY": "http://mlflow", "GITHUB_STEP_SUMMARY": str(summary)}
    ended = run(of_registry["Check the models"]["run"], tmp_path, **given)
    assert ended.returncode == code
    assert told(tmp_path, "mlflow-conformance") == [
        "model models:/* --tracking-uri http://mlflow --load --resume models --shard 2/4"
    ]
    assert summary.read_text() == "```\n2 of 9 models\n```\n"
    output = tmp_path / "output"
    run(of_registry["Name the results"]["run"], tmp_path, SHARD="2/4", GITHUB_OUTPUT=str(output))
    assert output.read_text() == "name=models-2\n"


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_the_project_is_installed_from_its_lock(file: Path, tmp_path: Path) -> None:
    """The project's own environment is what is tested."""
    program(tmp_path, "python3", "")
    (script,) = (step["run"] for name, step in steps(file).items() if name.startswith("Install"))
    assert run(script, tmp_path).returncode == 0
    assert told(tmp_path, "python3")[:2] == ["-m pip install --quiet --user uv", "-m uv sync"]


def gitlab() -> list[str]:
    """Return the commands of GitLab's job."""
    found: list[str] = document(EXAMPLES / "gitlab-ci.yml")["conformance"]["script"]
    return found


def azure() -> list[str]:
    """Return the scripts of Azure's job."""
    (job,) = document(EXAMPLES / "azure-pipelines-pull-request.yml")["jobs"]
    return [step["script"] for step in job["steps"] if "script" in step]


@pytest.mark.parametrize("commands", [gitlab(), azure()], ids=["gitlab", "azure"])
def test_other_build_servers_do_the_same(commands: list[str], tmp_path: Path) -> None:
    """The project and the suite are installed, and the suite's exit code is the job's."""
    program(tmp_path, "python3", "")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    suite = program(tmp_path, "python", "exit 1")
    (tmp_path / ".venv" / "bin" / "python").symlink_to(suite)
    *before, check = commands
    assert run("\n".join(before), tmp_path, CONFORMANCE="suite.whl").returncode == 0
    assert told(tmp_path, "python3")[1:] == [
        "-m uv sync",
        "-m uv pip install --quiet --python .venv/bin/python suite.whl",
    ]
    assert run(check, tmp_path).returncode == 1
    (command,) = told(tmp_path, "python")
    assert command == (
        "-m mlflow_conformance -m local --catalogue modes.yaml --report report"
        " --junitxml report/junit.xml"
    )


def test_the_hook_calls_a_command_that_exists() -> None:
    """The hook for pre-commit runs a subcommand of the suite."""
    from mlflow_conformance.command.main import COMMANDS, NAME

    (hook,) = document(ROOT / ".pre-commit-hooks.yaml")
    program_name, command = hook["entry"].split()
    assert program_name == NAME
    assert command in COMMANDS
