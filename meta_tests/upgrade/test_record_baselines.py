"""Tests that one baseline per minor release is recorded, and that a run can be resumed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from meta_tests.upgrade.sample_upgrades import MLFLOW, MODES, changed, sample_facts
from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.environments.releases import UnknownRelease
from mlflow_conformance.upgrade import record_baselines
from mlflow_conformance.upgrade.profile.baselines import baseline_file
from mlflow_conformance.upgrade.profile.profile import Profile, read_profile
from mlflow_conformance.upgrade.profile.recording import RecordingFailed
from mlflow_conformance.upgrade.runs.side_by_side import Side, UnusableRelease

TABLE = '"2.16.0": 2024-08-30\n"3.1.0": 2025-06-11\n"2.16.2": 2024-09-17\n"3.1.4": 2025-07-23\n'


@dataclass
class Recorder:
    """Fakes environments and recordings; ``fails`` holds the error of each release that fails.

    ``crashed`` are the modes that leave no model under a release, ``moved`` the packages that have
    another version now than when the baselines were recorded.
    """

    folder: Path
    fails: dict[str, BaseException] = field(default_factory=dict)
    crashed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    built: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    sections: list[str] = field(default_factory=list)

    def build_release(self, version: str) -> Path:
        """Return a Python executable, or raise the release's build error."""
        self.built.append(version)
        return self._built(version)

    def build_with_shared(self, version: str) -> Path:
        """Return a Python executable, or raise the release's build error."""
        self.built.append(f"{version} with shared packages")
        return self._built(version)

    def _built(self, version: str) -> Path:
        error = self.fails.get(version)
        if isinstance(error, EnvironmentNotBuilt | UnknownRelease):
            raise error
        return Path(sys.executable)

    @contextmanager
    def recorded(self, sides: Sequence[Side], options: Any) -> Iterator[list[Any]]:
        """Yield a sample profile, or raise the release's recording error."""
        self.sections = list(options.sections)
        version = sides[0].version
        if version in self.fails:
            raise self.fails[version]
        facts = changed(sample_facts(), MLFLOW, version)
        for mode in self.crashed.get(version, ()):
            facts = changed(facts, ("modes", mode), {"outcome": "crashed: ValueError: no"})
        yield [SimpleNamespace(profile=Profile(sides[0].name, facts))]

    def installed_in(self, python: Path) -> dict[str, str]:
        """Return the packages of the sample's environment, and those that are ``moved``."""
        version = self.built[-1].partition(" ")[0]
        packages = changed(sample_facts(), MLFLOW, version)["environment"]["packages"]
        return {**packages, **self.moved}

    def with_recorded_sections(self, side: Side, profile: Profile, options: Any) -> Profile:
        """Return the profile with one fact in each section."""
        added = {name: {"fact": "recorded"} for name in options.sections}
        return Profile(profile.name, {**profile.facts, **added})

    def path(self, version: str) -> Path:
        """Return the path of a release's baseline."""
        return baseline_file(version, self.folder / "baselines")

    def files(self) -> list[str]:
        """Return the names of all recorded files, partial ones included."""
        return sorted(path.name for path in (self.folder / "baselines").glob("*"))

    @property
    def log(self) -> str:
        """Return the log."""
        return (self.folder / "environments" / "baselines.log").read_text()


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Recorder:
    """Return a recorder with two minor releases of two patches each, none recorded yet."""
    fake = Recorder(tmp_path)
    (tmp_path / "releases.yaml").write_text(TABLE)
    monkeypatch.setattr(record_baselines, "TABLE", tmp_path / "releases.yaml")
    monkeypatch.setattr(record_baselines, "BASELINES", tmp_path / "baselines")
    monkeypatch.setattr(record_baselines, "SHARED_BASELINES", tmp_path / "shared")
    monkeypatch.setattr(record_baselines, "LOG", tmp_path / "environments" / "baselines.log")
    for name in (
        *("build_release", "build_with_shared", "recorded", "installed_in"),
        "with_recorded_sections",
    ):
        monkeypatch.setattr(record_baselines, name, getattr(fake, name))
    # The command would replace the test process's own signal handlers.
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return fake


