"""Tests that replay bundles of ``--evidence`` against what a rehearsal answers now.

The bundles are those that are shipped, and those in the folder ``CONFORMANCE_BUNDLES``: what a
workspace answers otherwise is one line each, and the rehearsal is to be corrected.
"""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from meta_tests.end_to_end.suite_run import run
from mlflow_conformance.azure.evidence.assumptions import BUNDLES, CONFIRMED, CONTRADICTED
from mlflow_conformance.azure.evidence.bundle import REHEARSAL
from mlflow_conformance.azure.evidence.collect import FILE
from mlflow_conformance.azure.evidence.replay import (
    Bundle,
    InvalidBundle,
    read_bundle,
    replayed,
)

FOLDER = "CONFORMANCE_BUNDLES"
OF_A_REHEARSAL = BUNDLES / "rehearsal.json"
# The modes with which the shipped bundle was written: one waits for metrics, one registers.
MODES = ("autolog-array", "registered")
PROMISES = ("azure_job", "azure_registration", "azure_script_models")


def bundles() -> list[Path]:
    """Return the shipped bundles, and those of the user's folder."""
    given = os.environ.get(FOLDER)
    own = sorted(Path(given).glob("*.json")) if given else []
    if given and not own:
        raise ValueError(f"{FOLDER}: there is no *.json in {given}")
    return [*sorted(BUNDLES.glob("*.json")), *own]


