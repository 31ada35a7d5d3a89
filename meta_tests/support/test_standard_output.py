"""Tests of ``support.standard_output``: which errors mean that nobody reads the output."""

from __future__ import annotations

import errno

import pytest

from mlflow_conformance.support.standard_output import say_that_output_is_gone


def test_an_error_of_another_file_is_raised_again() -> None:
    """An error that is not one of a closed or full output is none of this module."""
    with pytest.raises(PermissionError):
        say_that_output_is_gone(PermissionError(errno.EACCES, "Permission denied"))
