"""Tests of ``fixtures.draft``."""
