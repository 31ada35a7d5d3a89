"""Tests of ``compare``: baselines are found by release or path, and no environment is needed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from meta_tests.end_to_end.suite_run import mode, write_catalogue
from meta_tests.upgrade.sample_upgrades import (
    MLFLOW,
    MODES,
    NEW,
    OLD,
    TAG,
    bumped,
    changed,
    sample_facts,
    without,
)
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.upgrade import compare
from mlflow_conformance.upgrade.profile import baselines
from mlflow_conformance.upgrade.profile.baselines import (
    UnknownBaseline,
    baseline_file,
    find_baseline,
    find_pair,
)
from mlflow_conformance.upgrade.profile.profile import UnusableProfile, write_profile

SAFE_OF_TWO = "SAFE for what was observed, 2 of 2 modes"
HEAVY = ("mlflow", "sklearn", "pandas", "numpy", "pytest")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A folder of shipped baselines."""
    folder = tmp_path / "baselines"
    folder.mkdir()
    for version in ("2.9.2", "2.16.0", "2.16.2", "2.22.5", "2.22.10", "3.1.4", "3.2.0rc1"):
        facts = changed(sample_facts(), MLFLOW, version)
        write_profile(facts, baseline_file(version, folder))
    (folder / "mlflow-notes.json.gz").write_text("{}")
    return folder


@pytest.fixture
def old(tmp_path: Path) -> str:
    """The path of the invented profile."""
    return written(tmp_path / "old.json", sample_facts())


@pytest.fixture
def new(tmp_path: Path) -> str:
    """The path of the profile of a bump that is not safe."""
    return written(tmp_path / "new.json", bumped())


def written(path: Path, facts: dict[str, Any]) -> str:
    """Write a profile and return its path."""
    write_profile(facts, path)
    return str(path)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.9.2", "2.9.2"),
        ("2.22.5", "2.22.5"),
        ("2.22", "2.22.10"),
        ("2.16", "2.16.2"),
        ("3.1", "3.1.4"),
        ("3.2.0rc1", "3.2.0rc1"),
    ],
)
def test_a_release_is_found(text: str, version: str, shipped: Path) -> None:
    """A release is found by its version, the newest patch of a minor by the minor."""
    found = find_baseline(text, shipped)
    assert (found.name, found.mlflow) == (f"MLflow {version}", version)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("2.16.1", "2.16.0, 2.16.2, 2.22.5"),
        ("2.8", "2.9.2, 2.16.0"),
        ("2.17", "2.16.0, 2.16.2, 2.22.5, 2.22.10"),
        ("4.0.0", "3.1.4, 3.2.0rc1"),
        ("2.22rc1", "2.16.0, 2.16.2, 2.22.5, 2.22.10"),
    ],
)
def test_an_unknown_release_is_told_with_the_nearest(
    text: str, nearest: str, shipped: Path
) -> None:
    """A release that is not shipped is refused in one line, with its neighbours and a way out."""
    with pytest.raises(UnknownBaseline) as caught:
        find_baseline(text, shipped)
    assert re.fullmatch(
        rf"no baseline of MLflow {text} is shipped; nearest: (\S+, )?{nearest}; record one:"
        r" pytest -m local --record PATH",
        str(caught.value),
    )


def test_without_shipped_baselines_none_is_near(tmp_path: Path) -> None:
    """Where nothing is shipped, the way out is told all the same."""
    with pytest.raises(UnknownBaseline, match=r"shipped; nearest: none; record one: pytest"):
        find_baseline("2.22.5", tmp_path)


@pytest.mark.parametrize("text", ["newest", "2", "v2.22.5", "2.22.5-final", "gone.json", "", "\0"])
def test_what_is_neither_release_nor_file_is_told(text: str, shipped: Path) -> None:
    """Anything else is refused in one line that says what a version looks like."""
    with pytest.raises(UnknownBaseline) as caught:
        find_baseline(text, shipped)
    assert str(caught.value) == (
        f"{text!r} is neither a release nor a file; a version looks like 2.22.5"
    )


