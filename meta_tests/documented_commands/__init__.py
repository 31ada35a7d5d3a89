"""The commands that the documents show: found, checked, and accounted for."""
