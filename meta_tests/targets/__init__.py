"""Tests of the targets and their registry."""
