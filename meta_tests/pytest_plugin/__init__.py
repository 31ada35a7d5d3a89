"""Tests of the plugin: header, selection, tally, known deviations."""
