"""An object that predicts for too long is not waited for."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from mlflow_conformance.witness.predicting import TooSlow, in_time


def test_a_slow_object_is_interrupted() -> None:
    """What takes longer than the limit is ended with the limit in the message."""
    with pytest.raises(TooSlow, match=r"^no answer within 1 s$"), in_time(1):
        time.sleep(20)


def test_the_handler_of_the_script_is_put_back() -> None:
    """A script's own handler of the alarm is in place afterwards, and no alarm is set."""
    before = signal.getsignal(signal.SIGALRM)
    with in_time(5):
        pass
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_another_thread_is_not_limited() -> None:
    """Signals reach only the main thread, so nothing is limited in another one."""
    found: list[str] = []

    def run() -> None:
        with in_time(1):
            found.append("ran")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == ["ran"]
