"""Tests of the jobs that check the models of a workspace's registry."""
