"""The small stores of older releases: those that are shipped, and how damaged ones are refused."""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.stores.file_store import FileStore
from mlflow_conformance.stores.sqlite_store import SqliteStore
from mlflow_conformance.support.gzip_text import read_unpacked
from mlflow_conformance.support.paths import SEEDS
from mlflow_conformance.upgrade import record_seeds
from mlflow_conformance.upgrade.command_line import ERROR_OF_THE_RUN
from mlflow_conformance.upgrade.profile.baselines import shipped
from mlflow_conformance.upgrade.profile.seeds import (
    FILE_STORE,
    LIST,
    MOST_BYTES,
    SEED_FOLDER,
    Seeds,
    UnusableSeed,
    read_seeds,
    revision,
)

# All seeds together, with which the repository grows.
MOST_SHIPPED = 300_000
FILES = {
    "0": None,
    "0/meta.yaml": f"artifact_location: file://{SEED_FOLDER}/mlruns/0\n",
    "0/x/artifacts": None,
}


def database(path: Path, schema: str, folder: str = SEED_FOLDER) -> bytes:
    """Make a database with a schema's revision and an experiment, and return its content."""
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("CREATE TABLE alembic_version (version_num TEXT)")
        store.execute("INSERT INTO alembic_version VALUES (?)", (schema,))
        store.execute("CREATE TABLE experiments (artifact_location TEXT)")
        places = [(f"{folder}/mlruns/0",), (f"file://{folder}/mlruns/1",), ("s3://a/b",)]
        store.executemany("INSERT INTO experiments VALUES (?)", places)
    return path.read_bytes()


def locations(path: Path) -> list[str]:
    """Return the artifact locations in a database."""
    with closing(sqlite3.connect(path)) as store:
        return [place for (place,) in store.execute("SELECT * FROM experiments")]


def write(folder: Path, name: str, content: bytes) -> str:
    """Write a seed, and return its digest."""
    (folder / name).write_bytes(gzip.compress(content, mtime=0))
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two databases and a file store."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    listed: list[Any] = []
    for release, schema in (("3.0.1", "bb"), ("2.10.2", "aa")):
        content = database(tmp_path / f"{release}.db", schema)
        digest = write(folder, f"mlflow-{release}.db.gz", content)
        listed.append({"release": release, "revision": schema, "sha256": digest})
    files = write(folder, FILE_STORE, json.dumps(FILES).encode())
    (folder / LIST).write_text(yaml.safe_dump({"databases": listed, "file store": files}))
    return folder


def test_the_shipped_seeds_are_whole_and_small() -> None:
    """Every listed file is there and as it was written; there are no others."""
    seeds = read_seeds()
    seeds.check()
    names = {FILE_STORE, LIST, *(seed.file for seed in seeds.databases)}
    assert {path.name for path in SEEDS.iterdir()} == names
    assert sum(path.stat().st_size for path in SEEDS.iterdir()) < MOST_SHIPPED
    assert len({seed.revision for seed in seeds.databases}) == len(seeds.databases)


def test_every_shipped_baseline_is_of_a_known_schema() -> None:
    """The releases of the seeds are those of baselines, and the oldest is the first."""
    releases = [str(version) for version in shipped()]
    seeds = read_seeds()
    assert {seed.release for seed in seeds.databases} <= set(releases)
    assert seeds.databases[0].release == releases[0]


def test_the_shipped_seeds_are_stores_without_a_machine(tmp_path: Path) -> None:
    """They have one run, a model and the schema that is listed, and name no folder of a machine."""
    seeds = read_seeds()
    for seed in seeds.databases:
        content = read_unpacked(SEEDS / seed.file, MOST_BYTES)
        assert not any(place in content for place in (b"/tmp", b"/home", b"/root"))
        place = tmp_path / seed.release
        place.mkdir()
        path = seeds.plant(seed, place)
        assert revision(path) == seed.revision
        (run,) = SqliteStore(path).runs()
        assert run.artifact_directory.is_relative_to(place)
        assert [model.name for model in SqliteStore(path).registered_models()] == ["seed"]
    seeds.plant_file_store(tmp_path / "mlruns")
    files = FileStore(tmp_path / "mlruns")
    (run,) = files.runs()
    assert run.artifact_directory.is_relative_to(tmp_path)
    assert run.artifact_directory.is_dir()
    assert [model.name for model in files.registered_models()] == ["seed"]


def test_a_seed_is_planted_with_the_folder_in_it(folder: Path, tmp_path: Path) -> None:
    """Paths and file URIs become those of the folder; other URIs stay."""
    place = tmp_path / "a b"
    place.mkdir()
    seeds = read_seeds(folder)
    planted = seeds.plant(seeds.databases[0], place)
    uri = place.as_uri()
    assert locations(planted) == [f"{place}/mlruns/0", f"{uri}/mlruns/1", "s3://a/b"]
    mlruns = place / "mlruns"
    seeds.plant_file_store(mlruns)
    assert (mlruns / "0/meta.yaml").read_text() == f"artifact_location: {uri}/mlruns/0\n"
    assert (mlruns / "0/x/artifacts").is_dir()


