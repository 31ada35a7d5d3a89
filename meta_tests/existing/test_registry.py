"""A registry of a thousand versions on a real ``mlflow server``: found once, asked little."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow.tracking import MlflowClient

from meta_tests.existing.sample_models import sample_model
from mlflow_conformance.command import model
from mlflow_conformance.processes.supervised_process import SupervisedProcess
from mlflow_conformance.servers.tracking_server import TrackingServer, start_server
from mlflow_conformance.stores.sqlite_store import tracking_uri
from mlflow_conformance.support.paths import ROOT

VERSIONS = 1000
NAMES = (
    "plain",
    "with space",
    "it's",
    'a "b"',
    "ä ö",
    "[x]",
    "model [1]",
    "%like_",
    "a.b",
    "a@b",
)
# Each with files of its own, so that every one is downloaded.
DISTINCT = 200
# Of a thousand versions: two pages of versions, one of models, and what the downloads take.
MOST_REQUESTS = 60
ALL = "models:/*"


@dataclass(frozen=True)
class Registry:
    """A server with models in its registry, and the process that runs it."""

    server: TrackingServer
    process: SupervisedProcess

    @property
    def requests(self) -> int:
        """Return how many requests the server has answered."""
        return Path(self.server.output).read_text(encoding="utf-8").count(" HTTP/1.1")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Yield a server with a thousand versions of ten models, and a model of distinct versions."""
    root = tmp_path_factory.mktemp("registry")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    server, process = start_server(root, None, kept, Path(sys.executable))
    before = mlflow.get_tracking_uri()
    try:
        server.wait_until_ready(120, lambda: process.exit_code)
        _fill(server, sample_model().write(root / "sample"))
        yield Registry(server, process)
    finally:
        process.end()
        mlflow.set_tracking_uri(before)
        mlflow.set_registry_uri(None)


