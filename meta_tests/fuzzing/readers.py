"""The readers of the suite, with samples and the errors that they may raise."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from meta_tests.fuzzing import inputs
from mlflow_conformance.azure.setup.workspace_name import InvalidWorkspaceName, read_config
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.catalogue.training_data import check_training_data
from mlflow_conformance.model.environment_files import (
    MalformedEnvironment,
    read_conda,
    read_python_env,
    read_requirements,
)
from mlflow_conformance.model.mlmodel import MalformedModel, read_mlmodel
from mlflow_conformance.model.model_file import (
    UnreadableModelFile,
)
from mlflow_conformance.model.required_distributions import distributions_needed
from mlflow_conformance.pytest_plugin.deviations_reader import read_known_deviations
from mlflow_conformance.servers.scoring_server import first_error
from mlflow_conformance.support.output import error_line, tail
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE, KNOWN_DEVIATIONS
from mlflow_conformance.support.yaml_entry import ConfigurationError
from mlflow_conformance.upgrade.changes.accepted import read_accepted
from mlflow_conformance.upgrade.profile.baselines import (
    UnknownBaseline,
    baseline_file,
    find_baseline,
    shipped,
)
from mlflow_conformance.upgrade.profile.observe import script_warnings
from mlflow_conformance.upgrade.profile.profile import UnusableProfile, read_profile

TEST_ID = "conformance/test_serving.py::test_bad_requests_get_400[infer-frame-sqlite-text]"


@dataclass(frozen=True)
class Reader:
    """One reader: the name of its file, valid samples, and the only errors that it may raise."""

    name: str
    file: str
    samples: tuple[bytes, ...]
    words: tuple[bytes, ...]
    read: Callable[[Path], object]
    declared: tuple[type[Exception], ...] = ()


def _catalogue(path: Path) -> None:
    own = DEFAULT_CATALOGUE.parent
    for beside in (*own.glob("*.[cp]*"), own / "more"):
        if not (path.parent / beside.name).exists():
            (path.parent / beside.name).symlink_to(beside)
    read_catalogue(path)


def _deviations(path: Path) -> None:
    for deviation in read_known_deviations(path):
        deviation.covers(TEST_ID)


def _data(path: Path) -> None:
    catalogue = read_catalogue(DEFAULT_CATALOGUE, path)
    check_training_data(catalogue.data, catalogue.modes, "here")


def _printed(path: Path) -> None:
    for text in (tail(path), first_error(path), error_line(path), *script_warnings.read(path)):
        json.dumps(text).encode()


def _baseline(path: Path) -> None:
    find_baseline(path.read_bytes().decode("utf-8", errors="surrogateescape"))


def _skops() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("schema.json", json.dumps({"__module__": "numpy", "content": [{"a": 1}]}))
    return archive.getvalue()


def _mlmodel() -> bytes:
    columns = '[{"type": "long", "name": "a", "required": true}]'
    tensor = '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 8]}}]'
    document: dict[str, Any] = {
        "artifact_path": "model",
        "flavors": {"python_function": {"env": {"conda": "conda.yaml"}}, "sklearn": {"code": None}},
        "mlflow_version": "3.0.0",
        "model_size_bytes": 1024,
        "signature": {"inputs": columns, "outputs": tensor, "params": None},
        "utc_time_created": "2025-01-01 00:00:00.000000",
    }
    return yaml.safe_dump(document).encode()


DATA = b"".join(DEFAULT_CATALOGUE.with_name("diabetes.csv").read_bytes().splitlines(True)[:40])
CONDA = b"name: env\ndependencies:\n- python=3.11\n- pip<=23\n- pip:\n  - mlflow==3.0.0\n  - a\n"
PYTHON_ENV = b"python: 3.11.7\nbuild_dependencies: [pip==23]\ndependencies: [-r x.txt]\n"
ACCEPTED = b"""from: 2.22.5
to: 3.17.2
changes:
- {rule: model-moved, what: model.location, modes: [a], reason: so, link: 'https://x'}
"""
CONFIG = b"""{"subscription_id": "01234567-89ab-cdef-0123-456789abcdef",
 "resource_group": "lab", "workspace_name": "lab-workspace"}"""
SMALLEST = min((baseline_file(str(v)) for v in shipped()), key=lambda file: file.stat().st_size)
PROFILE = gzip.decompress(SMALLEST.read_bytes())
READERS = (
    Reader(
        name="MLmodel",
        file="MLmodel",
        samples=(_mlmodel(),),
        words=inputs.YAML + inputs.JSON,
        read=lambda path: read_mlmodel(path.parent),
        declared=(MalformedModel,),
    ),
    Reader(
        name="requirements",
        file="requirements.txt",
        samples=(b"mlflow==3.0.0\na[b]>=1\n",),
        words=inputs.REQUIREMENTS,
        read=lambda path: read_requirements(path.parent),
        declared=(MalformedEnvironment,),
    ),
    Reader(
        name="conda",
        file="conda.yaml",
        samples=(CONDA,),
        words=inputs.YAML + inputs.REQUIREMENTS,
        read=lambda path: read_conda(path.parent),
        declared=(MalformedEnvironment,),
    ),
    Reader(
        name="python_env",
        file="python_env.yaml",
        samples=(PYTHON_ENV,),
        words=inputs.YAML + inputs.REQUIREMENTS,
        read=lambda path: read_python_env(path.parent),
        declared=(MalformedEnvironment,),
    ),
    Reader(
        name="catalogue",
        file="modes.yaml",
        samples=(DEFAULT_CATALOGUE.read_bytes(),),
        words=inputs.YAML,
        read=_catalogue,
        declared=(ConfigurationError,),
    ),
    Reader(
        name="training data",
        file="data.csv",
        samples=(DATA,),
        words=inputs.CSV,
        read=_data,
        declared=(ConfigurationError,),
    ),
    Reader(
        name="deviations",
        file="known.yaml",
        samples=(KNOWN_DEVIATIONS.read_bytes(),),
        words=inputs.YAML + inputs.PATTERNS,
        read=_deviations,
        declared=(ConfigurationError,),
    ),
    Reader(
        name="accepted changes",
        file="accepted.yaml",
        samples=(ACCEPTED,),
        words=inputs.YAML,
        read=read_accepted,
        declared=(ConfigurationError,),
    ),
    Reader("profile", "baseline.json", (PROFILE,), inputs.JSON, read_profile, (UnusableProfile,)),
    Reader(
        "config.json", "config.json", (CONFIG,), inputs.JSON, read_config, (InvalidWorkspaceName,)
    ),
    Reader(
        name="pickle",
        file="model.pkl",
        samples=(pickle.dumps({"a": [json.JSONDecoder, 1]}),),
        words=inputs.PICKLES,
        read=lambda path: distributions_needed(path, "cloudpickle"),
        declared=(UnreadableModelFile,),
    ),
    Reader(
        name="skops",
        file="model.skops",
        samples=(_skops(),),
        words=inputs.ZIPS + inputs.JSON,
        read=lambda path: distributions_needed(path, "skops"),
        declared=(UnreadableModelFile,),
    ),
    Reader("output", "output.txt", (b"line\n" * 30,), inputs.TERMINAL, _printed),
    Reader(
        name="--baseline",
        file="option.txt",
        samples=(b"2.22.5", b"2.22", b"/tmp/x.json"),
        words=inputs.REQUIREMENTS,
        read=_baseline,
        declared=(UnknownBaseline, UnusableProfile),
    ),
)
