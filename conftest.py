"""Options, markers, wiring; the work is done in ``fixtures``."""

pytest_plugins = [
    "fixtures.pytest_plugin.hooks",
    "fixtures.pytest_plugin.draft_option",
    "fixtures.pytest_plugin.fixtures_model",
    "fixtures.pytest_plugin.fixtures_observed",
    "fixtures.pytest_plugin.fixtures_behaviour",
]
