"""Tests of the Azure target; they need the extra ``rehearsal``."""
