"""Tests that ``compare`` and the gate tell what surfaces differ in, and go on without them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from meta_tests.end_to_end.suite_run import mode, write_catalogue
from meta_tests.exercise import WHOLE
from meta_tests.upgrade.surface.sample_packages import surface
from mlflow_conformance.upgrade import compare
from mlflow_conformance.upgrade.changes.observed import OFFERED
from mlflow_conformance.upgrade.profile.differences import ABSENT, Difference
from mlflow_conformance.upgrade.surface import compared_surfaces, recorded_surfaces
from mlflow_conformance.upgrade.surface.compared_surfaces import (
    ComparedSurfaces,
    with_installed_surfaces,
)
from mlflow_conformance.upgrade.surface.read_surface import SurfaceNotRead
from mlflow_conformance.upgrade.surface.surface import Surface

OLD, NEW = "2.22.5", "3.0.1"
SCRIPT = """\
import mlflow.pyfunc
mlflow.pyfunc.log_model("m", None, None, ["a.py"], None, model)
"""
OBSERVED = Difference(("calls", "parameters", "mlflow.start_run", "x"), "default 1", ABSENT)


def catalogue(folder: Path, script: str, **changes: Any) -> str:
    """Write a catalogue with one mode and return its path."""
    path = write_catalogue(folder, [mode("one", "train.py", **changes)], {"train.py": script})
    return str(path)


def test_the_scripts_of_a_catalogue_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What breaks a script of the named catalogue is told with its line, and in full as JSON."""
    named = ["--catalogue", catalogue(tmp_path, SCRIPT), "--verdict", str(tmp_path / "v")]
    assert compare.main([OLD, NEW, *named]) == 1
    told = capsys.readouterr().out
    assert (
        "  surface.positions.mlflow.pyfunc.log_model: argument 4 is code_path; passed at train.py:2"
        " -> argument 4 is code_paths"
    ) in told.splitlines()
    document = json.loads((tmp_path / "v" / "verdict.json").read_text())
    lists = {block["rule"]: block["changes"][0]["after"] for block in document["blocks"]}
    assert "mlflow.models.model.ModelInfo.signature_dict" in lists["unused-names-gone"]


def test_a_script_that_is_not_affected_is_not_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the suite's scripts nor one that passes names are told of the moved argument."""
    by_name = SCRIPT.replace("None, model", "python_model=model").replace('["a.py"], ', "")
    for named in ([], ["--catalogue", catalogue(tmp_path, by_name)]):
        compare.main([OLD, NEW, *named])
        assert "argument-moved" not in capsys.readouterr().out


def test_a_use_that_is_not_certain_is_a_note(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a script may use and is gone is a line with its place, and no change."""
    guarded = "import mlflow\ntry:\n    import mlflow.fastai\nexcept ImportError:\n    pass\n"
    compare.main(["2.22.5", "3.17.2", "--catalogue", catalogue(tmp_path, guarded)])
    told = capsys.readouterr().out
    line = "gone or changed, and it is not certain that scripts use it: mlflow.fastai at train.py:3"
    assert line in told
    assert "[name-gone]" not in told
    assert "looked at: " in told
    assert OFFERED in told.partition("not looked at:")[0]


def test_a_mode_that_does_not_apply_is_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script that is only for the new release does not break between the two."""
    only = {"from": "3.0", "because": "it is new"}
    compare.main([OLD, NEW, "--catalogue", catalogue(tmp_path, SCRIPT, **only)])
    assert "argument-moved" not in capsys.readouterr().out


def test_a_damaged_file_is_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the file of surfaces, one line says so and the exit code is 2."""
    monkeypatch.setattr(
        recorded_surfaces.read_surfaces, "__defaults__", (tmp_path / "gone.json.gz",)
    )
    assert compare.main([OLD, NEW]) == 2
    assert "gone.json.gz: cannot be read" in capsys.readouterr().err


def differences(found: Sequence[Difference]) -> ComparedSurfaces:
    """Return what the gate adds to the differences of two sides."""
    here = Path(sys.executable)
    return with_installed_surfaces(found, ("1.0", here), ("2.0", here), WHOLE)


def test_the_gate_reads_both_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The surfaces of both environments are compared; parameters are not told twice."""
    surfaces = {
        "1.0": surface(tmp_path, {"flavor.py": "def f(): ...\n"}, "1.0"),
        "2.0": surface(tmp_path, {"flavor.py": ""}, "2.0"),
    }

    def read(python: Path, release: str) -> Surface:
        return surfaces[release]

    monkeypatch.setattr(compared_surfaces, "installed_surface", read)
    compared = differences([OBSERVED])
    assert [d.after for d in compared.differences] == [["mlflow.flavor.f"]]
    assert compared.notes == ()


def test_the_gate_goes_on_without_surfaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If an MLflow is not found, a note says so, and the observed parameters are told."""

    def not_found(python: Path, release: str) -> Surface:
        raise SurfaceNotRead("MLflow 1.0 is not found: no")

    monkeypatch.setattr(compared_surfaces, "installed_surface", not_found)
    compared = differences([OBSERVED])
    assert compared.differences == (OBSERVED,)
    assert compared.notes == ("MLflow's names are not compared: MLflow 1.0 is not found: no",)
