"""The command line of the fuzz session: ``python -m meta_tests.fuzzing MINUTES [--seed N]``."""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import tempfile
import time
from pathlib import Path

from meta_tests.fuzzing import session, starts
from meta_tests.fuzzing.readers import Reader
from meta_tests.fuzzing.session import Tally

STARTS_A_ROUND = 4


def main(arguments: list[str]) -> int:
    """Fuzz until the time is over; return 1 if there are findings or nothing was read."""
    options = _options(arguments)
    seed = random.SystemRandom().randrange(2**31) if options.seed is None else options.seed
    folder = Path(tempfile.mkdtemp(prefix="fuzz-")).resolve()
    print(f"seed {seed}, {options.minutes:g} minutes; inputs are kept in {folder}", flush=True)
    readers: tuple[Reader, ...] = importlib.import_module(options.readers).READERS
    tallies = [Tally(reader.name) for reader in readers]
    started = Tally(starts.NAME)
    starts.hostile_things(folder / "things")
    end = time.monotonic() + options.minutes * 60
    number = 0
    while not number or time.monotonic() < end:
        for place, (reader, tally) in enumerate(zip(readers, tallies, strict=True)):
            if number and time.monotonic() > end:
                break
            where = folder / f"reader-{place}"
            session.fuzz_round(
                tally, options.readers, reader.file, seed + number, where, inputs=options.inputs
            )
        for again in range(0 if options.no_starts else STARTS_A_ROUND):
            left = sorted(folder.glob("reader-*/*.*"))
            starts.fuzz_start(started, seed + number * STARTS_A_ROUND + again, folder, left)
        number += 1
    return session.report(tallies if options.no_starts else [*tallies, started], print)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nox -s fuzz --", description=__doc__)
    parser.add_argument("minutes", type=_minutes, metavar="MINUTES", help="such as 5")
    parser.add_argument("--seed", type=int, help="repeat a session (default: another each time)")
    parser.add_argument("--inputs", type=int, default=session.INPUTS_A_ROUND, help="in a round")
    parser.add_argument("--no-starts", action="store_true", help="readers only, no whole pytest")
    parser.add_argument(
        "--readers", default="meta_tests.fuzzing.readers", help="module with other READERS"
    )
    return parser.parse_args(arguments)


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"should be above 0 minutes, is {minutes:g}")
    return minutes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
