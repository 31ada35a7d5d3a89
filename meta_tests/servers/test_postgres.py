"""Tests of PostgreSQL on loopback: what it lets in, what it shows, and that nothing is left."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from meta_tests.end_to_end.background_run import MARKER, Running
from meta_tests.servers.needs_postgres import postgres_or_skip
from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.processes.as_user import may_enter
from mlflow_conformance.servers.postgres import cluster, installation
from mlflow_conformance.servers.postgres.database import MISSING, Database
from mlflow_conformance.servers.postgres.installation import (
    PostgresUnavailable,
    find_programs,
    installed_programs,
)
from mlflow_conformance.servers.postgres.server import (
    SHARED_MEMORY_LINE,
    Postgres,
    running_postgres,
)
from mlflow_conformance.support.paths import ROOT
from mlflow_conformance.support.temporary_folders import remove_abandoned

pytestmark = [
    pytest.mark.package_index,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]
SECONDS = 30.0
IS_ROOT = os.geteuid() == 0
OWNER = """\
import os, sys, time
from pathlib import Path
from mlflow_conformance.servers.postgres.server import running_postgres

with running_postgres() as postgres:
    postgres.new_database("one")
    Path(sys.argv[1]).write_text(str(postgres.server_pid))
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server for the tests of this module."""
    with postgres_or_skip() as running:
        yield running


@pytest.fixture
def database(postgres: Postgres) -> Database:
    """An empty database."""
    return postgres.new_database(f"a{uuid.uuid4().hex}")


def segment_of(data: Path) -> str:
    """Return the id of a server's segment of System V shared memory; ``data`` is its folder."""
    lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    return lines[SHARED_MEMORY_LINE].split()[1]


def segments() -> set[str]:
    """Return the ids of all segments of System V shared memory."""
    lines = Path("/proc/sysvipc/shm").read_text(encoding="ascii").splitlines()[1:]
    return {line.split()[1] for line in lines}


def children(pid: int) -> list[Path]:
    """Return the folders in ``/proc`` of a process and its children."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [Path("/proc") / name for name in (str(pid), *listed)]


def test_values_are_read_as_they_were_written(database: Database) -> None:
    """Quotes, line breaks and separators are kept; a missing value is not an empty text."""
    text = 'a\r\nb\n"c", d\te \\ é'
    database.execute("CREATE TABLE t (a int, b text)")
    database.execute(f"INSERT INTO t VALUES (1, '{text}'), (2, NULL), (3, '')")  # noqa: S608
    assert list(database.rows("SELECT a, b FROM t ORDER BY a")) == [
        ("1", text),
        ("2", MISSING),
        ("3", ""),
    ]


def test_statements_are_executed_all_or_none(database: Database) -> None:
    """An error names the database and what PostgreSQL says, and leaves nothing half done."""
    with pytest.raises(PostgresUnavailable) as raised:
        database.execute("CREATE TABLE t (a int)", "INSERT INTO u VALUES (1)")
    line = f'the database {database.name}: ERROR:  relation "u" does not exist'
    assert str(raised.value) == line
    assert list(database.rows("SELECT tablename FROM pg_tables WHERE tablename = 't'")) == []


def test_a_copy_of_a_database_has_its_rows(postgres: Postgres, database: Database) -> None:
    """A database that is created like another one is a copy; it is changed alone."""
    database.execute("CREATE TABLE t AS SELECT 1 AS a")
    copy = postgres.new_database(f"{database.name}-copy", like=database)
    copy.execute("INSERT INTO t VALUES (2)")
    assert list(copy.rows("SELECT count(*) FROM t")) == [("2",)]
    assert list(database.rows("SELECT count(*) FROM t")) == [("1",)]


def test_nobody_gets_in_without_the_password(database: Database, tmp_path: Path) -> None:
    """A client without the password file is refused, and so is one with another password."""
    for content in ("", f"127.0.0.1:{database.port}:*:suite:wrong"):
        file = tmp_path / "password"
        file.write_text(content, encoding="utf-8")
        file.chmod(0o600)
        stranger = Database(database.name, database.port, file, database.psql)
        with pytest.raises(PostgresUnavailable, match="password"):
            stranger.execute("SELECT 1")


def test_it_listens_on_loopback_only(database: Database) -> None:
    """There is no other address and no socket file."""
    addresses = "SELECT setting FROM pg_settings WHERE name = 'listen_addresses'"
    sockets = "SELECT setting FROM pg_settings WHERE name = 'unix_socket_directories'"
    assert list(database.rows(addresses)) == [("127.0.0.1",)]
    assert list(database.rows(sockets)) == [("",)]


def test_the_password_is_not_shown(postgres: Postgres, database: Database) -> None:
    """The password is in one file that only its owner reads, and nowhere else."""
    content = postgres.password_file.read_text(encoding="utf-8")
    password = content.strip().rpartition(":")[2]
    assert len(password) == 64
    assert postgres.password_file.stat().st_mode & 0o077 == 0
    shown = [repr(postgres), repr(database), database.uri, str(database.variables)]
    shown.append(postgres.process.output.read_text(encoding="utf-8"))
    for process in (postgres.process.supervisor.pid, *map(int, _ids(postgres))):
        with contextlib.suppress(OSError):  # the process of a connection that has just ended
            shown += [
                Path(f"/proc/{process}/{part}").read_text() for part in ("cmdline", "environ")
            ]
    assert not [text for text in shown if password in text]
    others = [file for file in postgres.cluster.folder.iterdir() if file.is_file()]
    assert sorted(file.name for file in others if password in file.read_text()) == ["password"]


def _ids(postgres: Postgres) -> list[str]:
    return [place.name for place in children(postgres.server_pid)]


@pytest.mark.skipif(not IS_ROOT, reason="needs root")
def test_root_lets_another_user_run_it(postgres: Postgres) -> None:
    """If root runs the suite, no process of PostgreSQL belongs to root."""
    owners = {place.stat().st_uid for place in children(postgres.server_pid)}
    assert 0 not in owners


@pytest.mark.usefixtures("postgres")
def test_it_ends_with_the_block_and_leaves_nothing() -> None:
    """After the block there is no process, no shared memory and no file."""
    with running_postgres() as running:
        segment = segment_of(running.cluster.data)
        pids = [int(name) for name in _ids(running)]
        folder = running.cluster.folder
    assert not folder.exists()
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert segment not in segments()


@pytest.mark.usefixtures("postgres")
def test_it_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    """After a kill there is no process and no shared memory; the next run removes the files."""
    marker, note = uuid.uuid4().hex, tmp_path / "pid"
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(note)],
        env={**os.environ, MARKER: marker, "PYTHONPATH": str(ROOT / "fixtures")},
        cwd=ROOT,
    )
    deadline = time.monotonic() + SECONDS
    try:
        while not (note.exists() and note.read_text(encoding="ascii")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        pid = int(note.read_text(encoding="ascii"))
        pids = children(pid)
        folders = set()
        for place in pids:
            with contextlib.suppress(FileNotFoundError):  # a process that has just ended
                folders.add((place / "cwd").readlink())
        (data,) = folders
        segment = segment_of(data)
    finally:
        owner.kill()
    owner.wait()
    assert Running(owner, tmp_path, marker).leftovers() == {}
    while left := [place for place in pids if place.exists()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.02)
    assert segment not in segments()
    remove_abandoned(data.parent.parent)
    assert not data.parent.exists()


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package index does not have the wheel."""

    def refuse() -> Path:
        raise EnvironmentNotBuilt("uv pip install failed:\n  no such wheel")

    monkeypatch.setattr(installation, "_programs_of_the_wheel", refuse)