@pytest.fixture(scope="module")
def rehearsed_now(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The bundle of a run in a rehearsal, with the modes of the shipped one."""
    folder = tmp_path_factory.mktemp("replay")
    modes = [word for mode in MODES for word in ("--mode", mode)]
    options = (
        "--workspace",
        "rehearsal",
        "--poll-interval",
        "1",
        "--evidence",
        str(folder / "new"),
    )
    ended = run(folder, "-m", "azure", *options, *modes, modules=PROMISES)
    assert ended.exit_code == 0, ended.output
    assert ended.lines_with(f"evidence: {folder / 'new' / FILE}: "), ended.output
    return read_bundle(folder / "new" / FILE)


@pytest.mark.parametrize("file", bundles(), ids=lambda file: file.name)
def test_the_rehearsal_answers_as_the_bundle_says(file: Path, rehearsed_now: Bundle) -> None:
    """Each answer in a bundle has the status and the shape that the rehearsal's has."""
    lines = list(replayed(read_bundle(file), rehearsed_now))
    assert not lines, "\n".join([f"{file.name}: the rehearsal differs:", *lines])


def test_the_shipped_bundle_is_up_to_date(rehearsed_now: Bundle) -> None:
    """The rehearsal answers nothing that its shipped bundle does not have."""
    shipped = read_bundle(OF_A_REHEARSAL)
    assert shipped["written_by"] == REHEARSAL
    lines = list(replayed(rehearsed_now, shipped))
    way_out = f"write it anew with --mode {' --mode '.join(MODES)} --evidence FOLDER"
    assert not lines, "\n".join([f"{OF_A_REHEARSAL.name}: {way_out}", *lines])
    found = [one["id"] for one in shipped["assumptions"]]
    assert found == [one["id"] for one in rehearsed_now["assumptions"]], way_out


def test_the_rehearsal_confirms_what_it_implements(rehearsed_now: Bundle) -> None:
    """A rehearsal contradicts no assumption, and confirms all that a run without faults sees."""
    found = {one["id"]: one["judgement"] for one in rehearsed_now["assumptions"]}
    assert CONTRADICTED not in found.values()
    confirmed = {id_ for id_, judgement in found.items() if judgement == CONFIRMED}
    shipped = read_bundle(OF_A_REHEARSAL)["assumptions"]
    assert confirmed == {one["id"] for one in shipped if one["judgement"] == CONFIRMED}
    for id_ in ("job-name-is-set", "flavors-are-read", "path-without-mlmodel-is-refused"):
        assert id_ in confirmed
    assert rehearsed_now["not_recorded"] == {}


def test_a_rehearsal_has_states_and_lags(rehearsed_now: Bundle) -> None:
    """Each job has its states, from the first to the last; lists, runs and metrics were timed."""
    assert len(rehearsed_now["jobs"]) == len(MODES)
    for states in rehearsed_now["jobs"]:
        assert states[0] == {"state": "Starting", "seconds": 0.0}
        assert states[-1]["state"] == "Completed"
        assert states[-1]["seconds"] > 0
    kinds = {lag["kind"] for lag in rehearsed_now["lags"]}
    assert len(kinds) == 4, kinds


def mutated(host: str, path: str, change: Any) -> tuple[Bundle, Bundle]:
    """Return the shipped bundle with one changed answer, and the unchanged one."""
    shipped = read_bundle(OF_A_REHEARSAL)
    changed = copy.deepcopy(shipped)
    one = next(
        one
        for one in changed["exchanges"]
        if one["host"] == host and one["path"].endswith(path) and one["status"] in (200, 201)
    )
    change(one)
    return changed, shipped


def test_a_key_more_is_noticed() -> None:
    """A key that the rehearsal does not have is one line."""

    def change(one: dict[str, Any]) -> None:
        one["response"]["body"]["json"]["properties"]["newKey"] = "string"

    lines = list(replayed(*mutated("management", "/jobs/{job}", change)))
    assert len(lines) == 1
    assert lines[0].endswith("/jobs/{job} (200): properties.newKey: the rehearsal has no such key")


def test_a_key_less_is_noticed() -> None:
    """A key that only the rehearsal has is one line."""

    def change(one: dict[str, Any]) -> None:
        del one["response"]["body"]["json"]["properties"]["jobName"]

    [line] = replayed(*mutated("management", "/models/{model}/versions/{version}", change))
    assert line.endswith("(200): properties.jobName: only the rehearsal has this key")


def test_another_type_is_noticed() -> None:
    """A key with another type is one line."""

    def change(one: dict[str, Any]) -> None:
        one["response"]["body"]["json"]["properties"]["displayName"] = "number"

    [line] = replayed(*mutated("management", "/jobs/{job}", change))
    assert line.endswith("properties.displayName: is number, the rehearsal has string")


def test_another_status_is_noticed() -> None:
    """Another status is one line; one that comes and goes with the load is none."""
    changed, shipped = mutated("management", "/jobs/{job}", lambda one: one.update(status=418))
    [line] = replayed(changed, shipped)
    assert line.endswith("/jobs/{job}: answered with 418, the rehearsal answers with 200")
    for status in (None, 429, 503):
        for one in changed["exchanges"]:
            one["status"] = status if one["status"] == 418 else one["status"]
        assert list(replayed(changed, shipped)) == []


def test_another_request_is_noticed() -> None:
    """A request that the rehearsal was not sent is one line."""
    changed, shipped = mutated("login", "/token", lambda one: one.update(path="/{name}/more"))
    assert list(replayed(changed, shipped)) == [
        "login POST /{name}/more: the rehearsal was not sent this request"
    ]


def test_an_unchanged_bundle_has_no_difference() -> None:
    """A bundle does not differ from itself."""
    shipped = read_bundle(OF_A_REHEARSAL)
    assert list(replayed(shipped, shipped)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no bundle of --evidence: "),
        ("[]", "schema should be 1, is None"),
        ('{"schema": 2}', "schema should be 1, is 2"),
        ('{"schema": 1, "exchanges": [1]}', "exchanges should be a list of them"),
    ],
)
def test_other_files_are_refused(text: str, message: str, tmp_path: Path) -> None:
    """A file that is no bundle is one line."""
    file = tmp_path / "bundle.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidBundle, match=message):
        read_bundle(file)


def test_the_user_s_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles of the user's folder are replayed, too; a folder without any is an error."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(ValueError, match="there is no"):
        bundles()
    (tmp_path / "mine.json").write_text(json.dumps({"schema": 1, "exchanges": []}))
    assert bundles()[-1] == tmp_path / "mine.json"
    monkeypatch.delenv(FOLDER)
    assert bundles() == [OF_A_REHEARSAL]
