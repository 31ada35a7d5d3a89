"""A fake model registry whose answers a test can change."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mlflow_conformance.model.model_under_test import ModelUnderTest
from mlflow_conformance.promises.model_registry import MODEL_NAME, Registered, Version
from mlflow_conformance.promises.reference import Reference


@dataclass(frozen=True)
class FakeRegistry(Registered):
    """A fake registry; ``files`` is the folder that version 1 is downloaded from."""

    found: Mapping[int, Version]
    known: tuple[str, ...]
    predictions: Mapping[int, np.ndarray[Any, Any]]
    aliases: dict[str, int]
    files: Path

    def versions(self) -> dict[int, Version]:
        """Return the versions, by number."""
        return dict(self.found)

    def names(self) -> list[str]:
        """Return the names of the registered models."""
        return list(self.known)

    def predict(self, version_or_alias: str, rows: Any) -> np.ndarray[Any, Any]:
        """Return the predictions of ``/VERSION`` or ``@ALIAS``; the rows are ignored."""
        word = version_or_alias[1:]
        return self.predictions[self.aliases[word] if version_or_alias[0] == "@" else int(word)]

    def point(self, alias: str, number: int) -> None:
        """Set an alias to a version."""
        self.aliases[alias] = number

    def download(self, number: int) -> Path:
        """Return a new folder with the files of version 1."""
        folder = self.directory / f"downloaded-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.files, folder)
        return folder


class StuckAliases(dict[str, int]):
    """Aliases that always keep their first version."""

    def __setitem__(self, alias: str, number: int) -> None:
        self.setdefault(alias, number)


def good_registry(model: ModelUnderTest, reference: Reference, folder: Path) -> FakeRegistry:
    """Return a correct registry with the model as version 1 and another model as version 2."""
    model_id = model.mlmodel.model_id
    source = f"models:/{model_id}" if model_id else model.directory.as_uri()
    first = Version(1, "READY", model.run_id, source=source, created=1)
    second = Version(2, "READY", None, source="models:/second", created=2)
    files = folder / "registered"
    shutil.copytree(model.directory, files, dirs_exist_ok=True)
    predictions = reference.predictions
    return FakeRegistry(
        name=MODEL_NAME,
        uri="sqlite:///fake.db",
        directory=folder,
        first_alone=first,
        second=second,
        other_prediction=predictions[0],
        found={1: first, 2: second},
        known=(MODEL_NAME,),
        predictions={1: predictions, 2: np.full_like(predictions, predictions[0])},
        aliases={},
        files=files,
    )
