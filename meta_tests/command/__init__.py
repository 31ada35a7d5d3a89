"""Tests of the command ``mlflow-conformance``."""