@pytest.mark.usefixtures("no_wheel")
def test_without_the_wheel_an_installed_one_is_started(tmp_path: Path) -> None:
    """Without the wheel, the PostgreSQL on the PATH is taken, if it is complete."""
    for name in installation.PROGRAMS:
        (tmp_path / name).touch(mode=0o755)
    assert find_programs({"PATH": str(tmp_path)}).folder == tmp_path.resolve()


@pytest.mark.usefixtures("no_wheel")
def test_with_neither_one_line_has_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If there is no PostgreSQL at all, one line says what was looked for and what to do."""
    monkeypatch.setattr(installation, "INSTALLED", (f"{tmp_path}/*/bin",))
    with pytest.raises(PostgresUnavailable) as raised:
        find_programs({"PATH": str(tmp_path)})
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith("there is no PostgreSQL: initdb, postgres, psql are neither on the")
    assert "no such wheel" in message
    assert "apt-get install postgresql" in message


def test_the_newest_installed_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions are compared as numbers, and incomplete installations are passed over."""
    monkeypatch.setattr(installation, "INSTALLED", (f"{tmp_path}/*/bin",))
    for version in ("9", "15", "16"):
        place = tmp_path / version / "bin"
        place.mkdir(parents=True)
        for name in installation.PROGRAMS[: 2 if version == "16" else 3]:
            (place / name).touch()
    found = installed_programs({"PATH": ""})
    assert found is not None
    assert found["initdb"] == tmp_path / "15" / "bin" / "initdb"


@pytest.mark.skipif(not IS_ROOT, reason="needs root")
@pytest.mark.usefixtures("postgres")
def test_programs_in_a_private_folder_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the other user cannot enter the folder of the programs, it gets a copy of them."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    copy = find_programs(os.environ).copied_to(private / "copy")
    monkeypatch.setattr(installation, "_programs_of_the_wheel", lambda: copy)
    with running_postgres() as running:
        assert running.cluster.programs.root == running.cluster.folder / "installation"


@pytest.mark.skipif(not IS_ROOT, reason="needs root")
@pytest.mark.usefixtures("postgres")
def test_a_private_temporary_folder_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the other user cannot enter the temporary folder, another one is used, if there is one."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    assert not may_enter(private)
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    with running_postgres() as running:
        assert running.cluster.folder.parent == Path("/tmp")  # noqa: S108
    monkeypatch.setattr(cluster, "OPEN_TO_ALL", ())
    with pytest.raises(PostgresUnavailable) as raised, running_postgres():
        pass
    assert str(raised.value) == (
        f"PostgreSQL does not run as root, and the user nobody cannot enter {private}: set TMPDIR"
        " to a folder that every user can enter"
    )
    assert list(private.iterdir()) == []