@pytest.mark.parametrize(
    ("asked", "lacking", "nearest"),
    [
        ("2.22.4 3.17.2", "2.22.4", "2.22.5 (x compare 2.22.5 3.17.2)"),
        ("2.3.0 99.1.1", "2.3.0 and of MLflow 99.1.1", "2.8.1 and 3.17.2 (x compare 2.8.1 3.17.2)"),
        ("2.22.4 2.22.5", "2.22.4", "2.22.5"),
    ],
)
def test_a_release_without_a_baseline_is_told_with_the_way_on(
    asked: str, lacking: str, nearest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line names the nearest baseline, and the command that needs none."""
    assert compare.main(asked.split(), "x compare") == 4
    assert capsys.readouterr().err == (
        f"no baseline of MLflow {lacking} is shipped; nearest: {nearest};"
        f" the gate needs none: x gate {asked}; all baselines: x compare --list\n"
    )


def test_all_releases_with_a_baseline_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """``--list`` prints them, one a line, the oldest first, and compares nothing."""
    assert compare.main(["--list"]) == 0
    assert capsys.readouterr().out.split() == [*map(str, baselines.shipped())]
    assert len(baselines.shipped()) == 33


@pytest.mark.parametrize(
    ("options", "lacking", "way"),
    [
        ([], ["scikit-learn's estimators"], "with --of-their-day"),
        (
            ["--of-their-day"],
            ["stores that nothing names, file stores and old SQLite stores", "calls of MLflow"],
            "without --of-their-day",
        ),
    ],
)
def test_what_a_set_of_baselines_lacks_is_told(
    options: list[str], lacking: list[str], way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the other set has is not looked at, and the line says how to get it."""
    compare.main(["2.22.5", "3.17.2", *options])
    (line,) = [
        line for line in capsys.readouterr().out.splitlines() if line.startswith("not looked at")
    ]
    said = [text for text in line.split("; ") if "not in this set of baselines" in text]
    assert len(said) == len(lacking)
    assert all(text.endswith(f": compare {way})") for text in said)
    for name in lacking:
        assert any(name in text for text in said)


def test_a_path_is_relative_to_where_one_is(
    old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path is taken from the working directory, or from the folder that is named."""
    assert find_baseline(old).name == old
    assert find_baseline("old.json", relative_to=tmp_path).name == "old.json"
    monkeypatch.chdir(tmp_path)
    assert find_baseline("old.json").mlflow == OLD


def test_an_unusable_file_is_told(tmp_path: Path) -> None:
    """A file that is no profile is refused by the reader of profiles."""
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(UnusableProfile, match=r"x\.json: not a profile"):
        find_baseline("x.json", relative_to=tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "of_their_day", "packages"),
    [
        ("2.16.2", "2.22.5", False, "shared"),
        ("2.16", "2.22.5", False, "shared"),
        ("2.16.2", "2.22.5", True, "of their day"),
        ("2.16.2", "3.1.4", False, "of their day"),
        ("2.16.2", "file", False, "of their day"),
    ],
)
def test_two_releases_are_compared_with_the_same_packages(
    old: str, new: str, packages: str, shipped: Path, tmp_path: Path, *, of_their_day: bool
) -> None:
    """The second set is used if it has both releases, unless those of their day are asked for."""
    shared, place = tmp_path / "shared", ("environment", "packages", "pandas")
    shared.mkdir()
    for folder, text in ((shipped, "of their day"), (shared, "shared")):
        for version in ("2.16.2", "2.22.5"):
            facts = changed(changed(sample_facts(), MLFLOW, version), place, text)
            write_profile(facts, baseline_file(version, folder))
    new = written(tmp_path / "file.json", bumped()) if new == "file" else new
    both = find_pair(old, new, of_their_day=of_their_day, folder=shipped, shared=shared)
    assert both[0].packages["pandas"] == packages


def test_the_report_says_that_only_mlflow_differs(old: str, tmp_path: Path) -> None:
    """A note names packages that both sides have alike; where one differs, there is none."""
    alike = written(tmp_path / "alike.json", changed(sample_facts(), MLFLOW, NEW))
    place = ("environment", "packages", "pandas")
    other = written(
        tmp_path / "other.json", changed(changed(sample_facts(), MLFLOW, NEW), place, "9")
    )
    said = "both sides have the same other packages ("
    assert [said in " ".join(compare.compared(old, new).notes) for new in (alike, other)] == [
        True,
        False,
    ]


def test_scripts_that_were_not_recorded_are_told(old: str, new: str, tmp_path: Path) -> None:
    """With another catalogue, a note says what of its scripts is compared; else there is none."""
    own = write_catalogue(tmp_path, [mode("good", "model.py")], {})
    said = "of your scripts (1 mode) only the names of MLflow that they use are compared"
    assert [
        any(said in note for note in compared.notes)
        for compared in (compare.compared(old, new, own), compare.compared(old, new))
    ] == [True, False]


def test_what_nox_needs_before_the_arguments_is_left_out(
    old: str, new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A first ``--`` does no harm to the options behind it."""
    code = compare.main(["--", old, new, "--fail-on", "info"])
    with_dashes = capsys.readouterr()
    assert code == compare.main([old, new, "--fail-on", "info"])
    assert (with_dashes.err, with_dashes.out) == ("", capsys.readouterr().out)


def test_shipped_baselines_are_what_their_names_say() -> None:
    """Every baseline that the suite ships can be read and is of the release it is named after."""
    for version in baselines.shipped():
        assert find_baseline(str(version)).mlflow == str(version)


def test_the_exit_code_is_the_verdict(
    old: str, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is 0 for a safe bump and 1 for another, at the level that was asked for."""
    warned = written(tmp_path / "warned.json", without(sample_facts(), TAG))
    same = written(tmp_path / "same.json", sample_facts())
    for arguments, code, headline in (
        (
            [old, same],
            0,
            f"{SAFE_OF_TWO}: no breaking change between two environments",
        ),
        ([old, new], 1, f"NOT SAFE: 1 breaking change from MLflow {OLD} to {NEW}"),
        ([old, warned], 0, f"{SAFE_OF_TWO}: no breaking change between"),
        ([old, warned, "--fail-on", "warning"], 1, "NOT SAFE: 1 warning between"),
        ([old, warned, "--fail-on", "info"], 1, "NOT SAFE: 1 warning between"),
    ):
        assert compare.main(arguments) == code
        captured = capsys.readouterr()
        assert captured.out.startswith(headline)
        assert captured.err == ""


def test_accepted_changes_are_applied(old: str, new: str, tmp_path: Path) -> None:
    """With the changes accepted in a file, the bump is safe; a stale one makes it unsafe."""
    entry: dict[str, Any] = {
        "rule": "model-moved",
        "what": "model.location",
        "modes": [*MODES],
        "reason": "we use models:/",
        "link": "https://example.org/1",
    }
    file = tmp_path / "accepted.yaml"
    file.write_text(yaml.safe_dump({"from": OLD, "to": NEW, "changes": [entry]}))
    assert compare.main([old, new, "--accepted", str(file)]) == 0
    stale = {**entry, "what": "x"}
    file.write_text(yaml.safe_dump({"from": OLD, "to": NEW, "changes": [entry, stale]}))
    assert compare.main([old, new, "--accepted", str(file)]) == 1


def test_the_verdict_is_written(old: str, new: str, tmp_path: Path) -> None:
    """With a folder for it, the verdict is written there for programs as well."""
    assert compare.main([old, new, "--verdict", str(tmp_path / "v")]) == 1
    document = json.loads((tmp_path / "v" / "verdict.json").read_text())
    assert document["headline"] == f"NOT SAFE: 1 breaking change from MLflow {OLD} to {NEW}"
    assert document["old"]["name"] == old


def test_the_report_is_written(old: str, new: str, tmp_path: Path) -> None:
    """With ``--report``, the same verdict is a page, data and a summary; an old one is removed."""
    (tmp_path / "summary.md").write_text("old")
    assert compare.main([old, new, "--report", str(tmp_path)]) == 1
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert results["kind"] == "upgrade"
    headline = results["verdict"]["headline"]
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith(f"## {headline}")
    assert headline in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_is_told(
    old: str, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in the place of the folder is one line, before anything is compared."""
    (tmp_path / "file").write_text("")
    assert compare.main([old, new, "--report", str(tmp_path / "file")]) == 4
    assert capsys.readouterr().err == (
        f"--report: {tmp_path / 'file'}: is not a folder; name another folder\n"
    )


def test_an_error_is_one_line_and_no_verdict(
    old: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is 4 for what the user named, and 2 where there is no telling; one line says why."""
    other = written(tmp_path / "x.json", changed(sample_facts(), ("data", "sha256"), "1" * 64))
    nowhere = str(tmp_path / "nowhere.yaml")
    empty = tmp_path / "empty.yaml"
    empty.write_text("")
    for code, arguments, complaint in (
        (4, ["2.99.1", old], "no baseline of MLflow 2.99.1 is shipped"),
        (4, [old, "nonsense"], "'nonsense' is neither a release nor a file"),
        (4, [old, str(empty)], f"{empty}: not a whole JSON document"),
        (2, [old, other], "were recorded on different data"),
        (4, [old, other, "--catalogue", nowhere], f"{nowhere}: cannot be read"),
        (4, [old, old], "are the same"),
        (4, [old, other, "--report", str(empty)], f"--report: {empty}: is not a folder; name"),
        (
            4,
            [old, other, "--accepted", str(empty)],
            f"{empty}: accepted changes: should be a mapping",
        ),
        (
            4,
            [old, other, "--verdict", str(empty)],
            f"--verdict: {empty}: is not a folder; name",
        ),
    ):
        assert compare.main(arguments) == code
        captured = capsys.readouterr()
        assert complaint in captured.err
        assert len(captured.err.splitlines()) == 1
        assert captured.out == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: OLD, NEW"),
        (["a", "b", "--fail-on", "errors"], "argument --fail-on: invalid choice: 'errors'"),
        (["a", "b", "--strict"], "unrecognized arguments: --strict"),
    ],
)
def test_wrong_arguments_are_one_line(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake in the arguments ends with 4 and one line, too."""
    with pytest.raises(SystemExit) as caught:
        compare.main(arguments)
    assert caught.value.code == 4
    error = capsys.readouterr().err
    assert complaint in error
    assert len(error.splitlines()) == 1


def test_nothing_heavy_is_imported() -> None:
    """Comparing needs neither MLflow nor what it is compared with, so it starts at once."""
    program = (
        "import sys, mlflow_conformance.upgrade.compare\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_any_locale_can_print_the_report(old: str, new: str) -> None:
    """What the terminal's encoding does not know does not turn a verdict into an error."""
    command = [
        sys.executable,
        "-m",
        "mlflow_conformance.upgrade.compare",
        old,
        new,
        "--fail-on",
        "info",
    ]
    environment = {"PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, env=environment, check=False)
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_nox_hands_the_exit_code_on(old: str, new: str) -> None:
    """The session's exit code is the comparison's, and paths are relative to the caller."""
    pytest.importorskip("nox")
    folder = Path(old).parent
    written(folder / "same.json", sample_facts())
    for arguments, code in (
        (["old.json", "same.json"], 0),
        (["old.json", new], 1),
        (["x", new], 4),
    ):
        command = [sys.executable, "-m", "nox", "-f", str(ROOT / "noxfile.py"), "-s", "compare"]
        ended = subprocess.run(
            [*command, "--", *arguments], cwd=folder, capture_output=True, text=True, check=False
        )
        assert ended.returncode == code, ended.stderr


def test_a_file_of_accepted_changes_that_is_named_has_to_be_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip in its name must not pass for nothing being accepted."""
    sides = [written(tmp_path / name, bumped()) for name in ("a.json", "b.json")]
    assert compare.main([*sides, "--accepted", str(tmp_path / "nowhere.yaml")]) == 4
    assert capsys.readouterr().err.endswith(
        "nowhere.yaml: there is no such file of accepted changes\n"
    )
