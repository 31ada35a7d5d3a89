"""Tests of how subprocesses are started and ended."""
