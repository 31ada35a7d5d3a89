"""Tests of writing and reading profiles: the old file stays until the new one is complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from meta_tests.upgrade.profile_edits import Facts, edited_facts
from meta_tests.upgrade.sample_profiles import ONE, changed, sample_facts
from mlflow_conformance.upgrade.profile.profile import normalised, read_profile, write_profile

FILES = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
MODE = ("modes", ONE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of the invented profile."""
    path = tmp_path / "baseline.json"
    write_profile(sample_facts(), path)
    return path


def backwards(facts: Any) -> Any:
    """Return the same facts with their keys in the reverse order."""
    if not isinstance(facts, dict):
        return facts
    return {key: backwards(facts[key]) for key in reversed(facts)}


@FILES
@given(edited_facts())
def test_a_profile_is_read_as_it_was_written(tmp_path: Path, facts: Facts) -> None:
    """Any facts that a file can hold come back the same, fact for fact."""
    for path in (tmp_path / "profile.json", tmp_path / "profile.json.gz"):
        write_profile(facts, path)
        read = read_profile(path, "its name")
        assert read.name == "its name"
        assert json.dumps(read.facts, sort_keys=True) == json.dumps(
            normalised(facts), sort_keys=True
        )


def test_the_order_of_keys_is_no_fact(file: Path) -> None:
    """Facts that were observed in another order are written as the very same bytes."""
    before = file.read_bytes()
    write_profile(backwards(sample_facts()), file)
    assert file.read_bytes() == before


@pytest.mark.parametrize("text", ["é…", "\u2028\x85", "\ud800", '"\\', "\x00\n"])
def test_any_character_is_read_as_it_was_written(text: str, file: Path) -> None:
    """Even half a character, of a file name that is no text, does not stop the recording."""
    facts = changed(sample_facts(), (*MODE, "run", "tags", text), text)
    write_profile(facts, file)
    assert read_profile(file).facts == normalised(facts)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_lacks_is_text(number: float, file: Path) -> None:
    """A metric that is not finite is recorded as text, so that the profile can be read."""
    facts = changed(sample_facts(), (*MODE, "run", "metrics", "loss"), number)
    write_profile(facts, file)
    assert read_profile(file).modes[MODE[-1]]["run"]["metrics"]["loss"] == str(number)


def test_a_profile_has_the_name_of_its_file(file: Path) -> None:
    """A profile without another name is called as its file; what it holds is at hand."""
    profile = read_profile(file)
    assert (profile.name, profile.mlflow) == (str(file), "3.0.0")
    assert set(profile.modes) == set(sample_facts()["modes"])
    assert profile.facts == sample_facts()


def test_an_interrupted_write_leaves_the_old_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who interrupts the writing of a baseline still has the old one, and nothing beside it."""
    before = file.read_bytes()
    write_text = Path.write_text

    def interrupted(path: Path, text: str, **options: Any) -> int:
        write_text(path, text[:100], **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_profile(changed(sample_facts(), MODE, "x"), file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_facts_that_cannot_be_written_leave_the_old_file(file: Path) -> None:
    """What is no JSON leaves the old file, too, and nothing beside it."""
    before = file.read_bytes()
    with pytest.raises(TypeError):
        write_profile(changed(sample_facts(), (*MODE, "runs"), object()), file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]
