"""Tests of the suite itself: every check fails when it should."""
