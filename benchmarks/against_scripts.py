"""Measures ``pytest -m local`` against the same scripts run one after another by hand.

Run as ``nox -s benchmark`` (or ``python -m benchmarks.against_scripts``). By hand means: plain
processes, MLflow's default requirement inference, a folder and a store of its own for each script,
as the suite has it. It also checks that a warm start changes nothing: what the suite's modes logged
must equal what the plain scripts logged, in all but identity.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.utils import all_estimators

from mlflow_conformance.catalogue.modes import Catalogue, Mode
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.environments.hermetic import hermetic_environment
from mlflow_conformance.environments.packages import installed
from mlflow_conformance.runner.outcome import read_outcome
from mlflow_conformance.runner.sqlite_folder import NAME, SqliteFolder
from mlflow_conformance.runner.working_folder import WorkingFolder, folders_to_copy
from mlflow_conformance.servers.scoring_server import content
from mlflow_conformance.support.output import tail
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE, ROOT
from mlflow_conformance.support.run_folder import ModeFolder, RunFolder

EXTRA_MODES = 16
MOST_RATIO = 0.40
# The last line of a run.
ALL = re.compile(r"^all: (\d+) of \d+ promises checked", re.MULTILINE)
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
    catalogue: Catalogue, modes: Sequence[Mode], root: Path, python: str = sys.executable
) -> tuple[float, dict[str, Path]]:
    """Return the seconds that the scripts took under a Python, and the models that they left.

    A mode whose script fails, as the suite expects, or that logs no model, has none.
    """
    models: dict[str, Path] = {}
    seconds = 0.0
    for mode in modes:
        files = ModeFolder(root / mode.name)
        target = SqliteFolder(files, catalogue.experiment)
        files.working_directory.mkdir(parents=True)
        working = WorkingFolder(
            catalogue, mode, files, folders_to_copy(catalogue, [mode], root)[mode.name]
        )
        working.fill()
        folder = RunFolder(files.path)  # so that all temporary files are in one folder
        environment = target.environment(hermetic_environment(os.environ, folder, python))
        # The caches are warm for both sides.
        environment.pop("MPLCONFIGDIR")
        started = time.perf_counter()
        with files.output.open("wb") as output:
            subprocess.run(
                [python, str(working.script), *working.arguments],
                env=environment | dict(mode.environment),
                cwd=files.working_directory,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        seconds += time.perf_counter() - started
        found = target.model_directories()
        if len(found) == 1:
            models[mode.name] = found[0]
    return seconds, models


@dataclass(frozen=True)
class Timed:
    """One run of the suite: its seconds, and the number of promises that it checked."""

    seconds: float
    promises: int


def suite(root: Path, *options: str, markers: str = "local") -> Timed:
    """Run ``pytest -m MARKERS``; all that it writes is below ``root``.

    Raises:
        SystemExit: It did not end well, or checked nothing.
    """
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
    counted = ALL.search(output.read_text(encoding="utf-8"))
    if done.returncode or counted is None or not int(counted[1]):
        raise SystemExit(f"pytest -m {markers} ended with {done.returncode}:\n{tail(output)}")
    return Timed(seconds, int(counted[1]))


def different(models: dict[str, Path], root: Path) -> list[str]:
    """Return the modes of which the suite's model is not the one that the plain script logged."""
    folder = RunFolder(root / "conformance")
    names = []
    for mode, model in models.items():
        found = read_outcome(folder, mode, NAME).model_directory
        if found is None or _digest(Path(found)) != _digest(model):
            names.append(mode)
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
    requirements: stated
    flavors: [python_function, sklearn]
    autologs: false
    signature: {{origin: inferred, inputs: features-frame, outputs: labels-array}}
"""
        for number in range(EXTRA_MODES)
    ]
    catalogue = folder / DEFAULT_CATALOGUE.name
    catalogue.write_text(catalogue.read_text(encoding="utf-8") + "".join(entries), encoding="utf-8")
    return catalogue


def compare(
    what: str, catalogue: Catalogue, modes: Sequence[Mode], rounds: int, root: Path
) -> Timed:
    """Run scripts by hand and the suite in turn, and print both times; return the suite's last."""
    names = _chosen([mode.name for mode in modes])
    ratios = []
    for number in range(rounds):
        hand, models = by_hand(catalogue, modes, root / f"hand-{what}-{number}")
        place = root / f"suite-{what}-{number}"
        timed = suite(place, *names)
        ratios.append(timed.seconds / hand)
        unequal = different(models, place)
        print(
            f"{what}, round {number + 1}: {len(modes)} scripts by hand {hand:.1f} s, the suite"
            f" {timed.seconds:.1f} s ({timed.promises} promises), ratio {ratios[-1]:.2f};"
            f" models that differ: {', '.join(unequal) or 'none'}",
            flush=True,
        )
        shutil.rmtree(place)
    median = sorted(ratios)[len(ratios) // 2]
    print(f"{what}: median ratio {median:.2f} (at most {MOST_RATIO}; the aim is 0.33)", flush=True)
    return timed


def _chosen(modes: Sequence[str]) -> list[str]:
    return [option for mode in modes for option in ("--mode", mode)]


def main() -> None:
    """Print times, ratios, counts of promises, and the largest process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run, in turn")
    parser.add_argument(
        "--more",
        action="store_true",
        help="also measure all modes, one mode more, all stores, and the estimators",
    )
    arguments = parser.parse_args()
    catalogue = read_catalogue(DEFAULT_CATALOGUE)
    here = installed("mlflow")
    applying = [mode for mode in catalogue.modes if not mode.releases.problem(here)]
    exercise = [mode for mode in applying if mode.by_default is None]
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        suite(root / "warm-up")
        compare("exercise", catalogue, exercise, arguments.rounds, root)
        if arguments.more:
            _more(catalogue, applying, root)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"largest process {peak:.0f} MiB (at most 1024 MiB)")


def _more(catalogue: Catalogue, applying: Sequence[Mode], root: Path) -> None:
    default = compare("all modes", catalogue, applying, 1, root)
    names = [mode.name for mode in applying if mode.by_default is None]
    extended = ("--catalogue", str(extra_modes(root)), *_chosen(names))
    more = _chosen([f"extra-{number}" for number in range(EXTRA_MODES)])
    fewer = suite(root / "fewer", *extended)
    cost = (suite(root / "more", *extended, *more).seconds - fewer.seconds) / EXTRA_MODES
    print(f"one more mode that states its own requirements: {cost:.2f} s (at most 0.8 s)")
    everywhere = suite(root / "targets", "--target", "all")
    print(
        f"--target all: {everywhere.seconds:.0f} s ({everywhere.promises} promises), the default"
        f" run {default.seconds:.0f} s: {everywhere.seconds / default.seconds:.2f} (at most 4)"
    )
    sweep = suite(root / "sweep", markers="local and estimators")
    number = len(all_estimators())
    print(
        f"{number} estimators: {sweep.seconds:.0f} s ({sweep.promises} promises),"
        f" {sweep.seconds / number:.2f} s an estimator (at most 0.7 s)"
    )


if __name__ == "__main__":
    main()
