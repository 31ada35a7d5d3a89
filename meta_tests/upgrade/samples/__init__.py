"""Samples of the rules: edits that each must and must not report."""
