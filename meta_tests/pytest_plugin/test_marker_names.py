"""Tests of ``pytest_plugin.marker_names``: an unknown marker in ``-m``."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mlflow_conformance.pytest_plugin.marker_names import refuse_unknown_markers

DECLARED = ["local: a", "azure: b", "package_index: c", "timeout(seconds): of a plugin"]


def config(expression: str) -> Any:
    """Return a configuration with ``-m`` and the declared markers."""
    option = SimpleNamespace(markexpr=expression)
    return SimpleNamespace(option=option, getini=lambda name: DECLARED)


@pytest.mark.parametrize(
    "expression",
    ["", "local", "local and not package_index", "(azure or local)", "timeout", "local or True"]
    + ["timeout(seconds=wrong)", "timeout(name='any word')"],
)
def test_known_markers_are_taken(expression: str) -> None:
    """Declared markers, also of other plugins, and the words of an expression are known."""
    refuse_unknown_markers(config(expression))


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("locl", "-m 'locl': there is no marker locl; did you mean local?"),
        ("local and azur", "-m 'local and azur': there is no marker azur; did you mean azure?"),
        ("tidy", "-m 'tidy': there is no marker tidy (the suite's markers are local, azure, pack"),
    ],
)
def test_an_unknown_marker_is_one_line(expression: str, message: str) -> None:
    """An unknown marker is named, with the nearest and with all of the suite."""
    with pytest.raises(pytest.UsageError) as refused:
        refuse_unknown_markers(config(expression))
    (line,) = str(refused.value).splitlines()
    assert line.startswith(message)
    known = "local, azure, package_index, mlflow, estimators"
    assert line.endswith(f"(the suite's markers are {known})")
