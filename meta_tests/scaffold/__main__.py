"""The command line of the scaffold: ``nox -s new -- promise|rule|mode NAME``.

Every skeleton fails the fast checks until it is filled in: a promise raises, a rule and its sample
name places that do not exist, and a mode's script logs nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from meta_tests.scaffold.skeletons import KINDS, ScaffoldError, write
from mlflow_conformance.support.paths import ROOT


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write a skeleton below ``root``, print the files to edit, and return the exit code."""
    parser = argparse.ArgumentParser(prog="nox -s new --", description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("name", metavar="NAME", help="such as aliases, tag-lost, random-forest")
    options = parser.parse_args(arguments)
    try:
        written = write(options.kind, options.name, root)
    except ScaffoldError as error:
        print(error, file=sys.stderr)
        return 2
    for file, to_do in written.items():
        print(f"{file.relative_to(root)}: {to_do}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
