"""A whole run is recorded, compared with a baseline, and gets a verdict."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, mode, write_catalogue
from meta_tests.upgrade.sample_runs import (
    GOOD,
    MODES,
    OLD,
    OTHER,
    PARAM,
    PROMISE,
    TAG,
    accepting,
    edited,
    gated,
    in_mode,
    two_modes,
)
from mlflow_conformance.runner.outcome import LOGGED
from mlflow_conformance.upgrade.profile.profile import read_profile

CRASHES = """\
import mlflow

with mlflow.start_run():
    pass
raise RuntimeError("no such parameter")
"""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of two modes, with an unusable baseline beside it."""
    path = two_modes(tmp_path_factory.mktemp("two"))
    (path.parent / "baseline.json").write_text("{")
    return path


@pytest.fixture(scope="module")
def recording(catalogue: Path) -> SuiteRun:
    """A run that is recorded and compared with nothing."""
    profile = catalogue.with_name("profile.json")
    return gated(catalogue, "--baseline", "none", "--record", str(profile))


@pytest.fixture(scope="module")
def profile(catalogue: Path, recording: SuiteRun) -> Path:
    """The recorded profile."""
    assert recording.exit_code == 0, recording.output
    return catalogue.with_name("profile.json")


@pytest.fixture(scope="module")
def same(catalogue: Path, profile: Path) -> SuiteRun:
    """A run with two workers that is recorded and compared with the recording of one process."""
    again, verdict = profile.with_name("again.json"), profile.with_name("verdict")
    paths = ("--record", str(again), "--verdict", str(verdict))
    return gated(catalogue, "-n", "2", "--baseline", str(profile), *paths)


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory, profile: Path) -> SuiteRun:
    """A run with a crashed mode, of which no promise is selected."""
    modes = [mode(GOOD, "model.py"), mode(OTHER, "crashes.py")]
    scripts = {"crashes.py": CRASHES}
    path = write_catalogue(tmp_path_factory.mktemp("crashed"), modes, scripts)
    return gated(path, f"--baseline={profile}", promise=f"{PROMISE} and {GOOD}")


@pytest.fixture(scope="module")
def accepted(catalogue: Path, profile: Path) -> SuiteRun:
    """A run of one mode against a baseline with a change in both modes, accepted for both."""
    lost = [in_mode(GOOD, PARAM), in_mode(OTHER, PARAM), in_mode(GOOD, TAG)]
    baseline = edited(profile, profile.with_name("accepted.json"), lost=lost)
    entries = accepting(
        profile.with_name("accepted.yaml"), read_profile(profile).mlflow, "param-lost", PARAM
    )
    options = (f"--baseline={baseline}", "--accepted", str(entries))
    return gated(catalogue, "--mode", GOOD, *options)


@pytest.fixture(scope="module")
def stale(tmp_path_factory: pytest.TempPathFactory, profile: Path) -> SuiteRun:
    """A run with a broken promise, a warning that counts, and a stale entry."""
    folder = tmp_path_factory.mktemp("stale")
    modes = [mode(name, "model.py", flavors=["python_function", "onnx"]) for name in MODES]
    catalogue = write_catalogue(folder, modes, {})
    baseline = edited(profile, folder / "before.json", lost=[in_mode(GOOD, TAG)])
    new = read_profile(profile).mlflow
    entries = accepting(folder / "stale.yaml", new, "param-lost", PARAM)
    options = ("--accepted", str(entries), "--fail-on", "warning")
    return gated(catalogue, "--baseline", str(baseline), *options)


def test_a_run_is_recorded(recording: SuiteRun, profile: Path) -> None:
    """``--record`` writes a profile of every mode, and the run prints its path."""
    found = read_profile(profile)
    assert found.modes.keys() == {*MODES}
    assert {facts["outcome"] for facts in found.modes.values()} == {LOGGED}
    assert recording.lines_with(f"recorded MLflow {found.mlflow}, installed here in {profile}")


def test_none_compares_with_nothing(recording: SuiteRun) -> None:
    """``--baseline none`` does not read the baseline beside the catalogue."""
    assert recording.exit_code == 0, recording.output
    assert "compared" not in recording.output


