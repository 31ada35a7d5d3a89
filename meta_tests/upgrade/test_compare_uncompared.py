"""``compare`` where not everything can be compared: exit code, message, files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from meta_tests.upgrade.sample_coverage import (
    BARE,
    NO_TELLING,
    NOTHING_COMPARED,
    ONE_KNOWN,
    ONE_UNKNOWN,
    SAFE,
)
from meta_tests.upgrade.sample_upgrades import changed, sample_facts
from mlflow_conformance.upgrade import compare
from mlflow_conformance.upgrade.command_line import USAGE_ERROR
from mlflow_conformance.upgrade.profile.baselines import baseline_file
from mlflow_conformance.upgrade.profile.profile import write_profile


@pytest.mark.parametrize(
    ("sides", "code"),
    [
        (NOTHING_COMPARED["crashed"][:2], NO_TELLING),
        (NOTHING_COMPARED["one each"][:2], NO_TELLING),
        (ONE_UNKNOWN["crashed"][:2], NO_TELLING),
        (ONE_KNOWN["gone"][:2], SAFE),
    ],
)
def test_the_command_ends_with_the_verdict_s_exit_code(
    sides: tuple[dict[str, Any], ...],
    code: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``compare`` prints the report and ends with 2 where there is no telling."""
    paths = [tmp_path / name for name in ("old.json", "new.json")]
    for path, facts in zip(paths, sides, strict=True):
        write_profile(facts, path)
    assert compare.main([*map(str, paths)]) == code
    safe = "SAFE for what was observed, 1 of 2 modes"
    assert capsys.readouterr().out.startswith("NO TELLING" if code else safe)


@pytest.mark.parametrize(
    "named",
    [
        ("2.22.5", "2.22.5"),
        ("2.22", "2.22.5"),
        ("2.22.5", "2.22.05"),
        ("2.22.5", str(baseline_file("2.22.5"))),
        ("a.json", "a.json"),
        ("a.json", "x/../a.json"),
    ],
)
def test_a_recording_is_not_compared_with_itself(
    named: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same release or file twice is a mistake, because nothing can differ: exit code 4."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").mkdir()
    write_profile(sample_facts(), tmp_path / "a.json")
    assert compare.main([*named]) == 4
    said = capsys.readouterr()
    problem = f"OLD and NEW are the same ({named[1]}): nothing to compare"
    assert (said.out, said.err) == ("", f"{problem}; name two recordings\n")


def test_an_earlier_verdict_does_not_pass_for_this_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing can be compared, the folder has no verdict of the run before."""
    write_profile(sample_facts(), tmp_path / "a.json")
    write_profile(BARE, tmp_path / "b.json")
    verdict = ["--verdict", str(tmp_path / "v")]
    assert compare.main([str(tmp_path / "a.json"), str(tmp_path / "b.json"), *verdict]) == SAFE
    assert (tmp_path / "v" / "verdict.json").is_file()
    (tmp_path / "b.json").write_text("{")
    assert (
        compare.main([str(tmp_path / "a.json"), str(tmp_path / "b.json"), *verdict]) == USAGE_ERROR
    )
    document = json.loads((tmp_path / "v" / "verdict.json").read_text())
    assert document["headline"].startswith("NO VERDICT: ")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("1.2.3", "3.17.2", USAGE_ERROR), ("a.json", "b.json", NO_TELLING)],
)
def test_without_a_verdict_its_files_say_so(
    old: str,
    new: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever the reason, the files have it and the exit code; none of them is green."""
    monkeypatch.chdir(tmp_path)
    write_profile(sample_facts(), Path("a.json"))
    write_profile(changed(sample_facts(), ("data", "sha256"), "1" * 64), Path("b.json"))
    assert compare.main([old, new, "--verdict", "v", "--report", "r"]) == code
    reason = capsys.readouterr().err.strip()
    document = json.loads(Path("v", "verdict.json").read_text(encoding="utf-8"))
    assert (document["reason"], document["exit_code"]) == (reason, code)
    assert document["fails"] is True
    assert document["headline"] == f"NO VERDICT: {reason}"
    markdown = Path("v", "verdict.md").read_text(encoding="utf-8")
    assert markdown.startswith("## NO VERDICT: ")
    assert f"(exit code {code})" in markdown
    suite = ElementTree.parse(Path("v", "verdict.xml")).getroot()  # noqa: S314 - our own
    assert (suite.attrib["tests"], suite.attrib["errors"]) == ("1", "1")
    error = suite.find("testcase/error")
    assert error is not None
    assert error.attrib["message"] == document["headline"]
    for name in ("report.html", "results.json", "summary.md"):
        assert "NO VERDICT: " in Path("r", name).read_text(encoding="utf-8")
    assert "Compared:" not in Path("r", "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["file", "file/below", "dangling", "full", "x" * 300])
def test_a_folder_that_cannot_be_written_is_told_at_once(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A verdict that could not be written in the end is refused before anything is read."""
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "full" / "verdict.md").mkdir(parents=True)
    folder = tmp_path / name
    assert compare.main(["no.json", "such.json", "--verdict", str(folder)]) == USAGE_ERROR
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"--verdict: {folder}")
    assert line.endswith("; name another folder")
    assert (tmp_path / "full" / "verdict.md").is_dir()
