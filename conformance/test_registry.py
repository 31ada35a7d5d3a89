"""The model registry: versions, aliases, sources and files.

The registry is in the store of the target; version 1 is the mode's model, version 2 another model.
"""

from __future__ import annotations

import numpy as np
import pytest

from mlflow_conformance.model.model_under_test import ModelUnderTest, logged_files
from mlflow_conformance.promises.assertions import require, require_equal, require_none
from mlflow_conformance.promises.model_registry import (
    Registered,
    place_of_model,
    place_of_version,
)
from mlflow_conformance.promises.predictions import require_same_predictions
from mlflow_conformance.promises.reference import Reference

# test_azure_registration.py checks the registry of a workspace.
pytestmark = pytest.mark.applies_to(target="local")

ALIAS = "champion"


def test_first_registration_is_version_one(registered: Registered) -> None:
    """The first registration under a name is version 1, and READY (L13; MLflow: registry)."""
    first = registered.first_alone
    require_equal(
        (first.number, first.status), (1, "READY"), what="the first version", where=registered.uri
    )


def test_second_registration_is_the_next_version(registered: Registered) -> None:
    """Registering the same name again creates version 2 (L14; MLflow: registry)."""
    require_equal(registered.second.number, 2, what="the second version", where=registered.uri)


def test_old_version_is_intact(registered: Registered) -> None:
    """A new version leaves the old one unchanged (L14, L19; MLflow: registry)."""
    require_equal(
        registered.versions().get(1),
        registered.first_alone,
        what="version 1 after version 2 was registered",
        where=registered.uri,
    )


def test_version_links_to_its_run(registered: Registered, model: ModelUnderTest) -> None:
    """A version refers to its model and to the run that logged it (L15; MLflow: registry)."""
    require_equal(
        registered.first_alone.run_id,
        model.run_id,
        what="run_id of version 1",
        where=registered.uri,
    )
    # From MLflow 3 on, the source of a version is the logged model, with or without a run.
    version, model_id = registered.first_alone, model.mlmodel.model_id
    require_equal(
        version.source if model_id else place_of_version(version),
        f"models:/{model_id}" if model_id else place_of_model(model),
        what="source of version 1",
        where=registered.uri,
    )


def test_model_is_found_by_name(registered: Registered) -> None:
    """The registered name is found, with all its versions (L18; MLflow: registry)."""
    require_equal(
        registered.names(), [registered.name], what="registered models", where=registered.uri
    )
    require_equal(
        sorted(registered.versions()),
        [1, 2],
        what=f"versions found by the name {registered.name}",
        where=registered.uri,
    )


@pytest.mark.applies_to(flavor="python_function")
@pytest.mark.usefixtures("scorable")
def test_version_is_loaded_by_name_and_number(registered: Registered, reference: Reference) -> None:
    """``models:/NAME/1`` predicts the same as the logged model (L18; MLflow: registry)."""
    require_same_predictions(
        registered.predict("/1", reference.rows.typed),
        reference.predictions,
        where=f"models:/{registered.name}/1",
    )


@pytest.mark.applies_to(flavor="python_function")
@pytest.mark.usefixtures("scorable")
def test_alias_rolls_back(registered: Registered, reference: Reference) -> None:
    """An alias that is moved to version 2 and back predicts as before (L19; MLflow: registry)."""
    rows, wanted = reference.rows.typed, reference.predictions
    registered.point(ALIAS, 2)
    require_same_predictions(
        registered.predict(f"@{ALIAS}", rows),
        np.full_like(wanted, registered.other_prediction),
        where=f"models:/{registered.name}@{ALIAS} at version 2",
    )
    registered.point(ALIAS, 1)
    require_same_predictions(
        registered.predict(f"@{ALIAS}", rows),
        wanted,
        where=f"models:/{registered.name}@{ALIAS} rolled back",
    )


def test_registered_files_are_the_logged_ones(
    registered: Registered, model: ModelUnderTest
) -> None:
    """A registered version has the logged files, byte for byte (L16; MLflow: registry)."""
    folder = registered.download(1)
    logged, found = set(logged_files(model.directory)), set(logged_files(folder))
    missing = sorted(str(name) for name in logged - found)
    require_none(missing, what="logged files that the registered version lacks", where=folder)
    added = sorted(str(name) for name in found - logged)
    require_none(added, what="files of the registered version that were not logged", where=folder)
    changed = sorted(
        str(name)
        for name in logged
        if (model.directory / name).read_bytes() != (folder / name).read_bytes()
    )
    require_none(changed, what="files that differ from the logged ones", where=folder)


def test_versions_share_nothing_but_the_name(registered: Registered) -> None:
    """Two versions have different sources (L19; MLflow: registry)."""
    first, second = registered.first_alone, registered.second
    require(
        first.source != second.source,
        f"versions 1 and 2 have the same source {first.source} in {registered.uri}",
    )
