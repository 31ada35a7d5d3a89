"""A fuzz session over all readers and options: ``nox -s fuzz -- MINUTES [--seed N]``."""
