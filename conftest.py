"""Loads the suite's pytest plugins; the work is done in ``fixtures/mlflow_conformance``."""

from mlflow_conformance.pytest_plugin import PLUGINS

pytest_plugins = list(PLUGINS)
