"""``from``, ``to`` and ``because``: the releases of MLflow that a mode applies to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from meta_tests.catalogue.test_details_reader import read
from mlflow_conformance.catalogue.releases import Releases
from mlflow_conformance.support.yaml_entry import ConfigurationError

BECAUSE = {"because": "the argument came with it"}


@pytest.mark.parametrize(
    ("oldest", "newest", "installed", "applies"),
    [
        ("2.13", None, "2.12.2", False),
        ("2.13", None, "2.13.0", True),
        ("2.13", None, "2.13.0rc0", True),
        ("2.13", None, "10.0", True),
        (None, "2.22", "2.22.5", True),
        (None, "2.22", "2.23.0", False),
        (None, "2.22.1", "2.22.5", False),
        ("2.13", "2", "2.22.5", True),
        ("2.13", "2", "3.0.0", False),
        (None, None, "2.8.1", True),
        ("2.13", None, None, True),
        ("2.13", None, "unknown", True),
    ],
)
def test_both_ends_are_included(
    oldest: str | None, newest: str | None, installed: str | None, *, applies: bool
) -> None:
    """``to: "2.22"`` includes 2.22.5; a pre-release belongs to its release."""
    ends = [None if text is None else Version(text) for text in (oldest, newest)]
    problem = Releases(ends[0], ends[1], "reasons").problem(installed)
    assert (problem is None) == applies
    if problem:
        assert problem in (f"from MLflow {oldest} on: reasons", f"up to MLflow {newest}: reasons")


def test_the_keys_are_read(tmp_path: Path) -> None:
    """A mode has its range and the reason for it."""
    found = read(tmp_path, **{"from": "2.13", "to": "3", **BECAUSE}).releases
    assert found == Releases(Version("2.13"), Version("3"), BECAUSE["because"])
    assert read(tmp_path).releases == Releases()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"from": 2.1, **BECAUSE}, 'from: should be a version of MLflow in quotes, such as "2.13"'),
        ({"to": "new", **BECAUSE}, 'to: should be a version of MLflow in quotes, such as "2.13"'),
        ({"from": "3.1", "to": "3.0", **BECAUSE}, "to: is before from: 3.0 is older than 3.1"),
        ({"from": "3.1"}, "because: is missing: say why other releases are left out"),
        (BECAUSE, "because: is the reason for from or to, and there is neither"),
    ],
)
def test_a_mistake_is_one_line(keys: dict[str, Any], message: str, tmp_path: Path) -> None:
    """The line names the key and what is expected."""
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, **keys)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("releases", "words"),
    [
        (Releases(Version("3.0"), None, "new"), "from MLflow 3.0 on: new"),
        (Releases(None, Version("2.22"), "gone"), "up to MLflow 2.22: gone"),
        (Releases(Version("2.9"), Version("3"), "odd"), "from MLflow 2.9 on, up to MLflow 3: odd"),
    ],
)
def test_limits_have_words(releases: Releases, words: str) -> None:
    """They name both limits and the reason, whatever release is installed."""
    assert releases.in_words == words
