"""Tests of the targets and their stores."""
