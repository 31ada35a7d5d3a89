"""Tests of the action, of the pipelines that people copy, and of the hook of pre-commit."""
