"""Write ``diabetes.csv``: a synthetic data set with the schema of the lab's diabetes data.

The rows are random; only the column names, types and rough ranges are the lab's. The file is the
same byte for byte on every platform and Python version: the script uses only
``random.Random.random()`` (documented as stable for a seed), additions and multiplications, and no
functions of the C library, whose last digit can differ.

Run ``python make-diabetes-data.py`` to write the file beside this script, ``--check`` to compare.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

ROWS = 10_000
SEED = 20_081
HEADER = (
    "Pregnancies,PlasmaGlucose,DiastolicBloodPressure,TricepsThickness,SerumInsulin,"
    "BMI,DiabetesPedigree,Age,Diabetic"
)


def bell(draw: random.Random, low: float, high: float) -> float:
    """Return a number between ``low`` and ``high``, most often near the middle."""
    return low + (high - low) * (draw.random() + draw.random() + draw.random()) / 3


def skewed(draw: random.Random, low: float, high: float) -> float:
    """Return a number between ``low`` and ``high``, most often near ``low``."""
    return low + (high - low) * draw.random() * draw.random()


def row(draw: random.Random) -> str:
    """Return one line of the file: eight features, then the label 0 or 1."""
    pregnancies = int(skewed(draw, 0, 15))
    plasma_glucose = int(bell(draw, 44, 193))
    blood_pressure = int(bell(draw, 24, 118))
    triceps_thickness = int(bell(draw, 7, 60))
    serum_insulin = int(skewed(draw, 14, 600))
    bmi = round(bell(draw, 18, 50), 8)
    pedigree = round(skewed(draw, 0.078, 2.3), 9)
    age = int(21 + skewed(draw, 0, 57))
    risk = (
        0.12 * pregnancies
        + 0.010 * plasma_glucose
        + 0.004 * blood_pressure
        + 0.012 * triceps_thickness
        + 0.003 * serum_insulin
        + 0.05 * bmi
        + 0.6 * pedigree
        + 0.035 * age
        + bell(draw, -2.0, 2.0)
    )
    diabetic = int(risk > 6.2)
    return (
        f"{pregnancies},{plasma_glucose},{blood_pressure},{triceps_thickness},{serum_insulin},"
        f"{bmi},{pedigree},{age},{diabetic}"
    )


def data() -> bytes:
    """Return the whole file."""
    draw = random.Random(SEED)
    lines = [HEADER, *(row(draw) for _ in range(ROWS))]
    return ("\n".join(lines) + "\n").encode("ascii")


def main() -> int:
    """Write the file, or with ``--check`` compare it with what this script writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args().check
    path = Path(__file__).with_name("diabetes.csv")
    if not check:
        path.write_bytes(data())
        return 0
    if path.read_bytes() == data():
        return 0
    print(f"{path.name} differs from what {Path(__file__).name} writes", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
