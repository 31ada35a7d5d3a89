"""Tests of the atlas: its changes, who made them, its page and its command."""
