"""Tests of the Azure half: of its client, and of the rehearsal."""
