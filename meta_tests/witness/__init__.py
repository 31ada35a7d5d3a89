"""Tests of ``witness``."""
