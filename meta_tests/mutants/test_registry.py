"""Mutants of the registry: mixed up versions, files and aliases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance import test_registry as registry
from meta_tests.mutants.fake_registry import StuckAliases
from meta_tests.mutants.harness import Bench, Mutant, each, require_caught

MODE = "autolog-array"
Break = Callable[[Bench], None]


def with_first(*, then: bool = False, **fields: Any) -> Break:
    """Return an edit of version 1, when registered or (``then``) after version 2 is registered."""

    def edit(bench: Bench) -> None:
        found = bench.registered
        changed = replace(found.first_alone, **fields)
        bench.registered = (
            replace(found, found={**found.found, 1: changed})
            if then
            else replace(found, first_alone=changed)
        )

    return edit


def with_second(**fields: Any) -> Break:
    """Return an edit of version 2."""

    def edit(bench: Bench) -> None:
        found = bench.registered
        bench.registered = replace(found, second=replace(found.second, **fields))

    return edit


def with_the_first_s_source(bench: Bench) -> None:
    """Give version 2 the source of version 1."""
    with_second(source=bench.registered.first_alone.source)(bench)


def with_names(*names: str) -> Break:
    """Return an edit that sets the names of the registered models."""

    def edit(bench: Bench) -> None:
        bench.registered = replace(bench.registered, known=names)

    return edit


def without_version(number: int) -> Break:
    """Return an edit that removes a version."""

    def edit(bench: Bench) -> None:
        found = {n: v for n, v in bench.registered.found.items() if n != number}
        bench.registered = replace(bench.registered, found=found)

    return edit


def predicting_as(**numbers: int) -> Break:
    """Return an edit that lets ``one`` or ``two`` predict as the version of that number."""

    def edit(bench: Bench) -> None:
        right = bench.registered.predictions
        wrong = {1: right[numbers.get("one", 1)], 2: right[numbers.get("two", 2)]}
        bench.registered = replace(bench.registered, predictions=wrong)

    return edit


def with_stuck_alias(bench: Bench) -> None:
    """Let an alias keep its first version."""
    bench.registered = replace(bench.registered, aliases=StuckAliases())


def with_files(change: Callable[[Path], object]) -> Break:
    """Return an edit of the files that are downloaded as version 1."""
    return lambda bench: ignore(change(bench.registered.files))


def ignore(_: object) -> None:
    """Discard the result of an edit."""


VERSIONS = (
    Mutant(
        "first-is-number-two",
        MODE,
        registry.test_first_registration_is_version_one,
        with_first(number=2),
        r"^the first version\n  found: \(2, 'READY'\)\n  should be: \(1, 'READY'\)\n",
    ),
    Mutant(
        "first-failed",
        MODE,
        registry.test_first_registration_is_version_one,
        with_first(status="FAILED_REGISTRATION"),
        r"^the first version\n  found: \(1, 'FAILED_REGISTRATION'\)\n",
    ),
    Mutant(
        "second-is-number-one",
        MODE,
        registry.test_second_registration_is_the_next_version,
        with_second(number=1),
        r"^the second version\n  found: 1\n  should be: 2\n",
    ),
    Mutant(
        "old-version-has-another-source",
        MODE,
        registry.test_old_version_is_intact,
        with_first(then=True, source="models:/second"),
        r"^version 1 after version 2 .*\n  found: .*source='models:/second'",
    ),
    Mutant(
        "old-version-has-another-date",
        MODE,
        registry.test_old_version_is_intact,
        with_first(then=True, created=99),
        r"^version 1 after version 2 .*\n  found: .*created=99\)\n",
    ),
    Mutant(
        "old-version-is-gone",
        MODE,
        registry.test_old_version_is_intact,
        without_version(1),
        r"^version 1 after version 2 .*\n  found: None\n",
    ),
    Mutant(
        "run-of-another",
        MODE,
        registry.test_version_links_to_its_run,
        with_first(run_id=32 * "0"),
        r"^run_id of version 1\n  found: 0{32}\n",
    ),
    Mutant(
        "no-run",
        MODE,
        registry.test_version_links_to_its_run,
        with_first(run_id=None),
        r"^run_id of version 1\n  found: None\n",
    ),
    *(
        Mutant(
            f"of-another-source-{mode}",
            mode,
            registry.test_version_links_to_its_run,
            with_first(source=f"{uri}{32 * '0'}"),
            r"^source of version 1\n  found: \S+0{32}\n",
        )
        for mode, uri in ((MODE, "models:/m-"), ("infer-frame", "/m/"), ("save-log", "file:///m/"))
    ),
    Mutant(
        "same-source",
        MODE,
        registry.test_versions_share_nothing_but_the_name,
        with_the_first_s_source,
        r"^versions 1 and 2 have the same source \S+ in ",
    ),
)

FOUND = (
    Mutant(
        "name-not-found",
        MODE,
        registry.test_model_is_found_by_name,
        with_names(),
        r"^registered models\n  found: \[\]\n  should be: \['mlflow-diabetes'\]",
    ),
    Mutant(
        "another-name-beside-it",
        MODE,
        registry.test_model_is_found_by_name,
        with_names("mlflow-diabetes", "stray"),
        r"^registered models\n  found: \['mlflow-diabetes', 'stray'\]\n",
    ),
    Mutant(
        "version-not-listed",
        MODE,
        registry.test_model_is_found_by_name,
        without_version(1),
        r"^versions found by the name mlflow-diabetes\n  found: \[2\]\n  should be: \[1, 2\]",
    ),
    Mutant(
        "number-means-the-newest",
        MODE,
        registry.test_version_is_loaded_by_name_and_number,
        predicting_as(one=2),
        r"^\d+ of \d+ predictions differ\n(.*\n)*  where: models:/mlflow-diabetes/1$",
    ),
    Mutant(
        "alias-does-not-move",
        MODE,
        registry.test_alias_rolls_back,
        predicting_as(two=1),
        r"^\d+ of \d+ predictions differ\n(.*\n)*  where: .*@champion at version 2$",
    ),
    Mutant(
        "alias-does-not-roll-back",
        MODE,
        registry.test_alias_rolls_back,
        with_stuck_alias,
        r"^\d+ of \d+ predictions differ\n(.*\n)*  where: .*@champion rolled back$",
    ),
)

FILES = (
    Mutant(
        "file-missing",
        MODE,
        registry.test_registered_files_are_the_logged_ones,
        with_files(lambda folder: (folder / "conda.yaml").unlink()),
        r"^logged files that the registered version lacks\n  found: conda\.yaml\n",
    ),
    Mutant(
        "file-added",
        MODE,
        registry.test_registered_files_are_the_logged_ones,
        with_files(lambda folder: (folder / "notes.txt").touch()),
        r"^files of the registered version that were not logged\n  found: notes\.txt\n",
    ),
    Mutant(
        "file-changed",
        MODE,
        registry.test_registered_files_are_the_logged_ones,
        with_files(lambda folder: (folder / "requirements.txt").write_text("mlflow")),
        r"^files that differ from the logged ones\n  found: requirements\.txt\n",
    ),
)

MUTANTS = VERSIONS + FOUND + FILES


@each(MUTANTS)
def test_mutant_is_caught(mutant: Mutant, bench: Bench) -> None:
    """A registry that mixes up versions, files or aliases fails the check that owns it."""
    require_caught(mutant, bench)
