"""A run that was asked to compare, record or accept, and does not, is not green."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from meta_tests.end_to_end.suite_run import SuiteRun, mode, run, write_catalogue
from meta_tests.upgrade.sample_profiles import ONE, TWO, changed, sample_facts, without
from meta_tests.upgrade.sample_runs import GOOD, OTHER, PROMISE, gated, two_modes
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.upgrade.profile.profile import read_profile, write_profile
from mlflow_conformance.upgrade.profile.recording import data_facts

BROKEN_PROMISE, NO_TELLING, USAGE_ERROR = 1, 2, 4
CRASHES = 'raise RuntimeError("no such parameter")\n'
# A test of the suite itself that needs no model and ends at once.
OWN_TEST = str(ROOT / "meta_tests" / "promises" / "test_predictions.py")


def with_crashing(folder: Path, *crashing: str) -> Path:
    """Write a catalogue of two modes, of which some crash, and return its path."""
    folder.mkdir(exist_ok=True)
    modes = [mode(name, "crashes.py" if name in crashing else "model.py") for name in (GOOD, OTHER)]
    return write_catalogue(folder, modes, {"crashes.py": CRASHES})


def baseline(catalogue: Path, **names: str) -> str:
    """Write a baseline for the catalogue's data with renamed modes, and return its path.

    ``names`` maps the modes of the sample profile to new names; the others are left out.
    """
    facts: dict[str, Any] = changed(
        sample_facts(), ("data",), data_facts(read_catalogue(catalogue))
    )
    for sample in [*facts["modes"]]:
        found = facts["modes"][sample]
        facts = without(facts, ("modes", sample))
        if sample in names:
            facts = changed(facts, ("modes", names[sample]), found)
    path = catalogue.with_name("before.json")
    write_profile(facts, path)
    return str(path)


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """The path of a catalogue of two modes that log a model."""
    return two_modes(tmp_path)


def one_line(ended: SuiteRun, exit_code: int) -> str:
    """Return the only line of a run that ended before collection."""
    assert ended.exit_code == exit_code, ended.output
    assert "collected" not in ended.output
    return ended.output.strip().splitlines()[0]


@pytest.mark.parametrize(
    "options",
    [
        ("--verdict", "v"),
        ("--fail-on", "breaking"),
        ("--fail-on=info",),
        ("--accepted", "accepted.yaml"),
        ("--baseline", "none", "--verdict", "v"),
        ("--baseline", "none", "--fail-on", "warning"),
        ("--record", "p.json", "--verdict", "v"),
        ("--accept", "--verdict", "v"),
        ("-n", "2", "--fail-on", "warning"),
    ],
    ids=" ".join,
)
def test_what_steers_a_comparison_needs_a_baseline(
    options: tuple[str, ...], catalogue: Path
) -> None:
    """Without a baseline, these options are refused with the way out and exit code 4."""
    folder = catalogue.parent
    (folder / "accepted.yaml").write_text("from: 2.0.0\nto: 3.0.0\nchanges: []\n")
    paths = {"v": str(folder / "v"), "accepted.yaml": str(folder / "accepted.yaml")}
    paths["p.json"] = str(folder / "p.json")
    line = one_line(gated(catalogue, *(paths.get(o, o) for o in options)), USAGE_ERROR)
    option = next(o for o in options if o.startswith(("--verdict", "--fail-on", "--accepted")))
    assert line == (
        f"ERROR: {option.partition('=')[0]}: there is nothing to compare with; name a baseline"
        " (--baseline VERSION or PATH), or write baseline.json beside the catalogue first"
        " (--accept)"
    )
    assert not (folder / "v").exists()
    assert not (folder / "p.json").exists()


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_verdict_that_cannot_be_written_is_refused(name: str, catalogue: Path) -> None:
    """A verdict folder that cannot be written is refused at the start, and not created."""
    (catalogue.parent / "file").write_text("")
    folder = catalogue.parent / name
    options = ("--baseline", baseline(catalogue, one=GOOD), "--verdict", str(folder))
    line = one_line(gated(catalogue, *options), USAGE_ERROR)
    assert line.startswith(f"ERROR: --verdict: {folder}")
    assert line.endswith(("; name another folder", "; name another path"))


@pytest.mark.parametrize(
    ("names", "options"),
    [
        ({ONE: "former", TWO: "other"}, ()),
        ({"failing": GOOD}, ()),
        ({}, ()),
        ({ONE: GOOD}, ("--mode", OTHER)),
    ],
    ids=["renamed", "crashed", "empty", "another mode"],
)
def test_a_baseline_without_a_model_of_the_run_is_refused(
    names: dict[str, str], options: tuple[str, ...], catalogue: Path
) -> None:
    """A baseline without a model for any mode of the run is refused at the start, exit code 2."""
    path = baseline(catalogue, **names)
    line = one_line(gated(catalogue, "--baseline", path, *options), NO_TELLING)
    assert line.startswith(f"Exit: --baseline: {path} has no model of a mode of this run (")
    assert line.endswith("--baseline none"), line
    assert "); record one of them (--record PATH, or --accept)" in line


ASKING = {
    "baseline": ("--baseline", "before.json"),
    "record": ("--record", "profile.json"),
    "accept": ("--accept",),
}


@pytest.mark.parametrize(
    ("module", "asking", "more"),
    [
        (OWN_TEST, "baseline", ()),
        (OWN_TEST, "accept", ("-n", "1")),
        ("outcome", "record", ("-k", "nonsense")),
    ],
    ids=["own tests", "own tests of a worker", "all deselected"],
)
def test_a_run_without_promises_has_not_done_what_was_asked(
    module: str, asking: str, more: tuple[str, ...], catalogue: Path
) -> None:
    """The exit code is 2, and the report says what was not done."""
    folder = catalogue.parent
    baseline(catalogue, one=GOOD)
    given = [str(folder / o) if o.endswith(".json") else o for o in ASKING[asking]]
    before = {*folder.iterdir()}
    ended = run(folder, "--catalogue", str(catalogue), *more, *given, modules=[module])
    assert ended.exit_code == NO_TELLING, ended.output
    (option,) = {"--baseline", "--record", "--accept"} & {*given}
    assert ended.lines_with(
        "nothing was recorded or compared: no promise of a mode that is trained on this machine is"
        f" selected (asked for by {option})"
    ), ended.output
    assert {*folder.iterdir()} - before == {folder / "t"}


def test_collecting_compares_nothing_and_leaves_the_verdict(catalogue: Path) -> None:
    """``--collect-only`` with a baseline ends with exit code 0."""
    folder = catalogue.parent
    (folder / "verdict.json").write_text("{}")
    options = ("--baseline", baseline(catalogue, one=GOOD), "--verdict", str(folder))
    ended = gated(catalogue, "--collect-only", *options)
    assert ended.exit_code == 0, ended.output
    assert (folder / "verdict.json").is_file()


def test_a_baseline_beside_the_catalogue_asks_for_nothing(catalogue: Path) -> None:
    """With only a baseline beside the catalogue, other tests keep their exit code."""
    Path(baseline(catalogue, one=GOOD)).rename(catalogue.with_name("baseline.json"))
    ended = run(catalogue.parent, "--catalogue", str(catalogue), modules=[OWN_TEST])
    assert ended.exit_code == 0, ended.output
    (line,) = ended.lines_with("nothing was recorded or compared")
    assert "asked for" not in line


@pytest.fixture(scope="module")
def crashing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of a mode that logs a model and one that crashes."""
    return with_crashing(tmp_path_factory.mktemp("crashing"), OTHER)


