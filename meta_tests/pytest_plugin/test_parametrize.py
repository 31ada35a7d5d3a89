"""The parametrization of promises over modes, targets and cases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from meta_tests.pytest_plugin.sample_promise import ALL, CATALOGUE, Definition, chosen, modes
from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.pytest_plugin.options import Settings
from mlflow_conformance.pytest_plugin.parametrize import (
    drop_empty,
    in_suite,
    parametrize,
    paths_with_promises,
)
from mlflow_conformance.pytest_plugin.xfail import subject_of
from mlflow_conformance.runner.sqlite_folder import NAME as SQLITE
from mlflow_conformance.support.paths import CONFORMANCE
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.targets.sqlite import SqliteTarget
from mlflow_conformance.targets.target import Subject

ARRAYS = {"autolog-array", "sklearn-array", "infer-array"}


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        ({}, {mode.name for mode in CATALOGUE.modes}),
        (
            {"autologs": True},
            {"autolog-array", "autolog-frame", "sklearn-array", "sklearn-frame"},
        ),
        ({"origin": "inferred"}, {"infer-array", "infer-frame", "save-log"}),
        ({"origin": "defined"}, {"signature-array", "signature-frame"}),
        ({"inputs": "tensor"}, ARRAYS),
        ({"logged_with": "save_model"}, {"save-log"}),
        ({"has_twin": True}, {"sklearn-array", "sklearn-frame"}),
        ({"autologs": True, "inputs": "tensor"}, {"autolog-array", "sklearn-array"}),
        ({"flavor": "python_function"}, {mode.name for mode in CATALOGUE.modes}),
        ({"flavor": "onnx"}, set()),
        ({"kind": "classifier", "probabilities": True}, {mode.name for mode in CATALOGUE.modes}),
        ({"kind": "regressor"}, set()),
    ],
    # The order of a set's repr differs between processes, and xdist compares ids.
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_promise_is_checked_for_the_modes_that_make_it(
    facts: dict[str, Any], names: set[str]
) -> None:
    """``applies_to`` selects the modes for which all conditions hold."""
    assert modes(pytest.mark.applies_to(**facts)) == names


def test_several_restrictions_hold_together() -> None:
    """The markers of a module and of a test are combined."""
    marks = (pytest.mark.applies_to(autologs=True), pytest.mark.applies_to(inputs="column"))
    assert modes(*marks) == {"autolog-frame", "sklearn-frame"}


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (
            pytest.mark.applies_to(flavour="sklearn"),
            r"applies_to\(flavour='sklearn'\): flavour: unknown condition; known are target, ",
        ),
        (
            pytest.mark.applies_to(target="sqllite"),
            r"\(target='sqllite'\): target: should be one of 'sqlite', 'file', .*, is 'sqllite'",
        ),
        (
            pytest.mark.applies_to(autologs="yes"),
            r"applies_to\(autologs='yes'\): autologs: should be one of True, False, is 'yes'",
        ),
        (
            pytest.mark.applies_to("sqlite"),
            r"applies_to\('sqlite'.*\): should have conditions such as autologs=True",
        ),
        (pytest.mark.applies_to(origin="guessed"), "origin: should be one of 'autolog', "),
    ],
    ids=["key", "target", "truth", "position", "origin"],
)
def test_a_restriction_that_no_mode_can_meet_is_refused(
    mark: pytest.MarkDecorator, message: str
) -> None:
    """A mistake in ``applies_to`` is an error: else the promise would silently check nothing."""
    with pytest.raises(ConfigurationError, match=message):
        chosen(mark)


def test_each_case_multiplies_the_modes() -> None:
    """``each_case`` adds the cases of each mode, with their names in the ids."""

    def cases(mode: Mode) -> list[SimpleNamespace]:
        count = 2 if mode.name == "infer-array" else 1
        return [SimpleNamespace(name=f"case-{number}") for number in range(count)]

    found = chosen(pytest.mark.each_case(of=cases), pytest.mark.applies_to(origin="inferred"))
    assert [parameter.id for parameter in found] == [
        "infer-array-sqlite-case-0",
        "infer-array-sqlite-case-1",
        "infer-frame-sqlite-case-0",
        "save-log-sqlite-case-0",
    ]


def test_a_mode_without_a_model_has_only_promises_about_that() -> None:
    """A promise is about the model, unless its condition says otherwise."""
    without = replace(CATALOGUE.modes[0], logs_model=False)
    settings = Settings(CATALOGUE, (without,), 1.0, (SqliteTarget(),))
    assert not chosen(settings=settings)
    assert chosen(pytest.mark.applies_to(logs_model=False), settings=settings)
    assert not chosen(pytest.mark.applies_to(logs_model=False))


def test_other_tests_are_left_alone() -> None:
    """A test without a subject is not parametrized."""
    definition = Definition(asks_for="tmp_path")
    parametrize(cast(pytest.Metafunc, definition), ALL)
    assert definition.parameters is None


def test_placeholders_are_dropped_and_nothing_else() -> None:
    """Only the placeholder of a promise without modes is dropped; other tests are kept."""

    def item(**parameters: Any) -> pytest.Item:
        return cast(pytest.Item, SimpleNamespace(callspec=SimpleNamespace(params=parameters)))

    promise = item(subject=Subject(CATALOGUE.modes[0], SQLITE))
    own, plain = item(number=1), cast(pytest.Item, SimpleNamespace())
    placeholder = item(subject=pytest.mark)
    items = [promise, placeholder, own, plain]
    drop_empty(items)
    assert items == [promise, own, plain]
    assert [subject_of(kept) is None for kept in items] == [False, True, True]


def test_every_module_of_promises_is_collected() -> None:
    """The modules of promises have names that pytest collects."""
    names = {path.name for path in Path(CONFORMANCE).glob("*.py")} - {"__init__.py"}
    assert all(name.startswith("test_") for name in names)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("test_serving.py", str(CONFORMANCE / "test_serving.py")),
        ("conformance/test_serving.py::test_a[b]", f"{CONFORMANCE / 'test_serving.py'}::test_a[b]"),
        ("conformance", str(CONFORMANCE)),
        ("own/test_own.py", "own/test_own.py"),
        ("test_own.py", "test_own.py"),
        ("test_nothing.py", "test_nothing.py"),
    ],
)
def test_a_path_of_the_suite_is_found_from_any_folder(
    path: str, found: str, tmp_path: Path
) -> None:
    """A test file of the suite needs no folder; what the user has is the user's."""
    (tmp_path / "test_own.py").write_text("")
    assert in_suite(path, tmp_path) == found
    (tmp_path / "test_serving.py").write_text("")
    assert in_suite("test_serving.py", tmp_path) == "test_serving.py"


@pytest.mark.parametrize(
    ("marker", "is_left_out"),
    [
        *(("local", True), ("azure", True), ("", False), ("not local", False)),
        *(("local and estimators", True), ("not estimators", False)),
    ],
)
def test_the_suite_s_own_tests_are_left_out_where_promises_are_asked_for(
    marker: str, is_left_out: bool
) -> None:
    """``-m local`` does not import the suite's own tests; other expressions do."""
    paths = paths_with_promises(["conformance", "meta_tests"], marker)
    assert paths == (["conformance"] if is_left_out else ["conformance", "meta_tests"])
