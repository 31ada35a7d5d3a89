"""Tests of surfaces: they are read without importing MLflow, and compared by what is used."""
