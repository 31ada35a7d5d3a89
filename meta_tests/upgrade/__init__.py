"""Tests of the upgrade gate: profiles, rules, verdicts, commands."""
