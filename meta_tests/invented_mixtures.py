"""Stands in for environments with mixtures of packages, and for what is observed in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fixtures.environments import EnvironmentNotBuilt
from fixtures.upgrade.attribution import MLFLOW
from fixtures.upgrade.profile import FactPath, Profile
from fixtures.upgrade.trial import Side, UnusableRelease
from meta_tests.invented_bumps import changed, invented_facts, profile


@dataclass
class Lab:
    """Old packages, and in ``makes`` which fact each changes when it moves, to what.

    ``unresolved`` are the packages that never resolve, ``dragged`` one that comes along unasked.
    """

    old: Mapping[str, str]
    makes: Mapping[str, tuple[FactPath, Any]]
    unresolved: Sequence[str] = ()
    dragged: Mapping[str, str] = field(default_factory=dict)
    broken: bool = False
    tried: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    _packages: dict[str, str] = field(default_factory=dict)

    def build_beside(
        self, version: str, packages: Mapping[str, str], *, until: object, must: Mapping[str, str]
    ) -> Path:
        """Return a Python, with the packages as they were asked for."""
        if set(must) & set(self.unresolved):
            raise EnvironmentNotBuilt("no solution")
        self._packages = {**packages, **must, **self.dragged, MLFLOW: version}
        return Path(sys.executable)

    def installed_in(self, python: Path) -> dict[str, str]:
        """Return the packages of the environment that was built last."""
        return self._packages

    @contextmanager
    def recorded(self, sides: Sequence[Side], *_: object, **__: object) -> Iterator[list[Any]]:
        """Record what the packages of the environment that was built last make."""
        self.tried.append(sides[0].name)
        if self.broken:
            raise UnusableRelease("cannot be imported")
        yield [SimpleNamespace(profile=self.observed(self._packages))]

    def observed(self, packages: Mapping[str, str]) -> Profile:
        """Return what is observed among some packages."""
        facts = invented_facts()
        for name, (path, value) in self.makes.items():
            if packages[name] != self.old[name]:
                facts = changed(facts, path, value)
        return profile(changed(facts, ("environment", "packages"), dict(packages)))
