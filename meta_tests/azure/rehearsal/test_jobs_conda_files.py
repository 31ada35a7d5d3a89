"""Tests of conda files: what is parsed, built with uv, or refused."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from mlflow_conformance.environments.build import uv
from mlflow_conformance.rehearsal.jobs.environments import (
    JobEnvironments,
    UnsupportedCondaFile,
    read_conda_file,
)

SECONDS = 300.0
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PINS = ["mlflow==2.22.5", "azureml-mlflow==1.62.0.post6"]


def conda(*dependencies: Any) -> str:
    """Return a conda file."""
    return json.dumps({"name": "any", "channels": ["x"], "dependencies": list(dependencies)})


@pytest.mark.parametrize("python", ["python=3.11", "python==3.11", "python 3.11", "python=3.11.*"])
def test_python_and_pins_are_read(python: str) -> None:
    """The Python version and the pip requirements are read; pip is always among them."""
    found = read_conda_file(conda(python, {"pip": PINS}))
    assert (found.python, found.requirements) == ("3.11", (*PINS, "pip"))


def test_tools_come_from_the_package_index() -> None:
    """Conda's pip and setuptools become requirements with the same version."""
    found = read_conda_file(conda("python=3.11", "pip=25.0", "setuptools", {"pip": []}))
    assert found.requirements == ("pip==25.0", "setuptools")


def test_the_digest_tells_files_apart() -> None:
    """Equal files have equal digests; another pin changes the digest."""
    digests = [read_conda_file(conda("python=3.11", {"pip": [pin]})).digest for pin in PINS * 2]
    assert digests[:2] == digests[2:]
    assert digests[0] != digests[1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[", "not a conda file"),
        ("null", "not a conda file"),
        ("name: x", "not a conda file"),
        (conda({"pip": PINS}), "names no Python"),
        (conda("python", {"pip": PINS}), "names no Python"),
        (conda("python=3.11", "numpy=2.0"), "'numpy=2.0' comes from conda"),
        (conda("python=3.11", {"pip": ["-r other.txt"]}), "an option of pip"),
        (conda("python=3.11", {"pip": ["--pre", *PINS]}), "an option of pip"),
    ],
)
def test_what_cannot_be_followed_is_refused(text: str, reason: str) -> None:
    """An unsupported conda file raises an error that names the reason."""
    with pytest.raises(UnsupportedCondaFile, match=reason):
        read_conda_file(text)


def counting_uv(folder: Path) -> Path:
    """Write a ``uv`` that logs its first argument, and return the log."""
    log, tool = folder / "log.txt", folder / "bin" / "uv"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\necho "$1" >> {log}\nsleep 0.3\nexec {uv()} "$@"\n')
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    return log


def test_jobs_of_one_environment_build_it_once(tmp_path: Path) -> None:
    """Only one of several simultaneous builds of an environment runs uv."""
    log = counting_uv(tmp_path)
    path = os.pathsep.join([str(tmp_path / "bin"), os.environ["PATH"]])
    environments = JobEnvironments(tmp_path / "built", {**os.environ, "PATH": path})
    wanted = read_conda_file(conda(f"python={PYTHON}"))
    assert environments.find(wanted) is None
    started = []
    for number in range(3):
        (folder := tmp_path / str(number)).mkdir()
        started.append(environments.start_building(wanted, folder))
    for building in started:
        assert building.wait(SECONDS) == 0, building.output.read_text()
    found = environments.find(wanted)
    assert found is not None
    assert found.exists()
    assert log.read_text().split() == ["venv", "pip"]


def test_a_build_that_fails_has_uvs_words(tmp_path: Path) -> None:
    """A failed build prints uv's error and leaves no environment."""
    environments = JobEnvironments(tmp_path / "built", os.environ)
    wanted = read_conda_file(
        conda(f"python={PYTHON}", {"pip": [f"x @ {(tmp_path / 'no-such').as_uri()}"]})
    )
    building = environments.start_building(wanted, tmp_path)
    assert building.wait(SECONDS) == 1
    assert "no-such" in building.output.read_text()
    assert environments.find(wanted) is None