@pytest.fixture(scope="module")
def unrecorded(crashing: Path) -> SuiteRun:
    """A run of the good mode's promise, with ``--record`` and ``--accept``."""
    profile = str(crashing.with_name("profile.json"))
    return gated(crashing, "--record", profile, "--accept", promise=f"{PROMISE} and {GOOD}")


def test_a_crashed_mode_is_not_recorded(unrecorded: SuiteRun, crashing: Path) -> None:
    """A run with a crashed mode writes no profile: exit code 2."""
    assert unrecorded.counts(f"{GOOD}-sqlite") == "1", unrecorded.output
    assert unrecorded.exit_code == NO_TELLING, unrecorded.output
    assert unrecorded.output.splitlines()[-1] == (
        f"--record and --accept refused: {OTHER}-sqlite crashed; nothing was written; fix that and"
        " run again, or remove the mode from the catalogue"
    )
    left = {path.name for path in crashing.parent.iterdir()}
    assert left == {"t", "data.csv", "crashes.py", "model.py", "modes.yaml"}


@pytest.fixture(scope="module")
def recorded(unrecorded: SuiteRun, crashing: Path) -> SuiteRun:
    """A run that records only the good mode, the way out that the message names."""
    assert unrecorded.exit_code
    return gated(crashing, "--record", str(crashing.with_name("steady.json")), "--mode", GOOD)


