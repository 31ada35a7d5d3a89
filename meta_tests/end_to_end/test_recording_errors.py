"""A run that cannot be recorded or compared says so, and leaves no partial file."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from meta_tests.end_to_end.background_run import GRACE_SECONDS, INTERRUPTED, STARTED, started
from meta_tests.end_to_end.suite_run import mode, write_catalogue
from meta_tests.upgrade.sample_profiles import ONE, changed, sample_facts
from meta_tests.upgrade.sample_runs import PROMISE, gated, two_modes
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.upgrade.profile.profile import write_profile
from mlflow_conformance.upgrade.profile.recording import data_facts

ERROR_OF_THE_RUN = 2
USAGE_ERROR = 4
# Logs a model that ends every process that loads it.
KILLING_SCRIPT = """\
import os
import sys

import mlflow.sklearn
import pandas as pd
from sklearn.linear_model import LogisticRegression


class Killing(LogisticRegression):
    def __reduce__(self):
        return os._exit, (7,)


table = pd.read_csv(sys.argv[1])
model = Killing().fit(table[["a", "b"]].values, table["y"].values)
with mlflow.start_run():
    mlflow.sklearn.log_model(
        model, "model", serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
"""


def truncated(path: Path) -> str:
    """Truncate a profile."""
    write_profile(sample_facts(), path)
    path.write_bytes(path.read_bytes()[:500])
    return f"{path}: not a whole JSON document: "


def foreign(path: Path) -> str:
    """Write a JSON document that is not a profile."""
    path.write_text("{}")
    return f"{path}: not a profile; record one with: pytest -m local --record"


def of_another_version(path: Path) -> str:
    """Write a profile of another schema version."""
    write_profile(sample_facts(), path)
    path.write_text(path.read_text().replace('"schema": 1,', '"schema": 99,'))
    return f"{path}: a profile of schema version 99, this suite reads version 1; record it again"


def of_other_data(path: Path) -> str:
    """Write a profile that was recorded with other data."""
    write_profile(changed(sample_facts(), ("data", "sha256"), "1" * 64), path)
    data = path.with_name("data.csv")
    return f"{path} was recorded on other data than this catalogue's ({data}); the shipped"


@pytest.mark.parametrize("prepare", [truncated, foreign, of_another_version])
def test_an_unusable_baseline_is_refused(prepare: Callable[[Path], str], tmp_path: Path) -> None:
    """The run ends with exit code 4 and one line, before anything is collected or trained."""
    catalogue = two_modes(tmp_path)
    error_message = prepare(tmp_path / "bad.json")
    refused = gated(catalogue, "--baseline", str(tmp_path / "bad.json"))
    assert refused.exit_code == USAGE_ERROR, refused.output
    assert refused.output.strip().startswith(f"ERROR: --baseline: {error_message}"), refused.output
    assert "\n" not in refused.output.strip()


def test_a_baseline_of_other_data_ends_the_run_at_once(tmp_path: Path) -> None:
    """The run ends with exit code 2 and one line, before anything is collected or trained."""
    catalogue = two_modes(tmp_path)
    error_message = of_other_data(tmp_path / "bad.json")
    ended = gated(catalogue, "--baseline", str(tmp_path / "bad.json"))
    assert ended.exit_code == ERROR_OF_THE_RUN, ended.output
    # pytest prints the line of ``pytest.exit`` again, between exclamation marks.
    line, repeated = ended.output.strip().splitlines()
    assert line.startswith(f"Exit: --baseline: {error_message}"), ended.output
    assert repeated.strip("! ") == f"_pytest.outcomes.{line}"


def test_a_profile_is_not_written_where_a_folder_is(tmp_path: Path) -> None:
    """``--record`` with a folder is refused at the start."""
    refused = gated(two_modes(tmp_path), "--record", str(tmp_path))
    assert refused.exit_code == USAGE_ERROR, refused.output
    assert refused.output.strip() == f"ERROR: --record: {tmp_path}: is a folder; name a file"


def test_without_a_promise_nothing_is_recorded(tmp_path: Path) -> None:
    """A run without selected promises trains and records nothing, and says so."""
    profile = tmp_path / "profile.json"
    ended = gated(two_modes(tmp_path), "--record", str(profile), promise="nonsense")
    assert ended.exit_code == ERROR_OF_THE_RUN, ended.output
    assert ended.lines_with(
        "nothing was recorded or compared: no promise of a mode that is trained"
    )
    assert "training" not in ended.output.partition("collected")[2]
    assert not profile.exists()


def test_what_cannot_be_observed_is_an_error_of_the_run(tmp_path: Path) -> None:
    """If observing a model ends the process, nothing is compared or recorded: exit code 2."""
    scripts = {"kills.py": KILLING_SCRIPT}
    catalogue = write_catalogue(tmp_path, [mode(ONE, "kills.py")], scripts)
    write_profile(
        changed(sample_facts(), ("data",), data_facts(read_catalogue(catalogue))),
        tmp_path / "baseline.json",
    )
    ended = gated(catalogue, "--record", str(tmp_path / "profile.json"))
    assert ended.exit_code == ERROR_OF_THE_RUN, ended.output
    message = "NOT COMPARED, for an error of the run: observe one-sqlite ended with exit code 7:"
    assert ended.lines_with(message), ended.output
    assert ended.lines_with("1 passed")
    assert not (tmp_path / "profile.json").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_an_interrupted_run_writes_no_baseline(tmp_path: Path) -> None:
    """An interrupt leaves no baseline, not even a part of one, and no process."""
    options = ("-k", PROMISE, "--accept", "--record", str(tmp_path / "profile.json"))
    with started(tmp_path, "hangs.py", "flavors", *options) as running:
        running.wait_for(STARTED)
        os.killpg(running.process.pid, signal.SIGINT)
        assert running.process.wait(GRACE_SECONDS) == INTERRUPTED, running.output
        assert not running.leftovers()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"t", "data.csv", "hangs.py", "model.py", "modes.yaml", "output.txt", STARTED}
