"""Which modes promises are checked for, and at which targets."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from packaging.version import Version

from meta_tests.pytest_plugin.sample_promise import CATALOGUE, chosen
from mlflow_conformance.azure.jobs.target import AzureTarget
from mlflow_conformance.azure.records import TARGET as AZURE
from mlflow_conformance.catalogue.releases import Releases
from mlflow_conformance.pytest_plugin.options import Settings
from mlflow_conformance.runner.sqlite_folder import NAME as SQLITE
from mlflow_conformance.targets import registry
from mlflow_conformance.targets.sqlite import SqliteTarget


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
        (("uri", "postgres@2.22.5"), "uri"),
    ],
)
def test_what_depends_on_the_model_alone_is_checked_at_one_store(
    targets: tuple[str, ...], first: str
) -> None:
    """A model is compared with that of the first store, which has all promises.

    Servers of other releases have all promises, too: some modes may log no model at the first one.
    """
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
        for parameter in chosen(
            pytest.mark.applies_to(is_checked_elsewhere=False), settings=settings
        )
    ]
    here = [name for name in targets if name in (first, AZURE) or registry.is_foreign(first)]
    assert of_model == [f"autolog-array-{name}" for name in here]


def test_a_promise_may_be_restricted_to_a_target() -> None:
    """A promise can be restricted to one target."""
    both = Settings(CATALOGUE, CATALOGUE.modes[:1], 1.0, (SqliteTarget(), AzureTarget()))
    restricted = pytest.mark.applies_to(target=AZURE)
    assert [found.id for found in chosen(restricted, settings=both)] == ["autolog-array-azure"]
    assert chosen(restricted) == []
