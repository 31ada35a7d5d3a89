"""Tests that the indexes of a team's files are those that pip and uv would ask."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from meta_tests.upgrade.test_team_environment import wheel
from mlflow_conformance.environments.build import EnvironmentNotBuilt
from mlflow_conformance.environments.indexes import NO_INDEXES, Indexes
from mlflow_conformance.upgrade import team_environment
from mlflow_conformance.upgrade.causes.held_packages import PYTHON, uv_prints
from mlflow_conformance.upgrade.causes.pinned_environment import installed_in
from mlflow_conformance.upgrade.team_environment import build_team, team_pins
from mlflow_conformance.upgrade.team_indexes import indexes_of_registries, read_requirements

A, B = "https://a.example.org/simple", "https://b.example.org/simple"
PUBLIC = "https://pypi.org/simple"
NOWHERE = "http://127.0.0.1:9/simple"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mlflow\n# --index-url x\n", NO_INDEXES),
        (f"--index-url {A}\nmlflow # -i {B}\n", Indexes(default=A)),
        (f"-i {A} --extra-index-url={B}", Indexes(default=A, further=(B,))),
        (f"-i{A}\n", Indexes(default=A)),
        (f"--index-url \\\n  '{A}'\n", Indexes(default=A)),
        (f"--index-url {A}\n--index-url {B}\n", Indexes(default=B)),
        ("--extra-index-url ${TEAM_INDEX}\n", Indexes(further=(B,))),
        ("--no-index\n", Indexes(is_without_index=True)),
        (f"--find-links {A}\n", Indexes(links=(A,))),
    ],
)
def test_options_are_read_as_pip_reads_them(
    text: str, expected: Indexes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comments, long and short names, continued lines and variables."""
    monkeypatch.setenv("TEAM_INDEX", B)
    (tmp_path / "a.txt").write_text(text)
    assert read_requirements(tmp_path / "a.txt").indexes == expected


def test_included_files_count(tmp_path: Path) -> None:
    """Each file is read once, and paths are relative to the file that names them."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("-r sub/b.txt\n-c sub/c.txt\n--find-links links\n")
    (tmp_path / "sub" / "b.txt").write_text(f"-r ../a.txt\n-f links\n--extra-index-url {A}\n")
    (tmp_path / "sub" / "c.txt").write_text(f"--extra-index-url {B}\n")
    links = (str(tmp_path / "links"), str(tmp_path / "sub" / "links"))
    found = read_requirements(tmp_path / "a.txt").indexes
    assert found == Indexes(further=(A, B), links=links)


@pytest.mark.parametrize(
    ("registries", "expected"),
    [
        ({}, NO_INDEXES),
        ({PUBLIC: 9}, NO_INDEXES),
        ({PUBLIC: 9, A: 1}, Indexes(further=(f"team={A}",))),
        ({B: 9, A: 1}, Indexes(default=B, further=(f"team={A}",))),
        ({A: 1}, Indexes(default=f"team={A}")),
        ({PUBLIC: 1, "links": 1}, Indexes(links=("/project/links",))),
    ],
)
def test_registries_of_a_lock_are_its_indexes(
    registries: dict[str, int], expected: Indexes
) -> None:
    """Private ones are asked before the public one; without it, none else is asked."""
    found = indexes_of_registries(Counter(registries), Path("/project"), {A: "team"})
    assert found == expected


def test_uv_is_told_by_variables() -> None:
    """The default replaces that of the environment; others of the environment are asked later."""
    given = {"UV_INDEX_URL": NOWHERE, "UV_INDEX": B, "UV_FIND_LINKS": "/x", "HOME": "/"}
    indexes = Indexes(A, ("https://c/simple",), ("/links",), is_without_index=True)
    assert indexes.environment(given) == {
        "UV_DEFAULT_INDEX": A,
        "UV_INDEX": f"https://c/simple {B}",
        "HOME": "/",
        "UV_FIND_LINKS": "/links,/x",
        "UV_NO_INDEX": "1",
    }
    assert NO_INDEXES.environment(given) == given


def test_a_password_is_not_in_a_representation() -> None:
    """A traceback of a test shows no index."""
    url = "https://bob:s3cr@h/simple"
    assert "s3cr" not in repr(Indexes(url, (url,), (url,)))


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and logs nothing."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an index with two packages; no other index answers."""
    for name, version in (("mlflow", "2.0"), ("teampkg", "1.5")):
        wheel(tmp_path / "index" / name, name, version)
    handler = partial(Quiet, directory=str(tmp_path / "index"))
    monkeypatch.setattr(team_environment, "SUITE", ())
    monkeypatch.setattr(team_environment, "kept_folder", lambda: tmp_path / "kept")
    for name, value in (("UV_DEFAULT_INDEX", NOWHERE), ("UV_HTTP_RETRIES", "0")):
        monkeypatch.setenv(name, value)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("option", ["--index-url", "--extra-index-url"])
def test_pins_are_installed_from_the_index_of_their_file(
    option: str, index: str, tmp_path: Path
) -> None:
    """A package of the same name on another index is another package."""
    file = tmp_path / "old.txt"
    file.write_text(f"{option} {index}\nmlflow\nteampkg\n")
    team = team_pins(file, "--from-requirements", PYTHON)
    assert installed_in(build_team(team, PYTHON)) == {"mlflow": "2.0", "teampkg": "1.5"}
    file.write_text("mlflow\nteampkg\n")
    with pytest.raises(EnvironmentNotBuilt, match="does not resolve: uv pip compile: error"):
        team_pins(file, "--from-requirements", PYTHON)


def test_pins_of_a_lock_are_installed_from_its_registry(index: str, tmp_path: Path) -> None:
    """A lock names the registry of each package."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "team"\nversion = "1"\nrequires-python = ">=3.10"\n'
        'dependencies = ["mlflow", "teampkg"]\n'
        f'[[tool.uv.index]]\nname = "own"\nurl = "{index}"\ndefault = true\n'
    )
    variables = {name: os.environ[name] for name in os.environ if name != "UV_DEFAULT_INDEX"}
    uv_prints(["lock", "--quiet", "--project", str(project)], variables)
    team = team_pins(project / "uv.lock", "--project", PYTHON)
    assert (team.pins, team.has_hashes) == (("mlflow==2.0", "teampkg==1.5"), False)
    assert installed_in(build_team(team, PYTHON)) == {"mlflow": "2.0", "teampkg": "1.5"}
