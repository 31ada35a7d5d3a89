"""Probes: their marks and results, on the installed MLflow, and probes that hang or end badly."""

from __future__ import annotations

import importlib
import logging
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

from mlflow_conformance.processes.job import Result
from mlflow_conformance.support.run_folder import RunFolder
from mlflow_conformance.upgrade.probes.facts import facts_of
from mlflow_conformance.upgrade.probes.plain import answer_text
from mlflow_conformance.upgrade.probes.probe import (
    NotThere,
    Place,
    Probe,
    Refused,
    guards,
    internal,
    probes_of,
    relied_on,
)
from mlflow_conformance.upgrade.probes.recording import PROBE, Probing, subjects
from mlflow_conformance.upgrade.profile.fact_texts import NOT_THERE
from mlflow_conformance.upgrade.profile.recording import RecordingFailed

PLACE = Place(Path(), "sqlite:///none.db")


def all_probes() -> list[tuple[str, Probe]]:
    """Return every probe with its subject."""
    package = "mlflow_conformance.upgrade.probes.subjects"
    return [
        (subject, probe)
        for subject in subjects()
        for probe in probes_of(importlib.import_module(f"{package}.{subject}"))
    ]


def test_every_probe_says_what_it_does() -> None:
    """A probe has a docstring of one sentence, and a reason for its mark."""
    probes = all_probes()
    assert len(probes) > 80
    for subject, probe in probes:
        assert probe.sentence.endswith("."), (subject, probe.name)
        assert "\n" not in probe.sentence, (subject, probe.name)
        assert probe.mark.why, (subject, probe.name)


def raising(error: Exception) -> Any:
    """Return a function that raises an error."""

    def act() -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("act", "result"),
    [
        (lambda: None, "works"),
        (lambda: [1.0, "/home/x/y.txt"], "works, gives [1.0, '<folder>/y.txt']"),
        (raising(NotThere("x")), NOT_THERE),
        (raising(Refused("403 DENIED")), "raises 403 DENIED"),
        (
            raising(MlflowException("no /tmp/a/b")),
            "raises MlflowException INTERNAL_ERROR: no <folder>/b",
        ),
        (lambda: SimpleNamespace().missing, NOT_THERE),
        (lambda: pd.DataFrame({"a": [1]})["missing"], "fails in pandas: KeyError"),
    ],
    ids=["none", "masked", "not-there", "refused", "mlflow", "attribute", "pandas"],
)
def test_a_result_is_a_fact(act: Any, result: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result says what came of it, without paths and without another package's words."""
    monkeypatch.setattr("mlflow_conformance.upgrade.probes.facts.PROBES", __name__)
    assert facts_of(act, "notable")["notable"] == result


def test_only_warnings_of_mlflow_are_facts() -> None:
    """What another package warns of is left out; what MLflow logs is kept."""

    def act() -> None:
        warnings.warn("not MLflow's", FutureWarning, stacklevel=1)
        logging.getLogger("mlflow.probed").warning("look at %s", "/home/a/b")

    assert facts_of(act, "notable")["warnings"] == {"logged": "look at <folder>/b"}


def test_a_text_of_another_package_is_left_out() -> None:
    """MLflow's error has not the words of the error that caused it."""

    def act() -> None:
        try:
            raise ValueError("words of pandas")
        except ValueError as error:
            raise MlflowException(f"Failed: {error}") from error

    assert "words" not in facts_of(act, "notable")["notable"]


def test_marks_are_kept() -> None:
    """Each mark is the end of the path of the fact; without a mark it is notable."""
    functions = (relied_on("a"), guards("a"), internal("a"))

    def probe(place: Place) -> None:
        """Do nothing."""

    keys = [mark(lambda place: None).__dict__["mark"].key for mark in functions]
    assert keys == ["relied on", "guarded", "internal"]
    module: Any = SimpleNamespace(__name__=__name__, probe=probe)
    assert [p.mark.key for p in probes_of(module)] == ["notable"]


def test_an_error_between_cases_is_a_case() -> None:
    """A preparation that fails is recorded, with the cases before it."""

    def probe(place: Place) -> Any:
        yield "first", lambda: 1
        raise MlflowException("no")

    cases = dict(Probe("p", "", probe, relied_on("a")(probe).__dict__["mark"]).cases(PLACE))
    assert list(cases) == ["p: first", "p: preparation"]
    with pytest.raises(MlflowException, match="no"):
        cases["p: preparation"]()


@pytest.mark.parametrize(
    ("timed_out", "exit_code", "said"),
    [(True, -9, "did not end within 120 s"), (False, 3, "ended the process with exit code 3")],
    ids=["hangs", "ends"],
)
def test_a_probe_that_ends_badly_is_named(
    tmp_path: Path, timed_out: bool, exit_code: int, said: str
) -> None:
    """It is an error of the run."""
    probing = Probing(RunFolder(tmp_path), {}, b"")
    job = probing.job("runs")
    Path(job.arguments[0]).with_suffix(".begun").write_text("start run: twice")
    with pytest.raises(RecordingFailed, match=f"runs: start run: twice: {said}"):
        probing.facts(Result(f"{PROBE}runs", exit_code, timed_out, 1.0, 1))


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"b": 1, "a": 2}, "{'a': 2, 'b': 1}"),
        (pd.DataFrame({"a": ["x"]}), "frame of a object ['x'], index [0]"),
        ("version 12.34.5", "version <version>"),
    ],
    ids=["sorted", "text-columns", "versions"],
)
def test_an_answer_does_not_depend_on_packages(answer: object, text: str) -> None:
    """The order of keys, the name of the type of text, and versions are no difference."""
    assert answer_text(answer) == text
