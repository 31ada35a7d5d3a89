"""Measures the rehearsal against the same scripts run one after another by hand.

Run as ``uv run --extra rehearsal python -m benchmarks.rehearsal [MLFLOW]``. By hand means: with
the same MLflow and the packages of its release date, because a job's own environment may have
packages with which local stores do not work. Both environments are built before the measurement.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.against_scripts import by_hand, suite
from mlflow_conformance.catalogue.reader import read_catalogue
from mlflow_conformance.environments.releases import build_release
from mlflow_conformance.support.paths import DEFAULT_CATALOGUE

LIMIT = 1.5


def main() -> None:
    """Print both times and their ratio, round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mlflow", nargs="?", default="2.22.5", help="the jobs' MLflow")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run, in turn")
    arguments = parser.parse_args()
    catalogue = read_catalogue(DEFAULT_CATALOGUE)
    exercise = [mode for mode in catalogue.modes if mode.by_default is None]
    options = ("--workspace", "rehearsal", "--job-mlflow", arguments.mlflow)
    ratios = []
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        suite(root / "warm-up", *options, markers="azure")
        python = build_release(arguments.mlflow)
        for number in range(arguments.rounds):
            hand, _ = by_hand(catalogue, exercise, root / f"hand-{number}", str(python))
            seconds = suite(root / f"suite-{number}", *options, markers="azure").seconds
            ratios.append(seconds / hand)
            print(
                f"round {number + 1}: {len(exercise)} scripts by hand {hand:.1f} s,"
                f" rehearsal {seconds:.1f} s, ratio {ratios[-1]:.2f}",
                flush=True,
            )
    print(f"median ratio {sorted(ratios)[len(ratios) // 2]:.2f} (at most {LIMIT:.2f})")


if __name__ == "__main__":
    main()
