"""Tests of the readers of a model's files and of its tracking store."""
