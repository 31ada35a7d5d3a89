"""The fuzz session: hostile input for every reader and option."""