def _fill(server: TrackingServer, sample: Path) -> None:
    client = MlflowClient(server.address)
    experiment = client.create_experiment("models")
    runs = [client.create_run(experiment) for _ in range(3)]
    for run in runs:
        client.log_artifacts(run.info.run_id, str(sample), "model")
    store = MlflowClient(tracking_uri(server.database))
    for name, run in zip(NAMES, itertools.cycle(runs), strict=False):
        store.create_registered_model(name, tags={"team": f"team of {name}"})
        source = f"{run.info.artifact_uri}/model"
        store.create_model_version(name, source, run_id=run.info.run_id, tags={"number": "1"})
    copies = f"{runs[0].info.artifact_uri}/copy"
    store.create_registered_model("distinct")
    store.create_model_version("distinct", f"{copies}1", run_id=runs[0].info.run_id)
    for number in range(1, DISTINCT + 1):
        place = server.artifacts / experiment / runs[0].info.run_id / "artifacts"
        shutil.copytree(sample, place / f"copy{number}")
    for name in NAMES:
        _multiply(server.database, name, VERSIONS // len(NAMES))
    _multiply(server.database, "distinct", DISTINCT, copies)
    store.set_registered_model_alias("plain", "champion", "7")
    store.transition_model_version_stage("plain", "8", "Production")
    store.create_registered_model("gone")
    store.create_model_version("gone", f"{runs[0].info.artifact_uri}/nothing")


def _multiply(database: Path, name: str, number: int, source: str | None = None) -> None:
    """Copy the rows of a model's first version: MLflow takes a minute to register a thousand.

    ``source`` is where the files of each version are, without the version at the end.
    """
    with closing(sqlite3.connect(database)) as opened, opened:
        for table in ("model_versions", "model_version_tags"):
            columns = [column[1] for column in opened.execute(f"PRAGMA table_info({table})")]
            copied = ", ".join("?" if column == "version" else column for column in columns)
            added = f"INSERT INTO {table} SELECT {copied} FROM {table}"  # noqa: S608
            for version in range(2, number + 1):
                opened.execute(f"{added} WHERE version = 1 AND name = ?", (version, name))
        opened.execute("UPDATE model_version_tags SET value = version WHERE key = 'number'")
        if source is not None:
            moved = "UPDATE model_versions SET source = ? || version WHERE name = ?"
            opened.execute(moved, (source, name))


def check(registry: Registry, *arguments: str) -> int:
    """Run the command in this process, and return its exit code."""
    return model.main([*arguments, "--tracking-uri", registry.server.address], "model")


def results(folder: Path) -> list[dict[str, Any]]:
    """Return the results in a folder, without the header."""
    lines = (folder / "models.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


def test_a_thousand_versions_are_found_with_few_requests(
    registry: Registry, tmp_path: Path
) -> None:
    """Every version of every model is found once; versions of the same files are read once."""
    before = registry.requests
    assert check(registry, ALL, "--results", str(tmp_path), "--shard", "1/1") == 2  # one is gone
    asked = registry.requests - before
    found = [each for each in results(tmp_path) if "/distinct/" not in each["name"]]
    names = [each["name"] for each in found]
    expected = {f"models:/{name}/{1 + n}" for name in NAMES for n in range(VERSIONS // len(NAMES))}
    assert len(names) == len({*names})
    assert {*names} == expected | {"models:/gone/1"}
    of_distinct = DISTINCT * 9
    assert asked - of_distinct < MOST_REQUESTS, f"{asked} requests"


def test_owners_are_tags_aliases_and_stages(registry: Registry, tmp_path: Path) -> None:
    """A result says whom to ask: the tags of model and version, the aliases and the stage."""
    assert check(registry, "models:/plain", "--results", str(tmp_path)) == 0
    owners = {each["name"].rpartition("/")[2]: each["owner"] for each in results(tmp_path)}
    assert owners["7"]["tags"] == {"team": "team of plain", "number": "7"}
    assert owners["7"]["aliases"] == ["champion"]
    assert owners["8"]["stage"] == "Production"
    assert owners["9"]["aliases"] == []
    assert owners["9"]["stage"] is None


def test_shards_cover_each_version_once(registry: Registry, tmp_path: Path) -> None:
    """Three shards have each version once, and none is empty."""
    found: list[str] = []
    for shard in (1, 2, 3):
        folder = tmp_path / str(shard)
        references = [f"models:/{name}/1" for name in NAMES] + ["models:/plain", "models:/it's"]
        assert check(registry, *references, "--results", str(folder), "--shard", f"{shard}/3") == 0
        names = [each["name"] for each in results(folder)]
        assert names
        found += names
    assert len(found) == len({*found}) == 2 * VERSIONS // len(NAMES) + len(NAMES) - 2


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_can_be_named(
    name: str, registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names with quotes, brackets, spaces and percent signs mean themselves, and no other."""
    assert check(registry, f"models:/{name}/2", "--results", str(tmp_path / "one")) == 0
    assert [each["name"] for each in results(tmp_path / "one")] == [f"models:/{name}/2"]
    if "@" in name:  # means an alias
        assert check(registry, f"models:/{name}") == 2
        return
    assert check(registry, f"models:/{name}", "--results", str(tmp_path / "all")) == 0
    found = {each["name"].rpartition("/")[0] for each in results(tmp_path / "all")}
    assert found == {f"models:/{name}"}
    assert len(results(tmp_path / "all")) == VERSIONS // len(NAMES)


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("models:/plain@champion", "7"),
        ("models:/plain/production", "8"),
        ("models:/plain/latest", str(VERSIONS // len(NAMES))),
    ],
)
def test_one_version_can_be_named(
    reference: str, version: str, registry: Registry, tmp_path: Path
) -> None:
    """An alias, a stage and ``latest`` mean one version."""
    assert check(registry, reference, "--results", str(tmp_path)) == 0
    assert [each["name"] for each in results(tmp_path)] == [f"models:/plain/{version}"]


@pytest.mark.parametrize(
    ("pattern", "name"), [("*x*", "[x]"), ("model [*", "model [1]"), ("[x*", "[x]")]
)
def test_a_star_stands_for_any_characters(
    pattern: str, name: str, registry: Registry, tmp_path: Path
) -> None:
    """Only the star is special in a pattern."""
    assert check(registry, f"models:/{pattern}", "--results", str(tmp_path)) == 0
    found = {each["name"].rpartition("/")[0] for each in results(tmp_path)}
    assert found == {f"models:/{name}"}


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("models:/nothing", "'models:/nothing': there is no version"),
        ("models:/nothing-*", "'models:/nothing-*': no registered model has such a name"),
        ("models:/nothing/1", "'models:/nothing/1': "),
        ("models:/plain@nobody", "'models:/plain@nobody': "),
        ("models:/plain/Staging", "'models:/plain/Staging': there is no version"),
        ("models:/m-00000000000000000000000000000000", "'models:/m-0000"),
    ],
)
def test_what_is_not_there_is_one_line(
    reference: str, message: str, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model, a version, an alias or a stage that is not there ends the command with one line."""
    assert check(registry, reference) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"could not be looked at: {message}")


def test_a_version_whose_files_are_gone_is_not_checked(
    registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other versions are checked; a run that goes on tries this one again."""
    arguments = ("models:/gone", "models:/plain/1")
    assert check(registry, *arguments, "--results", str(tmp_path)) == 2
    found = {each["name"]: each for each in results(tmp_path)}
    assert found["models:/plain/1"]["verdict"] == "sound"
    assert found["models:/gone/1"]["verdict"] == "not checked"
    assert found["models:/gone/1"]["trouble"].startswith("cannot be downloaded: ")
    assert check(registry, *arguments, "--resume", str(tmp_path)) == 2
    names = [each["name"] for each in results(tmp_path)]
    assert sorted(names) == ["models:/gone/1", "models:/gone/1", "models:/plain/1"]
    assert "1 of 2 models could not be looked at" in capsys.readouterr().out


def started(registry: Registry, folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start the command in a process, and return it when it has written some results."""
    command = ("-m", "mlflow_conformance.command.main", "model", "models:/distinct", *options)
    paths = os.pathsep.join([str(ROOT / "fixtures")])
    process = subprocess.Popen(
        [sys.executable, *command, str(folder), "--tracking-uri", registry.server.address],
        env={**os.environ, "PYTHONPATH": paths, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if (folder / "models.jsonl").exists() and len(results(folder)) > 2:
            break
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_goes_on_where_it_ended(
    number: signal.Signals, registry: Registry, tmp_path: Path
) -> None:
    """After a stop in the middle, the file is readable, and no version is checked twice."""
    process = started(registry, tmp_path, "--results")
    process.send_signal(number)
    _, errors = process.communicate(timeout=120)
    before = [each["name"] for each in results(tmp_path)]
    assert 2 < len(before) < DISTINCT, errors
    if number == signal.SIGINT:
        assert process.returncode == 2
        last = errors.splitlines()[-1]
        assert last.endswith(f"models were checked, go on with --resume {tmp_path}")
        assert last.startswith("interrupted; ")
    with (tmp_path / "models.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"a line that was not finished')
    assert check(registry, "models:/distinct", "--resume", str(tmp_path)) == 0
    names = [each["name"] for each in results(tmp_path)]
    assert names[: len(before)] == before
    assert len(names) == len({*names}) == DISTINCT


def test_a_server_that_dies_is_one_line(registry: Registry, tmp_path: Path) -> None:
    """If the server ends in the middle, so does the run; the results so far are kept."""
    process = started(registry, tmp_path, "--results")
    registry.process.end()
    output, errors = process.communicate(timeout=180)
    assert process.returncode == 2, errors
    last = errors.splitlines()[-1]
    assert last.startswith("could not be looked at: ")
    assert f"go on with --resume {tmp_path}" in last
    assert "Traceback" not in errors
    assert output == ""
    assert 2 < len(results(tmp_path)) < DISTINCT