def test_the_seed_of_a_release_is_the_newest_that_is_not_newer(folder: Path) -> None:
    """Releases are compared as numbers; older ones than all seeds have none."""
    seeds = read_seeds(folder)
    found = [seeds.until(release).release for release in ("2.10.2", "2.22.5", "3.0.1", "3.7.0")]
    assert found == ["2.10.2", "2.10.2", "3.0.1", "3.0.1"]
    with pytest.raises(UnusableSeed, match=r"no seed is of MLflow 2\.9\.2 or older"):
        seeds.until("2.9.2")


def test_another_file_store_is_refused(folder: Path, tmp_path: Path) -> None:
    """A file outside of the folder, or one that is no text, is refused."""
    for files in ({"../x": "a"}, {"/x": "a"}, {"x": 1}, ["x"]):
        digest = write(folder, FILE_STORE, json.dumps(files).encode())
        seeds = Seeds(folder, (), digest)
        with pytest.raises(UnusableSeed, match=r"is no file of a store|should be a mapping"):
            seeds.plant_file_store(tmp_path / "mlruns")


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _replace(path: Path) -> None:
    path.write_bytes(gzip.compress(b"SQLite format 3\0", mtime=0))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, "cannot be read: No such file"),
        (_truncate, "not one whole gzip member"),
        (lambda path: path.write_bytes(b"x" * 99), "not gzip"),
        (_replace, f"is not the seed that {LIST} lists"),
    ],
    ids=["missing", "truncated", "other", "replaced"],
)
@pytest.mark.parametrize("name", ["mlflow-2.10.2.db.gz", FILE_STORE])
def test_a_damaged_seed_is_refused_in_one_line(
    folder: Path, name: str, damage: Any, said: str
) -> None:
    """The line names the file and the way out."""
    damage(folder / name)
    with pytest.raises(UnusableSeed, match=said) as raised:
        read_seeds(folder).check()
    text = str(raised.value)
    assert name in text
    assert text.endswith("nox -s seeds")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file"),
        ("- a", "should be a mapping"),
        ("databases: []\nfile store: a", "lists no database"),
        ("databases: [{release: a, revision: b, sha256: c}]\nfile store: d", "Invalid version"),
        ("databases: [{release: 3.0.1, sha256: c}]\nfile store: d", "revision: is missing"),
        ("databases: [a]\nfile store: d", "seed 1: should be a mapping"),
        ("databases: []", "file store: is missing"),
        ("databases: [", "seeds.yaml"),
    ],
)
def test_a_damaged_list_is_refused_in_one_line(folder: Path, text: str | None, said: str) -> None:
    """The line says what is wrong with the list."""
    (folder / LIST).unlink()
    if text is not None:
        (folder / LIST).write_text(text)
    with pytest.raises(UnusableSeed, match=said) as raised:
        read_seeds(folder)
    assert "\n" not in str(raised.value)


def filled(release: str, folder: Path, uri: str) -> None:
    """Make a store as a release would: two of them have the same schema."""
    if uri.startswith("sqlite:"):
        schema = {"2.8.1": "aa", "2.9.2": "aa"}.get(release, "bb")
        database(folder / "mlflow.db", schema, str(folder))
    else:
        (folder / "mlruns" / "0").mkdir(parents=True)
        (folder / "mlruns" / "0" / "meta.yaml").write_text(f"at: {(folder / 'mlruns').as_uri()}")


def test_each_schema_becomes_one_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """The first release with a schema makes its seed; seeds of earlier runs are removed."""
    monkeypatch.setattr(record_seeds, "_fill", filled)
    lines: list[str] = []
    releases = ["2.8.1", "2.9.2", "3.0.1"]
    record_seeds.write_seeds(releases, tmp_path / "work", folder, lines.append)
    seeds = read_seeds(folder)
    found = [(seed.release, seed.revision) for seed in seeds.databases]
    assert found == [("2.8.1", "aa"), ("3.0.1", "bb")]
    assert sorted(path.name for path in folder.iterdir()) == [
        *("mlflow-2.8.1.db.gz", "mlflow-3.0.1.db.gz", FILE_STORE, LIST)
    ]
    assert lines[:2] == ["MLflow 2.8.1: schema aa", "MLflow 2.9.2: has the schema of MLflow 2.8.1"]
    planted = seeds.plant(seeds.databases[0], tmp_path)
    assert locations(planted)[0] == f"{tmp_path}/mlruns/0"
    assert SEED_FOLDER.encode() in read_unpacked(folder / FILE_STORE, MOST_BYTES)
    assert str(tmp_path).encode() not in read_unpacked(folder / FILE_STORE, MOST_BYTES)


def test_seeds_stay_if_a_release_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An environment that is not built ends the command with 2; nothing is removed."""

    def failing(release: str, *_: object) -> None:
        raise EnvironmentNotBuilt(f"no {release}")

    monkeypatch.setattr(record_seeds, "_fill", failing)
    monkeypatch.setattr(record_seeds, "SEEDS", folder)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    before = sorted(folder.iterdir())
    assert record_seeds.main([]) == ERROR_OF_THE_RUN
    assert "no 2.8.1" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before
