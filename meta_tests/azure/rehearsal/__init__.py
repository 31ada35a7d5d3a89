"""Tests of the rehearsed workspace."""
