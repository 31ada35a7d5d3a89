"""Unreadable files fail the mode that left them, and no other mode."""

from __future__ import annotations

import os
import sys

import pytest

from meta_tests.end_to_end.suite_run import MODEL_SCRIPT, SuiteRun, mode, run, write_catalogue

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="makes FIFOs and other such files")

# What the script does after it logged its model, and the reported problem.
FOUND = """
import os
import pathlib
import shutil
import socket

model = next(pathlib.Path("mlruns").rglob("MLmodel")).parent
original = pathlib.Path.cwd().parent
"""
UNREADABLE = {
    "fifo-beside": ("os.mkfifo(model / 'pipe')", "pipe: a FIFO"),
    "fifo-as-conda": (
        "(model / 'conda.yaml').unlink(); os.mkfifo(model / 'conda.yaml')",
        "conda.yaml: a FIFO",
    ),
    "fifo-as-mlmodel": (
        "(model / 'MLmodel').unlink(); os.mkfifo(model / 'MLmodel')",
        "MLmodel: a FIFO",
    ),
    "socket": ("os.chdir(model); socket.socket(socket.AF_UNIX).bind('plug')", "plug: a socket"),
    "dangling-link": ("(model / 'gone').symlink_to('nowhere')", "gone: a link"),
    "link-out": ("(model / 'out').symlink_to('/etc/hostname')", "out: a link"),
    "link-loop": ("(model / 'loop').symlink_to(model.resolve())", "loop: a link"),
    "link-as-mlmodel": (
        "(model / 'MLmodel').rename('kept'); (model / 'MLmodel').symlink_to('../kept')",
        "MLmodel: a link",
    ),
    "link-as-root": (
        "shutil.move('mlruns', original.parent / 'else'); os.symlink('../../else', 'mlruns')",
        "a link leads out of the folder of the run",
    ),
    "no-text-as-name": (
        "open(os.fsencode(model) + b'/caf\\xe9', 'w').close()",
        "a name that is not UTF-8",
    ),
    "sparse": ("os.truncate(os.open(model / 'huge', 65), 10**11)", "huge: more than"),
    "many": (
        "[(model / f'{number}').touch() for number in range(10_001)]",
        "more than 10000 files",
    ),
    "deep": (
        "os.chdir(model); [(os.mkdir('d' * 200), os.chdir('d' * 200)) for _ in range(30)]",
        "folders are nested too deeply",
    ),
    "store-gone": ("(original / 'mlflow.db').unlink()", "suite reads: cannot be read: No such"),
    "store-folder": (
        "(original / 'mlflow.db').unlink(); (original / 'mlflow.db').mkdir()",
        "suite reads: cannot be read: it is a folder",
    ),
    "store-fifo": (
        "(original / 'mlflow.db').unlink(); os.mkfifo(original / 'mlflow.db')",
        "suite reads: cannot be read: it is a FIFO",
    ),
    "store-garbage": (
        "(original / 'mlflow.db').write_bytes(bytes(range(256)) * 64)",
        "mlflow.db: not a tracking store",
    ),
    "taken-place": (
        "(original.parent / 'away' / 'full').mkdir(parents=True)",
        "OSError: [Errno 39] Directory not empty",
    ),
}
GONE = {
    "moved-away": "original.rename(original.parent / 'elsewhere-now')",
    "own-folder": "shutil.rmtree(pathlib.Path.cwd())",
    "run-deleted": "shutil.rmtree('mlruns')",
}
# The model is good, but files that the controller uses have been changed.
WELL = {
    "mixed-keys": (
        "text = (model / 'MLmodel').read_text();"
        " (model / 'MLmodel').write_text(text + 'metadata: {1: a, b: c, 2001-01-01: d}\\n')"
    ),
    "output-fifo": (
        "os.unlink(original.parent / 'output.txt'); os.mkfifo(original.parent / 'output.txt');"
        " os.mkfifo(original.parent / 'output.txt.ended')"
    ),
    "newline-beside": "pathlib.Path('mlruns/two\\nlines').touch(); os.mkfifo('mlruns/pipe')",
    "others": (
        "root = original.parent.parent; shutil.rmtree(root / 'outcomes');"
        " os.mkfifo(root / 'outcomes'); (root / 'empty.db').unlink(); os.mkfifo(root / 'empty.db');"
        " shutil.rmtree(root / 'rows'); (root / 'rows').symlink_to('nowhere');"
        " (root / 'servers').write_text('no folder'); (root / 'good-sqlite' / 'x').mkdir()"
    ),
}
SCRIPTS = {
    **{name: script for name, (script, _) in UNREADABLE.items()},
    **GONE,
    **WELL,
}
PROMISES = "test_mode_leaves or names_its_loader or test_ping"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    """A run with all these modes and two good ones."""
    folder = tmp_path_factory.mktemp("hostile")
    modes = [
        mode("good", "model.py"),
        *(mode(name, f"{name}.py") for name in SCRIPTS),
        mode("good-too", "model.py"),
    ]
    scripts = {f"{name}.py": MODEL_SCRIPT + FOUND + text for name, text in SCRIPTS.items()}
    catalogue = write_catalogue(folder, modes, scripts)
    return run(
        folder,
        "--catalogue",
        str(catalogue),
        "--training-timeout",
        "100",
        "-k",
        PROMISES,
        modules=["outcome", "flavors", "serving"],
        seconds=900.0,
    )


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_files_are_their_modes_own_verdict(name: str, hostile: SuiteRun) -> None:
    """A mode that left an unreadable file fails its promise; a line names the file and its kind."""
    found = f"{name}: {name}.py left files that cannot be read: "
    (line, *_) = hostile.lines_with(found)
    assert UNREADABLE[name][1] in line, line
    assert hostile.counts(f"{name}-sqlite") == "1, 1 failed"


@pytest.mark.parametrize("name", GONE)
def test_a_model_that_is_gone_was_not_logged(name: str, hostile: SuiteRun) -> None:
    """A script that removes its own folder leaves no model."""
    assert hostile.lines_with(f"{name}: {name}.py ended without an error and logged no model")
    assert hostile.counts(f"{name}-sqlite") == "1, 1 failed"


@pytest.mark.parametrize("name", [*WELL, "good", "good-too"])
def test_the_modes_beside_them_are_judged_as_ever(name: str, hostile: SuiteRun) -> None:
    """The promises of a good mode are checked and kept."""
    assert hostile.counts(f"{name}-sqlite") == "3", hostile.output


def test_the_run_ends_as_one_with_broken_promises(hostile: SuiteRun) -> None:
    """The exit code is 1, and there is no error of the run."""
    assert hostile.exit_code == 1, hostile.output
    assert not hostile.lines_with("INTERNALERROR")
    assert not hostile.lines_with("ERROR at setup")


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_its_modes_own_verdict(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A folder without permissions beside the model is reported in one line."""
    folder = tmp_path_factory.mktemp("closed")
    scripts = {"closes.py": MODEL_SCRIPT + FOUND + "(model / 'closed').mkdir(mode=0)"}
    catalogue = write_catalogue(folder, [mode("closing", "closes.py")], scripts)
    ended = run(folder, "--catalogue", str(catalogue), modules=["outcome"])
    (line, *_) = ended.lines_with("left files that cannot be read: ")
    assert "closed: cannot be read: Permission denied" in line
