"""Random edits of a sample profile, and the paths at which they should be found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from meta_tests.upgrade.sample_profiles import changed, consistent, nodes, sample_facts, without
from mlflow_conformance.runner.outcome import LOGGED
from mlflow_conformance.upgrade.profile.profile import (
    CALLS,
    GROUPS_OF_A_MODEL,
    OPTIONAL_SECTIONS,
    FactPath,
)

Facts = dict[str, Any]
SECTIONS = {(name,) for name in ("environment", "calls", "modes", *OPTIONAL_SECTIONS)}
NEEDED = SECTIONS | {("environment", "packages"), *(("calls", key) for key in CALLS)}
MLFLOW = ("environment", "packages", "mlflow")
RELEASES = st.sampled_from(["2.8.1", "3.0.0", "3.0.0rc1", "10.0", "3.1.4.dev0"])
# Keys and values that rules match: random text alone rarely does.
KEYS = st.sampled_from(
    ["model", "run", "runs", "store", "outcome", "warnings", "serving", "inputs", "signature"]
    + ["params", "predict_fn", "pickled_model", "model_size_bytes", "mlflow-tracing", "**", "*"]
) | st.text(max_size=8)
LEAVES = (
    st.sampled_from(
        [LOGGED, "logged no model", "reached", "accepted: digest 00", "200: digest 00"]
        + ["rejected by the signature: no", "works, gives 1", "must be given", "default 1", ""]
    )
    | st.booleans()
    | st.integers(-1, 2)
    | st.floats()
    | st.just(float("nan"))
    | st.text(max_size=8)
    | st.lists(st.text(max_size=3), max_size=2)
)
VALUES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)


@st.composite
def edited_facts(draw: st.DrawFn) -> Facts:
    """Draw the sample facts after some edits that keep them a valid profile."""
    facts = sample_facts()
    for _ in range(draw(st.integers(1, 5))):
        places = [(path, value) for path, value in nodes(facts) if path[0] != "data"]
        path, value = draw(st.sampled_from(places))
        if isinstance(value, dict) and draw(st.booleans()):
            facts = changed(facts, (*path, draw(KEYS)), draw(VALUES))
        elif path in NEEDED or path == MLFLOW:
            facts = changed(facts, MLFLOW, draw(RELEASES))
        elif draw(st.booleans()):
            facts = without(facts, path)
        else:
            facts = changed(facts, path, draw(VALUES))
        facts = valid(facts)
    return facts


def valid(facts: Facts) -> Facts:
    """Return a copy of the facts that is a valid profile."""
    modes = {name: mode for name, mode in facts["modes"].items() if isinstance(mode, dict)}
    facts = consistent({**facts, "modes": modes})
    for path, value in list(nodes(facts)):
        is_group = path[2:3] == ("model",) and len(path) == 4 and path[3] in GROUPS_OF_A_MODEL
        if is_group and not isinstance(value, dict):
            facts = without(facts, path)
    release = facts["environment"]["packages"]["mlflow"]
    try:
        Version(release)
    except (InvalidVersion, TypeError):
        return changed(facts, MLFLOW, "3.0.0")
    return facts


def edited_paths(old: Facts, new: Facts) -> set[FactPath]:
    """Return the paths of all changed groups and facts, except for those that are not compared."""
    before, after = dict(nodes(old)), dict(nodes(new))
    paths = {path for path in {**before, **after} if shown(before, path) != shown(after, path)}
    return paths - set(not_compared(old, new, paths))


def shown(side: dict[FactPath, Any], path: FactPath) -> str:
    """Return a text for the value at a path; all groups have the same text."""
    if path not in side:
        return "nothing"
    value = side[path]
    return "a group" if isinstance(value, dict) else f"fact {value!r}"


def not_compared(old: Facts, new: Facts, paths: set[FactPath]) -> Iterator[FactPath]:
    """Yield the paths below a model or run that one side's outcome or store makes incomparable."""
    for path in paths:
        sides = [facts["modes"].get(path[1]) for facts in (old, new) if path[0] == "modes"]
        if len(path) > 2 and all(sides):
            no_model = any(side["outcome"] != LOGGED for side in sides)
            no_store = any("store" in side for side in sides)
            if (path[2] == "model" and no_model) or (path[2] in ("run", "runs") and no_store):
                yield path
