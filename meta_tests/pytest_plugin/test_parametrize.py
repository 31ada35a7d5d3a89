"""The parametrization of promises over modes, targets and cases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from packaging.version import Version

from meta_tests.exercise import EXERCISE
from mlflow_conformance.azure.jobs.target import AzureTarget
from mlflow_conformance.azure.records import TARGET as AZURE
from mlflow_conformance.catalogue.modes import Mode
from mlflow_conformance.catalogue.releases import Releases
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
from mlflow_conformance.targets import registry
from mlflow_conformance.targets.sqlite import SqliteTarget
from mlflow_conformance.targets.target import Subject

CATALOGUE = EXERCISE
ALL = Settings(CATALOGUE, CATALOGUE.modes, 1.0)
ARRAYS = {"autolog-array", "sklearn-array", "infer-array"}


class Definition:
    """A test function as pytest collects it, with its fixtures and markers."""

    def __init__(self, *marks: pytest.MarkDecorator, asks_for: str = "subject") -> None:
        """Create a test with these markers."""
        self.fixturenames = [asks_for]
        self.marks = [mark.mark for mark in marks]
        self.definition = self
        self.path = CONFORMANCE / "test_x.py"
        self.names: list[str] = []
        self.parameters: list[Any] | None = None

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        """Return the first marker of that name."""
        return next(iter(self.iter_markers(name)), None)

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        """Return all markers of that name."""
        return [mark for mark in self.marks if mark.name == name]

    def parametrize(self, names: list[str], parameters: list[Any], indirect: list[str]) -> None:
        """Store the parameters of the test."""
        assert indirect == names
        self.names, self.parameters = names, parameters


def chosen(*marks: pytest.MarkDecorator, settings: Settings = ALL) -> list[Any]:
    """Return the parameters of a test with these markers."""
    definition = Definition(*marks)
    parametrize(cast(pytest.Metafunc, definition), settings)
    assert definition.parameters is not None
    return definition.parameters


def modes(*marks: pytest.MarkDecorator) -> set[str]:
    """Return the names of the modes of a test with these markers."""
    return {parameter.values[0].mode.name for parameter in chosen(*marks)}


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


def test_only_the_selected_modes_are_checked() -> None:
    """A promise is not checked for modes that ``--mode`` leaves out."""
    selected = Settings(CATALOGUE, CATALOGUE.modes[2:3], 1.0)
    assert [parameter.id for parameter in chosen(settings=selected)] == ["sklearn-array-sqlite"]


def test_a_mode_is_not_checked_where_it_is_not_run_by_default() -> None:
    """``by_default`` lists where a mode is run without being named; ``--mode`` runs it anywhere."""
    here, nowhere = (replace(CATALOGUE.modes[0], by_default=at) for at in (("local",), ()))
    settings = Settings(CATALOGUE, (here, nowhere), 1.0, (SqliteTarget(), AzureTarget()))
    assert [subject.id for subject in settings.subjects] == ["autolog-array-sqlite"]
    assert not chosen(pytest.mark.package_index, settings=settings)
    named = replace(settings, are_named=True)
    assert chosen(pytest.mark.package_index, settings=named)
    assert [subject.target for subject in named.subjects] == ["sqlite", "sqlite", "azure", "azure"]


def test_a_mode_of_other_releases_is_told_and_not_checked() -> None:
    """The MLflow of the target decides, and the reason is told."""
    releases = Releases(oldest=Version("99"), because="log_model changes")
    new = replace(CATALOGUE.modes[0], releases=releases)
    settings = Settings(CATALOGUE, (new,), 1.0, (SqliteTarget(),))
    assert settings.subjects == ()
    here = SqliteTarget().mlflow
    assert settings.not_applying == (
        f"autolog-array-sqlite: from MLflow 99 on: log_model changes (here: {here})",
    )
    assert settings.left_out == (
        "left out: 1 mode that does not apply to this MLflow (the first lines say why)",
    )
    assert not chosen(settings=settings)


def test_a_mode_without_a_model_has_only_promises_about_that() -> None:
    """A promise is about the model, unless its condition says otherwise."""
    without = replace(CATALOGUE.modes[0], logs_model=False)
    settings = Settings(CATALOGUE, (without,), 1.0, (SqliteTarget(),))
    assert not chosen(settings=settings)
    assert chosen(pytest.mark.applies_to(logs_model=False), settings=settings)
    assert not chosen(pytest.mark.applies_to(logs_model=False))


def test_what_needs_a_package_index_is_not_local() -> None:
    """``-m local`` leaves out the promises that need a package index."""
    assert {mark.name for parameter in chosen() for mark in parameter.marks} == {"local"}
    assert not any(parameter.marks for parameter in chosen(pytest.mark.package_index))


@pytest.mark.parametrize(
    ("markers", "targets"),
    [
        ("", (SQLITE,)),
        ("local", (SQLITE,)),
        ("not local", (SQLITE,)),
        ("not azure", (SQLITE,)),
        ("not (azure or local)", (SQLITE,)),
        ("package_index", (SQLITE,)),
        ("azure", (SQLITE, AZURE)),
        ("local or azure", (SQLITE, AZURE)),
        ("azure and not local", (SQLITE, AZURE)),
        ("not  azure", (SQLITE,)),
        ("not(azure)", (SQLITE,)),
        ("not (local or azure)", (SQLITE,)),
        ("local and not azure", (SQLITE,)),
        (" not local and azure", (SQLITE, AZURE)),
        ("not (not azure)", (SQLITE, AZURE)),
        ("azure and (", (SQLITE, AZURE)),
    ],
)
def test_a_workspace_is_a_target_only_where_it_is_asked_for(
    markers: str, targets: tuple[str, ...]
) -> None:
    """No job is submitted unless ``-m`` says ``azure``."""
    assert tuple(target.name for target in registry.asked_for(markers)) == targets


def test_promises_at_a_workspace_are_marked_azure_and_nothing_else() -> None:
    """``-m azure`` selects the checks of jobs, ``-m local`` the others."""
    both = Settings(CATALOGUE, CATALOGUE.modes[:1], 1.0, (SqliteTarget(), AzureTarget()))
    here, there = chosen(settings=both)
    assert [mark.name for mark in here.marks] == ["local"]
    assert [mark.name for mark in there.marks] == ["azure"]
    assert [here.id, there.id] == ["autolog-array-sqlite", "autolog-array-azure"]


@pytest.mark.parametrize(
    ("targets", "first"),
    [
        (("sqlite",), "sqlite"),
        (("sqlite", "file", "server"), "sqlite"),
        (("file-unallowed", "sqlite"), "sqlite"),
        (("server@2.22.5", "sqlite", "azure"), "sqlite"),
        (("uri", "server@2.22.5", "file"), "file"),
        (("server@2.22.5", "server@3.1.4"), "server@2.22.5"),
    ],
)
def test_what_depends_on_the_model_alone_is_checked_at_one_store(
    targets: tuple[str, ...], first: str
) -> None:
    """A model is compared with that of the first store of this release, which has all promises."""
    opened: Any = tuple(
        SimpleNamespace(name=name, mlflow="3.17.2", trains_here=name != AZURE) for name in targets
    )
    settings = Settings(CATALOGUE, CATALOGUE.modes[:1], 1.0, opened)
    compared = {subject.target: subject.compared_with for subject in settings.subjects}
    assert compared.pop(first) is None
    assert {at for target, at in compared.items() if target != AZURE} <= {first}
    assert compared.get(AZURE) is None
    of_model = [
        parameter.id
        for parameter in chosen(pytest.mark.applies_to(has_other_store=False), settings=settings)
    ]
    here = [name for name in targets if name in (first, AZURE)]
    assert of_model == [f"autolog-array-{name}" for name in here]


def test_a_promise_may_be_restricted_to_a_target() -> None:
    """A promise can be restricted to one target."""
    both = Settings(CATALOGUE, CATALOGUE.modes[:1], 1.0, (SqliteTarget(), AzureTarget()))
    restricted = pytest.mark.applies_to(target=AZURE)
    assert [found.id for found in chosen(restricted, settings=both)] == ["autolog-array-azure"]
    assert chosen(restricted) == []


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