@pytest.mark.parametrize(
    ("published", "groups"),
    [
        ([], []),
        (["3.1.0"], [("3.1.0",)]),
        (["2.9.2", "2.10.0", "2.9.10"], [("2.9.10", "2.9.2"), ("2.10.0",)]),
        (["3.0.0", "2.22.5", "3.0.0rc1"], [("2.22.5",), ("3.0.0", "3.0.0rc1")]),
    ],
)
def test_releases_are_grouped_by_minor(published: list[str], groups: list[tuple[str, ...]]) -> None:
    """Minor releases are sorted from the oldest, their patches from the newest, as numbers."""
    assert record_baselines.by_minor(published) == groups


def test_the_newest_patch_of_each_minor_is_recorded(recorder: Recorder) -> None:
    """The newest patch of each minor release is recorded, and the log counts the baselines."""
    assert record_baselines.main([]) == 0
    assert recorder.files() == ["mlflow-2.16.2.json.gz", "mlflow-3.1.4.json.gz"]
    assert read_profile(recorder.path("2.16.2")).mlflow == "2.16.2"
    assert recorder.log.splitlines()[-1] == "2 of 2 baselines are there"


def test_what_is_there_is_kept(recorder: Recorder) -> None:
    """A second run keeps readable baselines and records unreadable ones again."""
    assert record_baselines.main(["2.16.2", "3.1.4"]) == 0
    kept = recorder.path("2.16.2").stat().st_ino
    recorder.path("3.1.4").write_text("{")
    recorder.built.clear()
    assert record_baselines.main([]) == 0
    assert recorder.built == ["3.1.4"]
    assert recorder.path("2.16.2").stat().st_ino == kept
    assert read_profile(recorder.path("3.1.4")).mlflow == "3.1.4"
    assert "MLflow 2.16.2: is already recorded" in recorder.log


def test_all_is_recorded_again_on_demand(recorder: Recorder) -> None:
    """``--again`` also records existing baselines, and appends to the log."""
    for arguments in ([], ["--again"], ["3.1.4", "--again"]):
        assert record_baselines.main(arguments) == 0
    assert recorder.built == ["2.16.2", "3.1.4", "2.16.2", "3.1.4", "3.1.4"]
    assert recorder.log.count("baselines are there") == 3


