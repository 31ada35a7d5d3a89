"""Tests of ``sweep``: every estimator of scikit-learn is logged once."""
