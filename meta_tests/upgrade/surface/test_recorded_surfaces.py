"""Tests of the file of recorded surfaces, and of comparisons that read it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from meta_tests.exercise import WHOLE
from meta_tests.upgrade.sample_upgrades import (
    MLFLOW,
    NEW,
    OLD,
    PARAMETER,
    bumped,
    changed,
    profile,
    sample_facts,
    without,
)
from mlflow_conformance.support.gzip_text import compressed
from mlflow_conformance.upgrade.changes.classify import changes
from mlflow_conformance.upgrade.changes.rules.all import RULES
from mlflow_conformance.upgrade.changes.wording import change_line
from mlflow_conformance.upgrade.profile.baselines import shipped
from mlflow_conformance.upgrade.profile.differences import ABSENT, Difference, differences
from mlflow_conformance.upgrade.profile.fact_texts import NOT_USED, SURFACE, UNUSED_NAMES
from mlflow_conformance.upgrade.surface.compared_surfaces import (
    with_recorded_surfaces,
    with_surfaces,
)
from mlflow_conformance.upgrade.surface.recorded_surfaces import (
    FILE,
    UnusableSurfaces,
    read_surfaces,
    write_surfaces,
)
from mlflow_conformance.upgrade.surface.surface import Surface

RELEASES = tuple(str(version) for version in shipped())
LARGEST = 150_000


def sample(release: str, **names: str) -> Surface:
    """Return a surface with some names."""
    texts = {name.replace("_", "."): text for name, text in names.items()}
    return Surface(release, texts, {"A": "int, default 1"}, {}, {"Python": ">=3.9"})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Each release has what it had, also what is gone in between, in the order of releases."""
    surfaces = [
        sample("2.10.0", mlflow_a="(x)", mlflow_b="= 1"),
        sample("2.9.0", mlflow_a="(x)"),
        sample("2.11.0", mlflow_a="(x, y)"),
        sample("3.0.0", mlflow_a="(x)", mlflow_b="= 1"),
    ]
    path = tmp_path / "surface.json.gz"
    write_surfaces(surfaces, path)
    assert read_surfaces((s.release for s in surfaces), path) == {s.release: s for s in surfaces}
    assert read_surfaces(["2.9.1"], path) == {}
    first = path.read_bytes()
    write_surfaces(reversed(surfaces), path)
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps({"format": "x", "schema": 1}),
        json.dumps({"format": "mlflow-logging-conformance surface", "schema": 2}),
        json.dumps({"format": "mlflow-logging-conformance surface", "schema": 1}),
    ],
)
def test_a_damaged_file_is_told(text: str, tmp_path: Path) -> None:
    """A file that is no file of surfaces is one line."""
    path = tmp_path / "surface.json.gz"
    path.write_bytes(compressed(text))
    with pytest.raises(UnusableSurfaces) as caught:
        read_surfaces(["2.9.0"], path)
    assert str(path) in str(caught.value)
    with pytest.raises(UnusableSurfaces, match="cannot be read"):
        read_surfaces(["2.9.0"], tmp_path / "gone.json.gz")


def test_every_release_with_a_baseline_is_recorded() -> None:
    """The shipped file has exactly these releases, and is small."""
    assert tuple(read_surfaces(RELEASES)) == RELEASES
    assert FILE.stat().st_size <= LARGEST
    for surface in read_surfaces(RELEASES).values():
        assert len(surface.names) > 3000
        assert len(surface.variables) > 50
        assert "mlflow models serve --port" in surface.commands
        assert "Python" in surface.requirements


def test_no_script_of_the_suite_is_told_of_a_break() -> None:
    """Its scripts run under all releases, so nothing that they use breaks between neighbours."""
    surfaces = read_surfaces(RELEASES)
    for old, new in pairwise(RELEASES):
        compared = with_surfaces((), surfaces[old], surfaces[new], WHOLE)
        found = changes(compared.differences, RULES)
        assert [c.place for c in found if c.rule.level == "breaking"] == [], (old, new)
        assert not [c for c in found if c.rule.id == "unclassified"]


def test_the_surface_replaces_observed_parameters() -> None:
    """A parameter of a function is told once; without recorded surfaces, as it was observed."""
    facts = without(bumped(), PARAMETER)
    for release, ids in ((NEW, []), ("3.17.1", ["parameter-lost"])):
        old, new = profile(sample_facts()), profile(changed(facts, MLFLOW, release))
        compared = with_recorded_surfaces(differences(old, new), old, new, WHOLE)
        found = changes(compared.differences, RULES)
        assert [c.rule.id for c in found if "registered_model_name" in c.what] == ids
        is_note = f"MLflow's names are not compared: those of {release} are not recorded"
        assert compared.notes == ((is_note,) if ids else ())


def test_the_same_release_has_the_same_surface() -> None:
    """Between two environments of one release, nothing is read."""
    old = profile(changed(sample_facts(), MLFLOW, "9.9"))
    assert with_recorded_surfaces((), old, old, WHOLE).notes == ()


def test_a_list_is_one_line_with_its_number() -> None:
    """What no script uses is one line with the number and the first names."""
    names = [f"mlflow.name{number}" for number in range(312)]
    for listed, end in ((names, " and 304 more (all in --verdict)"), (names[:2], "mlflow.name1")):
        (change,) = changes([Difference((SURFACE, NOT_USED, UNUSED_NAMES), ABSENT, listed)], RULES)
        line = change_line(change, ())
        assert line.startswith(f"{len(listed)}: mlflow.name0, ")
        assert line.endswith(end)
        assert change.after == listed


def test_what_a_mode_sets_is_used() -> None:
    """Only scripts of modes that apply to both releases are read."""
    surfaces = read_surfaces((OLD, NEW))
    compared = with_surfaces((), surfaces[OLD], surfaces[NEW], WHOLE)
    places = " ".join(str(d.before) for d in compared.differences)
    assert "train-model-save.py" in places
    assert "by-name.py" not in places
