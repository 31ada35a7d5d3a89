"""Write ``customers.csv``: a synthetic table with text, categories, dates and missing values.

The file is the same byte for byte on every platform and Python version: the script uses only
``random.Random.random()`` (documented as stable for a seed), additions and multiplications.

Run ``python make-customers-data.py`` to write the file beside this script, ``--check`` to compare.
"""

from __future__ import annotations

import argparse
import datetime
import random
import sys
from collections.abc import Sequence
from pathlib import Path

ROWS = 600
SEED = 42_017
HEADER = "Comment,City,Plan,Newsletter,Since,Age,Income,Visits,Spending,Churned"
CITIES = ("Bern", "Genève", "Lugano", "Zürich")
PLANS = ("basic", "family", "premium")
COMMENTS = (
    "all is well",
    "too slow",
    "too expensive, as before",
    "thank you",
    "slow and expensive",
)
FIRST_DAY = datetime.date(2018, 1, 1)


def one_of(draw: random.Random, values: Sequence[str]) -> str:
    """Return one of the values, each equally often."""
    return values[int(draw.random() * len(values))]


def unless_missing(draw: random.Random, value: object, share: float) -> str:
    """Return the value as text, or nothing in a share of the rows."""
    return "" if draw.random() < share else str(value)


def row(draw: random.Random) -> str:
    """Return one line of the file: eight features, then a number and a text that depend on them."""
    comment, city, plan = one_of(draw, COMMENTS), one_of(draw, CITIES), one_of(draw, PLANS)
    newsletter = draw.random() < 0.4
    days = int(draw.random() * 2000)
    age = 18 + int(draw.random() * 70)
    income = round(1500 + 6000 * draw.random(), 2)
    visits = int(draw.random() * draw.random() * 40)
    spending = round(0.02 * income + 3 * visits + (40 if plan == "premium" else 0), 2)
    is_unhappy = "slow" in comment or "expensive" in comment
    risk = draw.random() + (0.5 if is_unhappy else 0.0) - 0.0002 * days - (0.2 if newsletter else 0)
    return ",".join(
        (
            f'"{comment}"',
            unless_missing(draw, city, 0.05),
            plan,
            str(newsletter),
            str(FIRST_DAY + datetime.timedelta(days=days)),
            str(age),
            unless_missing(draw, income, 0.1),
            unless_missing(draw, visits, 0.1),
            str(spending),
            "yes" if risk > 0.6 else "no",
        )
    )


def data() -> bytes:
    """Return the whole file."""
    draw = random.Random(SEED)
    lines = [HEADER, *(row(draw) for _ in range(ROWS))]
    return ("\n".join(lines) + "\n").encode("utf-8")


def main() -> int:
    """Write the file, or with ``--check`` compare it with what this script writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args().check
    path = Path(__file__).with_name("customers.csv")
    if not check:
        path.write_bytes(data())
        return 0
    if path.read_bytes() == data():
        return 0
    print(f"{path.name} differs from what {Path(__file__).name} writes", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
