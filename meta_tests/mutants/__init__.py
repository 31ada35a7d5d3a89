"""Mutants: one broken model for every check of ``conformance``."""
