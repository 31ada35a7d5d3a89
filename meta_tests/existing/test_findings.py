"""Every check finds its samples with the right message, and leaves near misses alone."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest

from meta_tests.existing.sample_edits import Sample
from meta_tests.existing.sample_models import old_models, sample_model
from meta_tests.existing.samples_of_content import CONTENT
from meta_tests.existing.samples_of_environments import ENVIRONMENT
from meta_tests.existing.samples_of_folders import FOLDER
from meta_tests.existing.samples_of_model_files import FILES
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.existing.examine import Examination, examine
from mlflow_conformance.existing.findings import verdict_of
from mlflow_conformance.support.paths import PACKAGE

SAMPLES = (*FOLDER, *CONTENT, *ENVIRONMENT, *FILES)
CHECKS = ("folder", "content_checks", "environment_checks", "model_files")
# The argument with the message: of a finding, and of a listing's method.
PLACES = {"Finding": 2, "add": 1}
# Written with what another module says, of which its own tests have samples.
NO_WORDS = re.compile(r"[.*+?:\s]*")


@cache
def examined(sample: Sample) -> Examination:
    """Return what is found in a sample; each is examined once."""
    with tempfile.TemporaryDirectory() as folder:
        model = sample_model()
        sample.edit(model)
        place = model.write(Path(folder) / "model")
        sample.after(place)
        with patch("mlflow_conformance.existing.content_checks.installed") as here:
            here.side_effect = lambda name: None if name == sample.lacks else installed(name)
            return examine(place)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.label)
def test_a_sample_gets_its_verdict_and_message(sample: Sample) -> None:
    """A sample gets exactly its verdict, and the message if it has one."""
    found = examined(sample)
    said = [finding.what for finding in found.findings]
    assert found.verdict == sample.verdict, said
    assert not sample.says or any(re.fullmatch(sample.says, what) for what in said), said


def test_nothing_is_found_in_the_sample_model() -> None:
    """The model that the samples edit has no finding, not even a note."""
    assert examined(Sample("sound", "sound")).findings == ()


@pytest.mark.parametrize("release", old_models())
def test_models_of_old_releases_are_sound(release: str, tmp_path: Path) -> None:
    """What MLflow 0.2 to 1.13 wrote gives notes only: of an unknown environment or signature."""
    found = examine(old_models()[release].write(tmp_path / "model"))
    assert found.verdict == "sound", found.findings


def messages(source: str) -> Iterator[str]:
    """Yield regular expressions of the messages of a module's findings."""
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        said: dict[str, list[str]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                said.setdefault(node.targets[0].id, []).append(pattern(node.value))
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                called = node.func.id if isinstance(node.func, ast.Name) else called
                place = PLACES.get(called, len(node.args))
                if len(node.args) > place and not isinstance(node.args[0], ast.List):
                    what = node.args[place]
                    named = said.get(what.id, []) if isinstance(what, ast.Name) else [pattern(what)]
                    yield from (text for text in named if not NO_WORDS.fullmatch(text))


def pattern(node: ast.expr) -> str:
    """Return a regular expression for the values of an expression."""
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(map(pattern, node.values))
    return ".+"


def lacking(source: str, said: set[str]) -> list[str]:
    """Return the messages in a module's source that no finding has."""
    return [
        text
        for text in dict.fromkeys(messages(source))
        if not any(re.fullmatch(text, what) for what in said)
    ]


@pytest.mark.parametrize("check", CHECKS)
def test_every_message_has_a_sample(check: str) -> None:
    """Each message that a module of checks can give is given for a sample."""
    said = {finding.what for sample in SAMPLES for finding in examined(sample).findings}
    source = (PACKAGE / "existing" / f"{check}.py").read_text(encoding="utf-8")
    assert list(messages(source)), "no message was found in the module"
    assert not lacking(source, said), "add a sample to meta_tests/existing/samples_of_…"


def test_a_message_without_a_sample_is_noticed() -> None:
    """A new message is reported, whether it is written in the call or before."""
    source = (
        "def f():\n    what = f'is {1} new'\n    Finding('a', 'note', what, '')\n    g.add(1, 'b')"
    )
    assert lacking(source, {"is a new", "c"}) == ["b"]
    assert lacking(source, {"is new", "b"}) == [r"is\ .+\ new"]


def test_every_level_but_notes_is_a_verdict() -> None:
    """The samples have every verdict, and it is the worst of their findings."""
    found = [examined(sample) for sample in SAMPLES]
    assert {each.verdict for each in found} == {
        *("sound", "doubtful", "lacking", "damaged", "unsafe")
    }
    assert all(each.verdict == verdict_of(each.findings) for each in found)


def test_each_finding_but_a_note_says_a_way_out() -> None:
    """Whoever reads a finding learns what to do."""
    silent = {
        finding.what
        for sample in SAMPLES
        for finding in examined(sample).findings
        if finding.level != "note" and not finding.way_out
    }
    assert not silent
