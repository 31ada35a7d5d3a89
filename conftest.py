"""Options, markers, wiring; the work is done in ``fixtures``."""

pytest_plugins = ["fixtures.plugin", "fixtures.under_test"]
