"""Scripts that attack the processes above them fail alone, and are ended at their timeout."""

from __future__ import annotations

import os
import signal
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from meta_tests.end_to_end.background_run import START_SECONDS, STARTED, started
from meta_tests.end_to_end.suite_run import MODEL_SCRIPT, SuiteRun, mode, run, write_catalogue
from meta_tests.end_to_end.test_detached import sleeping
from mlflow_conformance.environments.hermetic import hermetic_environment
from mlflow_conformance.processes.job import Job
from mlflow_conformance.processes.warm_launcher import WarmLauncher
from mlflow_conformance.support.run_folder import RunFolder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

# The processes above a script: its keeper, the interpreter, pytest.
ABOVE = """
import os
import pathlib
import signal
import subprocess
import sys
import time


def parent(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


keeper = os.getppid()
interpreter = parent(keeper)
controller = parent(interpreter)
"""
STARTING = """
subprocess.Popen(["sleep", SECONDS], start_new_session=True)
pathlib.Path(__file__).with_name("started").touch()
"""
HANGING = "time.sleep(600)\n"
# Each script hangs and resists being ended.
RESISTING = {
    "stops-keeper": "os.kill(keeper, signal.SIGSTOP)",
    "stops-keeper-again": (
        "if os.fork() == 0:\n    os.setsid()\n    while True: os.kill(keeper, signal.SIGSTOP)"
    ),
    "stops-interpreter": "os.kill(interpreter, signal.SIGSTOP)",
    "ignores-signals": "[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; os.setsid",
    "stops-itself": "os.kill(0, signal.SIGSTOP)",
    "main-thread-gone": (
        "import ctypes, threading\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "ctypes.CDLL(None).syscall(60, 0)"
    ),
    "traced": (
        "import ctypes\n"
        "if os.fork() == 0:\n"
        "    ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)\n"
        "    time.sleep(600)"
    ),
    "traces-keeper": "import ctypes; ctypes.CDLL(None).ptrace(16, keeper, 0, 0)",
    "leaves-hook": "import atexit; atexit.register(time.sleep, 600); sys.exit(0)",
    "keeps-thread": (
        "import threading; threading.Thread(target=time.sleep, args=(600,)).start(); sys.exit(0)"
    ),
    "forks": "[os.fork() for _ in range(5)]",
}
STOPS_ALL = "[os.kill(pid, signal.SIGSTOP) for pid in (controller, interpreter, keeper)]"
# Each script ends itself or a process above it, and its mode fails.
ENDING = {
    "kills-keeper": ("os.kill(keeper, 9)", "ended with signal 9"),
    "kills-group": ("os.killpg(0, 9)", "ended with signal 9"),
    "kills-interpreter": (
        "os.kill(interpreter, 9)",
        "did not finish: its Python process was killed in two attempts: ",
    ),
    "kills-both": (
        "os.kill(interpreter, 9); os.kill(keeper, 9)",
        "did not finish: its Python process was killed in two attempts: ",
    ),
    "speaks-for-interpreter": (
        "open(f'/proc/{interpreter}/fd/0', 'w').write('no JSON\\n')",
        "did not finish: its Python process was killed in two attempts: ",
    ),
}
STOPS_SIBLINGS = """
for pid in filter(str.isdigit, os.listdir("/proc")):
    if os.path.exists(f"/proc/{pid}/stat") and parent(pid) == interpreter:
        os.kill(int(pid), signal.SIGSTOP)
"""
# Each script does something unusual before or after it logs a model.
HARMLESS = {
    "stops-siblings": (STOPS_SIBLINGS, ""),
    "closes-streams": ("", "[os.close(number) for number in (0, 1, 2)]"),
    "odd-limits": (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
        "os.umask(0o777)",
    ),
    "prints-much": ("", "[print('x' * 1_000_000) for _ in range(100)]"),
    "odd-modes": ("", "os.chmod('..', 0o500); os.chdir('/')"),
}


@pytest.fixture
def seconds() -> Iterator[str]:
    """A number of seconds that no other process has as an argument, as a prefix."""
    unique = f"300.{uuid.uuid4().int}"
    yield unique
    for pid in sleeping(unique):
        os.kill(pid, signal.SIGKILL)


def resisting_script(resisting: str, seconds: str) -> str:
    """Return a script that starts a subprocess, resists and hangs."""
    return f"SECONDS = {seconds!r}\n{ABOVE}{STARTING}{resisting}\n{HANGING}"