@pytest.mark.parametrize(
    "error",
    [
        EnvironmentNotBuilt("uv pip install failed:\n no solution"),
        RecordingFailed("observe x failed:\n no solution"),
        UnusableRelease("cannot be imported:\n no solution"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_the_next_older_patch_stands_in(
    error: Exception, recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    """If a patch cannot be recorded, one line says why, and the next older patch is recorded."""
    recorder.fails = {"2.16.2": error}
    assert record_baselines.main([]) == 0
    assert recorder.files() == ["mlflow-2.16.0.json.gz", "mlflow-3.1.4.json.gz"]
    message = f"MLflow 2.16.2: cannot be recorded: {' '.join(str(error).split())}"
    assert message in recorder.log.splitlines()
    assert message in capsys.readouterr().out


def test_a_minor_without_any_baseline_fails(recorder: Recorder) -> None:
    """If no patch of a minor release can be recorded, the exit code is 1."""
    recorder.fails = dict.fromkeys(["2.16.0", "2.16.2"], EnvironmentNotBuilt("no solution"))
    assert record_baselines.main([]) == 1
    assert recorder.files() == ["mlflow-3.1.4.json.gz"]
    assert recorder.log.splitlines()[-2:] == [
        "1 of 2 baselines are there",
        "none for MLflow 2.16.2: see above",
    ]


def test_a_release_that_breaks_a_mode_is_recorded_as_such(recorder: Recorder) -> None:
    """A shipped baseline tells which mode a release breaks, and so does the log."""
    recorder.crashed = {"3.1.4": MODES[:1]}
    assert record_baselines.main(["3.1.4"]) == 0
    assert read_profile(recorder.path("3.1.4")).modes[MODES[0]]["outcome"].startswith("crashed")
    said = f"MLflow 3.1.4: recorded without a model: {MODES[0]} crashed: ValueError: no"
    assert said in recorder.log.splitlines()


def test_a_release_without_any_model_is_not_recorded(recorder: Recorder) -> None:
    """Nothing could be compared with such a baseline, so the patch before it stands in."""
    recorder.crashed = {"3.1.4": MODES, "2.16.2": MODES, "2.16.0": MODES}
    assert record_baselines.main([]) == 1
    assert recorder.files() == ["mlflow-3.1.0.json.gz"]
    assert "MLflow 3.1.4: cannot be recorded: no mode left a model: " in recorder.log


def test_a_named_release_has_no_stand_in(recorder: Recorder) -> None:
    """A release that is named is not replaced by an older patch."""
    recorder.fails = {"2.16.2": EnvironmentNotBuilt("it does not install")}
    assert record_baselines.main(["2.16.2"]) == 1
    assert recorder.built == ["2.16.2"]
    assert recorder.files() == []


def test_a_release_that_is_not_known_is_a_mistake(
    recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that is not in the table of releases ends with 4 and one line, before any work."""
    with pytest.raises(SystemExit) as ended:
        record_baselines.main(["3.1.4", "snake"])
    assert ended.value.code == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert "'snake' is not in " in line
    assert recorder.built == []


def test_a_section_is_recorded_into_what_exists(recorder: Recorder) -> None:
    """``--section`` changes one section of each baseline, of whichever patch there is."""
    recorder.fails = {"2.16.2": UnusableRelease("cannot be imported")}
    assert record_baselines.main([]) == 0
    before = read_profile(recorder.path("2.16.0")).facts
    assert record_baselines.main(["--section", "estimators"]) == 0
    added = {"estimators": {"fact": "recorded"}}
    assert read_profile(recorder.path("2.16.0")).facts == {**before, **added}
    assert read_profile(recorder.path("3.1.4")).facts["estimators"] == added["estimators"]
    assert not recorder.path("2.16.2").exists()


def test_the_second_set_has_the_same_packages_beside_all(recorder: Recorder) -> None:
    """``--shared`` records the same releases elsewhere, with packages that all of them allow."""
    recorder.fails = {"2.16.2": UnusableRelease("cannot be imported")}
    assert record_baselines.main([]) == 0
    recorder.fails, recorder.built = {}, []
    assert record_baselines.main(["--shared"]) == 0
    assert recorder.built == ["2.16.0 with shared packages", "3.1.4 with shared packages"]
    shared = recorder.folder / "shared"
    assert sorted(path.name for path in shared.iterdir()) == recorder.files()


def test_only_some_sections_of_a_new_baseline_are_recorded(recorder: Recorder) -> None:
    """``--section`` names the optional sections of a baseline that does not exist yet."""
    assert record_baselines.main(["3.1.4", "--section", "stores"]) == 0
    assert recorder.sections == ["stores"]
    assert recorder.files() == ["mlflow-3.1.4.json.gz"]


def test_a_section_is_not_recorded_with_other_packages(recorder: Recorder) -> None:
    """A baseline is of one environment, so its sections are, too."""
    assert record_baselines.main(["3.1.4"]) == 0
    before = recorder.path("3.1.4").read_bytes()
    recorder.moved = {sorted(read_profile(recorder.path("3.1.4")).packages)[0]: "9"}
    assert record_baselines.main(["3.1.4", "--section", "estimators"]) == 1
    assert recorder.path("3.1.4").read_bytes() == before
    assert "cannot be recorded: other packages than in its baseline: " in recorder.log


@pytest.mark.parametrize("at", ["recording", "writing"])
def test_an_interrupt_leaves_no_part_of_a_baseline(
    at: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C keeps complete baselines and leaves no partial file."""
    assert record_baselines.main(["2.16.2"]) == 0
    if at == "recording":
        recorder.fails = {"3.1.4": KeyboardInterrupt()}
    else:

        def replace(path: Path, target: Path) -> None:
            assert path.is_file()
            raise KeyboardInterrupt

        monkeypatch.setattr(Path, "replace", replace)
    assert record_baselines.main([]) == 2
    assert recorder.files() == ["mlflow-2.16.2.json.gz"]
    assert recorder.log.splitlines()[-2:] == [
        "MLflow 3.1.4: building the environment with the packages of its release date",
        "interrupted; what was recorded before is there, and the next run continues",
    ]
