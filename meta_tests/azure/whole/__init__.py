"""Tests that run ``pytest -m azure`` whole, against a rehearsal."""
