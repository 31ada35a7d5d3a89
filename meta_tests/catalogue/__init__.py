"""Tests of the catalogue's reader and of the checks of training data."""
