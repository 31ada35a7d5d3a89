"""Tests of ``draft``."""
