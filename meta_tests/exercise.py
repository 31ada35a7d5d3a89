"""The catalogue of the exercise: the suite's own, without the modes in ``training/more``."""

from __future__ import annotations

from dataclasses import replace

from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE

WHOLE = read_catalogue(DEFAULT_CATALOGUE)
EXERCISE = replace(WHOLE, modes=tuple(mode for mode in WHOLE.modes if mode.by_default is None))
