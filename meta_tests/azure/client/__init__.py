"""Tests of the settings, sign-in and preflight of a workspace."""
