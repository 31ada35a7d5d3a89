"""A scaffold that writes the skeleton of a promise, a rule or a mode, with its tests."""
