"""Fakes environments with mixtures of packages, and the profiles recorded in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from meta_tests.upgrade.sample_upgrades import changed, profile, sample_facts
from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.upgrade.causes.attribution import MLFLOW
from mlflow_conformance.upgrade.causes.pinned_environment import Beside
from mlflow_conformance.upgrade.profile.profile import FactPath, Profile
from mlflow_conformance.upgrade.runs.side_by_side import Side, UnusableRelease


@dataclass
class Lab:
    """The old packages, and the fact that a new version of each changes.

    ``effects`` holds, by package, the path of the fact and its new value. ``unresolved`` names
    packages whose new version does not resolve; ``dragged`` holds versions that also change.
    """

    old: Mapping[str, str]
    effects: Mapping[str, tuple[FactPath, Any]]
    unresolved: Sequence[str] = ()
    dragged: Mapping[str, str] = field(default_factory=dict)
    broken: bool = False
    tried: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    built: list[Beside] = field(default_factory=list)
    _packages: dict[str, str] = field(default_factory=dict)

    def build_beside(self, version: str, beside: Beside) -> Path:
        """Return a Python executable, and remember the packages."""
        self.built.append(beside)
        if set(beside.pinned) & set(self.unresolved):
            raise EnvironmentNotBuilt("no solution")
        self._packages = {**beside.packages, **beside.pinned, **self.dragged, MLFLOW: version}
        return Path(sys.executable)

    def installed_in(self, python: Path) -> dict[str, str]:
        """Return the packages of the last environment."""
        return self._packages

    @contextmanager
    def recorded(self, sides: Sequence[Side], *_: object, **__: object) -> Iterator[list[Any]]:
        """Yield the profile of the last environment."""
        self.tried.append(sides[0].name)
        if self.broken:
            raise UnusableRelease("cannot be imported")
        yield [SimpleNamespace(profile=self.observed(self._packages))]

    def observed(self, packages: Mapping[str, str]) -> Profile:
        """Return the profile of an environment with the packages."""
        facts = sample_facts()
        for name, (path, value) in self.effects.items():
            if packages.get(name) != self.old.get(name):
                facts = changed(facts, path, value)
        return profile(changed(facts, ("environment", "packages"), dict(packages)))
