"""A full temporary folder ends the run with one line, at any time."""

from __future__ import annotations

import errno
import textwrap
from pathlib import Path

import pytest

from meta_tests.end_to_end.suite_run import caller, mode, run, write_catalogue
from mlflow_conformance.support.disk_space import DiskFull, require_room, room_in

NOTHING_CHECKED = 3
FULL = "raise OSError(errno.ENOSPC, 'No space left on device')"
# Plugins that simulate a full disk at the named moment, in pytest's process.
MOMENTS = {
    "before the run": """
        import collections, shutil
        usage = collections.namedtuple("usage", "total used free")
        shutil.disk_usage = lambda path: usage(10**9, 10**9, 0)
    """,
    "making the folder": f"""
        import errno, pathlib
        real = pathlib.Path.mkdir
        def mkdir(self, *args, **kwargs):
            if self.name == "conformance":
                {FULL}
            return real(self, *args, **kwargs)
        pathlib.Path.mkdir = mkdir
    """,
    "the plan": f"""
        import errno, pathlib
        real = pathlib.Path.write_text
        def write_text(self, *args, **kwargs):
            if self.suffix == ".writing":
                {FULL}
            return real(self, *args, **kwargs)
        pathlib.Path.write_text = write_text
    """,
    "the store of a mode": f"""
        import errno, pathlib
        real = pathlib.Path.open
        def open(self, mode="r", *args, **kwargs):
            if self.name == "mlflow.db" and mode != "r":
                {FULL}
            return real(self, mode, *args, **kwargs)
        pathlib.Path.open = open
    """,
    "an outcome": f"""
        import errno, pathlib
        real = pathlib.Path.write_text
        def write_text(self, *args, **kwargs):
            if self.name.endswith(".outcome.json"):
                {FULL}
            return real(self, *args, **kwargs)
        pathlib.Path.write_text = write_text
    """,
}


def test_a_folder_with_room_is_accepted(tmp_path: Path) -> None:
    """A folder with enough space is accepted, and so is one whose space is unknown."""
    require_room(tmp_path)
    require_room(tmp_path / "missing")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_is_told_with_the_way_out(number: int, tmp_path: Path) -> None:
    """The system's errors for a disk that takes nothing more name folder and way out."""
    way_out = "; free some, or name another folder"
    with pytest.raises(DiskFull, match=way_out) as told, room_in(tmp_path):
        raise OSError(number, "full")
    assert str(tmp_path) in str(told.value)


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    """Other errors are not reported as a full disk."""
    with pytest.raises(PermissionError), room_in(tmp_path):
        raise PermissionError(errno.EACCES, "no")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_disk_that_fills_up_ends_the_run(moment: str, tmp_path: Path) -> None:
    """A full disk ends the run with one line that does not blame the data, and no traceback."""
    (tmp_path / "filling_up.py").write_text(textwrap.dedent(MOMENTS[moment]), encoding="utf-8")
    catalogue = write_catalogue(tmp_path, [mode("good", "model.py")], {})
    ended = run(
        tmp_path,
        "--catalogue",
        str(catalogue),
        "-p",
        "filling_up",
        modules=["outcome"],
        environment=caller(PYTHONPATH=str(tmp_path)),
    )
    assert ended.exit_code == NOTHING_CHECKED, ended.output
    assert ended.lines_with("nothing could be checked: "), ended.output
    too_full = ended.lines_with("o space left") or ended.lines_with("too little space, 0 of 4000")
    assert too_full, ended.output
    assert "Traceback" not in ended.output
    assert "INTERNALERROR" not in ended.output
    assert "data.csv" not in "".join(ended.lines_with("nothing could"))
    assert "passed" not in ended.output
