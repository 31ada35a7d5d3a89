"""Tests of ``fixtures/witness``."""
