"""Measures ``pytest -m local`` against the same scripts run one after another by hand.

Run as ``nox -s benchmark`` (or ``python -m benchmarks.against_scripts``). By hand means: plain
processes, MLflow's default requirement inference, a folder and a store of its own for each script,
as the suite has it. It also checks that a warm start changes nothing: what the suite's modes logged
must equal what the plain scripts logged, in all but identity.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mlflow_conformance.catalogue.modes import Catalogue
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.environments.hermetic import hermetic_environment
from mlflow_conformance.runner.outcome import read_outcome
from mlflow_conformance.runner.sqlite_folder import NAME, SqliteFolder
from mlflow_conformance.servers.scoring_server import content
from mlflow_conformance.support.output import tail
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE, ROOT
from mlflow_conformance.support.run_folder import ModeFolder, RunFolder

EXTRA_MODES = 4
EXTRA_SCRIPT = """
import sys
from importlib import metadata

import mlflow.sklearn
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

table = pd.read_csv(sys.argv[1])
X, y = table.iloc[:, :8], table["Diabetic"]
train_X, test_X, train_y, _ = train_test_split(X, y, test_size=0.30, random_state=0)
model = LogisticRegression(C=100.0, solver="liblinear").fit(train_X, train_y)
names = ["mlflow", "scikit-learn", "pandas", "numpy", "scipy", "cloudpickle", "skops"]
requirements = []
for name in names:
    try:
        requirements.append(f"{name}=={metadata.version(name)}")
    except metadata.PackageNotFoundError:
        pass  # older releases know no skops
mlflow.sklearn.log_model(
    model, "model", signature=infer_signature(train_X, model.predict(test_X)),
    pip_requirements=requirements,
)
"""


def by_hand(
    catalogue: Catalogue, root: Path, python: str = sys.executable
) -> tuple[float, dict[str, Path]]:
    """Return the seconds that all scripts took under a Python, and the model that each left."""
    models: dict[str, Path] = {}
    seconds = 0.0
    for mode in catalogue.modes:
        files = ModeFolder(root / mode.name)
        target = SqliteFolder(files, catalogue.experiment)
        files.working_directory.mkdir(parents=True)
        folder = RunFolder(files.path)  # so that all temporary files are in one folder
        environment = target.environment(hermetic_environment(os.environ, folder, python))
        # The caches are warm for both sides.
        environment.pop("MPLCONFIGDIR")
        command = [python, str(mode.script)]
        command += mode.command_line(catalogue.training_data)
        started = time.perf_counter()
        with files.output.open("wb") as output:
            subprocess.run(
                command,
                env=environment,
                cwd=files.working_directory,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=True,
            )
        seconds += time.perf_counter() - started
        (models[mode.name],) = target.model_directories()
    return seconds, models


def suite(root: Path, *options: str, markers: str = "local") -> float:
    """Return the seconds that ``pytest -m MARKERS`` took; all that it writes is below ``root``."""
    output = root.with_suffix(".txt")
    started = time.perf_counter()
    with output.open("wb") as sink:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-m", markers, "-p", "no:cacheprovider"]
            + ["--basetemp", str(root), *options],
            cwd=ROOT,
            stdout=sink,
            stderr=subprocess.STDOUT,
            check=False,
        )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"pytest -m {markers} ended with {done.returncode}:\n{tail(output)}")
    return seconds


def different(catalogue: Catalogue, models: dict[str, Path], root: Path) -> list[str]:
    """Return the modes of which the suite's model is not the one that the plain script logged."""
    folder = RunFolder(root / "conformance")
    names = []
    for mode in catalogue.modes:
        found = read_outcome(folder, mode.name, NAME).model_directory
        if found is None or _digest(Path(found)) != _digest(models[mode.name]):
            names.append(mode.name)
    return names


def _digest(model: Path) -> str:
    # A skops file is a zip archive, which holds the time of writing: it never is the same twice.
    return content(model, leaving_out=[Path("model.skops")])


def extra_modes(root: Path) -> Path:
    """Return a catalogue with more modes, each of which states its own requirements."""
    folder = root / "training"
    shutil.copytree(DEFAULT_CATALOGUE.parent, folder)
    (folder / "extra.py").write_text(EXTRA_SCRIPT, encoding="utf-8")
    entries = [
        f"""
  - name: extra-{number}
    script: extra.py
    arguments: ["{{training_data}}"]
    display_name: extra
    trains_on: frame
    estimator: lab-classifier
    flavors: [python_function, sklearn]
    autologs: false
    signature: {{origin: inferred, inputs: features-frame, outputs: labels-array}}
"""
        for number in range(EXTRA_MODES)
    ]
    catalogue = folder / DEFAULT_CATALOGUE.name
    catalogue.write_text(catalogue.read_text(encoding="utf-8") + "".join(entries), encoding="utf-8")
    return catalogue


def main() -> None:
    """Print both times, their ratio, the largest process and what one more mode costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run, in turn")
    parser.add_argument("--extra", action="store_true", help="also measure what a mode more costs")
    arguments = parser.parse_args()
    catalogue = read_catalogue(DEFAULT_CATALOGUE)
    ratios = []
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        suite(root / "warm-up")
        for number in range(arguments.rounds):
            hand, models = by_hand(catalogue, root / f"hand-{number}")
            pytest_root = root / f"suite-{number}"
            seconds = suite(pytest_root)
            ratios.append(seconds / hand)
            unequal = different(catalogue, models, pytest_root)
            print(
                f"round {number + 1}: {len(catalogue.modes)} scripts by hand {hand:.1f} s,"
                f" pytest -m local {seconds:.1f} s, ratio {ratios[-1]:.2f};"
                f" models that differ: {', '.join(unequal) or 'none'}",
                flush=True,
            )
        print(
            f"median ratio {sorted(ratios)[len(ratios) // 2]:.2f} (at most 0.50; the aim is 0.35)"
        )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"largest process {peak:.0f} MiB (at most 1536 MiB)")
        if arguments.extra:
            more = suite(
                root / "extra", "--catalogue", str(extra_modes(root)), "-k", "not requirements"
            )
            cost = (more - seconds) / EXTRA_MODES
            print(f"one more mode that states its own requirements: {cost:.2f} s (at most 1.5 s)")


if __name__ == "__main__":
    main()
