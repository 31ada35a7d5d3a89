"""Tests of what the conformance tests share, and of their docstrings."""
