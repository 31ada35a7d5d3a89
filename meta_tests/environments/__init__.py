"""Tests of how environments are built."""