def test_two_recordings_are_the_same_bytes(same: SuiteRun, profile: Path) -> None:
    """A second recording, with two workers, is equal byte for byte."""
    assert same.lines_with("recorded MLflow "), same.output
    assert profile.with_name("again.json").read_bytes() == profile.read_bytes()


def test_a_run_is_safe_against_itself(same: SuiteRun, profile: Path) -> None:
    """A run that is compared with its own recording is SAFE, and the verdict is the last line."""
    assert same.exit_code == 0, same.output
    version = read_profile(profile).mlflow
    safe = "SAFE for what was observed, 2 of 2 modes: no breaking change between"
    between = f"{safe} two environments of MLflow {version}"
    assert same.output.splitlines()[-1] == between
    assert same.lines_with("2 modes; fails on: breaking")


def test_the_verdict_is_written(same: SuiteRun, profile: Path) -> None:
    """``--verdict`` writes the headline as JSON, Markdown and JUnit."""
    headline = same.output.splitlines()[-1]
    folder = profile.with_name("verdict")
    assert json.loads((folder / "verdict.json").read_text())["headline"] == headline
    assert headline in (folder / "verdict.md").read_text()
    assert ElementTree.parse(folder / "verdict.xml").getroot().tag == "testsuite"  # noqa: S314
    assert {path.name for path in folder.iterdir()} == {
        f"verdict.{x}" for x in ("json", "md", "xml")
    }


def test_a_mode_that_crashes_now_is_one_change(crashed: SuiteRun) -> None:
    """A crash is the only change of its mode; the run fails as NOT SAFE."""
    assert crashed.exit_code == 1, crashed.output
    assert crashed.lines_with("all: 1 of "), crashed.output
    version = re.search(r"under test: .*mlflow ([\w.]+),", crashed.output)
    assert version is not None
    assert crashed.output.splitlines()[-1] == (
        f"NOT SAFE: 1 breaking change between two environments of MLflow {version[1]}"
    )
    block = crashed.output.partition("breaking: a script that logged a model fails [mode-fails]")[2]
    assert "RuntimeError: no such parameter (shaky)" in block.splitlines()[1]
    assert "what can stop working: jobs that run this script end without a model" in block


def test_an_accepted_change_does_not_fail(accepted: SuiteRun) -> None:
    """An accepted change is listed with its reason; a warning besides it does not fail the run."""
    assert accepted.exit_code == 0, accepted.output
    assert accepted.lines_with("(1 warning, 1 accepted)") == [
        *accepted.lines_with(
            f"SAFE for what was observed, 1 of 1 mode: no breaking change from MLflow {OLD} to"
        )
    ]
    assert accepted.lines_with("accepted: param-lost: ")
    assert accepted.lines_with("nobody reads it (https://example.org/1)")


def test_only_the_named_mode_is_compared(accepted: SuiteRun) -> None:
    """With ``--mode`` the report does not mention the changes and entries of other modes."""
    assert accepted.lines_with("1 mode; fails on: breaking"), accepted.output
    assert "stale" not in accepted.output
    assert OTHER not in accepted.output.partition("upgrade gate")[2]


def test_a_stale_entry_fails(stale: SuiteRun) -> None:
    """A stale entry fails the run, and the report says what to do."""
    assert stale.exit_code == 1, stale.output
    assert stale.output.splitlines()[-1].endswith("; stale: 1 accepted change")
    assert stale.lines_with("change 1: no change matches param-lost at run.params.C")


def test_the_least_level_that_fails_is_chosen(stale: SuiteRun) -> None:
    """``--fail-on warning`` makes a warning fail the run."""
    assert stale.output.splitlines()[-1].startswith("NOT SAFE: 1 warning from MLflow ")


def test_a_broken_promise_does_not_stop_the_comparison(stale: SuiteRun) -> None:
    """Both the broken promise and the changes are reported."""
    assert stale.lines_with(", 2 failed, "), stale.output
    assert stale.lines_with("warning: a tag of the run is gone [tag-lost]")
