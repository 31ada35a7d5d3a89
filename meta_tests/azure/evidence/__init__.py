"""Tests of the evidence: what is recorded of a workspace, what is not, and how it is judged."""