@pytest.fixture(scope="module")
def launcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmLauncher]:
    """A warm interpreter for all scripts that resist."""
    folder = tmp_path_factory.mktemp("launcher")
    with WarmLauncher(hermetic_environment(os.environ, RunFolder(folder)), folder) as started:
        started.wait_until_ready()
        yield started


@pytest.mark.parametrize("name", RESISTING)
def test_a_timeout_needs_nobody_s_cooperation(
    name: str, seconds: str, launcher: WarmLauncher, tmp_path: Path
) -> None:
    """A script that resists is killed at its timeout with its subprocesses, but no other script."""
    environment = hermetic_environment(os.environ, RunFolder(tmp_path))
    (tmp_path / "stays.py").write_text(resisting_script(RESISTING[name], seconds), encoding="utf-8")
    (tmp_path / "ends.py").write_text("import time; time.sleep(1)", encoding="utf-8")

    def job(script: str, timeout: float) -> Job:
        output = str(tmp_path / f"{script}.txt")
        path = str(tmp_path / f"{script}.py")
        return Job(script, path, (), str(tmp_path), output, environment, timeout)

    launcher.submit(job("stays", 3.0))
    launcher.submit(job("ends", 300.0))
    results = {result.id: result for result in (launcher.next_result(), launcher.next_result())}
    assert results["stays"].timed_out, results
    assert results["ends"].exit_code == 0, results
    assert (tmp_path / "started").exists()
    assert not sleeping(seconds)


@pytest.mark.parametrize(
    "resisting",
    [RESISTING["stops-keeper"], RESISTING["stops-interpreter"], STOPS_ALL],
    ids=["keeper", "interpreter", "all"],
)
def test_a_killed_run_leaves_no_stopped_process_behind(
    resisting: str, seconds: str, tmp_path: Path
) -> None:
    """A killed run leaves no process behind that a script has stopped."""
    scripts = {"stays.py": resisting_script(resisting, seconds)}
    with started(tmp_path, "stays.py", "outcome", scripts=scripts) as running:
        running.wait_for(STARTED)
        running.process.kill()
        running.process.wait()
        assert not running.leftovers()
        assert not sleeping(seconds)


def test_a_stopped_run_goes_on(seconds: str, tmp_path: Path) -> None:
    """A script that stops all processes above it, pytest too, is ended at its timeout."""
    scripts = {"stays.py": resisting_script(STOPS_ALL, seconds)}
    options = ("--training-timeout", "3")
    with started(tmp_path, "stays.py", "outcome", *options, scripts=scripts) as running:
        running.wait_for(STARTED)
        assert running.process.wait(START_SECONDS) == 1, running.output
        assert "was still running after 3 s (--training-timeout)" in running.output
        assert not sleeping(seconds)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run of all scripts that end processes above them, unusual ones, and a good one."""
    folder = tmp_path_factory.mktemp("hostile")
    names = [*ENDING, *HARMLESS]
    modes = [mode("good", "model.py"), *(mode(name, f"{name}.py") for name in names)]
    scripts = {
        **{f"{name}.py": f"{ABOVE}{text}\n{HANGING}" for name, (text, _) in ENDING.items()},
        **{
            f"{name}.py": f"{ABOVE}{before}\n{MODEL_SCRIPT}{after}\n"
            for name, (before, after) in HARMLESS.items()
        },
    }
    catalogue = write_catalogue(folder, modes, scripts)
    options = ("--catalogue", str(catalogue), "--training-timeout", "60")
    return run(folder, *options, modules=["outcome"], seconds=600.0)


@pytest.mark.parametrize("name", ENDING)
def test_a_script_that_ends_what_runs_it_fails_alone(name: str, hostile: SuiteRun) -> None:
    """The mode has crashed, and its line says how."""
    assert hostile.lines_with(f"{name}: {name}.py {ENDING[name][1]}"), hostile.output
    assert hostile.counts(f"{name}-sqlite") == "1, 1 failed"


@pytest.mark.parametrize("name", ["good", *HARMLESS])
def test_the_modes_beside_it_are_trained(name: str, hostile: SuiteRun) -> None:
    """A mode that lost its interpreter is run again, and its promise is kept."""
    assert hostile.counts(f"{name}-sqlite") == "1", hostile.output


def test_such_a_run_ends_as_one_with_broken_promises(hostile: SuiteRun) -> None:
    """The exit code is 1, and there is no error of the run."""
    assert hostile.exit_code == 1, hostile.output
    assert not hostile.lines_with("INTERNALERROR")
