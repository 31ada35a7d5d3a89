"""Tests that run the whole suite in a subprocess."""
