"""Measures how long the static check of existing models takes, and its memory.

Run as ``python -m benchmarks.existing_models``. It examines a hundred, a thousand and ten thousand
copies of a few models that the installed MLflow has saved, in a process each. The bars: ten
milliseconds of the processor a model, and memory that does not grow but for the models' names.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mlflow_conformance.existing.check_models import Shard, check_models, checked
from mlflow_conformance.existing.references import read_reference
from mlflow_conformance.existing.registry import Registry
from mlflow_conformance.existing.results import FILE, ResultFile
from mlflow_conformance.existing.summary import Summary
from mlflow_conformance.support.paths import ROOT

NUMBERS: Final = (100, 1000, 10_000)
MOST_SECONDS: Final = 0.010
# Of memory for each model: its name is kept, and nothing else may grow.
MOST_KIB: Final = 1.0


def save_models(folder: Path) -> list[Path]:
    """Save small models of the usual kinds, and return their folders.

    MLflow and scikit-learn are imported here: a process that only examines does not have them.
    """
    import mlflow.sklearn
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = np.arange(60.0).reshape(30, 2)
    classes = (rows[:, 0] > 30).astype(int)
    estimators = {
        "linear": LinearRegression().fit(rows, rows[:, 0]),
        "pipeline": make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, classes),
        "forest": RandomForestClassifier(20).fit(rows, classes),
    }
    for name, estimator in estimators.items():
        mlflow.sklearn.save_model(
            estimator,
            folder / name,
            serialization_format="cloudpickle",
            pip_requirements=["mlflow", "scikit-learn", "numpy"],
            input_example=rows,
        )
    return sorted(folder.iterdir())


def main(arguments: Sequence[str]) -> int:
    """Measure, print the figures, and return 1 if one is above its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examine", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.examine is not None:
        print(json.dumps(examined(asked.examine)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        measured = {number: _measured(Path(folder) / str(number), number) for number in NUMBERS}
    for number, (seconds, peak) in measured.items():
        each = seconds / number * 1000
        print(f"{number:6} models: {each:.2f} ms each, at most {peak:.0f} MiB")
    slow = max(seconds / number for number, (seconds, _) in measured.items()) > MOST_SECONDS
    first, last = NUMBERS[0], NUMBERS[-1]
    grown = (measured[last][1] - measured[first][1]) * 1024 / (last - first)
    bars = f"(bars: {MOST_SECONDS * 1000:g} ms, {MOST_KIB:g} KiB)"
    print(f"memory grows by {grown:.2f} KiB a model {bars}")
    return 1 if slow or grown > MOST_KIB else 0


def _measured(folder: Path, number: int) -> tuple[float, float]:
    """Return the seconds and the MiB that a process needs for copies of the models."""
    saved = save_models(folder / "saved")
    for copy in range(number):
        shutil.copytree(saved[copy % len(saved)], folder / "models" / f"{copy:05}")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "fixtures")])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.existing_models", "--examine", str(folder)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    shutil.rmtree(folder)
    found = json.loads(done.stdout.splitlines()[-1])
    return found["seconds"], found["peak"]


def examined(folder: Path) -> dict[str, float]:
    """Examine the models below a folder, and return the seconds and the MiB that it took."""
    references = (read_reference(str(path), folder) for path in (folder / "models").iterdir())
    results = ResultFile(folder / FILE, {"versions": []})
    summary = Summary()
    started = time.process_time()
    found = Registry(None).find(list(references))
    for result in check_models(found, Shard(), results, lambda _: None, checked):
        summary.add(result)
    seconds = time.process_time() - started
    assert not summary.exit_code, list(summary.lines())
    return {"seconds": seconds, "peak": _peak()}


def _peak() -> float:
    """Return the most MiB that this process had; what ``getrusage`` says is the parent's, too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
