"""Tests of jobs: submission, polling, downloads, registration."""
