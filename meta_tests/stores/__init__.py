"""Tests of the readers of tracking stores."""
