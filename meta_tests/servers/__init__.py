"""Tests of the servers that the suite starts."""
