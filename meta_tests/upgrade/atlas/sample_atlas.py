"""The atlas of all recorded releases, with the verdicts on a few pairs; made once."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from mlflow_conformance.upgrade.atlas.changes_table import (
    ReleaseChange,
    Step,
    changes_of,
    recorded_releases,
    steps,
)
from mlflow_conformance.upgrade.atlas.document import atlas_document
from mlflow_conformance.upgrade.atlas.page import atlas_page
from mlflow_conformance.upgrade.atlas.pairs import Pair, verdict_of

# Neighbours, releases far from each other, and the oldest with the newest, which has most to say.
PAIRS: tuple[Pair, ...] = (("2.22.5", "3.0.1"), ("2.16.2", "3.1.4"), ("2.8.1", "3.17.2"))


@cache
def all_steps() -> tuple[Step, ...]:
    """Return the comparisons of all neighbours."""
    return tuple(steps(recorded_releases()))


@cache
def all_changes() -> tuple[ReleaseChange, ...]:
    """Return the changes of all releases."""
    return tuple(change for step in all_steps() for change in changes_of(step))


@cache
def page() -> str:
    """Return the page of all releases, with the verdicts on ``PAIRS``."""
    return atlas_page(atlas_document(recorded_releases(), all_changes(), map(verdict_of, PAIRS)))


@cache
def data() -> dict[str, Any]:
    """Return the data that a browser reads from the page."""
    (_, after) = page().split('<script type="application/json" id="data">')
    return dict(json.loads(after.partition("</script>")[0]))


def rows() -> list[dict[str, Any]]:
    """Return the changes in the page, with texts and values instead of numbers."""
    atlas = data()
    tables = {
        "fact": "facts",
        "release": "releases",
        "level": "levels",
        "modes": "mode_lists",
        "target": "targets",
        "before": "values",
        "after": "values",
        "made_by": "makers",
        "packages": "package_lists",
        "why": "values",
        "way_out": "values",
        "root": "roots",
    }
    found = []
    for row in atlas["changes"]:
        named = dict(zip(atlas["columns"], row, strict=True))
        texts: dict[str, Any] = {
            name: None if number is None else atlas[tables[name]][number]
            for name, number in named.items()
        }
        rule, texts["what"] = texts.pop("fact")
        _, texts["rule"], _, texts["link"] = atlas["rules"][rule]
        found.append(texts)
    return found
