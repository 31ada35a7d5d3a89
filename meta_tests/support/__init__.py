"""Tests of the helpers: text, paths, readers."""
