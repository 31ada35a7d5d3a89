"""Tests of signal handling, the SDK's warnings, tracebacks and the start of a rehearsal."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import time
import traceback
from pathlib import Path

import pytest

from mlflow_conformance.azure.client.process_guards import (
    SAME_INTERRUPT_SECONDS,
    ended_by_signals,
    serialized,
    silent_sdk,
)
from mlflow_conformance.azure.client.redaction import UnexpectedError, without_locals
from mlflow_conformance.azure.errors import AzureUnreachable
from mlflow_conformance.azure.jobs.run_jobs import run_jobs
from mlflow_conformance.azure.setup.options import AzureSettings
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.environments.hermetic import Environment, hermetic_environment
from mlflow_conformance.processes.launcher import Launcher
from mlflow_conformance.runner.training_setup import Training
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.support.run_folder import RunFolder

PASSWORD = "hunter2"  # noqa: S105 - invented
SECRET = "AccountKey=" + "a" * 20


def fail(error: BaseException, secret: str = SECRET) -> None:
    """Raise an error in a frame with a secret variable."""
    assert secret
    raise error


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_that_comes_twice_is_one(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second signal is ignored at once, and raises KeyboardInterrupt after a second."""
    with ended_by_signals():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        later = SAME_INTERRUPT_SECONDS + time.monotonic()
        monkeypatch.setattr(
            "mlflow_conformance.azure.client.process_guards.time.monotonic", lambda: later
        )
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_run_in_the_background_goes_on_not_hearing_ctrl_c(number: int) -> None:
    """If SIGINT (in the background of a shell) or SIGHUP (nohup) is ignored, it stays ignored."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with ended_by_signals():
            os.kill(os.getpid(), number)
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("closed")], ids=["pipe", "closed"])
def test_only_the_first_line_without_a_reader_is_an_error(error: Exception) -> None:
    """After a line that could not be written, later lines are dropped and raise nothing."""
    tried: list[str] = []

    def report(line: str) -> None:
        tried.append(line)
        if line != "read":
            raise error

    locked = serialized(report)
    locked("read")
    with pytest.raises(type(error)):
        locked("lost")
    locked("dropped")
    assert tried == ["read", "lost"]


def test_the_sdk_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """The SDK's warnings about experimental features are not printed."""
    logger = logging.getLogger("azure.ai.ml")
    handler = logging.StreamHandler(sys.stderr)
    logger.addHandler(handler)
    try:
        with silent_sdk():
            logging.getLogger("azure.ai.ml._utils._experimental").warning("experimental")
        assert handler.level == logging.NOTSET
    finally:
        logger.removeHandler(handler)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (AzureUnreachable("no token"), AzureUnreachable),
        (KeyError(SECRET), UnexpectedError),
        (OSError(errno.ENOSPC, "No space left on device", SECRET), OSError),
        (OSError(errno.ECONNRESET, "Connection reset by peer", SECRET), UnexpectedError),
        (OSError(SECRET), UnexpectedError),
    ],
    ids=["interrupt", "expected", "unexpected", "full disk", "lost connection", "no number"],
)
def test_no_frame_goes_on(error: BaseException, becomes: type[BaseException]) -> None:
    """The traceback has no frames from inside the context; the message describes them."""
    with pytest.raises(becomes) as caught, without_locals(AzureUnreachable):
        fail(error)
    assert "fail" not in [frame.name for frame in traceback.extract_tb(caught.tb)]
    assert caught.value.__suppress_context__
    assert SECRET not in str(caught.value)
    if becomes is UnexpectedError:
        assert "in fail" in str(caught.value)


def test_an_environment_tells_only_names(tmp_path: Path) -> None:
    """The repr of an environment has names but no values."""
    environment = hermetic_environment({"AZURE_CLIENT_SECRET": PASSWORD}, RunFolder(tmp_path)) | {
        "MORE": "x"
    }
    assert isinstance(environment, Environment)
    assert environment.get("AZURE_CLIENT_SECRET") == PASSWORD
    assert "AZURE_CLIENT_SECRET" in repr(environment)
    assert PASSWORD not in repr(environment)


def test_a_rehearsal_that_does_not_start_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rehearsal that does not start raises ``AzureUnreachable``."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    catalogue = read_catalogue(ROOT / "training" / "modes.yaml")
    training = Training(catalogue, RunFolder(tmp_path), dict(os.environ), 60.0, 1)
    launcher: Launcher = None  # type: ignore[assignment]  # nothing is scored
    with pytest.raises(AzureUnreachable, match=r"^the rehearsal does not start: "):
        run_jobs(AzureSettings(is_rehearsal=True), training, (), launcher, lambda line: None)
