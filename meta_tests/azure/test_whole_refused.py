"""Is a whole run that cannot go to the workspace ended with one line, and nothing submitted?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures.rehearsal.start import Rehearsal
from meta_tests.azure.whole_azure import LOOKING_CLOSELY, Scenery, scenery
from meta_tests.whole_runs import WholeRun, caller, run

UNREACHABLE, USAGE_ERROR = 3, 4


@pytest.fixture
def scene(rehearsal_service: Rehearsal, tmp_path: Path) -> Iterator[Scenery]:
    """A workspace in which all goes well, and a folder for one run."""
    with scenery(rehearsal_service, tmp_path) as found:
        yield found


def one_line(ended: WholeRun, beginning: str) -> str:
    """Return the one line that tells why nothing was done: it is the last, and the only one."""
    told = ended.lines_with(beginning)
    assert len(told) == 1, ended.output
    assert ended.output.rstrip().endswith(told[0]), ended.output
    assert "Traceback" not in ended.output
    return told[0]


def nothing_submitted(scene: Scenery) -> bool:
    """Return whether nothing at all was made in the workspace."""
    return not scene.control.requests("PUT")


def test_unknown_compute(scene: Scenery) -> None:
    """The computes that are there are named."""
    ended = scene.run("--mode", "save-log", "--compute", "nowhere")
    assert ended.exit_code == USAGE_ERROR, ended.output
    told = one_line(ended, "ERROR: --compute nowhere: ")
    assert "there is no such compute; the workspace has aml-cluster, 'serverless'" in told
    assert nothing_submitted(scene)


def test_newest_mlflow(scene: Scenery) -> None:
    """An MLflow that the plugin does not allow: the newest that would do is named."""
    ended = scene.run("--mode", "save-log", "--job-mlflow", "3.17.2")
    assert ended.exit_code == USAGE_ERROR, ended.output
    assert "use --job-mlflow 3.15.0" in one_line(ended, "ERROR: MLflow 3.17.2 does not run in a")
    assert nothing_submitted(scene)


def test_wrong_secret(scene: Scenery) -> None:
    """Nobody is signed in: whom the chain asked, and what to do."""
    ended = scene.run(
        *("--mode", "save-log", *LOOKING_CLOSELY),
        variables={"AZURE_CLIENT_SECRET": "never-the-right-1"},
    )
    assert ended.exit_code == UNREACHABLE, ended.output
    [told] = ended.lines_with("! _pytest.outcomes.Exit: nothing could be checked: no token from ")
    assert "AADSTS7000215" in told
    assert "az login" in told
    assert "never-the-right-1" not in ended.output
    assert nothing_submitted(scene)


def test_forbidden_workspace(scene: Scenery) -> None:
    """The one who signed in may not look at the workspace."""
    scene.control.set(
        faults=[{"method": "GET", "path": r"/workspaces/[^/]+$", "status": 403, "times": None}]
    )
    ended = scene.run("--mode", "save-log")
    assert ended.exit_code in (UNREACHABLE, USAGE_ERROR), ended.output
    assert "AzureML Data Scientist" in ended.output
    assert "Traceback" not in ended.output
    assert nothing_submitted(scene)


def broken_config(folder: Path) -> list[str]:
    """Name a config.json that is cut off."""
    (folder / "config.json").write_text('{"subscription_id": "x"')
    return ["--workspace", str(folder / "config.json")]


AT_ONCE: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "no configuration": (
        lambda folder: [],
        "ERROR: -m azure: no workspace to submit jobs to, as its subscription",
    ),
    "broken config.json": (broken_config, "is no workspace's config.json: is no JSON"),
    "misspelt mode": (
        lambda folder: ["--mode", "savelog"],
        "modes.yaml: no mode 'savelog'; there are autolog-array, ",
    ),
    "baseline": (
        lambda folder: ["--workspace", "rehearsal", "--baseline", "2.22.5"],
        "ERROR: --baseline: only what is trained on this machine is compared",
    ),
}


@pytest.mark.parametrize("name", AT_ONCE)
def test_mistakes_are_told_at_once(name: str, tmp_path: Path) -> None:
    """What the command line alone gets wrong costs no request and no import."""
    options, said = AT_ONCE[name]
    ended = _plain(tmp_path, *options(tmp_path))
    assert ended.exit_code == USAGE_ERROR, ended.output
    assert len(ended.output.strip().splitlines()) == 1
    one_line(ended, said)


def test_collecting_starts_nothing(tmp_path: Path) -> None:
    """``--collect-only`` lists the promises: no rehearsal, no job, no import of MLflow."""
    ended = _plain(tmp_path, "--workspace", "rehearsal", "--collect-only", "-q")
    assert ended.exit_code == 0, ended.output
    assert ended.lines_with("test_mode_leaves_exactly_one_model[save-log-azure]")
    assert not ended.lines_with("preflight")
    assert not list(tmp_path.rglob("rehearsal*"))


def _plain(folder: Path, *options: str) -> WholeRun:
    """Run in an empty folder, with no variable of Azure's."""
    here: dict[str, Any] = {k: v for k, v in caller().items() if not k.startswith("AZURE")}
    return run(
        folder, "-m", "azure", *options, environment=here, directory=folder, modules=["outcome"]
    )