def test_without_the_mode_that_crashes_the_others_are_recorded(
    recorded: SuiteRun, crashing: Path
) -> None:
    """Without the crashed mode, the others are recorded."""
    assert recorded.exit_code == 0, recorded.output
    assert [*read_profile(crashing.with_name("steady.json")).modes] == [GOOD]


def test_a_mode_that_crashes_on_both_sides_is_not_safe(recorded: SuiteRun, crashing: Path) -> None:
    """A mode that crashed in the baseline and in the run has no verdict."""
    assert recorded.exit_code == 0, recorded.output
    crashed = {"outcome": "crashed: RuntimeError: no such parameter", "warnings": {}, "runs": 0}
    facts = dict(read_profile(crashing.with_name("steady.json")).facts)
    before, verdict = crashing.with_name("before.json"), crashing.with_name("verdict")
    write_profile(changed(facts, ("modes", OTHER), crashed), before)
    options = ("--baseline", str(before), "--verdict", str(verdict))
    ended = gated(crashing, *options, promise=f"{PROMISE} and {GOOD}")
    assert ended.exit_code == NO_TELLING, ended.output
    headline = ended.output.splitlines()[-1]
    assert headline.startswith(
        f"NO TELLING for 1 of 2 modes: {OTHER} (crashed on both sides); for the rest: no breaking"
    )
    assert headline in (verdict / "verdict.md").read_text()


@pytest.mark.parametrize(
    ("options", "exit_code", "line"),
    [
        (("--record", "PROFILE"), 1, f"--record refused: not all promises were kept: {GOOD}-sql"),
        (("-n", "2", "--accept"), 1, f"--accept refused: not all promises were kept: {GOOD}-sql"),
        (("-x", "--accept"), 1, "nothing was recorded or compared: the run was stopped before"),
        (("-n", "2", "-x", "--record", "PROFILE"), 2, "stopping after 1 failures"),
    ],
    ids=["goes on", "workers", "stops", "workers stop"],
)
def test_a_broken_promise_is_not_recorded(
    options: tuple[str, ...], exit_code: int, line: str, tmp_path: Path
) -> None:
    """A run with a broken promise writes no profile, with ``-x`` or without."""
    broken = mode(GOOD, "model.py", flavors=["python_function", "onnx"])
    catalogue = write_catalogue(tmp_path, [broken, mode(OTHER, "model.py")], {})
    given = [str(tmp_path / "profile.json") if o == "PROFILE" else o for o in options]
    ended = gated(catalogue, *given)
    assert ended.exit_code == exit_code, ended.output
    assert ended.lines_with(line), ended.output
    assert not (tmp_path / "profile.json").exists()
    assert not (tmp_path / "baseline.json").exists()


def test_a_device_is_not_recorded_to(catalogue: Path) -> None:
    """A profile is not written to a device, since writing replaces the file."""
    line = one_line(gated(catalogue, "--record", "/dev/null"), USAGE_ERROR)
    assert line == "ERROR: --record: /dev/null: is not a plain file; name another"
