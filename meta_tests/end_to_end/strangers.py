"""A folder with the scripts and data of people who share nothing with the suite's own catalogue."""

from __future__ import annotations

import importlib.metadata
import random
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from meta_tests.end_to_end.suite_run import SuiteRun, run

ROWS = 120
SECONDS = 900.0
HEADER = "Weight,Distance,Stops,Zone,Carrier,Shipped,Remark,Rating,Late,Grade,Hours"
WORDS = ("fragile", "heavy", "urgent", "gift", "cold")
SHARED = """\
import pathlib
import sys
from importlib import metadata

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

HERE = pathlib.Path(__file__).parent
NUMBERS = ["Weight", "Distance", "Stops"]
NEEDED = ("mlflow", "scikit-learn", "numpy", "pandas", "cloudpickle", "scipy")
PINS = [f"{d.name}=={d.version}" for d in metadata.distributions() if d.name in NEEDED]


def parcels(features=NUMBERS, label="Late", **options):
    table = pd.read_csv(sys.argv[1], **options)
    return train_test_split(table[features], table[label], test_size=0.2, random_state=5)


def linear(**options):
    return LogisticRegression(max_iter=500, **options)


def log(model, rows, **options):
    options = {"signature": infer_signature(rows, model.predict(rows)), **options}
    mlflow.sklearn.log_model(model, "model", serialization_format="cloudpickle", **options)
"""
OWN_PARTS = """\
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin


class Trim(TransformerMixin, BaseEstimator):
    def __init__(self, share=0.05):
        self.share = share

    def fit(self, X, y=None):
        self.low_, self.high_ = np.quantile(X, [self.share, 1 - self.share], axis=0)
        return self

    def transform(self, X):
        return np.clip(np.asarray(X, dtype=float), self.low_, self.high_)


def days(frame):
    return frame.apply(lambda column: pd.to_datetime(column, utc=True).dt.dayofyear)
"""
FAILED = re.compile(r"^FAILED \S+::(\w+)\[([\w-]+)-sqlite[\w-]*\]")


def rows() -> Iterable[str]:
    """Yield the lines of a CSV file with invented parcels."""
    chance = random.Random(4)  # noqa: S311 - invented data
    yield HEADER
    for _ in range(ROWS):
        weight, distance = round(chance.uniform(0.2, 30), 2), round(chance.uniform(5, 900), 1)
        stops = chance.randint(0, 6)
        late = int(distance / 300 + stops / 3 + chance.random() > 3)
        cells = (
            *(weight, distance, stops, chance.choice(["north", "south", "isle"])),
            *(chance.choice(["bike", "van", ""]), f"2024-{chance.randint(1, 12):02}-11"),
            " ".join(chance.choice(WORDS) for _ in range(3)),
            *(chance.choice(["", "1.5", "4.0"]), late),
            chance.choice(["good", "poor"]) if late else "good",
            round(distance / 60 + stops, 1),
        )
        yield ",".join(map(str, cells))


def wheel(folder: Path) -> None:
    """Write a wheel without code, as a team has them beside its scripts."""
    with zipfile.ZipFile(folder / "parceltools-1.2.0-py3-none-any.whl", "w") as archive:
        archive.writestr("parceltools/__init__.py", "")
        text = "Metadata-Version: 2.1\nName: parceltools\nVersion: 1.2.0\n"
        archive.writestr("parceltools-1.2.0.dist-info/METADATA", text)


def run_strangers(root: Path, scripts: Mapping[str, str], *options: str) -> SuiteRun:
    """Run every promise for scripts; their entries state only a name, a script and a folder."""
    folder = root / "parcels"
    folder.mkdir()
    (folder / "parcels.csv").write_text("\n".join(rows()) + "\n", encoding="utf-8")
    (folder / "shared.py").write_text(SHARED, encoding="utf-8")
    (folder / "own_parts.py").write_text(OWN_PARTS, encoding="utf-8")
    wheel(folder)
    modes = []
    for name, text in scripts.items():
        (folder / f"{name}.py").write_text(f"from shared import *\n\n{text}", encoding="utf-8")
        entry = {"name": name, "script": f"{name}.py", "folder": "."}
        modes.append({**entry, "arguments": ["{training_data}"]})
    catalogue = folder / "modes.yaml"
    document = {"data": {"file": "parcels.csv"}, "modes": modes}
    catalogue.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return run(root, "--catalogue", str(catalogue), "-m", "local", *options, seconds=SECONDS)


def mlflow_release() -> tuple[int, ...]:
    """Return the first two numbers of the installed MLflow's version."""
    return tuple(map(int, importlib.metadata.version("mlflow").split(".")[:2]))


def failed(own: SuiteRun, name: str) -> set[str]:
    """Return the promises of a mode that failed, by the names of their tests."""
    found = (FAILED.match(line) for line in own.output.splitlines())
    return {match[1] for match in found if match and match[2] == name}


def is_all_checked(own: SuiteRun, name: str) -> bool:
    """Return whether every promise of a mode was checked."""
    (line,) = (x for x in own.lines_with(" promises checked") if x.startswith(f"{name}-sqlite: "))
    checked, of = line.partition(": ")[2].split(" promises")[0].split(" of ")
    return checked == of and int(checked) > 0


def causes(own: SuiteRun, name: str) -> list[str]:
    """Return the lines with the causes of a mode's failures."""
    return own.lines_with(f"CAUSE {name}-sqlite: ")
