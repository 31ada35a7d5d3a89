"""Tests of the checks of models that exist already."""
